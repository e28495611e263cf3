package jsonpath_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/jsonpath"
)

const store = `{"store":{"book":[` +
	`{"category":"reference","author":"Rees","title":"Sayings","price":8.95},` +
	`{"category":"fiction","author":"Waugh","title":"Sword","price":12.99,"isbn":null},` +
	`{"category":"fiction","author":"Tolkien","title":"Lord","isbn":"0-395","price":"22"}],` +
	`"bicycle":{"color":"red","price":19.95}},"n":null,"e":[],"o":{}}`

const misc = `{"a":{"b":1,"c":null},"s":"text","nums":[3,1,2],"mixed":[1,"2",null,true,1],"aa":[[1,2],[3],[],[[4]]],` +
	`"a.b":"dot","it's":"quote","x y":"space","k-v":"hyphen",` +
	`"l":[{"p":1},{"p":null},{"q":2},{"p":"1"},{"p":0},{"p":false}],"$ref":"r"}`

// What this table holds is what the Jayway JsonPath of WireMock 3.13.2 answers.
func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, document, path, want string
		err                        error
	}{
		{"missing leaf", misc, `$.a.nope`, ``, jsonpath.ErrNotFound},
		{"missing below a missing parent", misc, `$.nope.deeper`, ``, jsonpath.ErrNotFound},
		{"a property of a string", misc, `$.s.length`, ``, jsonpath.ErrNotFound},
		{"a null leaf, and a child of null, a", misc, `$.a.c`, `null`, nil},
		{"a null leaf, and a child of null, b", misc, `$.a.c.d`, ``, jsonpath.ErrNotFound},
		{"wildcard, then a property that only some have, a", misc, `$.l[*].p`, `[1,null,"1",0,false]`, nil},
		{"wildcard, then a property that only some have, b", misc, `$.l[*].nope`, `[]`, nil},
		{"wildcard, then a property that only some have, c", misc, `$.nope[*].p`, ``, jsonpath.ErrNotFound},
		{"deep scan for something that exists and for something that does not, a", store, `$..isbn`, `[null,"0-395"]`, nil},
		{"deep scan for something that exists and for something that does not, b", store, `$..nope`, `[]`, nil},
		{"deep scan for something that exists and for something that does not, c", store, `$..price`, `[8.95,12.99,"22",19.95]`, nil},
		{"negative index, a", misc, `$.nums[-1]`, `2`, nil},
		{"negative index, b", misc, `$.nums[-4]`, ``, jsonpath.ErrNotFound},
		{"negative index, c", misc, `$.nums[3]`, ``, jsonpath.ErrNotFound},
		{"slices, a", misc, `$.nums[1:]`, `[1,2]`, nil},
		{"slices, b", misc, `$.nums[-2:]`, `[1,2]`, nil},
		{"slices, c", misc, `$.nums[:-1]`, `[3,1]`, nil},
		{"slices, d", misc, `$.nums[:2]`, `[3,1]`, nil},
		{"slices, e", misc, `$.nums[5:9]`, `[]`, nil},
		{"slices, f", misc, `$.nums[::2]`, ``, jsonpath.ErrInvalid},
		{"slices, g", misc, `$.nums[0:3:2]`, `[3,1,2]`, nil},
		{"index unions, a", misc, `$.nums[0,2]`, `[3,2]`, nil},
		{"index unions, b", misc, `$.nums[0,9]`, `[3]`, nil},
		{"index unions, c", misc, `$.nums[2,0]`, `[2,3]`, nil},
		{"index unions, d", misc, `$.nums[0,0]`, `[3,3]`, nil},
		{"property unions, a", misc, `$['a','s']`, `{"a":{"b":1,"c":null},"s":"text"}`, nil},
		{"property unions, b", misc, `$['s','nope']`, `{"s":"text"}`, nil},
		{"property unions, c", misc, `$.l[*]['p','q']`, `[{"p":1},{"p":null},{"q":2},{"p":"1"},{"p":0},{"p":false}]`, nil},
		{"property unions, d", misc, `$['nope1','nope2']`, `{}`, nil},
		{"filter: existence with null, zero and false, a", misc, `$.l[?(@.p)]`, `[{"p":1},{"p":null},{"p":"1"},{"p":0},{"p":false}]`, nil},
		{"filter: existence with null, zero and false, b", misc, `$.l[?(!@.p)]`, `[{"q":2}]`, nil},
		{"filter: equality across types, a", misc, `$.l[?(@.p == 1)]`, `[{"p":1},{"p":"1"}]`, nil},
		{"filter: equality across types, b", misc, `$.l[?(@.p == '1')]`, `[{"p":1},{"p":"1"}]`, nil},
		{"filter: equality across types, c", misc, `$.l[?(@.p == null)]`, `[{"p":null}]`, nil},
		{"filter: equality across types, d", misc, `$.l[?(@.p == false)]`, `[{"p":false}]`, nil},
		{"filter: equality across types, e", misc, `$.l[?(@.p != 1)]`, `[{"p":null},{"q":2},{"p":0},{"p":false}]`, nil},
		{"filter: greater-than where one price is a string, a", store, `$.store.book[?(@.price > 10)].title`, `["Sword"]`, nil},
		{"filter: greater-than where one price is a string, b", store, `$.store.book[?(@.price < '9')].title`, `["Lord"]`, nil},
		{"filter: greater-than where one price is a string, c", store, `$.store.book[?(@.price > $.store.bicycle.price)].title`, `[]`, nil},
		{"filter: and, or, regular expression, in, a", store, `$.store.book[?(@.price < 10 || @.category == 'fiction')].title`, `["Sayings","Sword","Lord"]`, nil},
		{"filter: and, or, regular expression, in, b", store, `$.store.book[?(@.author =~ /.*E.*/i)].author`, `["Rees","Tolkien"]`, nil},
		{"filter: and, or, regular expression, in, c", store, `$.store.book[?(@.author in ['Rees','Waugh'])].title`, `["Sayings","Sword"]`, nil},
		{"filter: and, or, regular expression, in, d", store, `$..book[?(@.isbn)].title`, `["Sword","Lord"]`, nil},
		{"functions on arrays and objects, a", misc, `$.nums.length()`, `3`, nil},
		{"functions on arrays and objects, b", misc, `$.nums.min()`, `1.0`, nil},
		{"functions on arrays and objects, c", misc, `$.nums.max()`, `3.0`, nil},
		{"functions on arrays and objects, d", misc, `$.nums.sum()`, `6.0`, nil},
		{"functions on arrays and objects, e", misc, `$.mixed.max()`, `1.0`, nil},
		{"functions on arrays and objects, f", misc, `$.keys()`, `["a","s","nums","mixed","aa","a.b","it's","x y","k-v","l","$ref"]`, nil},
		{"functions on arrays and objects, g", misc, `$.s.length()`, `null`, nil},
		{"functions on arrays and objects, h", misc, `$.length()`, `11`, nil},
		{"functions on arrays and objects, i", misc, `$.l.size()`, `6`, nil},
		{"functions on arrays and objects, j", misc, `$.l[*].length()`, `[1,1,1,1,1,1]`, nil},
		{"names with dots, quotes, spaces, hyphens and dollars, a", misc, `$['a.b']`, `"dot"`, nil},
		{"names with dots, quotes, spaces, hyphens and dollars, b", misc, `$["a.b"]`, `"dot"`, nil},
		{"names with dots, quotes, spaces, hyphens and dollars, c", misc, `$['it\'s']`, `"quote"`, nil},
		{"names with dots, quotes, spaces, hyphens and dollars, d", misc, `$["it's"]`, `"quote"`, nil},
		{"names with dots, quotes, spaces, hyphens and dollars, e", misc, `$.k-v`, `"hyphen"`, nil},
		{"names with dots, quotes, spaces, hyphens and dollars, f", misc, `$.x y`, ``, jsonpath.ErrInvalid},
		{"names with dots, quotes, spaces, hyphens and dollars, g", misc, `$.$ref`, `"r"`, nil},
		{"names with dots, quotes, spaces, hyphens and dollars, h", misc, `$['a']['b']`, `1`, nil},
		{"arrays of arrays, a", misc, `$.aa[*]`, `[[1,2],[3],[],[[4]]]`, nil},
		{"arrays of arrays, b", misc, `$.aa[*][0]`, `[1,3,[4]]`, nil},
		{"arrays of arrays, c", misc, `$.aa[*][*]`, `[1,2,3,[4]]`, nil},
		{"arrays of arrays, d", misc, `$.aa[0][1]`, `2`, nil},
		{"arrays of arrays, e", misc, `$.aa..[0]`, `[[1,2],1,3,[4],4]`, nil},
		{"arrays of arrays, f", misc, `$..aa`, `[[[1,2],[3],[],[[4]]]]`, nil},
		{"order of a deep scan, a", store, `$..*`, `[{"book":[{"category":"reference","author":"Rees","title":"Sayings","price":8.95},{"category":"fiction","author":"Waugh","title":"Sword","price":12.99,"isbn":null},{"category":"fiction","author":"Tolkien","title":"Lord","isbn":"0-395","price":"22"}],"bicycle":{"color":"red","price":19.95}},null,[],{},[{"category":"reference","author":"Rees","title":"Sayings","price":8.95},{"category":"fiction","author":"Waugh","title":"Sword","price":12.99,"isbn":null},{"category":"fiction","author":"Tolkien","title":"Lord","isbn":"0-395","price":"22"}],{"color":"red","price":19.95},{"category":"reference","author":"Rees","title":"Sayings","price":8.95},{"category":"fiction","author":"Waugh","title":"Sword","price":12.99,"isbn":null},{"category":"fiction","author":"Tolkien","title":"Lord","isbn":"0-395","price":"22"},"reference","Rees","Sayings",8.95,"fiction","Waugh","Sword",12.99,null,"fiction","Tolkien","Lord","0-395","22","red",19.95]`, nil},
		{"order of a deep scan, b", store, `$.store..price`, `[8.95,12.99,"22",19.95]`, nil},
		{"order of a deep scan, c", store, `$..[0]`, `[{"category":"reference","author":"Rees","title":"Sayings","price":8.95}]`, nil},
		{"a filter on an object, and on a scalar, a", store, `$.store.bicycle[?(@.color == 'red')]`, `[{"color":"red","price":19.95}]`, nil},
		{"a filter on an object, and on a scalar, b", store, `$.store[?(@.color)]`, `[]`, nil},
		{"a filter on an object, and on a scalar, c", store, `$.store.bicycle.color[?(@)]`, ``, jsonpath.ErrInvalid},
		{"a filter on an object, and on a scalar, d", store, `$.o[*]`, `[]`, nil},
		{"a filter on an object, and on a scalar, e", store, `$.e[*]`, `[]`, nil},
		{"a filter on an object, and on a scalar, f", store, `$.e[0]`, ``, jsonpath.ErrNotFound},
		{"unusual starts and ends, a", misc, `$`, `{"a":{"b":1,"c":null},"s":"text","nums":[3,1,2],"mixed":[1,"2",null,true,1],"aa":[[1,2],[3],[],[[4]]],"a.b":"dot","it's":"quote","x y":"space","k-v":"hyphen","l":[{"p":1},{"p":null},{"q":2},{"p":"1"},{"p":0},{"p":false}],"$ref":"r"}`, nil},
		{"unusual starts and ends, b", misc, `a.b`, `1`, nil},
		{"unusual starts and ends, c", misc, `@.a.b`, `1`, nil},
		{"unusual starts and ends, d", misc, `$.a.`, ``, jsonpath.ErrInvalid},
		{"unusual starts and ends, e", misc, `$..`, ``, jsonpath.ErrInvalid},
		{"unusual starts and ends, f", misc, `$.`, ``, jsonpath.ErrInvalid},
		{"unusual starts and ends, g", misc, ``, ``, jsonpath.ErrInvalid},
		{"unusual starts and ends, h", misc, `$[0]`, ``, jsonpath.ErrNotFound},
		{"unusual starts and ends, i", misc, `$.nums[(@.length-1)]`, ``, jsonpath.ErrInvalid},
		{"unusual starts and ends, j", misc, ` $.a.b `, ``, jsonpath.ErrInvalid},
		{"unusual starts and ends, k", misc, `$a.b`, ``, jsonpath.ErrInvalid},
		{"unusual starts and ends, l", misc, `$.*.b`, `[1]`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			leads(t, test.document, test.path, test.want, test.err)
		})
	}
}

