package velocity

import (
	"errors"
	"math"
	"unicode/utf16"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// hashCode is hashCode of Java, for the values that have one which does not depend on
// where they lie in memory.
func hashCode(v any) (any, error) {
	switch v := v.(type) {
	case string:
		h := int32(0)
		for _, unit := range utf16.Encode([]rune(v)) {
			h = 31*h + int32(unit)
		}
		return h, nil
	case bool:
		if v {
			return int32(1231), nil
		}
		return int32(1237), nil
	case int32:
		return v, nil
	case int64:
		return int32(v ^ v>>32), nil
	case float64:
		bits := math.Float64bits(v)
		if math.IsNaN(v) {
			bits = 0x7ff8000000000000
		}
		return int32(bits ^ bits>>32), nil
	case char:
		return int32(v), nil
	case *javavalue.List:
		h := int32(1)
		for _, item := range v.All() {
			part, err := hashOf(item)
			if err != nil {
				return nil, err
			}
			h = 31*h + part
		}
		return h, nil
	}
	return nil, errors.New("the method hashCode of " + className(v) + " is not available in templates here")
}

// hashOf is the hash of an item of a list, which must be no list itself: that
// could take for ever.
func hashOf(v any) (int32, error) {
	if v == nil {
		return 0, nil
	}
	if _, ok := v.(*javavalue.List); ok {
		return 0, errors.New("the hashCode of a list of lists is not available in templates here")
	}
	h, err := hashCode(v)
	if err != nil {
		return 0, err
	}
	return h.(int32), nil
}
