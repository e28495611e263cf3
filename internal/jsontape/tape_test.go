package jsontape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// documents are the seeds of the fuzzer and the rows of the comparison with
// encoding/json: every document is read to the same values, or refused by both.
var documents = map[string]string{
	"empty":                           ``,
	"only space":                      " \t\r\n",
	"null":                            `null`,
	"true":                            `true`,
	"false with space":                " \n false\t",
	"a word cut short":                `tru`,
	"a word with more":                `truex`,
	"an empty object":                 `{}`,
	"an empty object with space":      "{ \n }",
	"an empty array":                  `[]`,
	"nested":                          `{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}`,
	"arrays in arrays":                `[[[[[[1,2],3],4],5],6],[]]`,
	"members of every kind":           `{"s":"x","n":-1.5e+3,"t":true,"f":false,"z":null,"a":[1,"2",[3]],"o":{"k":"v"}}`,
	"a key twice":                     `{"a":1,"b":2,"a":3}`,
	"a key twice, once escaped":       `{"a":1,"\u0061":3}`,
	"a trailing comma in an object":   `{"a":1,}`,
	"a trailing comma in an array":    `[1,]`,
	"a missing comma":                 `[1 2]`,
	"a missing colon":                 `{"a" 1}`,
	"a key that is no string":         `{a:1}`,
	"no value":                        `{"a":}`,
	"truncated object":                `{"a":1`,
	"truncated string":                `{"a":"xyz`,
	"truncated escape":                `"abc\`,
	"two values":                      `{} {}`,
	"mismatched brackets":             `[1}`,
	"zero":                            `0`,
	"minus zero":                      `-0`,
	"a leading zero":                  `01`,
	"only a minus":                    `-`,
	"a fraction without digits":       `1.`,
	"an exponent without digits":      `1e`,
	"a plus sign":                     `+1`,
	"a large number":                  `123456789012345678901234567890`,
	"escapes":                         `"\"\\\/\b\f\n\r\t\u00e9\u20AC"`,
	"an unknown escape":               `"\x"`,
	"a short unicode escape":          `"\u12"`,
	"a surrogate pair":                `"\ud83d\ude0a"`,
	"half a surrogate pair":           `"\ud83dx"`,
	"the wrong half first":            `"\ude0a\ud83d"`,
	"a high half, then a letter":      `"\ud83d\u0041"`,
	"a raw control character":         "\"a\nb\"",
	"a raw control after 8 bytes":     "\"12345678\x01\"",
	"DEL stands":                      "\"\x7f\"",
	"text that is not ASCII":          `"Café ☕ 😊"`,
	"bytes that are not UTF-8":        "\"a\xff\xfeb\"",
	"a truncated UTF-8 sequence":      "\"\xe2\x98\"",
	"a long string":                   `"` + strings.Repeat("0123456789abcdef", 100) + `"`,
	"a quote at each place of a word": `["","1","12","123","1234","12345","123456","1234567","12345678","123456789"]`,
	"a backslash at each place":       `["\n","1\n","12\n","123\n","1234\n","12345\n","123456\n","1234567\n","12345678\n"]`,
	"a long string of escapes":        `"` + strings.Repeat(`\n\"\\\/\\`, 100) + `"`,
	"a long string of short runs":     `"` + strings.Repeat(`{\"sku\":\"A-4711\",\t\"n\":2},`, 40) + `"`,
	"a long string that is not ASCII": `"\n` + strings.Repeat("Café ☕ 😊, ", 60) + `"`,
	"a long string of long escapes":   `"` + strings.Repeat(`\u00e9\ud83d\ude0a12345`, 40) + `"`,
	"a long string cut short":         `"\n` + strings.Repeat("0123456789abcdef", 40),
	"a long string with a control":    `"\n` + strings.Repeat("0123456789abcdef", 20) + "\n" + strings.Repeat("0123456789abcdef", 20) + `"`,
	"several long strings":            `["\n` + strings.Repeat("0123456789", 40) + `","` + strings.Repeat(`\\`, 200) + `",{"\n` + strings.Repeat("k", 300) + `":1}]`,
}

// Whatever needs a closer look is found in each place of a block of 64 bytes, and on both
// sides of its end.
func TestLongStringsAgreeWithEncodingJSON(t *testing.T) {
	for _, piece := range []string{`\n`, `\\`, `\"`, `\\\\\"`, `\/`, `\u00e9`, `\ud83d\ude0a`, `\ud83d`, `\x`, "é", "😊", "\xff", "\x00", "\x1f", "\x7f", `","`, `"`} {
		for place := range 140 {
			compare(t, []byte(`["\t`+strings.Repeat("a", 200+place)+piece+strings.Repeat("b", 180)+`"]`))
			compare(t, []byte(`["\t`+strings.Repeat("a", 200+place)+piece+piece+`"]`))
		}
	}
}

