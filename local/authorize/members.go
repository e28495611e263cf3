package authorize

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// A member is one of a JSON object, its value as it stands there.
type member struct {
	name  string
	value json.RawMessage
}

// An object is a JSON object that has been taken apart, in its own order. A token is
// read in a fraction of the time that its signature takes, which decoding it into a
// map does not manage.
type object []member

// parseObject takes a JSON object apart. It must have no name twice: who judges by
// one and who acts on the other could be two.
func parseObject(text []byte) (object, error) {
	if !json.Valid(text) {
		return nil, errors.New("no JSON")
	}
	at := skipSpace(text, 0)
	if text[at] != '{' {
		return nil, errors.New("no JSON object")
	}
	o := make(object, 0, 16)
	whole := string(text) // which plain names are parts of
	for at = skipSpace(text, at+1); text[at] != '}'; {
		if text[at] == ',' {
			at = skipSpace(text, at+1)
		}
		end := skipString(text, at)
		name := whole[at+1 : end-1]
		if !plain(text[at:end]) {
			name = unquote(text[at:end])
		}
		at = skipSpace(text, skipSpace(text, end)+1) // and the colon
		end = skipValue(text, at)
		o = append(o, member{name, json.RawMessage(text[at:end])})
		at = skipSpace(text, end)
	}
	return o, o.unique()
}

// unique says whether a name is there twice.
func (o object) unique() error {
	const few = 32
	if len(o) <= few {
		for i, m := range o {
			for _, other := range o[:i] {
				if other.name == m.name {
					return errors.New("a name is there twice")
				}
			}
		}
		return nil
	}
	seen := make(map[string]bool, len(o))
	for _, m := range o {
		if seen[m.name] {
			return errors.New("a name is there twice")
		}
		seen[m.name] = true
	}
	return nil
}

// get returns the value of a member, nil if there is none or it is null.
func (o object) get(name string) json.RawMessage {
	for _, m := range o {
		if m.name == name && m.value[0] != 'n' {
			return m.value
		}
	}
	return nil
}

// The functions that skip need valid JSON, and return the place behind what they skip.

func skipSpace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	return at
}

func skipString(text []byte, at int) int {
	for at++; text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return at + 1
}

func skipValue(text []byte, at int) int {
	for depth := 0; ; {
		switch text[at] {
		case '"':
			at = skipString(text, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		default:
			at++
		}
		if depth == 0 && (at == len(text) || bytes.IndexByte([]byte(",}] \n\t\r"), text[at]) >= 0) {
			return at
		}
	}
}

// plain reports whether a JSON string reads as it stands between its quotes.
func plain(quoted []byte) bool {
	for _, c := range quoted {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unquote returns the text of a JSON string.
func unquote(quoted []byte) string {
	if plain(quoted) {
		return string(quoted[1 : len(quoted)-1])
	}
	var text string
	_ = json.Unmarshal(quoted, &text) // it is valid
	return text
}

// quote writes text as a JSON string.
func quote(text string) []byte { return appendQuoted(nil, text) }

// appendQuoted is quote for text that hardly ever has anything to escape.
func appendQuoted(out []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(text) // text never fails
			return append(out, quoted...)
		}
	}
	out = append(out, '"')
	for i := range len(text) {
		if c := text[i]; c == '"' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, text[i])
	}
	return append(out, '"')
}
