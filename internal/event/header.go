package event

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// setHeader reads the request's header from one or both of the maps that events
// carry: multi with a list for each name, single with one value. Where both have a
// name, whatever its case, multi has all of its values. Host moves to r.Host, as
// in net/http; cookies become one line, as RFC 6265, section 5.4 wants them.
func (r *Request) setHeader(multi, single jsontape.Value) error {
	most, n := multi, multi.Len()
	lists := n > 0
	if !lists {
		most, n = single, single.Len()
	}
	// Nearly all of the request's text is its header: room for it, and for the
	// rest, is made once.
	r.text.Grow(len(most.Bytes()) + 512)
	r.Header = make(http.Header, n)
	r.values = r.room[:0]

	for m := multi.Members(); m.Next(); {
		if err := r.addHeader(m.Key(), m.Value(), false); err != nil {
			return err
		}
	}
	// API Gateway writes both maps in the same order: a walk in step with multi
	// passes over what it has in common with single without looking at the names.
	also := multi.Members()
	for m := single.Members(); m.Next(); {
		if also.Next() && bytes.Equal(also.Key().Bytes(), m.Key().Bytes()) {
			continue
		}
		if err := r.addHeader(m.Key(), m.Value(), lists); err != nil {
			return err
		}
	}

	delete(r.Header, "Transfer-Encoding") // the body has arrived whole
	if lines := r.Header["Cookie"]; len(lines) > 1 {
		r.Header["Cookie"] = []string{strings.Join(lines, "; ")}
	}
	return nil
}

// addHeader takes one name, and its value or list of values. When it is asked for
// missing ones only, a name that is there stays as it is.
func (r *Request) addHeader(key, value jsontape.Value, missing bool) error {
	name, err := r.headerName(key)
	if err != nil {
		return err
	}
	if missing && (r.Header[name] != nil || name == "Host" && r.Host != "") {
		return nil
	}
	first := len(r.values)
	if value.Kind() == jsontape.Array {
		for element := value.Members(); element.Next(); {
			if err := r.addValue(name, element.Value()); err != nil {
				return err
			}
		}
	} else if err := r.addValue(name, value); err != nil {
		return err
	}
	values := r.values[first:len(r.values):len(r.values)]
	switch {
	case len(values) == 0:
	case name == "Host":
		r.Host = values[0]
	case r.Header[name] == nil:
		r.Header[name] = values
	default:
		r.Header[name] = append(r.Header[name], values...)
	}
	return nil
}

// headerName is the canonical form of a name, as http.CanonicalHeaderKey has it.
func (r *Request) headerName(key jsontape.Value) (string, error) {
	var scratch [64]byte
	name, form := scratch[:0], &upperToken
	for _, c := range text(key) {
		c = form[c]
		if c == 0 {
			return "", badRequest("invalid header name %q", cut(key.Text()))
		}
		name = append(name, c)
		if form = &lowerToken; c == '-' {
			form = &upperToken
		}
	}
	if len(name) == 0 {
		return "", badRequest("invalid header name %q", "")
	}
	start := r.text.Len()
	r.text.Write(name)
	return r.text.String()[start:], nil
}

// upperToken and lowerToken are the bytes of a token (RFC 9110, section 5.6.2) in
// upper and in lower case, 0 for all others.
var upperToken, lowerToken = func() (upper, lower [256]byte) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
		upper[c], lower[c] = c, c
	}
	for c := byte('a'); c <= 'z'; c++ {
		upper[c] = c - 'a' + 'A'
		upper[c-'a'+'A'], lower[c-'a'+'A'] = upper[c], c
	}
	return upper, lower
}()

func (r *Request) addValue(name string, v jsontape.Value) error {
	if k := v.Kind(); k == jsontape.Null || k == jsontape.Object || k == jsontape.Array {
		return nil
	}
	value := r.keep(v)
	if !isFieldValue(value, v.Plain()) {
		return badRequest("invalid value of header %q", name)
	}
	r.values = append(r.values, value)
	return nil
}

// isFieldValue reports whether s can be a header's value: no control characters but
// the tab. JSON itself keeps all but one of them out of a plain string.
func isFieldValue(s string, plain bool) bool {
	if plain {
		return strings.IndexByte(s, 0x7f) < 0
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// setCookies makes the Cookie header of a list of cookies, if there is one. It
// replaces a header beside the list, in which the lines of a client that sent
// several are joined by commas.
func (r *Request) setCookies(list jsontape.Value) {
	start := r.text.Len()
	for m := list.Members(); m.Next(); {
		if r.text.Len() > start {
			r.text.WriteString("; ")
		}
		r.keep(m.Value())
	}
	if line := r.text.String()[start:]; line != "" {
		r.Header["Cookie"] = []string{line}
	}
}

// setHost falls back on the domain of the API for a request without a Host.
func (r *Request) setHost(domain jsontape.Value) {
	if r.Host == "" && domain.IsString() {
		r.Host = r.keep(domain)
	}
}

// IsToken reports whether s is a token: a valid method or name of a header.
func IsToken(s string) bool {
	for i := range len(s) {
		if lowerToken[s[i]] == 0 {
			return false
		}
	}
	return s != ""
}
