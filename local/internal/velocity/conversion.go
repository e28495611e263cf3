package velocity

import (
	"errors"
	"math"
	"math/big"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// The conversions are those of Java's Number: what does not fit wraps around,
// a Double that does not fit becomes the nearest that does.

func toInt(v any) int32 {
	switch v := v.(type) {
	case float32:
		return truncated[int32](float64(v), math.MinInt32, math.MaxInt32)
	case float64:
		return truncated[int32](v, math.MinInt32, math.MaxInt32)
	}
	return int32(toLong(v))
}

func toLong(v any) int64 {
	switch v := v.(type) {
	case int32:
		return int64(v)
	case int64:
		return v
	case float32:
		return truncated[int64](float64(v), math.MinInt64, math.MaxInt64)
	case float64:
		return truncated[int64](v, math.MinInt64, math.MaxInt64)
	case *big.Int:
		return lowBits(v)
	case javavalue.Decimal:
		return lowBits(v.BigInt())
	}
	return 0
}

// truncated is a Double as a whole number of a type that reaches from least to most.
func truncated[I int32 | int64](f float64, least, most I) I {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= float64(most):
		return most
	case f <= float64(least):
		return least
	}
	return I(f)
}

// lowBits returns the lowest 64 bits in two's complement.
func lowBits(n *big.Int) int64 {
	mask := new(big.Int).SetUint64(math.MaxUint64)
	return int64(mask.And(mask, n).Uint64())
}

func toDouble(v any) float64 {
	switch v := v.(type) {
	case int32:
		return float64(v)
	case int64:
		return float64(v)
	case float32:
		return float64(v)
	case float64:
		return v
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f
	case javavalue.Decimal:
		return v.Float64()
	}
	return 0
}

func toBigInteger(v any) *big.Int {
	if n, ok := v.(*big.Int); ok {
		return n
	}
	return big.NewInt(toLong(v))
}

// toDecimal goes by way of the Double for what is neither a BigInteger nor a
// BigDecimal, as Velocity does, which loses the last digits of a large Long.
func toDecimal(v any) (javavalue.Decimal, error) {
	switch v.(type) {
	case *big.Int, javavalue.Decimal:
	default:
		v = toDouble(v)
	}
	d, ok := javavalue.DecimalOf(v)
	if !ok {
		return d, errors.New("infinite or no number")
	}
	return d, nil
}
