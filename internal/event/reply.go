package event

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

	// Body is the body as it is, and Travel one that is encoded already, in its place.
	Body   []byte
	Travel *TravelBody

	// LostCookies is set by Encode to how many cookies the front door could not
	// take.
	LostCookies int
}

// A Field is one line of a header.
type Field struct {
	_ [0]func() // nobody compares them: no code for that is linked into a function

	Name, Value string
}

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

// Encode writes reply in the form that r's front door takes, and uses up its Travel. An
// error is a *TooLargeError, for a reply that would be refused on its way.
func (r *Request) Encode(reply *Reply) ([]byte, error) {
	body := reply.Travel
	if body == nil {
		body = new(TravelBody)
		body.Begin(reply, reply.Body, nil, 0)
		body.Write(reply.Body)
	}
	terms := r.format.terms()
	if size := body.end(); size > terms.reply {
		return nil, &TooLargeError{Size: size, Limit: terms.reply}
	}
	if terms.header > 0 {
		if size := reply.sentHeaderSize(); size > terms.header {
			return nil, &TooLargeError{Size: size, Limit: terms.header, Header: true}
		}
	}
	out := body.withHead(append(r.format.appendHead(body.out[:0:body.room], reply), `,"body":`...))
	if len(out) > terms.reply {
		return nil, &TooLargeError{Size: len(out), Limit: terms.reply}
	}
	return out, nil
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
// up to. Like EncodePrelude it is no method: those are all linked into a function, whether
// it streams or not.
func Streams(r *Request) bool {
	_, ok := r.format.(streamingFormat)
	return ok
}

// EncodePrelude writes what a streamed reply begins with: its metadata and the
// eight zero bytes that set it off from the body. It panics if r does not stream.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
func EncodePrelude(r *Request, reply *Reply) []byte {
	dst := make([]byte, 0, reply.headSize()+8)
	dst = r.format.(streamingFormat).appendPrelude(dst, reply)
	return append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
}

// headSize is enough, almost always, for all of the reply's JSON but the body.
func (r *Reply) headSize() int {
	const frame = `{"statusCode":200,"statusDescription":"200 ","multiValueHeaders":{},"cookies":[],"body":`
	size := len(frame) + len(http.StatusText(r.Status))
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
	return r.Header[from:to], append(r.Header[:from:from], r.Header[to:]...)
}

// withOneCookie is the header with all cookies but the last left out: of several
// with one name, the last is the one that a client would keep.
func (r *Reply) withOneCookie() []Field {
	from, to := r.cookies()
	if to-from < 2 {
		return r.Header
	}
	r.LostCookies = to - from - 1
	return append(r.Header[:from:from], r.Header[to-1:]...)
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
