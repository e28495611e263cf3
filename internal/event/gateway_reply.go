package event

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"

	"github.com/lambridge-go/lambridge/internal/field"
	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// members are those of a reply that is a JSON object. Their names count by case:
// a reply's "StatusCode" is not its statusCode.
type members struct{ object jsontape.Value }

// membersOf reads a JSON object. Anything else fails.
func membersOf(reply []byte) (members, error) {
	value, err := new(jsontape.Tape).Parse(reply)
	if err != nil {
		// The words of encoding/json are those that Go developers know.
		var whatever json.RawMessage
		return members{}, refusal(BadReply, "the reply is not JSON: %v: %s", json.Unmarshal(reply, &whatever), excerpt(reply))
	}
	if !value.IsObject() {
		return members{}, refusal(BadReply, "the reply is %v, not an object: %s", value.Kind(), excerpt(reply))
	}
	return members{value}, nil
}

// kind returns the type of a member.
func (m members) kind(name string) jsontape.Kind { return m.object.Get(name).Kind() }

// has reports whether a member is there and not null.
func (m members) has(name string) bool { return m.kind(name) > jsontape.Null }

// answer begins an answer with the reply's status, 200 where it has none.
func (m members) answer() (*Answer, error) {
	answer := &Answer{Status: http.StatusOK}
	if m.has("statusCode") {
		status, err := m.status()
		if err != nil {
			return nil, err
		}
		answer.Status = status
	}
	return answer, nil
}

// status reads statusCode: a whole number, or one in a string.
func (m members) status() (int, error) {
	value := m.object.Get("statusCode")
	status, err := strconv.Atoi(value.Text())
	switch {
	case err != nil:
		return 0, refusal(BadReply, "statusCode is %s, not a whole number", excerpt(value.Bytes()))
	case status < 100 || status > 599:
		return 0, refusal(BadReply, "statusCode %d is not between 100 and 599", status)
	case status < 200:
		return 0, refusal(BadReply, "statusCode %d announces a response and cannot be one", status)
	}
	return status, nil
}

// allHeaders reads both maps of headers.
func (m members) allHeaders() (single map[string]string, multi map[string][]string, err error) {
	if single, err = m.headers(); err == nil {
		multi, err = m.multiValueHeaders()
	}
	return single, multi, err
}

// headers reads the map of names to values. null and a missing map are nil. Numbers
// and booleans become their text; a null value leaves its field out.
func (m members) headers() (map[string]string, error) {
	value := m.object.Get("headers")
	switch value.Kind() {
	case jsontape.Absent, jsontape.Null:
		return nil, nil
	case jsontape.Object:
	default:
		return nil, refusal(BadReply, "headers is %v, not an object", value.Kind())
	}
	fields := make(map[string]string, value.Size())
	for field := value.Members(); field.More(); field = field.Next() {
		switch kind := field.Value().Kind(); kind {
		case jsontape.Null:
		case jsontape.Object, jsontape.Array:
			return nil, refusal(BadReply, "headers has %v for %q, not a string", kind, string(field.Key()))
		default:
			fields[string(field.Key())] = field.Value().Text()
		}
	}
	return fields, nil
}

// multiValueHeaders reads the map of names to lists of values likewise.
func (m members) multiValueHeaders() (map[string][]string, error) {
	value := m.object.Get("multiValueHeaders")
	switch value.Kind() {
	case jsontape.Absent, jsontape.Null:
		return nil, nil
	case jsontape.Object:
	default:
		return nil, refusal(BadReply, "multiValueHeaders is %v, not an object", value.Kind())
	}
	fields := make(map[string][]string, value.Size())
	for field := value.Members(); field.More(); field = field.Next() {
		key := string(field.Key())
		if kind := field.Value().Kind(); kind != jsontape.Array {
			return nil, refusal(BadReply, "multiValueHeaders has %v for %q, not an array", kind, key)
		}
		values, err := listOf(field.Value(), "multiValueHeaders."+key)
		if err != nil {
			return nil, err
		}
		fields[key] = values
	}
	return fields, nil
}

