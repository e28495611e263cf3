package velocity

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// callNumber calls a method of Integer, Long, Double, Float, BigInteger or
// BigDecimal. The static ones are among them: a template has no other way to
// parse a number than $anyInteger.parseInt("5").
func (r *renderer) callNumber(n any, name string, args []any) (any, error) {
	if len(args) == 0 {
		switch name {
		case "intValue":
			return toInt(n), nil
		case "longValue":
			return toLong(n), nil
		case "doubleValue":
			return toDouble(n), nil
		case "floatValue":
			return float32(toDouble(n)), nil
		case "shortValue", "byteValue", "describeConstable", "resolveConstantDesc":
			return nil, r.refuse(n, name)
		}
	}
	switch n := n.(type) {
	case int32:
		return r.callInteger(n, name, args)
	case int64:
		return r.callLong(n, name, args)
	case float64:
		return r.callDouble(n, name, args)
	case float32:
		return nil, r.refuse(n, name)
	}
	return r.callBig(n, name, args)
}

func (r *renderer) callInteger(n int32, name string, args []any) (any, error) {
	switch len(args) {
	case 1:
		switch name {
		case "compareTo":
			other, ok := args[0].(int32)
			if !ok {
				return nil, fmt.Errorf("%s cannot be cast to java.lang.Integer", className(args[0]))
			}
			return sign(n, other), nil
		case "parseInt", "valueOf":
			return parseInteger(name, args[0], 10)
		}
		if other, ok := args[0].(int32); ok {
			switch name {
			case "hashCode":
				return other, nil
			case "toString":
				return strconv.Itoa(int(other)), nil
			case "toHexString":
				return strconv.FormatUint(uint64(uint32(other)), 16), nil
			case "toBinaryString":
				return strconv.FormatUint(uint64(uint32(other)), 2), nil
			case "toOctalString":
				return strconv.FormatUint(uint64(uint32(other)), 8), nil
			case "signum":
				return sign(other, 0), nil
			}
			if isNamed(name, "bitCount", "reverse", "reverseBytes", "highestOneBit", "lowestOneBit",
				"numberOfLeadingZeros", "numberOfTrailingZeros", "toUnsignedLong", "toUnsignedString") {
				return nil, r.refuse(n, name)
			}
		}
		if isNamed(name, "decode", "getInteger", "parseUnsignedInt") {
			return nil, r.refuse(n, name)
		}
	case 2:
		radix, ok := args[1].(int32)
		if !ok {
			break
		}
		switch name {
		case "parseInt", "valueOf":
			switch args[0].(type) {
			case string, nil:
				return parseInteger(name, args[0], int(radix))
			}
		}
		other, ok := args[0].(int32)
		if !ok {
			break
		}
		switch name {
		case "toString":
			if radix < 2 || radix > 36 {
				radix = 10
			}
			return strconv.FormatInt(int64(other), int(radix)), nil
		case "compare":
			return sign(other, radix), nil
		case "max":
			return max(other, radix), nil
		case "min":
			return min(other, radix), nil
		case "sum":
			return other + radix, nil
		}
		if isNamed(name, "rotateLeft", "rotateRight", "divideUnsigned", "remainderUnsigned", "compareUnsigned") {
			return nil, r.refuse(n, name)
		}
	}
	return nil, nil
}

func parseInteger(name string, v any, radix int) (any, error) {
	switch v := v.(type) {
	case string:
		if radix < 2 || radix > 36 {
			return nil, fmt.Errorf("radix %d is not from 2 to 36", radix)
		}
		n, err := strconv.ParseInt(v, radix, 32)
		if err != nil || strings.Contains(v, "_") {
			return nil, fmt.Errorf("NumberFormatException: for input string %q", v)
		}
		return int32(n), nil
	case int32:
		if name == "valueOf" {
			return v, nil
		}
	case nil:
		return nil, errors.New("NumberFormatException: null")
	}
	return nil, nil
}

func (r *renderer) callLong(n int64, name string, args []any) (any, error) {
	if len(args) == 1 {
		switch name {
		case "compareTo":
			other, ok := args[0].(int64)
			if !ok {
				return nil, fmt.Errorf("%s cannot be cast to java.lang.Long", className(args[0]))
			}
			return sign(n, other), nil
		case "parseLong", "valueOf":
			switch v := args[0].(type) {
			case string:
				parsed, err := strconv.ParseInt(v, 10, 64)
				if err != nil || strings.Contains(v, "_") {
					return nil, fmt.Errorf("NumberFormatException: for input string %q", v)
				}
				return parsed, nil
			case int32, int64:
				if name == "valueOf" {
					return toLong(v), nil
				}
			}
			if args[0] == nil {
				return nil, errors.New("NumberFormatException: null")
			}
			return nil, nil
		case "hashCode":
			if isLong(args[0]) {
				return hashCode(toLong(args[0]))
			}
		case "toString":
			if isLong(args[0]) {
				return strconv.FormatInt(toLong(args[0]), 10), nil
			}
		case "toHexString":
			if isLong(args[0]) {
				return strconv.FormatUint(uint64(toLong(args[0])), 16), nil
			}
		case "signum":
			if isLong(args[0]) {
				return sign(toLong(args[0]), 0), nil
			}
		}
	}
	if radix, ok := second(args).(int32); ok && (name == "parseLong" || name == "valueOf") {
		text, ok := args[0].(string)
		if !ok {
			if args[0] == nil {
				return nil, errors.New("NumberFormatException: null")
			}
			return nil, nil
		}
		parsed, err := strconv.ParseInt(text, int(max(radix, 1)), 64)
		if err != nil || radix < 2 || radix > 36 || strings.Contains(text, "_") {
			return nil, fmt.Errorf("NumberFormatException: for input string %q", text)
		}
		return parsed, nil
	}
	if len(args) == 2 && isLong(args[0]) && isLong(args[1]) {
		a, b := toLong(args[0]), toLong(args[1])
		switch name {
		case "compare":
			return sign(a, b), nil
		case "max":
			return max(a, b), nil
		case "min":
			return min(a, b), nil
		case "sum":
			return a + b, nil
		}
	}
	if isNamed(name, "bitCount", "reverse", "reverseBytes", "highestOneBit", "lowestOneBit", "numberOfLeadingZeros",
		"numberOfTrailingZeros", "toBinaryString", "toOctalString", "toUnsignedString", "decode", "getLong",
		"parseUnsignedLong", "rotateLeft", "rotateRight", "divideUnsigned", "remainderUnsigned", "compareUnsigned") {
		return nil, r.refuse(n, name)
	}
	return nil, nil
}

