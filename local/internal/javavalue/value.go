// Package javavalue holds the values that API Gateway's template language and
// JSONPath work on, with the results Java gives for them.
//
// API Gateway runs both in Java, and a template shows it: a map prints as
// {key=value}, the number 1e-5 as 1.0E-5, and the Integer 1 is not the key
// "1". A value is an any that holds one of
//
//	nil               null
//	bool              Boolean
//	string            String
//	int32, int64      Integer, Long
//	*big.Int          BigInteger
//	float64, float32  Double, Float
//	Decimal           BigDecimal
//	*Map              LinkedHashMap
//	*List             ArrayList, or the JSONArray of json-smart
//
// A package that needs a kind of its own implements [Printer] on it. Values
// are not safe for concurrent use while one of them changes.
package javavalue

import (
	"errors"
	"math/big"
	"strconv"
)

// ErrTooLarge says that a printed value would exceed the limit. A template can
// build a value whose text is exponentially longer than the value.
var ErrTooLarge = errors.New("javavalue: the text of the value is too large")

// errTooDeep says that a value holds itself or is nested beyond reason, which
// Java answers with a StackOverflowError.
var errTooDeep = errors.New("javavalue: the value is nested too deeply")

// maxDepth is how deep a value may be nested when it is parsed, printed or
// compared. API Gateway's own bound is not documented.
const maxDepth = 512

// textLimit is the size at which [String] and [JSON] give up: well above the
// 10 MB that any payload may have.
const textLimit = 64 << 20

// A Printer is a value of another package that knows how Java prints it.
// AppendJava appends the result of toString and fails with [ErrTooLarge] when
// dst would grow beyond limit bytes.
type Printer interface {
	AppendJava(dst []byte, limit int) ([]byte, error)
}

// String returns what Java's toString gives: {k=v} for a map, [a, b] for a
// list, JSON for a JSONArray, null for nil. A value too large or too deeply
// nested to be printed gives the empty string; use [AppendString] to be told.
func String(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := AppendString(nil, v, textLimit)
	if err != nil {
		return ""
	}
	return string(text)
}

// AppendString appends what Java's toString gives and fails with
// [ErrTooLarge] when dst would grow beyond limit bytes.
func AppendString(dst []byte, v any, limit int) ([]byte, error) {
	return appendString(dst, v, limit, 0)
}

func appendString(dst []byte, v any, limit, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errTooDeep
	}
	if len(dst) > limit {
		return dst, ErrTooLarge
	}
	var err error
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		if len(dst)+len(v) > limit {
			return dst, ErrTooLarge
		}
		return append(dst, v...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int32:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float32:
		return appendDouble(dst, float64(v), 32), nil
	case float64:
		return appendDouble(dst, v, 64), nil
	case *big.Int:
		return v.Append(dst, 10), nil
	case Decimal:
		return append(dst, v.String()...), nil
	case *Map:
		if v.silent {
			return dst, nil
		}
		dst = append(dst, '{')
		for i, e := range v.entries {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			// Java's AbstractMap knows only itself; a longer way round is a
			// StackOverflowError there and an error here.
			if e.key == any(v) {
				dst = append(dst, "(this Map)"...)
			} else if dst, err = appendString(dst, e.key, limit, depth+1); err != nil {
				return dst, err
			}
			dst = append(dst, '=')
			if e.value == any(v) {
				dst = append(dst, "(this Map)"...)
			} else if dst, err = appendString(dst, e.value, limit, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	case *List:
		if v.json {
			return appendJSON(dst, v, escapeSlash, limit, depth+1)
		}
		dst = append(dst, '[')
		for i, item := range v.items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			if item == any(v) {
				dst = append(dst, "(this Collection)"...)
			} else if dst, err = appendString(dst, item, limit, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	case Printer:
		return v.AppendJava(dst, limit)
	}
	return dst, errors.New("javavalue: a value of Go that Java does not have")
}

// Equal reports what Java's equals gives: the Integer 1 is not the Long 1, a
// map equals a map of the same entries in any order, a list a list of the same
// items. Values that are too large to be compared are unequal.
func Equal(a, b any) bool {
	budget := 1 << 20
	return equal(a, b, &budget, 0)
}

func equal(a, b any, budget *int, depth int) bool {
	if *budget--; *budget < 0 || depth > maxDepth {
		return false
	}
	switch a := a.(type) {
	case *Map:
		b, ok := b.(*Map)
		if !ok || a.Len() != b.Len() {
			return false
		}
		if a == b {
			return true
		}
		for _, e := range a.entries {
			other, ok := b.Get(e.key)
			if !ok || !equal(e.value, other, budget, depth+1) {
				return false
			}
		}
		return true
	case *List:
		b, ok := b.(*List)
		if !ok || a.Len() != b.Len() {
			return false
		}
		if a == b {
			return true
		}
		for i := range a.items {
			if !equal(a.items[i], b.items[i], budget, depth+1) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case *Map, *List:
		return false
	}
	return identity(a) == identity(b)
}