// list reads a list of strings. null and a missing list are nil.
func (m members) list(name string) ([]string, error) {
	value := m.object.Get(name)
	switch value.Kind() {
	case jsontape.Absent, jsontape.Null:
		return nil, nil
	case jsontape.Array:
		return listOf(value, name)
	}
	return nil, refusal(BadReply, "%s is %v, not an array", name, value.Kind())
}

func listOf(list jsontape.Value, name string) ([]string, error) {
	values := make([]string, 0, list.Size())
	for item := list.Members(); item.More(); item = item.Next() {
		switch kind := item.Value().Kind(); kind {
		case jsontape.Object, jsontape.Array, jsontape.Null:
			return nil, refusal(BadReply, "%s has %v in its array, not a string", name, kind)
		}
		values = append(values, item.Value().Text())
	}
	return values, nil
}

// encoded reads isBase64Encoded, which is false when null or missing.
func (m members) encoded() (bool, error) {
	switch value := m.object.Get("isBase64Encoded"); value.Kind() {
	case jsontape.Absent, jsontape.Null, jsontape.Bool:
		return value.True(), nil
	default:
		return false, refusal(BadReply, "isBase64Encoded is %v, not a boolean", value.Kind())
	}
}

// text reads the body, which is empty when null or missing.
func (m members) text() ([]byte, error) {
	switch value := m.object.Get("body"); value.Kind() {
	case jsontape.String:
		return value.Take(), nil
	case jsontape.Absent, jsontape.Null:
		return nil, nil
	default:
		return nil, refusal(BadReply, "body is %v, not a string: encode it as JSON text first", value.Kind())
	}
}

// content reads the body and, if isBase64Encoded says so, decodes it.
func (m members) content() ([]byte, error) {
	encoded, err := m.encoded()
	if err != nil {
		return nil, err
	}
	text, err := m.text()
	if err != nil || !encoded {
		return text, err
	}
	return decoded(text, BadReply)
}

func decoded(text []byte, f Failure) ([]byte, error) {
	body, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return nil, refusal(f, "isBase64Encoded is true and the body is not base64: %v", err)
	}
	return body, nil
}

// excerpt shows the beginning of a value in a message.
func excerpt(raw []byte) string {
	const most = 60
	if len(raw) > most {
		return strconv.Quote(string(raw[:most])) + "..."
	}
	return strconv.Quote(string(raw))
}

// canonical returns the fields by the names that HTTP/1.1 shows them under, as
// front doors do that do not keep a function's spelling. Names that differ only in
// case become one field.
func canonical(fields http.Header) http.Header {
	header := make(http.Header, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		key := textproto.CanonicalMIMEHeaderKey(name)
		header[key] = append(header[key], fields[name]...)
	}
	return header
}

// spelled returns the fields under their own names.
func spelled(fields map[string]string) http.Header {
	header := make(http.Header, len(fields)+4)
	for name, value := range fields {
		header[name] = []string{value}
	}
	return header
}

// setDefaultType adds a Content-Type unless the header has one.
func setDefaultType(h http.Header, value string) {
	if name, ok := field.Spelling(h, "Content-Type"); !ok {
		h[name] = []string{value}
	}
}

// remap renames the fields that a function may not set.
func remap(answer *Answer, names ...string) {
	for key := range answer.Header {
		if field.Among(names, key) {
			to := "x-amzn-Remapped-" + key
			answer.Header[to] = answer.Header[key]
			delete(answer.Header, key)
			answer.warn("the header %q reaches the client as %q", key, to)
		}
	}
}

// spellLength leaves a streamed response the length that the function has announced,
// by the one name that net/http knows it by.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
func spellLength(h http.Header) {
	const name = "Content-Length"
	if key, ok := field.Spelling(h, name); ok {
		values := h[key]
		delete(h, key)
		h[name] = values[:1]
	}
}
