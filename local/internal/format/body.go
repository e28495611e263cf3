package format

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
)

// A body is a request's body on its way into an event. It is encoded straight
// from the client's connection into the finished event, so that it is never held
// twice.
type body struct {
	from   io.Reader
	size   int64 // -1 when unknown
	base64 bool

	mangled *bool // is set if the body is text and not UTF-8
}

// bodyOf returns the request's body, to be encoded as base64 if binary. One without
// a byte in it is never binary.
func bodyOf(a *arrival.Arrival, binary bool) (body, error) {
	if a.Body == nil || a.ContentLength == 0 {
		return body{}, nil
	}
	b := body{from: a.Body, size: a.ContentLength, base64: binary, mangled: &a.Mangled}
	if b.size > 0 {
		return b, nil
	}
	first := make([]byte, 1)
	if _, err := io.ReadFull(a.Body, first); err == io.EOF {
		return body{}, nil
	} else if err != nil {
		return body{}, fmt.Errorf("gateway: reading the request's body: %w", err)
	}
	b.from = io.MultiReader(bytes.NewReader(first), a.Body)
	return b, nil
}

// earnest is how much of a body a client must have sent before its size is believed.
const earnest = 32 << 10

// between writes an event: its head, the body, its tail.
func (b body) between(head, tail []byte, limit int) ([]byte, error) {
	out := &bounded{limit: limit}
	if b.size > 0 {
		// The client only says that there will be so much. Room for all of it is made when
		// it has begun to send in earnest.
		if b.size > int64(limit) {
			return nil, door.Refusef(door.RequestTooLarge, "the event is larger than the %d bytes that Lambda accepts", limit)
		}
		first := make([]byte, min(b.size, earnest))
		n, err := fill(first, b.from)
		if err != nil {
			return nil, fmt.Errorf("gateway: reading the request's body: %w", err)
		}
		size := min(int64(n), b.size)
		if n == earnest {
			size = b.size // which is within the limit, so that nothing overflows
		}
		switch {
		case b.base64:
			size = (size + 2) / 3 * 4
		case n > 0:
			// What follows is taken to be like the beginning, and a little worse.
			size += size * int64(escapes(first[:n])) / int64(n) * 33 / 32
		}
		room := min(limit, len(head)+int(size)+len(tail)+len(`""`))
		out.Buffer = *bytes.NewBuffer(make([]byte, 0, room))
		b.from = io.MultiReader(bytes.NewReader(first[:n]), b.from)
	}
	if _, err := out.Write(head); err != nil {
		return nil, err
	}
	out.WriteByte('"')
	var err error
	if b.base64 {
		to := base64.NewEncoder(base64.StdEncoding, out)
		if _, err = io.Copy(to, b.from); err == nil {
			err = to.Close()
		}
	} else {
		*b.mangled, err = quote(out, b.from)
	}
	if err != nil {
		return nil, fmt.Errorf("gateway: reading the request's body: %w", err)
	}
	out.WriteByte('"')
	if _, err := out.Write(tail); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// fill reads until b is full or there is no more. Unlike io.ReadFull it tells the end of
// what there is from a connection that broke off.
func fill(b []byte, from io.Reader) (n int, err error) {
	for n < len(b) && err == nil {
		var read int
		read, err = from.Read(b[n:])
		n += read
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// bounded is a buffer that refuses to grow over a limit.
type bounded struct {
	bytes.Buffer
	limit int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.limit {
		return 0, door.Refusef(door.RequestTooLarge, "the event is larger than the %d bytes that Lambda accepts", b.limit)
	}
	return b.Buffer.Write(p)
}

// quote copies text as the inside of a JSON string. What is not UTF-8 becomes
// U+FFFD, as it does in the front doors; mangled reports whether something did.
func quote(to *bounded, from io.Reader) (mangled bool, err error) {
	const hex = "0123456789abcdef"
	var (
		chunk = make([]byte, 32<<10)
		out   = make([]byte, 0, 40<<10)
		held  int // bytes of a character whose end is in the next chunk
		eof   bool
	)
	for !eof {
		n, err := from.Read(chunk[held:])
		if err == io.EOF {
			eof = true
		} else if err != nil {
			return mangled, err
		}
		text := chunk[:held+n]
		out = out[:0]
		for len(text) > 0 && (eof || utf8.FullRune(text)) {
			c, size := utf8.DecodeRune(text)
			switch {
			case c == '"' || c == '\\':
				out = append(out, '\\', byte(c))
			case c == '\n':
				out = append(out, `\n`...)
			case c == '\r':
				out = append(out, `\r`...)
			case c == '\t':
				out = append(out, `\t`...)
			case c < ' ':
				out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
			case c == utf8.RuneError:
				mangled = mangled || size == 1
				out = append(out, "\uFFFD"...)
			default:
				out = append(out, text[:size]...)
			}
			text = text[size:]
		}
		if _, err := to.Write(out); err != nil {
			return mangled, err
		}
		held = copy(chunk, text)
	}
	return mangled, nil
}

// escapes is how many bytes more text has as the inside of a JSON string.
func escapes(text []byte) (more int) {
	for _, c := range text {
		switch {
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t':
			more++
		case c < ' ':
			more += 5
		}
	}
	return more
}

// textual reports whether API Gateway's HTTP APIs pass a body of this type on as
// text. The list was measured; it is not documented. Function URLs and VPC
// Lattice are assumed to follow it, as far as recordings go they do.
func textual(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return false
	}
	switch media {
	case "application/json", "application/xml", "application/javascript", "application/graphql":
		return true
	}
	return strings.HasPrefix(media, "text/")
}