// JSON within JSON is dense with escapes: each of them, and what none may stand beside, in
// all their neighbourhoods.
func TestDenseStringsAgreeWithEncodingJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	usual := []string{`\"`, `\"`, `\\`, `\\\"`, `\n`, `\t`, `\/`, "a", "bc", "def", "{", "1234567"}
	rare := []string{`\u00e9`, `\x`, "é", "\xff", "\x00", "\n", "\x7f", `"`, `\`, `","`}
	for range 3000 {
		var doc strings.Builder
		doc.WriteString(`["\t` + strings.Repeat("a", 100+random.IntN(64)))
		for doc.Len() < 600 {
			pieces := usual
			if random.IntN(200) == 0 {
				pieces = rare
			}
			doc.WriteString(pieces[random.IntN(len(pieces))])
		}
		doc.WriteString(strings.Repeat("b", 200) + `"]`)
		compare(t, []byte(doc.String()))
	}
}

func TestParseAgreesWithEncodingJSON(t *testing.T) {
	for name, doc := range documents {
		t.Run(name, func(t *testing.T) { compare(t, []byte(doc)) })
	}
}

func FuzzParse(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) { compare(t, doc) })
}

func compare(t *testing.T, doc []byte) {
	t.Helper()
	var want any
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	wantErr := json.Unmarshal(doc, new(json.RawMessage)) // any would refuse numbers beyond float64
	if wantErr == nil {
		require.NoError(t, d.Decode(&want))
	}

	var tape jsontape.Tape
	v, err := tape.Parse(doc)
	if wantErr != nil {
		require.Error(t, err, "encoding/json refuses it: %v", wantErr)
		var syntax *jsontape.SyntaxError
		require.ErrorAs(t, err, &syntax)
		require.LessOrEqual(t, syntax.Offset, len(doc))
		return
	}
	require.NoError(t, err)
	require.Equal(t, want, plain(t, v, 0))
}

// plain turns a value into what encoding/json makes of it.
func plain(t *testing.T, v jsontape.Value, depth int) any {
	container := v.Kind() == jsontape.Object || v.Kind() == jsontape.Array
	if container && depth == jsontape.Recorded {
		require.Zero(t, v.Size())
		var deep any
		d := json.NewDecoder(bytes.NewReader(v.Bytes()))
		d.UseNumber()
		require.NoError(t, d.Decode(&deep))
		return deep
	}
	switch v.Kind() {
	case jsontape.Bool:
		return v.True()
	case jsontape.Number:
		return json.Number(v.Bytes())
	case jsontape.String:
		require.True(t, v.Is(string(v.Bytes())))
		return string(v.Bytes())
	case jsontape.Array:
		list, size := []any{}, 0
		for m := jsontape.MembersOf(v); m.More(); m = m.Next() {
			list = append(list, plain(t, m.Value(), depth+1))
			size += 1 + m.Value().Size()
		}
		require.Equal(t, size, v.Size())
		return list
	case jsontape.Object:
		object := map[string]any{}
		for m := jsontape.MembersOf(v); m.More(); m = m.Next() {
			object[string(m.Key())] = plain(t, m.Value(), depth+1)
		}
		for key, want := range object {
			require.Equal(t, want, plain(t, v.Get(key), depth+1))
		}
		return object
	}
	require.Equal(t, jsontape.Null, v.Kind())
	return nil
}

func TestNestingIsBoundedAsInEncodingJSON(t *testing.T) {
	for _, depth := range []int{10_000, 10_001} {
		compare(t, []byte(strings.Repeat("[", depth)+strings.Repeat("]", depth)))
		compare(t, []byte(strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth)))
	}
}

func TestAbsentValuesAnswerEverything(t *testing.T) {
	var tape jsontape.Tape
	v, err := tape.Parse([]byte(`{"a":"text","n":7}`))
	require.NoError(t, err)
	for name, none := range map[string]jsontape.Value{
		"the zero value":        {},
		"a missing member":      v.Get("b"),
		"a member of a missing": v.Get("b").Get("c").Get("d"),
		"a member of a string":  v.Get("a").Get("b"),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, jsontape.Absent, none.Kind())
			assert.Empty(t, none.Bytes())
			assert.Nil(t, none.Bytes())
			assert.Zero(t, none.Size())
			assert.Zero(t, none.Int())
			assert.False(t, none.True())
			assert.False(t, none.Is(""))
			assert.Equal(t, jsontape.Absent, none.Get("x").Kind())
		})
	}
}

// A member has the plain text of its value, or of the only one in a list.
func TestMembersPlainText(t *testing.T) {
	for value, want := range map[string]string{
		`"x"`:       "x",
		`""`:        "",
		`["x"]`:     "x",
		`[ "x" ]`:   "x",
		`"\u0061"`:  "none",
		`["\n"]`:    "none",
		`["x","y"]`: "none",
		`[["x"]]`:   "none",
		`[12]`:      "none",
		`[]`:        "none",
		`{"a":"x"}`: "none",
		`null`:      "none",
	} {
		var tape jsontape.Tape
		v, err := tape.Parse([]byte(`{"k":` + value + `,"next":"n"}`))
		require.NoError(t, err)
		text, plain := jsontape.MembersOf(v).PlainText()
		if got := string(text); !plain {
			assert.Equal(t, want, "none", value)
			assert.Empty(t, got, value)
		} else {
			assert.Equal(t, want, got, value)
		}
	}
	_, plain := jsontape.Members{}.PlainText()
	assert.False(t, plain)
}

