package javavalue_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

func TestValuesPrintAsJavaPrintsThem(t *testing.T) {
	t.Parallel()
	decimal := func(text string) javavalue.Decimal {
		d, ok := javavalue.ParseDecimal(text)
		require.True(t, ok, text)
		return d
	}
	for _, row := range []struct {
		name  string
		value any
		want  string
	}{
		{"null", nil, "null"},
		{"Boolean", true, "true"},
		{"Integer", int32(-7), "-7"},
		{"Long", int64(1) << 40, "1099511627776"},
		{"BigInteger", new(big.Int).Lsh(big.NewInt(1), 64), "18446744073709551616"},
		{"Double without a fraction", 1.0, "1.0"},
		{"Double zero", 0.0, "0.0"},
		{"Double minus zero", math.Copysign(0, -1), "-0.0"},
		{"Double at the lower end of plain digits", 0.001, "0.001"},
		{"Double below it", 0.0001, "1.0E-4"},
		{"Double at the upper end", 9999999.5, "9999999.5"},
		{"Double above it", 1e7, "1.0E7"},
		{"Double with digits and an exponent", 12345678.9, "1.23456789E7"},
		{"Double of a large exponent", 1.23e+21, "1.23E21"},
		{"Double infinite", math.Inf(-1), "-Infinity"},
		{"Double that is none", math.NaN(), "NaN"},
		{"BigDecimal keeps its zeros", decimal("1.500"), "1.500"},
		{"BigDecimal small", decimal("0.0000001"), "1E-7"},
		{"BigDecimal small with a scale", decimal("0.000001"), "0.000001"},
		{"BigDecimal with an exponent", decimal("-12e5"), "-1.2E+6"},
		{"BigDecimal zero with a scale", decimal("0.00"), "0.00"},
		{"map", object("k", "v", "n", nil), "{k=v, n=null}"},
		{"map of $context", javavalue.NewSilentMap(), ""},
		{"map in a map in a list", javavalue.NewList(object("a", object("b", true))), "[{a={b=true}}]"},
		{"ArrayList", javavalue.NewList("a", int32(1), 1.5), "[a, 1, 1.5]"},
		{"JSONArray, with everything inside as JSON", javavalue.NewJSONArray(object("a", javavalue.NewList("x/y", nil))), `[{"a":["x\/y",null]}]`},
		{"JSONArray in a map", object("l", javavalue.NewJSONArray("x")), `{l=["x"]}`},
	} {
		assert.Equal(t, row.want, javavalue.String(row.value), row.name)
	}
}

func TestValuesThatHoldThemselvesPrintAsJavaPrintsThem(t *testing.T) {
	t.Parallel()
	m, l := javavalue.NewMap(), javavalue.NewList()
	m.Put("me", m)
	l.Append(l)
	assert.Equal(t, "{me=(this Map)}", javavalue.String(m))
	assert.Equal(t, "[(this Collection)]", javavalue.String(l))

	inner := javavalue.NewList(m)
	m.Put("me", inner)
	_, err := javavalue.AppendString(nil, m, 1<<20)
	require.ErrorContains(t, err, "nested too deeply", "the longer way round, a StackOverflowError in Java")
}

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	var v any = javavalue.NewList("x")
	for range 100 {
		v = javavalue.NewList(v, v)
	}
	_, err := javavalue.AppendString(nil, v, 1<<16)
	require.ErrorIs(t, err, javavalue.ErrTooLarge, "as a list")
	_, err = javavalue.AppendJSON(nil, v, 1<<16)
	require.ErrorIs(t, err, javavalue.ErrTooLarge, "as JSON")
	assert.False(t, javavalue.Equal(v, javavalue.NewList(v, v)), "and so is a comparison")
}

func TestMapKeepsTheOrderOfItsKeys(t *testing.T) {
	t.Parallel()
	m := javavalue.NewMap()
	for key := range strings.SplitSeq("n m l k j i h g f e d c b a", " ") {
		m.Put(key, "")
	}
	m.Put("n", "again")
	m.Remove("m")
	m.Put("m", "last")
	assert.Equal(t, "{n=again, l=, k=, j=, i=, h=, g=, f=, e=, d=, c=, b=, a=, m=last}", javavalue.String(m))
	_, ok := m.Get("m")
	assert.True(t, ok)
	_, ok = m.Get("z")
	assert.False(t, ok)
}

