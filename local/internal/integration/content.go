package integration

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Handling is an integration's contentHandling: what a body is made before a template or
// the other side sees it.
type Handling string

// The handlings. None is what API Gateway does by itself.
const (
	None     Handling = ""
	ToText   Handling = "CONVERT_TO_TEXT"
	ToBinary Handling = "CONVERT_TO_BINARY"
)

// ParseHandling reads a handling in any case.
func ParseHandling(text string) (Handling, error) {
	switch h := Handling(strings.ToUpper(text)); h {
	case None, ToText, ToBinary:
		return h, nil
	}
	return None, fmt.Errorf("%q is neither %s nor %s", text, ToText, ToBinary)
}

// A Content is a body and whether it is text.
type Content struct {
	Body   []byte
	Binary bool
}

// ErrNotBase64 says that text that was to be made binary is not base64.
var ErrNotBase64 = errors.New("integration: the body is to be made binary and is not base64")

// FromRequest makes of a request's body what an integration of a REST API gets. binary is
// whether the body's type is among the API's binary ones.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
func (h Handling) FromRequest(body []byte, binary bool) (Content, error) {
	switch {
	case len(body) == 0:
		return Content{}, nil
	case binary && h == ToText:
		return Content{Body: encoded(body)}, nil
	case binary:
		return Content{body, true}, nil
	case h == ToBinary:
		return decoded(body)
	}
	return Content{Body: text(body)}, nil
}

// FromAnswer makes of an integration's answer what the client of a REST API gets. binary is
// whether the answer's type is among the API's binary ones, accepts whether the first type
// that the client accepts is.
func (h Handling) FromAnswer(body []byte, binary, accepts bool) (Content, error) {
	switch {
	case len(body) == 0:
		return Content{}, nil
	case binary && (h == ToText || h == None && !accepts):
		return Content{Body: encoded(body)}, nil
	case binary:
		return Content{body, true}, nil
	case h == ToBinary, h == None && accepts:
		return decoded(body)
	}
	return Content{Body: text(body)}, nil
}

func encoded(body []byte) []byte {
	return base64.StdEncoding.AppendEncode(nil, body)
}

func decoded(body []byte) (Content, error) {
	plain, err := base64.StdEncoding.AppendDecode(nil, body)
	if err != nil {
		return Content{}, ErrNotBase64
	}
	return Content{plain, true}, nil
}

// text reads a body as UTF-8, as Java does: a replacement character takes the place of each
// sequence that could not be finished.
func text(body []byte) []byte {
	if utf8.Valid(body) {
		return body
	}
	var b bytes.Buffer
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		if r == utf8.RuneError && size == 1 {
			size = unfinished(body)
		}
		b.WriteRune(r)
		body = body[size:]
	}
	return b.Bytes()
}

// unfinished returns how many bytes begin a character that does not end. Some first bytes
// narrow down what may come second (Unicode, table 3-7), but Java takes halves of surrogate
// pairs for characters here.
func unfinished(body []byte) int {
	low, high, length := byte(0x80), byte(0xBF), 1
	switch first := body[0]; {
	case first >= 0xC2 && first <= 0xDF:
		length = 2
	case first == 0xE0:
		low, length = 0xA0, 3
	case first >= 0xE1 && first <= 0xEF:
		length = 3
	case first == 0xF0:
		low, length = 0x90, 4
	case first == 0xF4:
		high, length = 0x8F, 4
	case first >= 0xF1 && first <= 0xF3:
		length = 4
	}
	n := 1
	for n < length && n < len(body) && body[n] >= low && body[n] <= high {
		n, low, high = n+1, 0x80, 0xBF
	}
	return n
}
