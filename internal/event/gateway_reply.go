package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"

	"github.com/lambridge-go/lambridge/internal/field"
)

// members are those of a reply that is a JSON object. Their names count by case:
// a reply's "StatusCode" is not its statusCode.
type members map[string]json.RawMessage

// membersOf reads a JSON object. Anything else fails.
func membersOf(reply []byte) (members, error) {
	if !json.Valid(reply) {
		var whatever json.RawMessage
		return nil, refusal(BadReply, "the reply is not JSON: %v: %s", json.Unmarshal(reply, &whatever), excerpt(reply))
	}
	if kindOf(reply) != "an object" {
		return nil, refusal(BadReply, "the reply is %s, not an object: %s", kindOf(reply), excerpt(reply))
	}
	return objectOf(reply), nil
}

// has reports whether a member is there and not null.
func (m members) has(name string) bool {
	raw, ok := m[name]
	return ok && kindOf(raw) != "null"
}

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
	raw := m["statusCode"]
	text := string(raw)
	if kindOf(raw) == "a string" {
		text = stringOf(raw)
	}
	status, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, refusal(BadReply, "statusCode is %s, not a whole number", excerpt(raw))
	case status < 100 || status > 599:
		return 0, refusal(BadReply, "statusCode %d is not between 100 and 599", status)
	case status < 200:
		return 0, refusal(BadReply, "statusCode %d announces a response and cannot be one", status)
	}
	return status, nil
}

// single reads a map of names to values. null and a missing map are nil. Numbers
// and booleans become their text; a null value leaves its field out.
func (m members) single(name string) (map[string]string, error) {
	if !m.has(name) {
		return nil, nil
	}
	if kindOf(m[name]) != "an object" {
		return nil, refusal(BadReply, "%s is %s, not an object", name, kindOf(m[name]))
	}
	raw := objectOf(m[name])
	fields := make(map[string]string, len(raw))
	for field, value := range raw {
		switch kindOf(value) {
		case "null":
		case "an object", "a list":
			return nil, refusal(BadReply, "%s has %s for %q, not a string", name, kindOf(value), field)
		default:
			fields[field] = scalar(value)
		}
	}
	return fields, nil
}

// multi reads a map of names to lists of values.
func (m members) multi(name string) (map[string][]string, error) {
	if !m.has(name) {
		return nil, nil
	}
	if kindOf(m[name]) != "an object" {
		return nil, refusal(BadReply, "%s is %s, not an object", name, kindOf(m[name]))
	}
	raw := objectOf(m[name])
	fields := make(map[string][]string, len(raw))
	for field, list := range raw {
		if kindOf(list) != "a list" {
			return nil, refusal(BadReply, "%s has %s for %q, not a list", name, kindOf(list), field)
		}
		values, err := listOf(list, name+"."+field)
		if err != nil {
			return nil, err
		}
		fields[field] = values
	}
	return fields, nil
}

// list reads a list of strings. null and a missing list are nil.
func (m members) list(name string) ([]string, error) {
	if !m.has(name) {
		return nil, nil
	}
	if kindOf(m[name]) != "a list" {
		return nil, refusal(BadReply, "%s is %s, not a list", name, kindOf(m[name]))
	}
	return listOf(m[name], name)
}

func listOf(list json.RawMessage, name string) ([]string, error) {
	raw := arrayOf(list)
	values := make([]string, 0, len(raw))
	for _, value := range raw {
		switch kindOf(value) {
		case "an object", "a list", "null":
			return nil, refusal(BadReply, "%s has %s in its list, not a string", name, kindOf(value))
		}
		values = append(values, scalar(value))
	}
	return values, nil
}

// encoded reads isBase64Encoded, which is false when null or missing.
func (m members) encoded() (bool, error) {
	switch raw := m["isBase64Encoded"]; kindOf(raw) {
	case "a boolean":
		return raw[0] == 't', nil
	case "null", "nothing":
		return false, nil
	default:
		return false, refusal(BadReply, "isBase64Encoded is %s, not a boolean", kindOf(raw))
	}
}

// text reads the body, which is "" when null or missing.
func (m members) text() (string, error) {
	switch raw := m["body"]; kindOf(raw) {
	case "a string":
		return stringOf(raw), nil
	case "null", "nothing":
		return "", nil
	default:
		return "", refusal(BadReply, "body is %s, not a string: encode it as JSON text first", kindOf(raw))
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
		return []byte(text), err
	}
	return decoded(text, BadReply)
}

func decoded(text string, f Failure) ([]byte, error) {
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, refusal(f, "isBase64Encoded is true and the body is not base64: %v", err)
	}
	return body, nil
}

// kindOf names the JSON type of a value by how it begins.
func kindOf(raw []byte) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// scalar returns the text of a string, a number or a boolean.
func scalar(raw json.RawMessage) string {
	if kindOf(raw) == "a string" {
		return stringOf(raw)
	}
	return string(raw)
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

// setDefault adds a field unless the header has it.
func setDefault(h http.Header, name, value string) {
	if _, ok := field.Spelling(h, name); !ok {
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
