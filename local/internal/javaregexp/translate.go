package javaregexp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth is how deep groups and classes may be nested.
const maxDepth = 200

// maxRepeat is how often something may be repeated by number.
const maxRepeat = 100_000

// maxExpr is how many bytes a translation may have: a class such as \p{L} is written out.
const maxExpr = 512 << 10

// A translation is a pattern of Java's, written anew. All groups that have names in Java
// have only numbers here, since the engines count named groups differently.
type translation struct {
	expr     string
	groups   int
	names    map[string]int
	goesBack bool // whether package regexp cannot run it
}

// translate reads a pattern, which will have to match a whole text or a part of one.
func translate(pattern string, whole bool) (translation, error) {
	if !utf8.ValidString(pattern) {
		return translation{}, errors.New("it is not UTF-8")
	}
	source := []rune(unquote(pattern))
	// A reference may point to a group that follows, so that groups are counted first.
	first := translator{source: source, whole: whole, names: make(map[string]int)}
	if _, err := first.pattern(); err != nil {
		return translation{}, err
	}
	t := translator{source: source, whole: whole, names: make(map[string]int), all: first.groups}
	expr, err := t.pattern()
	return translation{expr: expr, groups: t.groups, names: t.names, goesBack: t.goesBack}, err
}

// unquote replaces what stands between \Q and \E, which may stand anywhere, also in a class.
func unquote(pattern string) string {
	var b strings.Builder
	for rest := pattern; rest != ""; {
		switch {
		case strings.HasPrefix(rest, `\Q`):
			quoted, after, _ := strings.Cut(rest[2:], `\E`)
			for _, c := range quoted {
				fmt.Fprintf(&b, `\x{%x}`, c)
			}
			rest = after
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(rest[:2])
			rest = rest[2:]
		default:
			b.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return b.String()
}

// A translator reads a pattern from left to right.
type translator struct {
	source   []rune
	at       int
	whole    bool
	names    map[string]int
	groups   int // how many groups have been opened
	all      int // how many groups the whole pattern has
	depth    int
	behind   int // how many look-behinds are around what is read
	flags    flags
	goesBack bool
}

// flags are what (?i) and the like have set.
type flags struct {
	fold      bool // the flag i
	foldAll   bool // the flag u, together with i
	dotAll    bool // the flag s
	multiline bool // the flag m
	unixLines bool // the flag d
}

const end = rune(-1)

func (t *translator) peek() rune {
	if t.at < len(t.source) {
		return t.source[t.at]
	}
	return end
}

func (t *translator) next() rune {
	c := t.peek()
	if c != end {
		t.at++
	}
	return c
}

// skip passes over text if it comes next.
func (t *translator) skip(text string) bool {
	if t.at+len(text) <= len(t.source) && string(t.source[t.at:t.at+len(text)]) == text {
		t.at += len(text)
		return true
	}
	return false
}

func (t *translator) pattern() (string, error) {
	expr, err := t.alternatives()
	if err == nil && t.at < len(t.source) {
		err = errors.New("it has a ) without a (")
	}
	return expr, err
}

// alternatives reads up to the end of the pattern or of a group.
func (t *translator) alternatives() (string, error) {
	if t.depth++; t.depth > maxDepth {
		return "", errors.New("it is nested too deeply")
	}
	defer func() { t.depth-- }()
	var b strings.Builder
	for {
		if b.Len() > maxExpr {
			return "", errors.New("it is too large")
		}
		switch c := t.peek(); c {
		case end, ')':
			return b.String(), nil
		case '|':
			t.at++
			b.WriteByte('|')
			continue
		case '*', '+', '?', '{':
			return "", fmt.Errorf("there is nothing before the %c", c)
		}
		atom, err := t.atom()
		if err != nil {
			return "", err
		}
		if atom, err = t.quantified(atom); err != nil {
			return "", err
		}
		b.WriteString(atom)
	}
}

// atom reads the smallest thing that can be repeated.
func (t *translator) atom() (string, error) {
	switch c := t.next(); c {
	case '(':
		return t.group()
	case '[':
		class, err := t.class(true)
		return class.String(), err
	case '.':
		switch {
		case t.flags.dotAll:
			return set(nil).not().String(), nil
		case t.flags.unixLines:
			return chars("\n").not().String(), nil
		}
		return newlines.not().String(), nil
	case '^':
		return t.lineStart(), nil
	case '$':
		return t.lineEnd(t.flags.multiline), nil
	case '\\':
		return t.escape()
	default:
		return t.literal(c).String(), nil
	}
}

// literal is one character, in both cases if case does not count.
func (t *translator) literal(c rune) set { return t.folded(set{{c, c}}) }

func (t *translator) folded(s set) set {
	if t.flags.fold {
		return s.fold(t.flags.foldAll)
	}
	return s
}

// lineStart is ^.
func (t *translator) lineStart() string {
	if !t.flags.multiline {
		return `\A`
	}
	t.goesBack = true
	// Java finds no line at the very end of a text, even an empty one.
	if t.flags.unixLines {
		return `(?:(?:\A|(?<=\n))(?!\z))`
	}
	return `(?:(?:\A|(?<=` + chars("\n\u0085\u2028\u2029").String() + `)|(?<=\r)(?!\n))(?!\z))`
}

// lineEnd is $ and \Z: without multiline the end of the text, or of its last line.
func (t *translator) lineEnd(multiline bool) string {
	if !multiline && t.whole && t.last() {
		return `\z`
	}
	t.goesBack = true
	last := `\z`
	if multiline {
		last = ``
	}
	if t.flags.unixLines {
		return `(?:\z|(?=\n` + last + `))`
	}
	return `(?:\z|(?=\r\n` + last + `)|(?=` + chars("\r\u0085\u2028\u2029").String() + last + `)|(?<!\r)(?=\n` + last + `))`
}

// last reports whether nothing can follow what was just read, so that it can only stand
// at the end of a text that has to match as a whole.
func (t *translator) last() bool {
	if t.depth == 1 && t.peek() == '|' {
		return true
	}
	return t.peek() == end
}

// group reads what follows an opening parenthesis.
func (t *translator) group() (string, error) {
	before := t.flags
	prefix := "("
	switch {
	case !t.skip("?"):
		t.groups++
	case t.skip("="), t.skip("!"), t.skip(">"):
		t.goesBack = true
		prefix = "(?" + string(t.source[t.at-1])
	case t.skip("<="), t.skip("<!"):
		t.goesBack = true
		prefix = "(?<" + string(t.source[t.at-1])
		t.behind++
		defer func() { t.behind-- }()
	case t.skip("<"):
		name, err := t.name()
		if err != nil {
			return "", err
		}
		if _, twice := t.names[name]; twice {
			return "", fmt.Errorf("there are two groups named %q", name)
		}
		t.groups++
		t.names[name] = t.groups
	default:
		body, err := t.setFlags()
		if err != nil || !body {
			return "", err // (?i) alone holds until the group around it ends
		}
		prefix = "(?:"
	}
	body, err := t.alternatives()
	if err != nil {
		return "", err
	}
	if t.next() != ')' {
		return "", errors.New("a ( is not closed")
	}
	t.flags = before
	return prefix + body + ")", nil
}

// name reads the name of a group and the > behind it.
func (t *translator) name() (string, error) {
	start := t.at
	for c := t.peek(); c < unicode.MaxASCII && (unicode.IsLetter(c) || t.at > start && unicode.IsDigit(c)); c = t.peek() {
		t.at++
	}
	name := string(t.source[start:t.at])
	if name == "" || t.next() != '>' {
		return "", errors.New("the name of a group must be letters and digits, like (?<name>)")
	}
	return name, nil
}

// setFlags reads the flags of a group and reports whether the group has a body.
func (t *translator) setFlags() (body bool, err error) {
	on := true
	for {
		switch c := t.next(); c {
		case '-':
			on = false
		case 'i':
			t.flags.fold = on
		case 'u':
			t.flags.foldAll = on
		case 's':
			t.flags.dotAll = on
		case 'm':
			t.flags.multiline = on
		case 'd':
			t.flags.unixLines = on
		case ':':
			return true, nil
		case ')':
			return false, nil
		case 'x', 'U':
			return false, fmt.Errorf("the flag (?%c) is not supported", c)
		default:
			return false, errors.New("a (? is followed by nothing known")
		}
	}
}

// quantified reads the quantifier of an atom, if it has one.
func (t *translator) quantified(atom string) (string, error) {
	quantifier, err := t.quantifier()
	if err != nil || quantifier == "" {
		return atom, err
	}
	if atom == "" {
		return "", errors.New("a flag cannot be repeated")
	}
	if t.behind > 0 && (quantifier == "*" || quantifier == "+" || strings.HasSuffix(quantifier, ",}")) {
		return "", errBehind
	}
	repeated := grouped(atom) + quantifier
	switch {
	case t.skip("?"):
		repeated += "?"
	case t.skip("+"):
		t.goesBack = true
		repeated = "(?>" + repeated + ")"
	}
	if again, err := t.quantifier(); err != nil || again != "" {
		return "", errors.New("what is repeated already cannot be repeated again without parentheses")
	}
	return repeated, nil
}

// errBehind is Java's rule, which keeps it from looking back for ever.
var errBehind = errors.New("a look-behind must have an obvious maximum length")

// quantifier reads *, +, ? or {2,3}, or nothing.
func (t *translator) quantifier() (string, error) {
	switch c := t.peek(); c {
	case '*', '+', '?':
		t.at++
		return string(c), nil
	case '{':
		t.at++
	default:
		return "", nil
	}
	least, ok := t.number()
	most := ""
	if ok {
		most = "}"
		if t.skip(",") {
			most = ",}"
			if n, given := t.number(); given {
				most = "," + strconv.Itoa(n) + "}"
				ok = n >= least
			}
		}
	}
	if !ok || !t.skip("}") {
		return "", errors.New("a { does not begin a quantifier such as {2,3}; a plain one is \\{")
	}
	return "{" + strconv.Itoa(least) + most, nil
}

func (t *translator) number() (n int, ok bool) {
	for c := t.peek(); c >= '0' && c <= '9'; c = t.peek() {
		t.at++
		if n = n*10 + int(c-'0'); n > maxRepeat {
			return 0, false
		}
		ok = true
	}
	return n, ok
}

// grouped returns an atom that a quantifier can follow.
func grouped(atom string) string {
	switch {
	case utf8.RuneCountInString(atom) == 1, atom[0] == '[':
		return atom
	case atom[0] == '(' && atom[1] != '?':
		return atom
	}
	return "(?:" + atom + ")"
}
