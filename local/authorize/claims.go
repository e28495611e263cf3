package authorize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// How the claims of a token reach the function differs from door to door.
//
//	the token                HTTP API            REST API, user pool   REST API, JWT (2026)
//	"name": "Zoë"            "Zoë"               "Zoë"                 "Zo\u00EB"
//	"exp": 9999999999        "9999999999"        "9999999999"          9999999999
//	"admin": true            "true"              "true"                true
//	"groups": ["a", "b"]     "[a b]"             "a,b"                 ["a","b"]
//	"address": {"c": "JP"}   "{\"c\":\"JP\"}"    the same              {"c":"JP"}
//	"nothing": null          left out            left out              null
//
// The first column was recorded, the last is documented. Of user pools it is
// documented that all claims are text; how a list looks is unknown.

// spoken writes the claims for an HTTP API: all of them as text, lists as Go prints
// them.
func spoken(claims object) json.RawMessage { return asText(claims, "[", " ", "]") }

// pooled writes the claims of a user pool's token for a REST API.
func pooled(claims object) json.RawMessage { return asText(claims, "", ",", "") }

func asText(claims object, open, between, closing string) json.RawMessage {
	out := make([]byte, 0, 512)
	out = append(out, '{')
	for _, c := range claims {
		if c.value[0] == 'n' {
			continue
		}
		out = appendName(out, c.name)
		if c.value[0] == '"' {
			out = append(out, c.value...)
		} else {
			out = appendQuoted(out, textOf(c.value, open, between, closing))
		}
	}
	return append(out, '}')
}

// textOf writes one JSON value as text. Only a string and a list look different from
// their JSON, which comes without white space.
func textOf(value json.RawMessage, open, between, closing string) string {
	switch value[0] {
	case '"':
		return unquote(value)
	case '[':
		var items []json.RawMessage
		_ = json.Unmarshal(value, &items) // it was read as JSON before
		text := open
		for i, item := range items {
			if i > 0 {
				text += between
			}
			text += textOf(item, open, between, closing)
		}
		return text + closing
	case '{':
		return string(compact(value))
	}
	return string(value)
}

// typed writes the claims for a REST API with a JWT authorizer: as they are, with
// all that is not ASCII escaped.
func typed(claims object) json.RawMessage {
	out := append(make([]byte, 0, 512), '{')
	for _, c := range claims {
		out = append(appendName(out, c.name), compact(c.value)...)
	}
	return ascii(append(out, '}'))
}

// quoted writes the same claims for templates, parameter mapping and access logs,
// where a claim is the text of its JSON, quotes included.
func quoted(claims object) json.RawMessage {
	out := append(make([]byte, 0, 512), '{')
	for _, c := range claims {
		out = appendQuoted(appendName(out, c.name), string(ascii(compact(c.value))))
	}
	return append(out, '}')
}

// appendName begins a member of an object that is being written.
func appendName(out []byte, name string) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	return append(appendQuoted(out, name), ':')
}

func compact(value json.RawMessage) []byte {
	if value[0] != '{' && value[0] != '[' {
		return value
	}
	var out bytes.Buffer
	_ = json.Compact(&out, value) // it was read as JSON before
	return out.Bytes()
}

// ascii escapes what JSON text has beyond ASCII, in upper-case digits.
func ascii(text []byte) []byte {
	if !slices.ContainsFunc(text, func(b byte) bool { return b >= utf8.RuneSelf }) {
		return text
	}
	var out bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
			out.WriteByte(byte(r))
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04X\u%04X`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04X`, r)
		}
	}
	return out.Bytes()
}
