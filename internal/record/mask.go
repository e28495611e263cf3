package record

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// secret are the headers whose values are shown only to those who ask, in small letters,
// and the members of events and replies that hold the same: those of an authorizer's event
// repeat what shows who the client is.
var secret = []string{"authorization", "cookie", "cookies", "set-cookie", "x-api-key", "apikey", "authorizationtoken", "identitysource"}

func isSecret(name string) bool { return slices.Contains(secret, strings.ToLower(name)) }

// MaskHeader returns a header with its secrets masked.
func MaskHeader(h http.Header) http.Header {
	masked := make(http.Header, len(h))
	for name, values := range h {
		if isSecret(name) {
			values = slices.Repeat([]string{Masked}, len(values))
		}
		masked[name] = values
	}
	return masked
}

// UnmaskHeader puts the secrets of an original back into a header that was masked.
func UnmaskHeader(h, original http.Header) {
	for name, values := range h {
		for n, value := range values {
			if before := original.Values(name); value == Masked && n < len(before) {
				values[n] = before[n]
			}
		}
	}
}

// MaskJSON returns a document with its secrets masked, and else as it is written.
func MaskJSON(document []byte) []byte {
	return rewriteSecrets(document, func(string, string) string { return Masked })
}

// UnmaskJSON puts the secrets of an original back into a document that was masked, and
// perhaps edited.
func UnmaskJSON(document, original []byte) []byte {
	values := map[string]string{}
	rewriteSecrets(original, func(path, value string) string {
		values[path] = value
		return value
	})
	return rewriteSecrets(document, func(path, value string) string {
		if before, known := values[path]; known && value == Masked {
			return before
		}
		return value
	})
}

// rewriteSecrets returns a document with other strings for those below the secret
// members: replace is told of their places and values. What is no JSON ends the document
// that is returned, so that the head of one that was cut shows no half of a secret.
func rewriteSecrets(document []byte, replace func(path, value string) string) []byte {
	var (
		out    bytes.Buffer
		within nesting
		end    int64 // of what has been written
	)
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err != nil {
			switch {
			case len(within) > 0: // it was cut
			case end == 0:
				return document // not JSON at all
			default:
				out.Write(document[end:]) // white space
			}
			return out.Bytes()
		}
		raw := document[end:dec.InputOffset()]
		end = dec.InputOffset()
		hidden := within.step(token)
		if value, ok := token.(string); ok && hidden {
			if other := replace(within.path(), value); other != value {
				quoted, _ := json.Marshal(other) // of a string, which does not fail
				raw = append(slices.Clone(raw[:bytes.IndexByte(raw, '"')]), quoted...)
			}
		}
		out.Write(raw)
	}
}

// A nesting is where a decoder is in a document: the objects and arrays around its last
// token, the outermost first.
type nesting []level

// A level is one of them, and the member or item that was reached in it.
type level struct {
	isObject, hasName bool
	name              string
	index             int
	isSecret          bool // all of it is
}

// step goes on to the next token, and reports whether it is a value that belongs to a
// secret member.
func (n *nesting) step(token json.Token) (secret bool) {
	delim, isDelim := token.(json.Delim)
	if isDelim && (delim == '}' || delim == ']') {
		*n = (*n)[:len(*n)-1]
		return false
	}
	if len(*n) > 0 {
		at := &(*n)[len(*n)-1]
		if at.isObject && !at.hasName {
			at.name, at.hasName = token.(string), true
			return false
		}
		at.hasName = false
		at.index++
		secret = at.isSecret || at.isObject && isSecret(at.name)
	}
	if isDelim {
		*n = append(*n, level{isObject: delim == '{', isSecret: secret})
	}
	return secret
}

// path is the place of the last value, the same in a document that was edited elsewhere.
func (n nesting) path() string {
	var path strings.Builder
	for _, l := range n {
		place := strings.ToLower(l.name)
		if !l.isObject {
			place = strconv.Itoa(l.index)
		}
		path.WriteString("\x00" + place)
	}
	return path.String()
}
