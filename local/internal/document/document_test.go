package document_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"JSON keeps the order of members", "a.json", `{"b": 1, "a": [true, null, "x"]}`, `{"b":1,"a":[true,null,"x"]}`},
		{"JSON may be indented by tabs", "a.yaml", "{\n\t\"a\":\t1\n}", `{"a":1}`},
		{"JSON may escape a character in two halves", "a.yaml", `{"a": "\ud83d\ude00"}`, `{"a":"😀"}`},
		{"JSON after a byte order mark", "a.json", "\ufeff{}", `{}`},
		{"YAML keeps the order of members", "a.yaml", "b: 1\na:\n- true\n- ~\n- x\n", `{"b":1,"a":[true,null,"x"]}`},
		{"YAML in flow style is not JSON", "a.yaml", "{a: 1, b: [x, 'y']}", `{"a":1,"b":["x","y"]}`},
		{"numbers stay as they were written", "a.yaml", "a: 098765432109\nb: 1.0\nc: 0x1F\nd: 010\n", `{"a":"098765432109","b":1.0,"c":"0x1F","d":"010"}`},
		{"dates are text", "a.yaml", "Version: 2012-10-17", `{"Version":"2012-10-17"}`},
		{"a key may be a number", "a.yaml", "200: {x: 1}", `{"200":{"x":1}}`},
		{"short forms become long ones", "a.yaml", "a: !Sub 'x${y}'\nb: !Ref Z\nc: !GetAtt A.Arn\nd: !If [C, !Ref X, 2]\ne: !Condition C\nf: !Ref 12\n",
			`{"a":{"Fn::Sub":"x${y}"},"b":{"Ref":"Z"},"c":{"Fn::GetAtt":"A.Arn"},"d":{"Fn::If":["C",{"Ref":"X"},2]},"e":{"Condition":"C"},"f":{"Ref":"12"}}`},
		{"a short form around a map", "a.yaml", "a: !Transform {Name: AWS::Include}", `{"a":{"Fn::Transform":{"Name":"AWS::Include"}}}`},
		{"aliases repeat their anchor", "a.yaml", "a: &x {k: [1]}\nb: *x\n", `{"a":{"k":[1]},"b":{"k":[1]}}`},
		{"a merge key gives what the map does not have", "a.yaml", "a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}\n", `{"a":{"k":1,"l":2},"b":{"l":3,"k":1}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := document.Parse(tt.file, []byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(n.AppendJSON(nil)))
		})
	}
}

func TestPositions(t *testing.T) {
	for name, text := range map[string]string{
		"a.json": "{\n  \"a\": {\n    \"b\": [\n      1,\n      {\"c\": 2}]}}",
		"a.yaml": "# a comment\na:\n  b:\n  - 1\n  - c: 2\n",
	} {
		n, err := document.Parse(name, []byte(text))
		require.NoError(t, err)
		assert.Equal(t, name+":5", n.Find("a", "b").Items[1].Get("c").Position().String())
	}
}

func TestParseRefuses(t *testing.T) {
	deep := func(open, inner, close string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(close, n)
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ",") + "]\n"
	}
	for _, tt := range []struct{ name, file, text, want string }{
		{"one byte more than API Gateway takes", "a.yaml", strings.Repeat("#", document.MaxSize+1), "a.yaml: has 6291457 bytes, the limit is 6291456"},
		{"nothing", "a.yaml", "", "a.yaml: is empty"},
		{"a comment alone", "a.yaml", "# x", "a.yaml: is empty"},
		{"two documents", "a.yaml", "a: 1\n---\nb: 2\n", "a.yaml: holds more than one YAML document"},
		{"broken YAML", "a.yaml", "a: 1\nb: [1\nc: 2\n", "a.yaml:3: is not YAML: did not find expected ',' or ']', while parsing a flow sequence that began in line 2"},
		{"broken JSON", "a.json", "{\n\"a\": 1,\n\"b\" 2}", "a.json:3: is not JSON: invalid character '2' after object key"},
		{"JSON that ends too early", "a.json", `{"a": [1`, "a.json:1: is not JSON: unexpected EOF"},
		{"JSON that goes on", "a.json", "{}\n{}", "a.json:1: is not JSON: there is more after the end of the value"},
		{"200 levels in JSON", "a.json", `{"a":` + deep("[", "1", "]", 200) + "}", "a.json:1: nests more than 128 levels deep"},
		{"200 levels in YAML's flow style", "a.yaml", "a: " + deep("[", "1", "]", 200), "a.yaml:1: nests more than 128 levels deep"},
		{"200 levels in YAML's block style", "a.yaml", deep("- ", "1", "", 200), "a.yaml:1: nests more than 128 levels deep"},
		{"nesting by aliases", "a.yaml", "a: &a " + deep("[", "1", "]", 100) + "\nb: " + deep("[", "*a", "]", 100), "a.yaml:2: nests more than 128 levels deep"},
		{"an alias bomb", "a.yaml", bomb, "a.yaml:6: has more than 500000 values"},
		{"an alias of itself", "a.yaml", "a: &x\n  b: *x\n", "a.yaml:2: the alias *x is a part of what it stands for"},
		{"too many values in YAML", "a.yaml", strings.Repeat("-\n", 500_001), "a.yaml: has more than 500000 values"},
		{"too many values in JSON", "a.json", `{"a":[` + strings.Repeat("1,", 500_001) + "1]}", "a.json:1: has more than 500000 values"},
		{"a template without quotes", "a.yaml", "Path: {{id}: 1}", "a.yaml:1: a key is no text: write strings with braces in quotes"},
		{"a key that stands twice in YAML", "a.yaml", "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n",
			"a.yaml:4: the key \"c\" stands twice in one map, first in line 3\na.yaml:5: the key \"a\" stands twice in one map, first in line 1"},
		{"a key that stands twice in JSON", "a.json", "{\"a\": 1,\n\"a\": 2}", `a.json:2: the key "a" stands twice in one map, first in line 1`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := document.Parse(tt.file, []byte(tt.text))
			assert.EqualError(t, err, tt.want)
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"a: !Sub x\nb: &x [1]\nc: *x\n", `{"a":[1,{"b":null}]}`, "{a: 1", "<<: {a: 1}\n? [x]\n: y"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := document.Parse("fuzz.yaml", text)
		if err != nil {
			return
		}
		// What was read is JSON, and reads again as the same.
		once := n.AppendJSON(nil)
		again, err := document.Parse("fuzz.json", once)
		if n.Kind == document.Map {
			require.NoError(t, err)
			require.Equal(t, string(once), string(again.AppendJSON(nil)))
		}
	})
}