// So is this, for what Jayway does unlike others.
func TestOddities(t *testing.T) {
	for _, test := range []struct {
		name, path, want string
		err              error
	}{
		{"a property behind a deep wildcard is lost", `$..[*].p`, `[]`, nil},
		{"and behind a deep index found at that index", `$..[2].q`, `[2]`, nil},
		{"but not behind a deep filter", `$..[?(@.p)].p`, `[1,null,"1",0,false]`, nil},
		{"a slice with both bounds takes negative ones for indexes", `$.nums[-1:2]`, `[2,3,1]`, nil},
		{"a path that begins with a dot is a deep scan", `.s`, `["text"]`, nil},
		{"a path that begins with a bracket", `['s']`, `"text"`, nil},
		{"a path that begins with a wildcard", `a.*`, `[1,null]`, nil},
		{"one character too many is overlooked", `$.nums[0])`, `3`, nil},
		{"two are not", `$.nums[0]))`, ``, jsonpath.ErrNotFound},
		{"a name may hold brackets that close", `$.a]`, ``, jsonpath.ErrNotFound},
		{"names of a union not at the end are alternatives", `$['a','o'].b`, `[1]`, nil},
		{"names with blanks around the comma", `$['s' , 'k-v']`, `{"s":"text","k-v":"hyphen"}`, nil},
		{"a comma too many", `$['a',]`, ``, jsonpath.ErrInvalid},
		{"a name without its quote", `$['a'b]`, ``, jsonpath.ErrInvalid},
		{"an index with blanks", `$.nums[ 0 ]`, `3`, nil},
		{"an index that is too large", `$.nums[99999999999]`, ``, jsonpath.ErrInvalid},
		{"an index that is none", `$.nums[1-2]`, ``, jsonpath.ErrInvalid},
		{"three dots", `$...a`, ``, jsonpath.ErrInvalid},
		{"a bracket that is not closed", `$.nums[0`, ``, jsonpath.ErrInvalid},
		{"an item of an object", `$.a[0]`, ``, jsonpath.ErrNotFound},
		{"an item of a text", `$.s[0]`, ``, jsonpath.ErrNotFound},
		{"a sum over a deep scan", `$..p.sum()`, `1.0`, nil},
		{"a length over a deep scan counts what is below", `$..nums.length()`, `3`, nil},
		{"an average", `$.nums.avg()`, `2.0`, nil},
		{"a deviation", `$.nums.stddev()`, `0.8164965809277263`, nil},
		{"the first", `$.nums.first()`, `3`, nil},
		{"the last", `$.nums.last()`, `2`, nil},
		{"the first of none", `$.aa[2].first()`, ``, jsonpath.ErrNotFound},
		{"a sum of no numbers", `$.aa[*].sum()`, ``, jsonpath.ErrFailed},
		{"a function that does not exist", `$.nums.foo()`, ``, jsonpath.ErrInvalid},
		{"what follows a function", `$.nums.min().x`, ``, jsonpath.ErrNotFound},
		{"a filter on what $ is looks at the item", `$.l[?($.a)]`, `[]`, nil},
		{"unless it compares", `$.l[?(@.p == $.a.b)]`, `[{"p":1},{"p":"1"}]`, nil},
		{"a filter without blanks", `$.l[?(@.p==1&&@.p==1)]`, `[{"p":1},{"p":"1"}]`, nil},
		{"a text that looks like another number", `$.l[?('1.0'==@.p)]`, `[]`, nil},
		{"the number it looks like", `$.l[?(@.p=='1.0')]`, `[{"p":1}]`, nil},
		{"equality of kinds", `$.l[?(@.p === 1)]`, `[{"p":1}]`, nil},
		{"of objects", `$.l[?(@ == {"p":1})]`, `[{"p":1}]`, nil},
		{"of objects the other way round", `$.l[?({"p":1} == @)]`, `[]`, nil},
		{"in with a null", `$.mixed[?(@ in [1,null])]`, `[1,null,1]`, nil},
		{"nin", `$.mixed[?(@ nin [1,null])]`, `["2",true]`, nil},
		{"size", `$.aa[?(@ size 1)]`, `[[3],[[4]]]`, nil},
		{"empty", `$.aa[?(@ empty true)]`, `[[]]`, nil},
		{"contains in texts", `$[?(@.s contains 'ex')].s`, `["text"]`, nil},
		{"contains in a list of lists", `$.aa[?(@ contains 1)]`, ``, jsonpath.ErrFailed},
		{"a comparison of different kinds", `$.mixed[?(@ > 1)]`, `[]`, nil},
		{"a denied comparison", `$.l[?(!(@.p == 1))]`, `[{"p":null},{"q":2},{"p":0},{"p":false}]`, nil},
		{"a denial of a path in a comparison has no effect", `$.l[?(!@.p == 1)]`, `[{"p":1},{"p":"1"}]`, nil},
		{"parentheses", `$.l[?((@.p == 1 || @.p == 0) && @.p != '1')]`, `[{"p":0}]`, nil},
		{"a function in a filter", `$.aa[?(@.length() > 1)]`, `[[1,2]]`, nil},
		{"an index in a filter", `$.aa[?(@[0] == 1)]`, `[[1,2]]`, nil},
		{"a pattern matches numbers too", `$.l[?(@.p =~ /1/)]`, `[{"p":1},{"p":"1"}]`, nil},
		{"a filter of a literal alone", `$.l[?(1)]`, ``, jsonpath.ErrInvalid},
		{"an operator that does not exist", `$.l[?(@.p foo 1)]`, ``, jsonpath.ErrInvalid},
		{"a filter without parentheses", `$.l[?@.p == 1]`, ``, jsonpath.ErrInvalid},
		{"a filter that is not given", `$[?]`, ``, jsonpath.ErrInvalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			leads(t, misc, test.path, test.want, test.err)
		})
	}
}

