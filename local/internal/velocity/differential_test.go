package velocity_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// Generated templates render as the real engine renders them. The test needs
// a JDK and Debian's velocity, so testdata/differential/run installs both and
// runs it.
func TestDifferential(t *testing.T) {
	count := envInt("LAMBRIDGE_TEMPLATES", 0)
	if count == 0 {
		t.Skip("set LAMBRIDGE_TEMPLATES=100000 to compare with Apache Velocity, see testdata/differential/run")
	}
	classpath := oracleClasspath(t)
	seed := envInt("LAMBRIDGE_SEED", 1)

	g := &generator{rand: rand.New(rand.NewPCG(uint64(seed), 0))}
	templates := make([]string, count)
	for i := range templates {
		templates[i] = g.template()
	}
	answers := askOracle(t, classpath, generatorContext, templates)

	explained := map[string]int{}
	unexplained, agreed, failed := 0, 0, 0
	for i, template := range templates {
		got, err := render(template, parseContext(t, generatorContext))
		want := answers[i]
		switch {
		case err != nil && want.fails:
			failed++
		case err == nil && !want.fails && normal(got) == normal(want.text):
			agreed++
		default:
			if reason := explain(template, got, err, want); reason != "" {
				explained[reason]++
				continue
			}
			if unexplained++; unexplained <= 40 {
				t.Errorf("template %d: %q\n  velocity: %s\n  ours:     %q, %v", i, template, want, got, err)
			}
		}
	}
	t.Logf("%d templates: %d outputs agree, both fail for %d, %d differences explained %v, %d unexplained",
		count, agreed, failed, len(explained), explained, unexplained)
	require.Zero(t, unexplained)
}

// explain returns why a difference is right, or "". docs/templates.md lists
// the reasons.
func explain(template, got string, err error, want answer) string {
	whole := func(r rune) rune {
		if r == '?' || r > 0xfffc {
			return -1
		}
		return r
	}
	if err == nil && !want.fails && normal(strings.Map(whole, got)) == normal(strings.Map(whole, want.text)) {
		return "half of a character beyond U+FFFF"
	}
	if want.fails && strings.Contains(want.text, "StackOverflowError") {
		return "a map that is its own key"
	}
	if want.fails && strings.Contains(want.text, "ConcurrentModificationException") && strings.Contains(template, "subList") {
		return "a part of a list that is a key of a map"
	}
	if err == nil && !want.fails && sameNumbers(got, want.text) {
		return "digits of a Double that Java prints shorter since release 19"
	}
	if err != nil && strings.Contains(err.Error(), "not available in templates here") {
		return "a method of Java that is refused by name"
	}
	return ""
}

var doubles = regexp.MustCompile(`[0-9]+\.[0-9]+(E-?[0-9]+)?`)