func TestKeysAreEqualAsInJava(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		a, b any
		want bool
	}{
		{"Integer and Long", int32(1), int64(1), false},
		{"Integer and String", int32(1), "1", false},
		{"two BigIntegers", big.NewInt(5), big.NewInt(5), true},
		{"two NaN", math.NaN(), math.NaN(), true},
		{"both zeros", 0.0, math.Copysign(0, -1), false},
		{"lists of equal items", javavalue.NewList("a"), javavalue.NewJSONArray("a"), true},
		{"maps in another order", object("a", int32(1), "b", nil), object("b", nil, "a", int32(1)), true},
		{"maps of which one lacks a key", object("a", nil), object("b", nil), false},
		{"null and the empty text", nil, "", false},
	} {
		assert.Equal(t, row.want, javavalue.Equal(row.a, row.b), row.name)
		if _, structure := row.a.(*javavalue.Map); !structure {
			m := javavalue.NewMap()
			m.Put(row.a, "found")
			_, ok := m.Get(row.b)
			if _, lists := row.a.(*javavalue.List); !lists {
				assert.Equal(t, row.want, ok, "%s as keys", row.name)
			}
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	long := "0.1234567890123456789"
	for _, row := range []struct{ name, text, want string }{
		{"order of the source", `{"z":1,"a":{"y":2,"b":3}}`, "{z=1, a={y=2, b=3}}"},
		{"a key twice: the later value in the earlier place", `{"a":1,"b":2,"a":3}`, "{a=3, b=2}"},
		{"white space", " [ 1 , { } , [ ] ]\r\n", "[1,{},[]]"},
		{"escapes and other scripts", `"a\"\u00e9\n\ud83d\ude00ü"`, "a\"é\n😀ü"},
		{"words", `[null,true,false]`, "[null,true,false]"},
		{"Double", `[1.50,1e3,-0.0]`, "[1.5,1000.0,-0.0]"},
		{"Long and BigInteger", `[2147483648,9223372036854775808]`, "[2147483648,9223372036854775808]"},
		{"BigDecimal", long, long},
	} {
		v, err := javavalue.Parse([]byte(row.text))
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, javavalue.String(v), row.name)
	}
	v, err := javavalue.Parse([]byte(`[1,2147483647,2147483648,-2147483649,1.0]`))
	require.NoError(t, err)
	list := v.(*javavalue.List)
	assert.Equal(t, []any{int32(1), int32(math.MaxInt32), int64(2147483648), int64(-2147483649), 1.0},
		[]any{list.At(0), list.At(1), list.At(2), list.At(3), list.At(4)}, "the type of a number follows its size")
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "ends early"},
		{"a value and more", "1 2", `unexpected '2' in JSON at offset 2`},
		{"a comma at the end", `{"a":1,}`, `unexpected '}' in JSON at offset 7`},
		{"a name without quotes", `{a:1}`, `unexpected 'a' in JSON at offset 1`},
		{"a text that does not end", `"abc`, "ends early"},
		{"a text with a line end", "\"a\nb\"", "offset 0"},
		{"a number with a leading zero", `01`, `"01"`},
		{"a lone minus", `-`, `"-"`},
		{"half a word", `nul`, `unexpected 'n'`},
		{"nesting without end", strings.Repeat("[", 1000), "nested deeper"},
	} {
		_, err := javavalue.Parse([]byte(row.text))
		require.ErrorContains(t, err, row.want, row.name)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"blanks go, order and slashes stay", `{ "b" : [ 1 , 2.0 ] , "a" : "x/y" }`, `{"b":[1,2.0],"a":"x/y"}`},
		{"what is escaped", `"\"\\\b\f\n\r\t\u0001\u007f\u2028é"`, `"\"\\\b\f\n\r\t\u0001\u007F\u2028é"`},
		{"null", `null`, `null`},
		{"a Double prints as Java prints it", `1e21`, `1.0E21`},
	} {
		v, err := javavalue.Parse([]byte(row.text))
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, javavalue.JSON(v), row.name)
	}
	m := javavalue.NewMap()
	m.Put(int32(1), "one")
	assert.Equal(t, `{"1":"one"}`, javavalue.JSON(m), "a key that is no text")
}

func TestDecimalArithmetic(t *testing.T) {
	t.Parallel()
	a, _ := javavalue.ParseDecimal("10.50")
	b, _ := javavalue.ParseDecimal("0.4")
	tenth, _ := javavalue.DecimalOf(0.1)
	assert.Equal(t, "10.90", a.Add(b).String())
	assert.Equal(t, "10.10", a.Sub(b).String())
	assert.Equal(t, "4.200", a.Mul(b).String())
	assert.Equal(t, "26.25", a.Div(b).String())
	assert.Equal(t, 1, a.Cmp(b))
	assert.Equal(t, "10", a.BigInt().String())
	assert.InDelta(t, 10.5, a.Float64(), 0)
	assert.Equal(t, "0.1000000000000000055511151231257827021181583404541015625", tenth.String())
}

func object(pairs ...any) *javavalue.Map {
	m := javavalue.NewMap()
	for i := 0; i < len(pairs); i += 2 {
		m.Put(pairs[i], pairs[i+1])
	}
	return m
}