func TestKinds(t *testing.T) {
	for _, test := range []struct {
		name, path string
		want       any
	}{
		{"a number of the document is what it was parsed as", `$.a.b`, int32(1)},
		{"a count is an Integer", `$.nums.length()`, int32(3)},
		{"an aggregate is a Double", `$.nums.max()`, float64(3)},
		{"several values are a JSONArray", `$.nums[*]`, javavalue.NewJSONArray(int32(3), int32(1), int32(2))},
	} {
		t.Run(test.name, func(t *testing.T) {
			document, err := javavalue.Parse([]byte(misc))
			require.NoError(t, err)
			path, err := jsonpath.Compile(test.path)
			require.NoError(t, err)
			got, err := path.Read(document)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestErrors(t *testing.T) {
	_, err := read(t, misc, "$.a.nope.x")
	assert.EqualError(t, err, `jsonpath: "$.a.nope.x": invalid path: not found: there is no property "nope"`)
	_, err = read(t, misc, "$.nums[x]")
	assert.EqualError(t, err, `jsonpath: "$.nums[x]": invalid path: the bracket at position 6 has no name, number, * or filter in it`)
	_, err = read(t, misc, "$.sum($.nums)")
	assert.EqualError(t, err, `jsonpath: "$.sum($.nums)": invalid path: arguments of functions are not supported, and sum has some`)
}

func TestBounds(t *testing.T) {
	_, err := jsonpath.Compile("$." + strings.Repeat("a", jsonpath.MaxPath))
	assert.EqualError(t, err, "jsonpath: invalid path: an expression of 8194 bytes is over the 8192 allowed")

	_, err = jsonpath.Compile("$[?(" + strings.Repeat("!(", 200) + "@" + strings.Repeat(")", 200) + ")]")
	assert.ErrorContains(t, err, "it is nested too deeply")

	_, err = jsonpath.Compile(strings.Repeat("$[?(", 500) + "@" + strings.Repeat(")]", 500))
	assert.ErrorIs(t, err, jsonpath.ErrInvalid)

	wide := "[" + strings.Repeat("[1,1,1,1,1,1,1,1],", 500) + "1]"
	_, err = read(t, wide, "$..*[?($..* == 1)]")
	assert.ErrorIs(t, err, jsonpath.ErrTooMuch)
}

// FuzzRead holds that no expression makes the package panic, change the document or answer
// differently the second time.
func FuzzRead(f *testing.F) {
	for _, path := range []string{
		`$.a['b','c']`, `$..[?(@.p == 1 || !@.q && @.p =~ /x/i)].p`, `$.nums[-2:]`, `$..*.length()`, `$[0,1][*]`,
		`$.l[?(@.p in ['1',null,[1]])]`, `$['it\'s']`, `.s`, `$.l[?({"p":1} == @)]`, `$.keys()`,
	} {
		f.Add(path, misc)
	}
	f.Fuzz(func(t *testing.T, expression, text string) {
		if len(expression) > 100 || len(text) > 1000 {
			return // what is long is only slow
		}
		path, err := jsonpath.Compile(expression)
		if err != nil {
			return
		}
		document, err := javavalue.Parse([]byte(text))
		if err != nil {
			return
		}
		before := javavalue.JSON(document)
		first, err1 := path.Read(document)
		again, err2 := path.Read(document)
		if fmt.Sprint(err1) != fmt.Sprint(err2) || javavalue.JSON(first) != javavalue.JSON(again) {
			t.Errorf("%q answers %v, %v and then %v, %v", expression, first, err1, again, err2)
		}
		if after := javavalue.JSON(document); after != before {
			t.Errorf("%q makes %s of %s", expression, after, before)
		}
	})
}

// leads compares what a path leads to, or the kind of its error. Not found is invalid too,
// as it is in Jayway, but not the other way round.
func leads(t *testing.T, document, path, want string, kind error) {
	t.Helper()
	got, err := read(t, document, path)
	if kind != nil {
		require.ErrorIs(t, err, kind)
		assert.Equal(t, kind == jsonpath.ErrNotFound, errors.Is(err, jsonpath.ErrNotFound), "%v", err)
		return
	}
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// read compiles and reads, and writes the result as JSON.
func read(t *testing.T, document, expression string) (string, error) {
	t.Helper()
	parsed, err := javavalue.Parse([]byte(document))
	require.NoError(t, err)
	path, err := jsonpath.Compile(expression)
	if err != nil {
		return "", err
	}
	value, err := path.Read(parsed)
	return javavalue.JSON(value), err
}