// second returns the second of two arguments.
func second(args []any) any {
	if len(args) != 2 {
		return nil
	}
	return args[1]
}

func isLong(v any) bool {
	switch v.(type) {
	case int32, int64:
		return true
	}
	return false
}

func (r *renderer) callDouble(n float64, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		switch name {
		case "isNaN":
			return math.IsNaN(n), nil
		case "isInfinite":
			return math.IsInf(n, 0), nil
		}
	case 1:
		switch name {
		case "compareTo":
			other, ok := args[0].(float64)
			if !ok {
				return nil, fmt.Errorf("%s cannot be cast to java.lang.Double", className(args[0]))
			}
			return compareDoubles(n, other), nil
		case "parseDouble", "valueOf":
			if text, ok := args[0].(string); ok {
				return parseDouble(text)
			}
			if name == "valueOf" && isNumber(args[0]) && !isBig(args[0]) && !isDecimal(args[0]) {
				return toDouble(args[0]), nil
			}
			return nil, nil
		case "isNaN":
			if isNumber(args[0]) && !isBig(args[0]) && !isDecimal(args[0]) {
				return math.IsNaN(toDouble(args[0])), nil
			}
		case "isInfinite":
			if isNumber(args[0]) && !isBig(args[0]) && !isDecimal(args[0]) {
				return math.IsInf(toDouble(args[0]), 0), nil
			}
		case "hashCode":
			if isNumber(args[0]) && !isBig(args[0]) && !isDecimal(args[0]) {
				return hashCode(toDouble(args[0]))
			}
		case "toString":
			if isNumber(args[0]) && !isBig(args[0]) && !isDecimal(args[0]) {
				return javavalue.String(toDouble(args[0])), nil
			}
		}
	case 2:
		if !isNumber(args[0]) || !isNumber(args[1]) {
			break
		}
		a, b := toDouble(args[0]), toDouble(args[1])
		switch name {
		case "compare":
			return compareDoubles(a, b), nil
		case "max":
			return math.Max(a, b), nil
		case "min":
			return math.Min(a, b), nil
		case "sum":
			return a + b, nil
		}
	}
	if isNamed(name, "isFinite", "toHexString", "doubleToLongBits", "doubleToRawLongBits", "longBitsToDouble") {
		return nil, r.refuse(n, name)
	}
	return nil, nil
}

// parseDouble reads what Java's Double.parseDouble reads, hexadecimal
// fractions aside.
func parseDouble(text string) (any, error) {
	number := strings.TrimFunc(text, func(c rune) bool { return c <= ' ' })
	unsigned := strings.TrimLeft(number, "+-")
	switch {
	case unsigned == "NaN" || unsigned == "Infinity":
	case strings.ContainsAny(unsigned, "xX_") || strings.ContainsAny(unsigned, "iInN"):
		return nil, fmt.Errorf("NumberFormatException: for input string %q", text)
	default:
		number = strings.TrimRight(number, "dDfF")
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return nil, fmt.Errorf("NumberFormatException: for input string %q", text)
	}
	return f, nil
}

// compareDoubles orders -0.0 before 0.0 and NaN behind all.
func compareDoubles(a, b float64) int32 {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	x, y := math.Float64bits(a), math.Float64bits(b)
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return 1
	case math.IsNaN(b):
		return -1
	}
	return sign(int64(x), int64(y))
}

func sign[T int32 | int64](a, b T) int32 {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// callBig calls a method of BigInteger or BigDecimal: those that compare. The
// operators calculate.
func (r *renderer) callBig(n any, name string, args []any) (any, error) {
	switch {
	case name == "signum" && len(args) == 0:
		c, err := compare(n, int32(0))
		return int32(c), err
	case name == "compareTo" && len(args) == 1:
		if className(n) != className(args[0]) {
			return nil, fmt.Errorf("%s cannot be cast to %s", className(args[0]), className(n))
		}
		c, err := compare(n, args[0])
		return int32(c), err
	case name == "toPlainString" && len(args) == 0, name == "toEngineeringString" && len(args) == 0:
		return nil, r.refuse(n, name)
	}
	// Of the many others none is offered, and a name that is none of theirs
	// would be told apart only by listing them.
	switch n.(type) {
	case *big.Int, javavalue.Decimal:
		return nil, r.refuse(n, name)
	}
	return nil, nil
}
