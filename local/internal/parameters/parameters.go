// Package parameters maps parameters: it carries headers, query parameters, parts of the
// path, members of the body and the like from a request to an integration's request, and
// back from an answer to the client's, as REST APIs, HTTP APIs and WebSocket APIs are configured to.
//
//   - REST APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
//   - HTTP APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
//
// Mappings are read as documents write them, so that what is wrong with one is said by the
// name it has there.
package parameters

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/jsonpath"
)

// ErrBody says that a mapping needs a body that is JSON, and the body is not.
var ErrBody = errors.New("parameters: the body is not JSON")

// A Source is what values are taken from.
type Source struct {
	// Path holds the parameters of the path, decoded.
	Path map[string]string
	// RequestPath is the path below the stage, for HTTP APIs.
	RequestPath string
	Query       Query
	Header      http.Header
	// Spelled tells that Header has the names as they were sent, and REST APIs look them up
	// so. Where that is not known a name is found in any case.
	Spelled bool
	// Body returns the body. nil is none.
	Body func() ([]byte, error)
	// Context returns a variable of $context by the name behind the dot.
	Context        func(name string) (value any, ok bool)
	StageVariables map[string]string
	// Response is the integration's answer, for HTTP APIs. nil is none.
	Response *Response
}

// A Response is what an integration answered.
type Response struct {
	Header http.Header
	Body   func() ([]byte, error)
}

// header returns all values of a header field.
func header(h http.Header, name string) []string {
	if values, ok := h[http.CanonicalHeaderKey(name)]; ok {
		return values
	}
	for key, values := range h {
		if strings.EqualFold(key, name) {
			return values
		}
	}
	return nil
}

// A Query is the parameters of a query in their order, decoded, with what each was.
type Query []Parameter

// A Parameter is one of a query.
type Parameter struct {
	Name, Value string
	raw         string // as it was sent, or "" if it was not
}

// ParseQuery reads a query. What cannot be decoded is taken as it is.
func ParseQuery(raw string) Query {
	var q Query
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		q = append(q, Parameter{Name: unescape(name), Value: unescape(value), raw: part})
	}
	return q
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// Encode writes the query: what was sent as it was, the rest percent-encoded.
func (q Query) Encode() string {
	var b strings.Builder
	for i, p := range q {
		if i > 0 {
			b.WriteByte('&')
		}
		if p.raw != "" {
			b.WriteString(p.raw)
			continue
		}
		b.WriteString(escape(p.Name))
		b.WriteByte('=')
		b.WriteString(escape(p.Value))
	}
	return b.String()
}

// escape encodes a name or value of a query, and a space as %20.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// Values returns all values of a parameter.
func (q Query) Values(name string) []string {
	var values []string
	for _, p := range q {
		if p.Name == name {
			values = append(values, p.Value)
		}
	}
	return values
}

// Without returns the query without some parameter.
func (q Query) Without(name string) Query {
	var rest Query
	for _, p := range q {
		if p.Name != name {
			rest = append(rest, p)
		}
	}
	return rest
}

// With returns the query with one more parameter.
func (q Query) With(name, value string) Query {
	return append(slices.Clip(q), Parameter{Name: name, Value: value})
}

// last returns the last of several values.
func last(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return values[len(values)-1:]
}

// member returns what a path leads to in a body, as text: a text as it is, anything else
// as JSON. ok is false for null and for what is not there.
func member(body []byte, path *jsonpath.Path) (text string, ok bool, err error) {
	document, err := javavalue.Parse(body)
	if err != nil {
		return "", false, ErrBody
	}
	value, err := path.Read(document)
	switch {
	case errors.Is(err, jsonpath.ErrInvalid) || err == nil && value == nil:
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	if text, ok := value.(string); ok {
		return text, true, nil
	}
	return javavalue.JSON(value), true, nil
}
