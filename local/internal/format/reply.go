package format

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// A Reply is what a function returned, if that is a JSON object. Its names count by
// case: a reply's "StatusCode" is not its statusCode.
type Reply struct {
	first [5]member // as many as a reply with a body mostly has
	n     int       // of first, how many there are
	more  []member  // that first has no room for
}

// A member is a name and its value, both as they stand in the reply.
type member struct {
	name, value value
	asItIs      bool // the name says what stands there
}

// is reports whether its name means s.
func (m *member) is(s string) bool {
	if m.asItIs {
		return string(m.name[1:len(m.name)-1]) == s
	}
	return m.name.text() == s
}

// ReadReply reads a JSON object. Anything else is a *door.Refusal.
func ReadReply(reply []byte) (*Reply, error) {
	r := new(Reply) // in the memory of a caller that keeps it no longer than it runs
	if err := r.read(reply); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Reply) read(reply []byte) error {
	if isStreamed(reply) {
		return door.Refusef(door.BadReply, "the function streams its reply, and this integration wants it whole: let it stream "+
			"(--stream here; on AWS InvokeMode RESPONSE_STREAM of a function URL, responseTransferMode STREAM of a REST API), or start the function with adapter.Wrap")
	}
	whole, ok := check(reply, r)
	if !ok {
		var whatever json.RawMessage
		return door.Refusef(door.BadReply, "the reply is not JSON: %v: %s", json.Unmarshal(reply, &whatever), excerpt(reply))
	}
	if kind := whole.kind(); kind != object {
		return door.Refusef(door.BadReply, "the reply is %v, not an object: %s", kind, excerpt(reply))
	}
	return nil
}

// add notes one more member.
func (r *Reply) add(name, value value) {
	own := member{name, value, isAsItIs(name[1 : len(name)-1])}
	if r.n < len(r.first) {
		r.first[r.n] = own
		r.n++
		return
	}
	r.more = append(r.more, own)
}

// delimiter separates the metadata of a streamed reply from its body.
const delimiter = "\x00\x00\x00\x00\x00\x00\x00\x00"

// isStreamed reports whether a function has sent its reply in the way of streams:
// https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
func isStreamed(reply []byte) bool {
	prelude, _, found := bytes.Cut(reply, []byte(delimiter))
	return found && value(bytes.TrimSpace(prelude)).kind() == object && json.Valid(prelude)
}

// get is the member of a name: the last one where several bear it.
func (r *Reply) get(name string) value {
	for _, some := range [...][]member{r.more, r.first[:r.n]} {
		for i := len(some) - 1; i >= 0; i-- {
			if some[i].is(name) {
				return some[i].value
			}
		}
	}
	return nil
}

// kind returns the type of a member.
func (r *Reply) kind(name string) kind { return r.get(name).kind() }

// has reports whether a member is there and not null.
func (r *Reply) has(name string) bool { return r.kind(name) > null }

// answer begins an answer with the reply's status, 200 where it has none.
func (r *Reply) answer() (*door.Answer, error) {
	answer := &door.Answer{Status: http.StatusOK}
	if r.has("statusCode") {
		status, err := r.Status()
		if err != nil {
			return nil, err
		}
		answer.Status = status
	}
	return answer, nil
}

// Status reads statusCode: a whole number, or one in a string.
func (r *Reply) Status() (int, error) {
	value := r.get("statusCode")
	status, err := strconv.Atoi(value.text())
	switch {
	case err != nil:
		return 0, door.Refusef(door.BadReply, "statusCode is %s, not a whole number", excerpt(value.shown()))
	case status < 100 || status > 599:
		return 0, door.Refusef(door.BadReply, "statusCode %d is not between 100 and 599", status)
	case status < 200:
		return 0, door.Refusef(door.BadReply, "statusCode %d announces a response and cannot be one", status)
	}
	return status, nil
}

// allHeaders reads both maps of headers.
func (r *Reply) allHeaders() (single, multi http.Header, err error) {
	if single, err = r.headers(); err == nil {
		multi, err = r.multiValueHeaders()
	}
	return single, multi, err
}

// usualFields is more than most replies have, and the front door's own with them.
const usualFields = 8

