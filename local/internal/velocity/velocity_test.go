package velocity_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// The cases were put to Apache Velocity 1.7 with the one event handler that
// makes it answer as API Gateway was recorded to.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "testdata/language.json") {
		got, err := render(c.template, c.context)
		if c.fails {
			assert.Error(t, err, "%s\n%s\nrendered %q", c.name, c.template, got)
			continue
		}
		if assert.NoError(t, err, "%s\n%s", c.name, c.template) {
			assert.Equal(t, c.output, got, "%s\n%s", c.name, c.template)
		}
	}
}

// What a template may use up is bounded, however it is written.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, template, want string }{
		{"turns of a loop", `#foreach($i in [0..1000])$i#end`, "line 1, column 1: #foreach takes more than 1000 turns, API Gateway's limit"},
		{"output", `#set($s = "0123456789")#foreach($i in [1..21])#set($s = $s + $s)#end$s`, "is larger than 10485760 bytes"},
		{"output of many parts", `#set($s = $x.repeat(100000))#foreach($i in [1..1000])$s#end`, "the output is larger than 10485760 bytes"},
		{"a text", `#set($s = $x.repeat(20000000))`, "a text of the template is larger than 10485760 bytes"},
		{"a text of many replacements", `#set($s = $x.repeat(100000))#set($s = $s.replace("x", $s))`, "a text of the template is larger than 10485760 bytes"},
		{"texts together", `#set($s = $x.repeat(1000000))#set($l = [])#foreach($i in [1..100])#set($y = $l.add($s.concat($x)))#end`, "take more than 41943040 bytes"},
		{"a list of itself many times over", `#set($l = ["x"])#foreach($i in [1..100])#set($l = [$l, $l])#end$l`, "the text of the value is too large"},
		{"a list in itself", `#set($l = [])#set($x = $l.add([$l]))$l`, "nested too deeply"},
		{"a range", `#set($r = [1..2000000000])`, "a range of 2000000000 numbers is too large"},
		{"a number", `#set($n = 2)#foreach($i in [1..40])#set($n = $n * $n)#end`, "a number has more than 131072 bits"},
		{"a number with a fraction", `#set($n = $dec)#foreach($i in [1..40])#set($n = $n * $n)#end`, "a number has more than 131072 bits"},
		{"macros that call themselves", `#macro(m)x#m()#end#m()`, "more than 20 macros call each other"},
		{"texts of #evaluate that evaluate themselves", `#set($t = '#evaluate($t)')#evaluate($t)`, "more than 200 parts within each other"},
		{"nested parentheses", `#set($a = ` + strings.Repeat("(", 5000) + `1` + strings.Repeat(")", 5000) + `)`, "too many parts of the template are nested"},
		{"nested lists", `#set($a = ` + strings.Repeat("[", 5000), "too many parts of the template are nested"},
		{"nested calls with lists", `$a` + strings.Repeat(".b([$a", 5000), "too many parts of the template are nested"},
		{"nested conditions", strings.Repeat("#if(true)", 5000), "too many parts of the template are nested"},
	} {
		_, err := render(row.template, parseContext(t, `{"dec": 1.23456789012345678901234567890, "s": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", "x": "x", "e": ""}`))
		require.ErrorContains(t, err, row.want, row.name)
	}
}

func TestRenderingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	template, err := velocity.Parse(`#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])#set($d = $a + $b)#end#end#end`)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = template.Render(ctx, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "line 1, column ")
}