// sameNumbers reports whether two texts differ in nothing but how many digits
// they write a Double with.
func sameNumbers(a, b string) bool {
	round := func(s string) string {
		f, _ := strconv.ParseFloat(s, 64)
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return doubles.ReplaceAllStringFunc(normal(a), round) == doubles.ReplaceAllStringFunc(normal(b), round)
}

// An address in memory is different in each run.
var address = regexp.MustCompile(`@[0-9a-f]+`)

func normal(s string) string { return address.ReplaceAllString(s, "@0") }

type answer struct {
	text  string
	fails bool
}

func (a answer) String() string {
	if a.fails {
		first, _, _ := strings.Cut(a.text, "\n")
		return "fails: " + first
	}
	return strconv.Quote(a.text)
}

// oracleClasspath compiles the oracle and returns where its classes are.
func oracleClasspath(t testing.TB) string {
	t.Helper()
	jars := []string{"velocity", "commons-collections3", "commons-lang"}
	for i, name := range jars {
		jars[i] = "/usr/share/java/" + name + ".jar"
		if _, err := os.Stat(jars[i]); err != nil {
			t.Skipf("Debian's velocity is not installed: %v", err)
		}
	}
	if _, err := exec.LookPath("javac"); err != nil {
		t.Skip("no javac is installed")
	}
	classes := t.TempDir()
	sources, err := filepath.Glob("testdata/differential/*.java")
	require.NoError(t, err)
	out, err := exec.Command("javac", append([]string{"-cp", strings.Join(jars, ":"), "-d", classes}, sources...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.Join(append(jars, classes), ":")
}

// askOracle renders templates with Apache Velocity.
func askOracle(t testing.TB, classpath, context string, templates []string) []answer {
	t.Helper()
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	in, err := os.Create(filepath.Join(t.TempDir(), "questions"))
	require.NoError(t, err)
	defer in.Close()
	w := bufio.NewWriter(in)
	for _, template := range templates {
		fmt.Fprintln(w, encode(context), encode(template))
	}
	require.NoError(t, w.Flush())
	_, err = in.Seek(0, 0)
	require.NoError(t, err)

	cmd := exec.Command("java", "-Xss2m", "-cp", classpath, "Oracle")
	cmd.Stdin, cmd.Stderr = in, os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var answers []answer
	for line := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		text, err := base64.StdEncoding.DecodeString(line[1:])
		require.NoError(t, err)
		answers = append(answers, answer{string(text), line[0] == '!'})
	}
	require.Len(t, answers, len(templates))
	return answers
}

func parseContext(t testing.TB, text string) *javavalue.Map {
	t.Helper()
	v, err := javavalue.Parse([]byte(text))
	require.NoError(t, err)
	return asInATemplate(v).(*javavalue.Map)
}

func envInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

const generatorContext = `{"s":"a,b","e":"","u":"na\u00efve \ud83d\ude00!","foo":"F","num":"42","n":7,"z":0,"neg":-3,"lg":5000000000,
"huge":123456789012345678901234567890,"d":1.5,"dec":0.12345678901234567890123,"t":true,"f":false,"nul":null,
"l":["x","y",null,3,"x"],"el":[],"ll":[[1,2],[3],[]],"m":{"k":"v","n":1,"l":[1,2],"o":{"p":"q"},"nul":null,"class":"c","empty":"e"},"em":{}}`

// A generator makes templates of the language, mostly ones that parse.
type generator struct {
	rand  *rand.Rand
	depth int
}

func (g *generator) pick(choices ...string) string { return choices[g.rand.IntN(len(choices))] }

func (g *generator) chance(percent int) bool { return g.rand.IntN(100) < percent }

// some returns several parts.
func (g *generator) some(most int, part func() string) string {
	var b strings.Builder
	for range g.rand.IntN(most + 1) {
		b.WriteString(part())
	}
	return b.String()
}

func (g *generator) template() string {
	g.depth = 0
	var template string
	for template == "" {
		template = g.some(6, g.statement)
	}
	if g.chance(7) {
		template = g.damage(template)
	}
	return template
}

// damage takes a sign out, doubles one or puts another in.
func (g *generator) damage(s string) string {
	runes := []rune(s)
	for range 1 + g.rand.IntN(2) {
		if len(runes) == 0 {
			break
		}
		i := g.rand.IntN(len(runes))
		switch g.rand.IntN(3) {
		case 0:
			runes = append(runes[:i], runes[i+1:]...)
		case 1:
			runes = append(runes[:i+1], runes[i:]...)
		default:
			put := []rune(g.pick(`$`, `#`, `\`, `"`, `'`, `(`, `)`, `[`, `]`, `{`, `}`, `.`, `!`, `-`, ` `, "\n", `,`, `1`, `a`, `@`, `*`, `:`))
			runes = append(runes[:i], append(put, runes[i:]...)...)
		}
	}
	return string(runes)
}

func (g *generator) statement() string {
	g.depth++
	defer func() { g.depth-- }()
	n := g.rand.IntN(100)
	if g.depth > 4 {
		n = g.rand.IntN(55)
	}
	switch {
	case n < 22:
		return g.text()
	case n < 50:
		return g.reference()
	case n < 55:
		return g.comment()
	case n < 70:
		return g.set()
	case n < 82:
		return g.conditional()
	case n < 91:
		return g.loop()
	case n < 94:
		return g.macro()
	case n < 96:
		return "#define($" + g.name() + ")" + g.body() + g.end()
	case n < 97:
		return "#evaluate(" + g.pick(g.stringText(), "$s", "$foo", "$nope") + ")"
	case n < 98:
		return g.pick("#break", "#break", "#stop", "#break($foreach)", "#{break}", "#break($foreach.parent)")
	case n < 99:
		return "#[[" + g.text() + g.pick("$foo", "#if", "") + "]]#"
	default:
		return "#literal()" + g.statement() + g.end()
	}
}

func (g *generator) text() string {
	return g.some(3, func() string {
		return g.pick("a", "b c", " ", "  ", "\n", "\r\n", "\t", "{", "}", "(", ")", "[", "]", ".", "-", "!", `"`, "'", "1", "2.5", "@", ",", ":", "*", "/", "é", "😀",
			`{"a": "b"}`, `"`, "$", "#", `\`, `\\`, "$ ", "# ", "$5", "$.x", "#fff", "$!", "$[", "${", "#{", "#1", "&", "<", "|", "]]#", "*#", `\#if`, `\$foo`, `\\$foo`, `\#nope`, `\$nope`)
	})
}

func (g *generator) comment() string {
	return g.pick("## c\n", "##\n", "#* c *#", "#** d *#", "##"+g.text()+"\n", "#*"+g.text()+"*#", "#***#", "## $foo #if\r\n", "##")
}

func (g *generator) name() string {
	return g.pick("s", "e", "u", "foo", "num", "n", "z", "neg", "lg", "huge", "d", "dec", "t", "f", "nul", "l", "el", "ll", "m", "em", "a", "b", "x", "nope", "foo-bar", "a1", "a_b", "foreach", "velocityCount")
}

func (g *generator) reference() string {
	prefix := "$"
	if g.chance(8) {
		prefix = g.pick(`\$`, `\\$`, `\\\$`, `$$`, `$\!`)
	}
	if g.chance(15) {
		prefix += "!"
	}
	if g.chance(45) {
		return g.soundReference()
	}
	body := g.name() + g.some(2, g.member)
	if g.chance(20) {
		return prefix + "{" + body + "}"
	}
	return prefix + body
}

// soundReference is one that has a value, mostly.
func (g *generator) soundReference() string {
	body := g.pick("s", "foo", "n", "d", "m", "m.k", "m.o.p", "m['k']", "l[0]", "l[-1]", "ll[0][1]", "lg", "huge", "t", "x", "a", "m.o", "m.l", "l", "u", "e",
		"s.length()", "s.substring(1)", "s.substring(0,1)", "u.substring(2, 7)", "s.indexOf(',')", "s.split(',')[1]", "s.split(',').size()", "s.replace('a', 'x')",
		"s.replaceAll('[ab]', '<$0>')", "s.toUpperCase()", "u.toUpperCase()", "u.length()", "u.indexOf('!')", "s.contains('b')", "s.matches('.,.')", "s.concat($foo)", "s.equals('a,b')",
		"s.charAt(1)", "s.compareTo('b')", "foo.equalsIgnoreCase('f')", "num.trim().isEmpty()", "s.lastIndexOf(',', 1)", "s.startsWith('b', 2)", "s.hashCode()",
		"m.get('k')", "m.put('z', $n)", "m.put('k', 'w')", "m.keySet()", "m.values()", "m.entrySet()", "m.size()", "m.containsKey('k')", "m.containsValue('v')", "m.remove('n')",
		"m.getOrDefault('q', 'other')", "m.putIfAbsent('k2', 1)", "m.keySet().contains('k')", "m.isEmpty()", "m.o.toString()", "em.putAll($m.o)",
		"l.size()", "l.add('z')", "l.add(0, 'first')", "l.set(0, 'set')", "l.remove(0)", "l.remove('x')", "l.contains('y')", "l.indexOf('x')", "l.get(1)", "l.subList(1,3)", "l.isEmpty()",
		"l.addAll($m.l)", "l.containsAll(['x','y'])", "l.removeAll(['x'])", "l.retainAll(['x', 3])", "l.lastIndexOf('x')", "el.add($n)",
		"n.parseInt($num)", "n.intValue()", "d.intValue()", "lg.toString()", "n.compareTo(7)", "d.doubleValue()", "lg.intValue()", "huge.longValue()", "n.toHexString(255)", "n.max(3, 4)",
		"t.toString()", "t.parseBoolean('TRUE')", "foreach.index", "foreach.count", "foreach.hasNext", "velocityCount", "foreach.parent.index", "foreach.last", "s.class.name", "l.class", "n.class.simpleName")
	if g.chance(25) {
		return "${" + body + "}"
	}
	return "$" + body
}

func (g *generator) member() string {
	switch g.rand.IntN(10) {
	case 0, 1, 2:
		return "." + g.pick("k", "n", "l", "o", "p", "nul", "class", "empty", "nope", "size", "length", "index", "count", "hasNext", "first", "last", "parent", "key", "value", "name", "Empty", "blank", "true")
	case 3, 4:
		return "[" + g.pick("0", "1", "-1", "5", `"k"`, `'n'`, "$n", "$z", " 0 ", `"$foo"`, "true", "$neg", "$foo") + "]"
	default:
		return "." + g.call()
	}
}

func (g *generator) call() string {
	name := g.pick(methods...)
	count := g.pick("0", "0", "1", "1", "1", "2", "2", "3")
	n, _ := strconv.Atoi(count)
	args := make([]string, n)
	for i := range args {
		args[i] = g.argument()
	}
	return name + "(" + strings.Join(args, g.pick(",", ", ", " , ")) + ")"
}

// The methods that templates use. Those of which Java prints an address are
// left out where they cannot be read further.
var methods = []string{
	"toString", "equals", "length", "isEmpty", "charAt", "substring", "indexOf", "lastIndexOf", "contains", "startsWith", "endsWith",
	"equalsIgnoreCase", "compareTo", "compareToIgnoreCase", "concat", "replace", "replaceAll", "replaceFirst", "matches", "split",
	"toLowerCase", "toUpperCase", "trim", "strip", "isBlank", "repeat", "hashCode", "valueOf", "join", "codePointAt", "subSequence", "contentEquals",
	"size", "get", "put", "add", "remove", "set", "addAll", "containsKey", "containsValue", "containsAll", "keySet", "values", "entrySet", "putAll",
	"getOrDefault", "putIfAbsent", "clear", "subList", "removeAll", "retainAll", "getKey", "getValue", "setValue",
	"intValue", "longValue", "doubleValue", "parseInt", "parseLong", "parseDouble", "parseBoolean", "booleanValue", "max", "min", "sum", "toHexString",
	"isNaN", "signum", "getClass", "getName", "hasNext", "getIndex", "isFirst", "nope",
}

func (g *generator) argument() string {
	switch g.rand.IntN(12) {
	case 0, 1, 2:
		return g.stringText()
	case 3, 4, 5:
		return g.pick("0", "1", "2", "-1", "7", "1.5", "16")
	case 6:
		return g.pick("true", "false")
	case 7:
		return g.list()
	case 8:
		return g.mapText()
	default:
		if g.depth > 5 {
			return "$" + g.name()
		}
		g.depth++
		defer func() { g.depth-- }()
		return g.reference()
	}
}

func (g *generator) stringText() string {
	if g.chance(40) {
		return "'" + g.pick("", "a", "k", "n", "b", ",", "a,b", "F", "x", "it''s", "[,]", "(a)", "$foo", "#if", `\n`, "42", "-7", " x ", "a.*", "$1", "é") + "'"
	}
	return `"` + g.pick("", "a", "k", "n", "b", ",", "F", "x", `say ""x""`, "$foo", "${foo}s", "$!nope|$nope", "$m.k", "$m.get('k')", "$l[0]", "#if(true)y#end",
		"x ## y", "#", "a#b", "$", `\u0041`, `\$foo`, `\\$foo`, "$n-1", "[a-c]", "$1", "v=$m.o.p.length()", "#set($q=1)", "42", "1.5", " ", "#foreach($i in [1..2])$i#end", "é😀", "$d") + `"`
}

func (g *generator) list() string {
	if g.chance(35) {
		return "[" + g.pick("1", "0", "-1", "3", "$n", "$z", "$nope", "$s", "5") + g.pick("..", " .. ", ".. ") + g.pick("1", "3", "-2", "$n", "$neg", "0", "$d", "${n}") + "]"
	}
	if g.depth > 6 {
		return "[]"
	}
	g.depth++
	defer func() { g.depth-- }()
	n := g.rand.IntN(4)
	items := make([]string, n)
	for i := range items {
		items[i] = g.argument()
	}
	return "[" + strings.Join(items, g.pick(",", ", ", " ,")) + "]"
}

func (g *generator) mapText() string {
	if g.depth > 6 {
		return "{}"
	}
	g.depth++
	defer func() { g.depth-- }()
	n := g.rand.IntN(3)
	items := make([]string, n)
	for i := range items {
		items[i] = g.argument() + g.pick(":", ": ", " : ") + g.argument()
	}
	if n == 0 && g.chance(30) {
		return "{ }"
	}
	return "{" + strings.Join(items, g.pick(",", ", ")) + "}"
}

func (g *generator) expression() string {
	g.depth++
	defer func() { g.depth-- }()
	n := g.rand.IntN(10)
	if g.depth > 6 {
		n = 0
	}
	switch {
	case n < 5:
		return g.argument()
	case n < 8:
		operator := g.pick("+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "and", "or", "eq", "ne", "lt", "gt", "le", "ge")
		space := g.pick(" ", " ", " ", "")
		if operator[0] >= 'a' || operator == "-" && g.chance(90) {
			space = " "
		}
		return g.expression() + space + operator + space + g.expression()
	case n < 9:
		return g.pick("!", "! ", "not ", "-") + g.expression()
	default:
		return "(" + g.pick("", " ") + g.expression() + g.pick("", " ") + ")"
	}
}

func (g *generator) set() string {
	left := "$" + g.name()
	if g.chance(15) {
		left = "$" + g.name() + g.member()
	} else if g.chance(8) {
		left = g.pick("${a}", "$!a", "${m.k}", `\$a`)
	}
	return g.pick("", "", " ", "\n  ") + g.pick("#set", "#set", "#set", "#{set}") + g.pick("(", "(", " (", "( ") + left + g.pick("=", " = ", "= ") + g.expression() + ")" + g.pick("", "", "\n", " \n", "\r\n", " ")
}

func (g *generator) body() string { return g.pick("", "", "\n", " ") + g.some(3, g.statement) }

func (g *generator) end() string {
	return g.pick("#end", "#end", "#end\n", "#{end}", "#end ", "#end \n")
}

func (g *generator) conditional() string {
	var b strings.Builder
	b.WriteString(g.pick("#if", "#if", "#{if}") + g.pick("(", "(", " (", "( ") + g.expression() + ")" + g.body())
	for g.chance(20) {
		b.WriteString(g.pick("#elseif", "#{elseif}") + g.pick("(", " (") + g.expression() + ")" + g.body())
	}
	if g.chance(50) {
		b.WriteString(g.pick("#else", "#{else}", "#else\n", "#{else} ") + g.body())
	}
	return b.String() + g.end()
}

func (g *generator) loop() string {
	in := g.pick(" in ", " in ", " in ", "  in  ")
	over := g.pick("$l", "$m", "$ll", "$el", "$m.entrySet()", "$m.keySet()", "$s.split(',')", "$nope", "$s", "$n", g.list(), g.list(), g.mapText())
	return g.pick("#foreach", "#foreach", "#{foreach}") + g.pick("(", "( ", " (") + "$" + g.pick("x", "i", "foo", "e", "a") + in + over + ")" + g.body() +
		g.pick("", "", "$x", "$foreach.index", "$velocityCount#if($foreach.hasNext),#end") + g.end()
}

func (g *generator) macro() string {
	name := g.pick("w", "v")
	if g.chance(50) {
		return "#macro(" + name + g.pick("", " $a", " $a $b", " $x, $y") + ")" + g.body() + g.pick("$a", "$!b", `\$a`, "$bodyContent", "") + g.end()
	}
	if g.chance(20) {
		return "#@" + name + "(" + g.argument() + ")" + g.body() + g.end()
	}
	args := g.some(2, func() string { return g.argument() + g.pick(" ", ", ") })
	return g.pick("#", "#", "#{") + g.pick(name, name, "nope") + g.pick("}", "", "", "")[:0] + "(" + strings.TrimRight(args, ", ") + ")"
}
