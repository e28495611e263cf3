package javavalue

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Parse reads one JSON text: objects become maps in the order of the source,
// arrays JSONArrays, and numbers what json-smart makes of them: the smallest
// of Integer, Long and BigInteger, a Double for a fraction or an exponent, a
// BigDecimal where its text is longer than 18 characters. Of two equal keys
// the later value wins in the earlier place.
//
// Only JSON is read (RFC 8259). API Gateway's own parser takes more, such as
// names without quotes; how much more is not recorded for bodies.
func Parse(text []byte) (any, error) {
	p := jsonParser{text: text}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.unexpected()
	}
	return v, nil
}

type jsonParser struct {
	text []byte
	at   int
}

func (p *jsonParser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("javavalue: JSON nested deeper than %d", maxDepth)
	}
	p.space()
	if p.at >= len(p.text) {
		return nil, errors.New("javavalue: JSON ends early")
	}
	switch c := p.text[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range [...]struct {
		text  string
		value any
	}{{"null", nil}, {"true", true}, {"false", false}} {
		if end := p.at + len(word.text); end <= len(p.text) && string(p.text[p.at:end]) == word.text {
			p.at = end
			return word.value, nil
		}
	}
	return nil, p.unexpected()
}

func (p *jsonParser) object(depth int) (any, error) {
	m := NewMap()
	for first := true; ; first = false {
		p.at++ // the brace, or the comma
		if p.space(); first && p.is('}') {
			p.at++
			return m, nil
		}
		if !p.is('"') {
			return nil, p.unexpected()
		}
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		if p.space(); !p.is(':') {
			return nil, p.unexpected()
		}
		p.at++
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		m.Put(key, value)
		if p.space(); p.is('}') {
			p.at++
			return m, nil
		}
		if !p.is(',') {
			return nil, p.unexpected()
		}
	}
}

func (p *jsonParser) array(depth int) (any, error) {
	l := NewJSONArray()
	for first := true; ; first = false {
		p.at++ // the bracket, or the comma
		if p.space(); first && p.is(']') {
			p.at++
			return l, nil
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, item)
		if p.space(); p.is(']') {
			p.at++
			return l, nil
		}
		if !p.is(',') {
			return nil, p.unexpected()
		}
	}
}

// string leaves what needs unquoting to the standard library and takes the
// plain text, which nearly every string is, as it stands.
func (p *jsonParser) string() (string, error) {
	start, plain := p.at, true
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '\\':
			plain = false
			p.at++
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		case c == '"':
			p.at++
			if plain {
				return string(p.text[start+1 : p.at-1]), nil
			}
			var s string
			if err := json.Unmarshal(p.text[start:p.at], &s); err != nil {
				return "", fmt.Errorf("javavalue: JSON string at offset %d: %w", start, err)
			}
			return s, nil
		}
	}
	return "", errors.New("javavalue: JSON ends early")
}

func (p *jsonParser) number() (any, error) {
	start, whole := p.at, true
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c >= '0' && c <= '9' || c == '-' && p.at == start:
			continue
		case c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-':
			whole = false
			continue
		}
		break
	}
	text := p.text[start:p.at]
	if !json.Valid(text) {
		return nil, fmt.Errorf("javavalue: JSON number %q at offset %d", text, start)
	}
	if whole {
		v, _ := Integer(string(text))
		return v, nil
	}
	if len(text) > 18 {
		if d, ok := ParseDecimal(string(text)); ok {
			return d, nil
		}
	}
	f, _ := strconv.ParseFloat(string(text), 64) // an overflow is Infinity, as in Java
	return f, nil
}

func (p *jsonParser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

func (p *jsonParser) is(c byte) bool { return p.at < len(p.text) && p.text[p.at] == c }

func (p *jsonParser) unexpected() error {
	if p.at >= len(p.text) {
		return errors.New("javavalue: JSON ends early")
	}
	r, _ := utf8.DecodeRune(p.text[p.at:])
	return fmt.Errorf("javavalue: unexpected %q in JSON at offset %d", r, p.at)
}

// JSON returns the value as $input.json prints it: json-smart's JSON, without
// blanks, which escapes quotes, backslashes, control characters and the signs
// from U+2000 to U+20FF. A value too large or too deep gives the empty string;
// use [AppendJSON] to be told.
func JSON(v any) string {
	text, err := AppendJSON(nil, v, textLimit)
	if err != nil {
		return ""
	}
	return string(text)
}

// AppendJSON appends the value as [JSON] does and fails with [ErrTooLarge]
// when dst would grow beyond limit bytes.
func AppendJSON(dst []byte, v any, limit int) ([]byte, error) {
	return appendJSON(dst, v, keepSlash, limit, 0)
}

// A JSONArray that is printed escapes slashes as well, for JSON inside HTML;
// $input.json does not.
const (
	keepSlash   = false
	escapeSlash = true
)

func appendJSON(dst []byte, v any, slash bool, limit, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errTooDeep
	}
	if len(dst) > limit {
		return dst, ErrTooLarge
	}
	var err error
	switch v := v.(type) {
	case nil, bool, int32, int64, float32, *big.Int, Decimal:
		return appendString(dst, v, limit, depth)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(dst, "null"...), nil
		}
		return appendDouble(dst, v, 64), nil
	case string:
		return appendQuoted(dst, v, slash, limit)
	case *Map:
		dst = append(dst, '{')
		for i, e := range v.entries {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendQuoted(dst, String(e.key), slash, limit); err != nil {
				return dst, err
			}
			dst = append(dst, ':')
			if dst, err = appendJSON(dst, e.value, slash, limit, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	case *List:
		dst = append(dst, '[')
		for i, item := range v.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendJSON(dst, item, slash, limit, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	}
	text, err := appendString(nil, v, limit, depth)
	if err != nil {
		return dst, err
	}
	return appendQuoted(dst, string(text), slash, limit)
}

func appendQuoted(dst []byte, s string, slash bool, limit int) ([]byte, error) {
	if len(dst)+len(s) > limit {
		return dst, ErrTooLarge
	}
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '/' && slash:
			dst = append(dst, '\\', byte(r))
		case r < ' ' || r >= 0x7f && r <= 0x9f || r >= 0x2000 && r <= 0x20ff:
			dst = AppendEscape(dst, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"'), nil
}

// AppendEscape appends a character as its escape: \n and its like for the five that have
// one, \uXXXX for all else, twice for what is beyond the first plane.
func AppendEscape(dst []byte, r rune) []byte {
	switch r {
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendUnit(appendUnit(dst, uint16(high)), uint16(low))
	}
	return appendUnit(dst, uint16(r))
}

func appendUnit(dst []byte, unit uint16) []byte {
	const digits = "0123456789ABCDEF"
	return append(dst, '\\', 'u', digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
