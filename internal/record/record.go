// Package record is the file format of one invocation that went through a front door:
// the client's request, the event that was made of it, the function's reply and the
// client's response. What runs functions on a laptop writes such files, and tests replay
// them.
package record

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/source"
)

// Masked stands in a Recording for a value that is not to be kept, such as a cookie. It
// is equal to any other value.
const Masked = "(masked)"

// A Recording is one invocation as a JSON file holds it. Only Source and Event are needed.
type Recording struct {
	_ struct{}

	// Source is the front door, such as "http".
	Source source.Source `json:"source"`

	// Request is what the client sent. Without it there is no Response.
	Request *Request `json:"request,omitempty"`

	// Event is what the function is invoked with.
	Event json.RawMessage `json:"event"`

	// Reply is what the function answered.
	Reply json.RawMessage `json:"reply"`

	// Response is what the client got.
	Response *Response `json:"response,omitempty"`
}

// A Request is a client's request.
type Request struct {
	_ struct{}

	Method string      `json:"method"`
	URL    string      `json:"url"` // with the host: "https://example.com/notes?page=2"
	Header http.Header `json:"header,omitempty"`
	// Body is text, or base64 if IsBase64Encoded says so.
	Body            string `json:"body,omitempty"`
	IsBase64Encoded bool   `json:"isBase64Encoded,omitempty"`
}

// A Response is what the client got. The fields that are new with every response, such
// as Date and request ids, are not compared.
type Response struct {
	_ struct{}

	Status int         `json:"status"`
	Header http.Header `json:"header,omitempty"`
	// Body is text, or base64 if IsBase64Encoded says so.
	Body            string `json:"body,omitempty"`
	IsBase64Encoded bool   `json:"isBase64Encoded,omitempty"`
}

// Decode reads the content of a file. Members that it does not know are an error: they
// are likely misspelt.
func Decode(content []byte) (*Recording, error) {
	var r Recording
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("record: it is not a recording: %w", err)
	}
	if len(r.Event) == 0 {
		return nil, errors.New("record: it has no event to replay")
	}
	return &r, nil
}

// Encode returns the content of a file.
func (r *Recording) Encode() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("record: write a recording: %w", err)
	}
	return out.Bytes(), nil
}

// Body returns a body as the members Body and IsBase64Encoded have it.
func Body(content []byte) (body string, isBase64Encoded bool) {
	if utf8.Valid(content) {
		return string(content), false
	}
	return base64.StdEncoding.EncodeToString(content), true
}

// Content returns the bytes of the request's body.
func (r *Request) Content() ([]byte, error) {
	if !r.IsBase64Encoded {
		return []byte(r.Body), nil
	}
	content, err := base64.StdEncoding.DecodeString(r.Body)
	if err != nil {
		return nil, fmt.Errorf("record: the request's body is not base64: %w", err)
	}
	return content, nil
}
