package javavalue

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// appendDouble appends Double.toString, or Float.toString when bits is 32:
// plain digits from 1e-3 to 1e7 with at least one behind the point, else one
// digit before it and an exponent. The digits are the shortest that read back
// as the same number, as Java prints them since release 19; older releases
// print one digit more for some numbers.
func appendDouble(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case f == 0:
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		return append(dst, "0.0"...)
	}
	if size := math.Abs(f); size >= 1e-3 && size < 1e7 {
		start := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
		if slices.Contains(dst[start:], '.') {
			return dst
		}
		return append(dst, ".0"...)
	}
	text := strconv.FormatFloat(f, 'e', -1, bits) // 1.5e+21 or 1e-05
	digits, exponent, _ := strings.Cut(text, "e")
	dst = append(dst, digits...)
	if !strings.Contains(digits, ".") {
		dst = append(dst, ".0"...)
	}
	dst = append(dst, 'E')
	if exponent[0] == '-' {
		dst = append(dst, '-')
	}
	return append(dst, strings.TrimLeft(exponent[1:], "0")...)
}

// Integer returns the smallest of Integer, Long and BigInteger that holds the
// decimal digits, with an optional sign before them; ok is false for any other
// text.
func Integer(digits string) (v any, ok bool) {
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		if n >= math.MinInt32 && n <= math.MaxInt32 {
			return int32(n), true
		}
		return n, true
	}
	n, ok := new(big.Int).SetString(digits, 10)
	return n, ok
}

// A Decimal is Java's BigDecimal: an exact number with a scale, the number of
// its digits behind the decimal point. The zero value is 0.
type Decimal struct {
	unscaled *big.Int
	scale    int
}

// ParseDecimal reads digits, an optional fraction and an optional exponent.
// It refuses an exponent beyond 10,000, which JSON allows and whose digits
// nobody wants to hold.
func ParseDecimal(text string) (d Decimal, ok bool) {
	digits, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n > 10_000 || n < -10_000 {
			return Decimal{}, false
		}
		digits, exponent = text[:i], n
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok || strings.ContainsAny(fraction, "+-_") {
		return Decimal{}, false
	}
	return Decimal{unscaled: n, scale: len(fraction) - exponent}, true
}

// DecimalOf returns the exact value of an integer or a Double as the
// constructors of BigDecimal do; ok is false for NaN, an infinity and values
// that are no numbers.
func DecimalOf(v any) (d Decimal, ok bool) {
	switch v := v.(type) {
	case Decimal:
		return v, true
	case int32:
		return Decimal{unscaled: big.NewInt(int64(v))}, true
	case int64:
		return Decimal{unscaled: big.NewInt(v)}, true
	case *big.Int:
		return Decimal{unscaled: v}, true
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Decimal{}, false
		}
		if v == 0 {
			return Decimal{}, true
		}
		// A double is a whole number times a power of two, and 2^-n has n
		// digits behind the point: those of 5^n.
		fraction, exponent := math.Frexp(v)
		n, shift := int64(math.Ldexp(fraction, 53)), exponent-53
		for n&1 == 0 {
			n >>= 1
			shift++
		}
		unscaled := big.NewInt(n)
		if shift >= 0 {
			return Decimal{unscaled: unscaled.Lsh(unscaled, uint(shift))}, true
		}
		five := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(-shift)), nil)
		return Decimal{unscaled: unscaled.Mul(unscaled, five), scale: -shift}, true
	}
	return Decimal{}, false
}

// Add returns the sum, with the larger of both scales.
func (d Decimal) Add(e Decimal) Decimal {
	a, b, scale := align(d, e)
	return Decimal{unscaled: a.Add(a, b), scale: scale}
}

// Sub returns the difference, with the larger of both scales.
func (d Decimal) Sub(e Decimal) Decimal {
	a, b, scale := align(d, e)
	return Decimal{unscaled: a.Sub(a, b), scale: scale}
}

// Mul returns the product, with the sum of both scales.
func (d Decimal) Mul(e Decimal) Decimal {
	return Decimal{unscaled: new(big.Int).Mul(d.digits(), e.digits()), scale: d.scale + e.scale}
}

// Div returns the quotient with the scale of the dividend, rounded to the
// nearest and a half towards zero. The divisor must not be zero.
func (d Decimal) Div(e Decimal) Decimal {
	// d.unscaled / 10^d.scale divided by e.unscaled / 10^e.scale, times
	// 10^d.scale again, is d.unscaled * 10^e.scale / e.unscaled.
	dividend, divisor := new(big.Int).Set(d.digits()), new(big.Int).Set(e.digits())
	if e.scale >= 0 {
		dividend.Mul(dividend, powerOfTen(e.scale))
	} else {
		divisor.Mul(divisor, powerOfTen(-e.scale))
	}
	quotient, rest := new(big.Int).QuoRem(dividend, divisor, new(big.Int))
	if rest.Lsh(rest.Abs(rest), 1).Cmp(new(big.Int).Abs(divisor)) > 0 {
		quotient.Add(quotient, big.NewInt(int64(dividend.Sign()*divisor.Sign())))
	}
	return Decimal{unscaled: quotient, scale: d.scale}
}

// Cmp returns -1, 0 or 1 by size; the scale does not matter.
func (d Decimal) Cmp(e Decimal) int {
	a, b, _ := align(d, e)
	return a.Cmp(b)
}

// Float64 returns the nearest Double.
func (d Decimal) Float64() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// Bits returns how many bits its digits take, zeros of the scale included,
// roughly.
func (d Decimal) Bits() int { return d.digits().BitLen() + 4*max(d.scale, -d.scale) }

// BigInt returns the whole part.
func (d Decimal) BigInt() *big.Int {
	if d.scale <= 0 {
		return new(big.Int).Mul(d.digits(), powerOfTen(-d.scale))
	}
	return new(big.Int).Quo(d.digits(), powerOfTen(d.scale))
}

// String returns BigDecimal.toString: plain digits unless the scale is
// negative or the number is smaller than 1E-6.
func (d Decimal) String() string {
	digits, sign := d.digits().String(), ""
	if digits[0] == '-' {
		digits, sign = digits[1:], "-"
	}
	if d.scale == 0 {
		return sign + digits
	}
	exponent := len(digits) - 1 - d.scale
	if d.scale > 0 && exponent >= -6 {
		if point := len(digits) - d.scale; point > 0 {
			return sign + digits[:point] + "." + digits[point:]
		}
		return sign + "0." + strings.Repeat("0", d.scale-len(digits)) + digits
	}
	text := sign + digits[:1]
	if len(digits) > 1 {
		text += "." + digits[1:]
	}
	if exponent == 0 {
		return text
	}
	text += "E"
	if exponent > 0 {
		text += "+"
	}
	return text + strconv.Itoa(exponent)
}

func (d Decimal) digits() *big.Int {
	if d.unscaled == nil {
		return new(big.Int)
	}
	return d.unscaled
}

// align returns both numbers at the larger of their scales, in integers that
// the caller may change.
func align(d, e Decimal) (a, b *big.Int, scale int) {
	a, b, scale = new(big.Int).Set(d.digits()), new(big.Int).Set(e.digits()), max(d.scale, e.scale)
	a.Mul(a, powerOfTen(scale-d.scale))
	b.Mul(b, powerOfTen(scale-e.scale))
	return a, b, scale
}

func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