// headers reads the map of names to values, each of which is a field's only one. Where it
// is null or missing there are none. Numbers and booleans become their text; a null value
// leaves its field out.
func (r *Reply) headers() (http.Header, error) {
	value := r.get("headers")
	switch value.kind() {
	case absent, null:
		return http.Header{}, nil
	case object:
	default:
		return nil, door.Refusef(door.BadReply, "headers is %v, not an object", value.kind())
	}
	header, texts := make(http.Header, usualFields), make([]string, 0, usualFields)
	fields := value.copied()
	for name, field := range fields.fields() {
		key := fields.textOf(name)
		switch kind := field.kind(); kind {
		case null:
		case object, array:
			return nil, door.Refusef(door.BadReply, "headers has %v for %q, not a string", kind, key)
		default:
			texts = append(texts, fields.textOf(field))
			header[key] = texts[len(texts)-1 : len(texts) : len(texts)]
		}
	}
	return header, nil
}

// multiValueHeaders reads the map of names to lists of values likewise. Where it is null or
// missing there is no map.
func (r *Reply) multiValueHeaders() (http.Header, error) {
	value := r.get("multiValueHeaders")
	switch value.kind() {
	case absent, null:
		return nil, nil
	case object:
	default:
		return nil, door.Refusef(door.BadReply, "multiValueHeaders is %v, not an object", value.kind())
	}
	header, texts := make(http.Header, usualFields), make([]string, 0, usualFields)
	fields := value.copied()
	for name, field := range fields.fields() {
		key := fields.textOf(name)
		if kind := field.kind(); kind != array {
			return nil, door.Refusef(door.BadReply, "multiValueHeaders has %v for %q, not an array", kind, key)
		}
		from := len(texts)
		for item := range field.items() {
			if kind := item.kind(); kind == object || kind == array || kind == null {
				return nil, notStrings("multiValueHeaders."+key, kind)
			}
			texts = append(texts, fields.textOf(item))
		}
		header[key] = texts[from:len(texts):len(texts)]
	}
	return header, nil
}

// Fields reads both maps of headers into one, in which a single value counts for more
// than a list.
func (r *Reply) Fields() (http.Header, error) {
	single, multi, err := r.allHeaders()
	if err != nil {
		return nil, err
	}
	fields := field.Canonical(multi)
	maps.Copy(fields, field.Canonical(single))
	return fields, nil
}

// list reads a list of strings. null and a missing list are nil.
func (r *Reply) list(name string) ([]string, error) {
	value := r.get(name)
	switch value.kind() {
	case absent, null:
		return nil, nil
	case array:
		return listOf(value, name)
	}
	return nil, door.Refusef(door.BadReply, "%s is %v, not an array", name, value.kind())
}

func listOf(list value, name string) ([]string, error) {
	values := []string{}
	for item := range list.items() {
		switch kind := item.kind(); kind {
		case object, array, null:
			return nil, notStrings(name, kind)
		}
		values = append(values, item.text())
	}
	return values, nil
}

// notStrings refuses a list for what is in it.
func notStrings(name string, k kind) error {
	return door.Refusef(door.BadReply, "%s has %v in its array, not a string", name, k)
}

// encoded reads isBase64Encoded, which is false when null or missing.
func (r *Reply) encoded() (bool, error) {
	switch value := r.get("isBase64Encoded"); value.kind() {
	case absent, null, boolean:
		return value.kind() == boolean && value[0] == 't', nil
	default:
		return false, door.Refusef(door.BadReply, "isBase64Encoded is %v, not a boolean", value.kind())
	}
}

// text reads the body, which is empty when null or missing.
func (r *Reply) text() ([]byte, error) {
	switch value := r.get("body"); value.kind() {
	case text:
		return value.bytes(), nil
	case absent, null:
		return nil, nil
	default:
		return nil, door.Refusef(door.BadReply, "body is %v, not a string: encode it as JSON text first", value.kind())
	}
}

// Content reads the body and, if isBase64Encoded says so, decodes it.
func (r *Reply) Content() ([]byte, error) {
	encoded, err := r.encoded()
	if err != nil {
		return nil, err
	}
	text, err := r.text()
	if err != nil || !encoded {
		return text, err
	}
	return decoded(text, door.BadReply)
}

func decoded(text []byte, f door.Failure) ([]byte, error) {
	body, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return nil, door.Refusef(f, "isBase64Encoded is true and the body is not base64: %v", err)
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
