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
	type level struct {
		isObject, hasName bool
		name              string
		index             int
		isSecret          bool
	}
	var (
		out    bytes.Buffer
		levels []level
		end    int64
	)
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err != nil {
			if len(levels) == 0 && end == 0 {
				return document // not JSON at all
			}
			if len(levels) == 0 {
				out.Write(document[end:]) // white space
			}
			return out.Bytes()
		}
		raw := document[end:dec.InputOffset()]
		end = dec.InputOffset()

		var at *level
		if len(levels) > 0 {
			at = &levels[len(levels)-1]
		}
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			levels = levels[:len(levels)-1]
			out.Write(raw)
			continue
		}
		if at != nil && at.isObject && !at.hasName {
			at.name, at.hasName = token.(string), true
			out.Write(raw)
			continue
		}
		hidden := at != nil && (at.isSecret || at.isObject && isSecret(at.name))
		if delim, ok := token.(json.Delim); ok {
			if at != nil {
				at.hasName = false
				at.index++
			}
			levels = append(levels, level{isObject: delim == '{', isSecret: hidden})
			out.Write(raw)
			continue
		}
		if value, ok := token.(string); ok && hidden {
			var path strings.Builder
			for _, l := range levels {
				place := strings.ToLower(l.name)
				if !l.isObject {
					place = strconv.Itoa(l.index)
				}
				path.WriteString("\x00" + place)
			}
			if other := replace(path.String(), value); other != value {
				quoted, _ := json.Marshal(other) // of a string, which does not fail
				raw = append(slices.Clone(raw[:bytes.IndexByte(raw, '"')]), quoted...)
			}
		}
		out.Write(raw)
		if at != nil {
			at.hasName = false
			at.index++
		}
	}
}
