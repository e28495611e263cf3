package velocity

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// isNumber reports whether a value is one of Java's numbers.
func isNumber(v any) bool {
	switch v.(type) {
	case int32, int64, float64, float32, *big.Int, javavalue.Decimal:
		return true
	}
	return false
}

// A base is the kind of number in which two are calculated.
type base int

const (
	inLong base = iota
	inFloat
	inDouble
	inBigInteger
	inBigDecimal
)

func baseOf(a, b any) base {
	whole := isWhole(a) && isWhole(b)
	switch {
	case isDecimal(a) || isDecimal(b) || !whole && (isBig(a) || isBig(b)):
		return inBigDecimal
	case whole && (isBig(a) || isBig(b)):
		return inBigInteger
	case whole:
		return inLong
	}
	if _, ok := a.(float64); ok {
		return inDouble
	}
	if _, ok := b.(float64); ok {
		return inDouble
	}
	return inFloat
}

func isWhole(v any) bool {
	switch v.(type) {
	case int32, int64, *big.Int:
		return true
	}
	return false
}

func isBig(v any) bool {
	_, ok := v.(*big.Int)
	return ok
}

func isDecimal(v any) bool {
	_, ok := v.(javavalue.Decimal)
	return ok
}

// calculate returns the result of an operator on two numbers; nil when it
// divides by zero, which is no error in a template. An integer that overflows
// becomes a Long, a Long a BigInteger.
func calculate(operator kind, a, b any) (any, error) {
	if _, ok := a.(int32); ok { // nearly always
		if y, ok := b.(int32); ok && y != 0 {
			return calculateLong(operator, a, b), nil
		}
	}
	if operator == divide || operator == modulo {
		if zero, err := isZero(b); zero || err != nil {
			return nil, err
		}
	}
	switch baseOf(a, b) {
	case inLong:
		return calculateLong(operator, a, b), nil
	case inBigInteger:
		return calculateBigInteger(operator, toBigInteger(a), toBigInteger(b))
	case inFloat:
		return calculateFraction(operator, float32(toDouble(a)), float32(toDouble(b))), nil
	case inDouble:
		return calculateFraction(operator, toDouble(a), toDouble(b)), nil
	default:
		x, err := toDecimal(a)
		if err != nil {
			return nil, err
		}
		y, err := toDecimal(b)
		if err != nil {
			return nil, err
		}
		return calculateDecimal(operator, x, y)
	}
}

func calculateLong(operator kind, a, b any) any {
	x, y := toLong(a), toLong(b)
	var n int64
	overflow := false
	switch operator {
	case plus:
		n = x + y
		overflow = (n^x) < 0 && (n^y) < 0
	case minus:
		n = x - y
		overflow = (n^x) < 0 && (n^^y) < 0
	case times:
		n = x * y
		overflow = y != 0 && n/y != x
	case divide:
		n = x / y
	default:
		n = x % y
	}
	if overflow {
		v, _ := calculateBigInteger(operator, big.NewInt(x), big.NewInt(y))
		return v
	}
	_, aLong := a.(int64)
	_, bLong := b.(int64)
	if !aLong && !bLong && n >= math.MinInt32 && n <= math.MaxInt32 {
		return int32(n)
	}
	return n
}

// maxBits bounds the numbers that calculations may make, which double in
// length with each multiplication. Java's bound is 2 billion bits.
const maxBits = 1 << 17

var errTooLong = fmt.Errorf("a number has more than %d bits", maxBits)

func calculateBigInteger(operator kind, x, y *big.Int) (any, error) {
	if x.BitLen()+y.BitLen() > maxBits {
		return nil, errTooLong
	}
	n := new(big.Int)
	switch operator {
	case plus:
		return n.Add(x, y), nil
	case minus:
		return n.Sub(x, y), nil
	case times:
		return n.Mul(x, y), nil
	case divide:
		return n.Quo(x, y), nil
	}
	if y.Sign() < 0 {
		return nil, errors.New("BigInteger: modulus not positive")
	}
	return n.Mod(x, y), nil
}

func calculateFraction[F float32 | float64](operator kind, x, y F) any {
	switch operator {
	case plus:
		return x + y
	case minus:
		return x - y
	case times:
		return x * y
	case divide:
		return x / y
	}
	return F(math.Mod(float64(x), float64(y)))
}

func calculateDecimal(operator kind, x, y javavalue.Decimal) (any, error) {
	if x.Bits()+y.Bits() > maxBits {
		return nil, errTooLong
	}
	switch operator {
	case plus:
		return x.Add(y), nil
	case minus:
		return x.Sub(y), nil
	case times:
		return x.Mul(y), nil
	case divide:
		return x.Div(y), nil
	}
	return nil, errors.New("cannot calculate the modulo of BigDecimals")
}

// compare returns -1, 0 or 1. What is not a number compares as equal to all.
func compare(a, b any) (int, error) {
	if x, ok := a.(int32); ok { // nearly always
		if y, ok := b.(int32); ok {
			return int(sign(x, y)), nil
		}
	}
	switch baseOf(a, b) {
	case inLong:
		return ordered(toLong(a), toLong(b)), nil
	case inBigInteger:
		return toBigInteger(a).Cmp(toBigInteger(b)), nil
	case inFloat, inDouble:
		x, y := toDouble(a), toDouble(b)
		if baseOf(a, b) == inFloat {
			x, y = float64(float32(x)), float64(float32(y))
		}
		return ordered(x, y), nil
	}
	x, err := toDecimal(a)
	if err != nil {
		return 0, err
	}
	y, err := toDecimal(b)
	if err != nil {
		return 0, err
	}
	return x.Cmp(y), nil
}

// ordered returns -1, 0 or 1. NaN compares as equal to all.
func ordered[T int64 | float64](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func isZero(v any) (bool, error) {
	switch v := v.(type) {
	case *big.Int:
		return v.Sign() == 0, nil
	case javavalue.Decimal:
		return v.Cmp(javavalue.Decimal{}) == 0, nil
	}
	return toDouble(v) == 0, nil
}