func TestSameKeys(t *testing.T) {
	for doc, want := range map[string]bool{
		`[{"a":1,"b":[2,3]},{"a":[],"b":{"c":4}}]`: true,
		`[{"a":1},{"\u0061":2}]`:                   true,
		`[{},{}]`:                                  true,
		`[{"a":1,"b":2},{"b":2,"a":1}]`:            false,
		`[{"a":1},{"a":1,"b":2}]`:                  false,
		`[{"a":1,"b":2},{"a":1}]`:                  false,
		`[{"a":1},{"A":1}]`:                        false,
		`[{"a":1},["a"]]`:                          false,
		`["a","a"]`:                                false,
	} {
		var tape jsontape.Tape
		v, err := tape.Parse([]byte(doc))
		require.NoError(t, err)
		m := jsontape.MembersOf(v)
		assert.Equal(t, want, jsontape.SameKeys(m.Value(), m.Next().Value()), doc)
	}
	assert.False(t, jsontape.SameKeys(jsontape.Value{}, jsontape.Value{}))
}

// The size is that of the text of a string or of those in a list, and more for an object.
func TestTextSize(t *testing.T) {
	for doc, want := range map[string]int{
		`"abc"`:                  3,
		`""`:                     0,
		`["abc"]`:                3,
		`["abc","","de"]`:        5,
		`["a\u00e9"]`:            3,
		`[ "abc" , ["d"] ]`:      4,
		`[1,2,3]`:                3,
		`{"name":"abc","b":"d"}`: 16,
		`{}`:                     2,
	} {
		var tape jsontape.Tape
		v, err := tape.Parse([]byte(doc))
		require.NoError(t, err)
		assert.Equal(t, want, v.TextSize(), doc)
	}
	assert.Zero(t, jsontape.Value{}.TextSize())
}

func TestInt(t *testing.T) {
	var tape jsontape.Tape
	v, err := tape.Parse([]byte(`{"n":1645556857902,"f":1.5,"big":99999999999999999999,"s":"1"}`))
	require.NoError(t, err)
	assert.Equal(t, int64(1645556857902), v.Get("n").Int())
	assert.Zero(t, v.Get("f").Int())
	assert.Zero(t, v.Get("big").Int())
	assert.Zero(t, v.Get("s").Int())
}

func TestErrorsSayWhereAndWhy(t *testing.T) {
	for doc, want := range map[string]string{
		``:         `not JSON at byte 0: the end, where a value should begin`,
		`{"a":1`:   `not JSON at byte 6: the end, where a comma or a closing bracket should be`,
		`{"a" 1}`:  `not JSON at byte 5: '1' where a colon should follow a key`,
		`{'a':1}`:  `not JSON at byte 1: '\'' where a key should begin`,
		`{} x`:     `not JSON at byte 3: 'x' after the end of the value`,
		"\"a\tb\"": `not JSON at byte 2: '\t' inside a string, where it must be escaped`,
		`"\u12G4"`: `not JSON at byte 5: 'G' inside a \u escape`,
		`{"a":"b`:  `not JSON at byte 7: the end, inside a string`,
		`[nul]`:    `not JSON at byte 4: ']' inside the word null`,
	} {
		_, err := new(jsontape.Tape).Parse([]byte(doc))
		assert.EqualError(t, err, want, doc)
	}
}

func TestATapeIsReusedWithoutAllocation(t *testing.T) {
	doc := []byte(documents["members of every kind"])
	var tape jsontape.Tape
	_, err := tape.Parse(doc)
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		v, _ := tape.Parse(doc)
		if !v.Get("o").Get("k").Is("v") {
			t.Fail()
		}
	}))
}

// Each of many members is found, the last one of two with a name, and nothing else, in a
// tape that has read another document before.
func TestManyMembersAreFound(t *testing.T) {
	var tape jsontape.Tape
	before, err := tape.Parse([]byte(`{"other": 1, "": 2, "k1": 3}`))
	require.NoError(t, err)
	require.Equal(t, int64(1), before.Get("other").Int())

	var doc strings.Builder
	for i := range 300 {
		fmt.Fprintf(&doc, `,"k%d":%d,"\u006b%d":%d`, i, -i, i, i)
	}
	text := "{" + doc.String()[1:] + `,"":7}`
	v, err := tape.Parse([]byte(text))
	require.NoError(t, err)
	for i := range 300 {
		require.Equal(t, int64(i), v.Get(fmt.Sprint("k", i)).Int(), "the last of two with the name")
	}
	assert.Equal(t, int64(7), v.Get("").Int())
	for _, absent := range []string{"other", "k300", "k", "K1"} {
		assert.Equal(t, jsontape.Absent, v.Get(absent).Kind(), absent)
	}
}
