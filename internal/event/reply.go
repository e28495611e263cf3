package event

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/base64"
)

// Lambda takes 6 MiB for a reply, and its Runtime API 100 bytes more; a load
// balancer takes 1 MiB of JSON.
const (
	maxLambdaReply = 6*1024*1024 + 100
	maxALBReply    = 1024 * 1024
)

// A Reply is what a handler answered, ready to be written.
type Reply struct {
	Status int
	Header []Field // sorted by name; names canonical, names and values valid
	Body   []byte

	// LostCookies is set by Encode to how many cookies the front door could not
	// take.
	LostCookies int

	base64 bool
}

// A Field is one line of a header.
type Field struct{ Name, Value string }

// A TooLargeError says that a reply is over its front door's limit.
type TooLargeError struct {
	Size, Limit int  // bytes of the encoded reply
	Header      bool // they are those of its header alone
}

func (e *TooLargeError) Error() string {
	what := "reply"
	if e.Header {
		what = "reply's header"
	}
	return fmt.Sprintf("the %s has %d bytes, %d is the limit", what, e.Size, e.Limit)
}

// Encode writes reply in the form that r's front door takes. An error is a
// *TooLargeError, for a reply that would be refused on its way.
func (r *Request) Encode(reply *Reply) ([]byte, error) {
	reply.base64 = isBinary(reply)
	size := base64.EncodedLen(len(reply.Body)) + 2
	if !reply.base64 {
		size = quotedSize(reply.Body)
	}
	terms := r.format.terms()
	if size > terms.reply {
		return nil, &TooLargeError{Size: size, Limit: terms.reply}
	}
	if terms.header > 0 {
		if size := reply.sentHeaderSize(); size > terms.header {
			return nil, &TooLargeError{Size: size, Limit: terms.header, Header: true}
		}
	}
	dst := r.format.appendReply(make([]byte, 0, size+reply.headerSize()), reply)
	if len(dst) > terms.reply {
		return nil, &TooLargeError{Size: len(dst), Limit: terms.reply}
	}
	return dst, nil
}

// sentHeaderSize is the size of the header as the client would get it (RFC 9112, section
// 5), but for the lines that the front door adds.
func (r *Reply) sentHeaderSize() int {
	size := len("HTTP/1.1 200 OK\r\n\r\n")
	for _, f := range r.Header {
		size += len(f.Name) + len(": ") + len(f.Value) + len("\r\n")
	}
	return size
}

// MaxReply is the size in bytes of the largest reply that r's front door takes.
func (r *Request) MaxReply() int { return r.format.terms().reply }

// OwnsServer reports whether the header Server of an answer is r's front door's, which
// would rename one of the reply's.
func (r *Request) OwnsServer() bool { return r.format.terms().ownServer }

// Streams reports whether r's front door can take a reply in pieces, if it is set
// up to.
func (r *Request) Streams() bool {
	_, ok := r.format.(streamingFormat)
	return ok
}

// EncodePrelude writes what a streamed reply begins with: its metadata and the
// eight zero bytes that set it off from the body. It panics if r does not stream.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
func (r *Request) EncodePrelude(reply *Reply) []byte {
	dst := make([]byte, 0, reply.headerSize()+8)
	dst = r.format.(streamingFormat).appendPrelude(dst, reply)
	return append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
}

// headerSize is enough for all of the reply's JSON but the body.
func (r *Reply) headerSize() int {
	size := 128 + len("statusDescription: Network Authentication Required")
	for _, f := range r.Header {
		size += len(f.Name) + len(f.Value) + len(f.Value)/8 + 8
	}
	return size
}

// splitCookies separates the cookies from the rest of the header.
func (r *Reply) splitCookies() (cookies, header []Field) {
	from, to := r.cookies()
	if from == to {
		return nil, r.Header
	}
	return r.Header[from:to], slices.Concat(r.Header[:from], r.Header[to:])
}

// withOneCookie is the header with all cookies but the last left out: of several
// with one name, the last is the one that a client would keep.
func (r *Reply) withOneCookie() []Field {
	from, to := r.cookies()
	if to-from < 2 {
		return r.Header
	}
	r.LostCookies = to - from - 1
	return slices.Concat(r.Header[:from], r.Header[to-1:])
}

func (r *Reply) cookies() (from, to int) {
	isCookie := func(f Field) bool { return f.Name == "Set-Cookie" }
	from = slices.IndexFunc(r.Header, isCookie)
	if from < 0 {
		return 0, 0
	}
	for to = from; to < len(r.Header) && isCookie(r.Header[to]); to++ {
	}
	return from, to
}

func appendStatus(dst []byte, r *Reply) []byte {
	dst = append(dst, `{"statusCode":`...)
	return strconv.AppendInt(dst, int64(r.Status), 10)
}

// appendMultiValueHeaders writes each name with the list of its values.
func appendMultiValueHeaders(dst []byte, header []Field) []byte {
	dst = append(dst, `,"multiValueHeaders":{`...)
	for i, f := range header {
		if i > 0 && header[i-1].Name == f.Name {
			dst = append(dst, ',')
		} else {
			if i > 0 {
				dst = append(dst, `],`...)
			}
			dst = append(appendString(dst, f.Name), `:[`...)
		}
		dst = appendString(dst, f.Value)
	}
	if len(header) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendHeaders writes each name with its values joined, as RFC 9110, section 5.3
// allows.
func appendHeaders(dst []byte, header []Field) []byte {
	dst = append(dst, `,"headers":{`...)
	for i := 0; i < len(header); {
		if i > 0 {
			dst = append(dst, ',')
		}
		name := header[i].Name
		value := header[i].Value
		for i++; i < len(header) && header[i].Name == name; i++ {
			value += ", " + header[i].Value
		}
		dst = append(appendString(dst, name), ':')
		dst = appendString(dst, value)
	}
	return append(dst, '}')
}

func appendCookies(dst []byte, cookies []Field) []byte {
	if len(cookies) == 0 {
		return dst
	}
	dst = append(dst, `,"cookies":[`...)
	for i, f := range cookies {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, f.Value)
	}
	return append(dst, ']')
}

// appendBody writes the body and closes the reply.
func appendBody(dst []byte, r *Reply) []byte {
	dst = append(dst, `,"body":`...)
	if !r.base64 {
		dst = appendQuoted(dst, r.Body)
		return append(dst, `,"isBase64Encoded":false}`...)
	}
	dst = append(dst, '"')
	dst = base64.AppendEncode(dst, r.Body)
	return append(dst, `","isBase64Encoded":true}`...)
}

// isBinary reports whether the body travels as base64. What a content coding has
// made does, and the types that are known to be binary, even where it could pass
// for text: so that the same resource always travels alike. All else is text if it
// is UTF-8: a REST API without binary media types delivers nothing but text intact.
func isBinary(r *Reply) bool {
	if len(r.Body) == 0 {
		return false
	}
	for _, f := range r.Header {
		switch f.Name {
		case "Content-Encoding":
			if f.Value != "" && !strings.EqualFold(f.Value, "identity") {
				return true
			}
		case "Content-Type":
			if isBinaryType(f.Value) {
				return true
			}
		}
	}
	return !utf8.Valid(r.Body)
}