func TestErrorsNameTheirPlace(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, template, want string }{
		{"what cannot stand there", "{\n  \"a\": #if($x == )\n}", `line 2, column 18: unexpected ")"`},
		{"an #end too many", "a\r\nb#end", `line 2, column 2: unexpected "#end"`},
		{"an #end that is missing", "#if(true)\n\na", "line 3, column 2: the template ends before the #end of a directive or the rest of an expression"},
		{"behind other scripts", "é😀 #if(", `line 1, column 8: the template ends before the #end of a directive or the rest of an expression`},
		{"in a text", "\n#set($a = \"b #if(\")", `line 2, column 19:`},
		{"in the second line of a text", "#set($a = \"b\n #if()\")", `line 2, column 6: unexpected ")"`},
		{"a directive without its arguments", "a #literal b", "line 1, column 3: #literal has no body"},
		{"a loop without a list", "a #foreach($x)b#end", "line 1, column 3: #foreach has no list"},
		{"a loop without anything", "#foreach b", "line 1, column 1: #foreach needs a variable and a list in parentheses"},
		{"a definition of nothing", "#define()b#end", "line 1, column 1: #define takes one reference"},
		{"a macro without a name", "#macro()b#end", "line 1, column 1: the first argument of #macro is the name of the macro"},
		{"a macro without parentheses", "#macro b", "line 1, column 1: #macro needs the name of the macro in parentheses"},
		{"a #break of what is no loop", "#break($s)", "line 1, column 1: $s of #break is not the $foreach of a loop"},
		{"a method that throws", "\n\n $s.substring(9)", "line 3, column 5: begin 9, end 3, length 3"},
		{"an index", "$l[9]", "line 1, column 3: index 9 out of bounds for length 1"},
		{"a method that is not offered", `$s.chars()`, "line 1, column 4: the method chars of java.lang.String is not available in templates here"},
	} {
		_, err := render(row.template, parseContext(t, `{"s":"a,b","l":[1]}`))
		require.ErrorContains(t, err, row.want, row.name)
		var place *velocity.Error
		require.ErrorAs(t, err, &place, row.name)
	}
}

// An object of the caller has the properties and calls that it says it has.
func TestObject(t *testing.T) {
	t.Parallel()
	template, err := velocity.Parse(`$o.name $o.twice("a") [$o.nope] [$o.nope()] #set($o.name = "x")$o.name`)
	require.NoError(t, err)
	got, err := template.Render(context.Background(), map[string]any{"o": object{}})
	require.NoError(t, err)
	assert.Equal(t, "an object aa [] [] an object", got)

	template, err = velocity.Parse("a\n$o.fail()")
	require.NoError(t, err)
	_, err = template.Render(context.Background(), map[string]any{"o": object{}})
	require.EqualError(t, err, "line 2, column 4: it failed")
	require.ErrorIs(t, err, errFailed)
}

type object struct{}

var errFailed = errors.New("it failed")

func (object) Get(name string) any {
	if name == "name" {
		return "an object"
	}
	return nil
}

func (object) Call(name string, args []any) (any, error) {
	switch name {
	case "twice":
		return args[0].(string) + args[0].(string), nil
	case "fail":
		return nil, errFailed
	}
	return nil, nil
}

func TestTemplatesRenderAtTheSameTime(t *testing.T) {
	t.Parallel()
	template, err := velocity.Parse(`#macro(m $x)<$x>#end#foreach($i in [1..50])#set($s = "$s$i")#m($i)#evaluate('#set($e = $i)')#end$s.replaceAll("[0-4]", "")`)
	require.NoError(t, err)
	want, err := template.Render(context.Background(), nil)
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				got, err := template.Render(context.Background(), nil)
				assert.NoError(t, err)
				assert.Equal(t, want, got)
			}
		})
	}
	all.Wait()
}

type goldenCase struct {
	name, template, output string
	context                *javavalue.Map
	fails                  bool
}

func cases(t testing.TB, file string) (all []goldenCase) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	list, err := javavalue.Parse(text)
	require.NoError(t, err)
	for _, item := range list.(*javavalue.List).All() {
		c := goldenCase{context: javavalue.NewMap()}
		for key, value := range item.(*javavalue.Map).All() {
			switch key {
			case "name":
				c.name = value.(string)
			case "template":
				c.template = value.(string)
			case "output":
				c.output = value.(string)
			case "context":
				c.context = asInATemplate(value).(*javavalue.Map)
			case "fails":
				c.fails = value.(bool)
			}
		}
		all = append(all, c)
	}
	return all
}

// asInATemplate makes ArrayLists of the JSONArrays.
func asInATemplate(v any) any {
	switch v := v.(type) {
	case *javavalue.Map:
		for key, value := range v.All() {
			v.Put(key, asInATemplate(value))
		}
	case *javavalue.List:
		l := javavalue.NewList()
		for _, item := range v.All() {
			l.Append(asInATemplate(item))
		}
		return l
	}
	return v
}

func render(template string, values *javavalue.Map) (string, error) {
	t, err := velocity.Parse(template)
	if err != nil {
		return "", err
	}
	variables := map[string]any{}
	if values != nil {
		for key, value := range values.All() {
			variables[key.(string)] = value
		}
	}
	return t.Render(context.Background(), variables)
}
