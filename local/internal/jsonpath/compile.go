package jsonpath

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxNesting is how deep filters and parentheses may be nested.
const maxNesting = 100

// invalid is an ErrInvalid with its reason.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// A cursor walks over an expression. Blanks are spaces alone.
type cursor struct {
	text []rune
	at   int
}

// none is what stands outside of an expression.
const none = rune(-1)

func (c *cursor) char(i int) rune {
	if i < 0 || i >= len(c.text) {
		return none
	}
	return c.text[i]
}

func (c *cursor) done() bool { return c.at >= len(c.text) }

// index returns where the first character is at or behind i that is not blank.
func (c *cursor) index(i int) int {
	for c.char(i) == ' ' {
		i++
	}
	return i
}

// unescaped returns the next place of a character behind i that no backslash precedes, or -1.
func (c *cursor) unescaped(i int, char rune) int {
	for i++; i < len(c.text); i++ {
		switch c.text[i] {
		case '\\':
			i++
		case char:
			return i
		}
	}
	return -1
}

// closing returns the place of the bracket that closes the one at i, or -1. Brackets in
// text and, if asked, in regular expressions do not count.
func (c *cursor) closing(i int, open, shut rune, patterns bool) (int, error) {
	depth := 0
	for ; i < len(c.text); i++ {
		switch char := c.text[i]; {
		case char == '\'' || char == '"' || char == '/' && patterns:
			if i = c.unescaped(i, char); i < 0 {
				return 0, invalid("a %c is not closed", char)
			}
		case char == open:
			depth++
		case char == shut:
			if depth--; depth == 0 {
				return i, nil
			}
		}
	}
	return -1, nil
}

// compile reads an expression at some depth of filters.
func compile(text string, depth int) (*Path, error) {
	if text == "" {
		return nil, invalid("it is empty")
	}
	if depth > maxNesting {
		return nil, invalid("it is nested too deeply")
	}
	source := text
	if source[0] != '$' && source[0] != '@' {
		source = "$." + source
	}
	source = strings.Trim(source, " ")
	if strings.HasSuffix(source, ".") {
		return nil, invalid("it ends with a dot")
	}
	c := compiler{cursor: cursor{text: []rune(source)}, depth: depth}
	if err := c.path(); err != nil {
		return nil, err
	}
	p := &Path{text: text, document: source[0] == '$', tokens: c.tokens}
	p.finish()
	return p, nil
}

// finish says of each token what stands before and behind it.
func (p *Path) finish() {
	p.definite = true
	for i := range p.tokens {
		t := &p.tokens[i]
		t.leaf = i == len(p.tokens)-1
		switch t.kind {
		case function:
			t.definite = true
		case property:
			t.definite = len(t.names) == 1 || t.leaf // several at the end make one object
		case item:
			t.definite = len(t.indexes) == 1
		}
		t.upstream = p.definite
		p.definite = p.definite && t.definite
	}
	if n := len(p.tokens) - 1; n > 0 && p.tokens[0].kind == scan && p.tokens[n].kind == function {
		// $..price.sum() is the sum of all that $..price finds.
		p.over = &Path{text: p.text, document: p.document, tokens: slices.Clone(p.tokens[:n])}
		p.over.finish()
		p.definite = true
	}
}

type compiler struct {
	cursor
	depth  int
	tokens []token
}

// path reads all that follows $ or @.
func (c *compiler) path() error {
	if c.at = 1; c.done() {
		return nil
	}
	if c.char(1) != '.' && c.char(1) != '[' {
		return invalid("%q stands where a dot or a bracket should", c.char(1))
	}
	for {
		if err := c.token(); err != nil {
			return err
		}
		// Jayway overlooks a single character that is left.
		if c.at >= len(c.text)-1 {
			return nil
		}
	}
}

// token reads one step: .name, ..name, [0], ['name'], [*], [?(...)] or a function.
func (c *compiler) token() error {
	switch {
	case c.char(c.at) == '[':
		return c.bracket()
	case c.char(c.at) == '.' && c.char(c.at+1) == '.':
		c.tokens = append(c.tokens, token{kind: scan})
		c.at += 2
	case c.char(c.at) == '.':
		c.at++
	}
	switch char := c.char(c.at); char {
	case '.', ' ', none:
		return invalid("nothing that could be a name stands at position %d", c.at)
	case '[':
		return c.bracket()
	case '*':
		c.tokens = append(c.tokens, token{kind: wildcard})
		c.at++
		return nil
	}
	return c.name()
}

// name reads a property or a function behind a dot.
func (c *compiler) name() error {
	start := c.at
	for ; !c.done(); c.at++ {
		switch c.char(c.at) {
		case ' ':
			return invalid("a name with blanks must stand in brackets, like ['my name']")
		case '.', '[':
			c.tokens = append(c.tokens, token{kind: property, names: []string{string(c.text[start:c.at])}})
			return nil
		case '(':
			return c.call(string(c.text[start:c.at]))
		}
	}
	c.tokens = append(c.tokens, token{kind: property, names: []string{string(c.text[start:c.at])}})
	return nil
}

// call reads the parentheses of a function.
func (c *compiler) call(name string) error {
	depth, end := 0, c.at
	for ; end < len(c.text); end++ {
		if c.text[end] == '(' {
			depth++
		} else if c.text[end] == ')' {
			if depth--; depth == 0 {
				break
			}
		}
	}
	switch {
	case depth != 0:
		return invalid("the arguments of %s are not closed", name)
	case end != c.at+1:
		return invalid("arguments of functions are not supported, and %s has some", name)
	}
	c.tokens = append(c.tokens, token{kind: function, names: []string{name}})
	// Anywhere but at the end Jayway takes the parenthesis for the name of a property.
	c.at = end
	return nil
}

// bracket reads a token that begins with a bracket.
func (c *compiler) bracket() error {
	switch inner := c.char(c.index(c.at + 1)); {
	case inner == '\'' || inner == '"':
		return c.properties(inner)
	case inner == '*':
		end := c.index(c.index(c.at+1) + 1)
		if c.char(end) != ']' {
			return invalid("a * is not followed by ]")
		}
		c.tokens = append(c.tokens, token{kind: wildcard})
		c.at = end + 1
		return nil
	case inner == '?':
		return c.filter()
	case inner >= '0' && inner <= '9' || inner == '-' || inner == ':':
		if end := slices.Index(c.text[c.at:], ']'); end > 0 {
			text := strings.Trim(string(c.text[c.at+1:c.at+end]), " ")
			if strings.Trim(text, "0123456789,-: ") == "" {
				c.at += end + 1
				return c.items(text)
			}
		}
	}
	return invalid("the bracket at position %d has no name, number, * or filter in it", c.at)
}

// properties reads ['one'] or ['one', 'two'].
func (c *compiler) properties(quote rune) error {
	var names []string
	comma := false
	i := c.at + 1
	for ; i < len(c.text); i++ {
		switch c.text[i] {
		case ']':
			if comma {
				return invalid("a comma is followed by no name")
			}
			if len(names) == 0 {
				return invalid("a bracket is empty")
			}
			c.tokens = append(c.tokens, token{kind: property, names: names})
			c.at = i + 1
			return nil
		case quote:
			end := c.unescaped(i, quote)
			if end < 0 {
				return invalid("a name is not closed with %c", quote)
			}
			if next := c.char(c.index(end + 1)); next != ']' && next != ',' {
				return invalid("a name is not followed by a comma or a bracket")
			}
			names = append(names, unescape(string(c.text[i+1:end])))
			comma = false
			i = end
		case ',':
			if comma {
				return invalid("a comma is followed by no name")
			}
			comma = true
		}
	}
	return invalid("a bracket is not closed")
}

// items reads what stands in the brackets of an index, several, or a slice.
func (c *compiler) items(text string) error {
	if strings.Contains(text, ":") {
		t := token{kind: slice}
		// A third part, the step, has no effect.
		for i, part := range strings.Split(text, ":") {
			if part == "" || i > 1 {
				continue
			}
			n, err := strconv.ParseInt(part, 10, 32)
			if err != nil {
				return invalid("%q is not a slice", text)
			}
			bound := int(n)
			if i == 0 {
				t.from = &bound
			} else {
				t.to = &bound
			}
		}
		if t.from == nil && t.to == nil {
			return invalid("%q is not a slice", text)
		}
		c.tokens = append(c.tokens, t)
		return nil
	}
	t := token{kind: item}
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 32)
		if err != nil {
			return invalid("%q is not an index", part)
		}
		t.indexes = append(t.indexes, int(n))
	}
	c.tokens = append(c.tokens, t)
	return nil
}

// filter reads [?(...)].
func (c *compiler) filter() error {
	question := c.index(c.at + 1)
	open := c.index(question + 1)
	if next := c.char(open); next == ']' || next == ',' {
		return invalid("a filter has no expression")
	} else if next != '(' {
		return invalid("the expression of a filter must stand in parentheses")
	}
	shut, err := c.closing(open, '(', ')', true)
	if err != nil {
		return err
	}
	end := c.index(shut + 1)
	if shut < 0 || c.char(end) != ']' {
		return invalid("a filter is not closed with )]")
	}
	parsed, err := parseFilter(c.text[open:shut+1], c.depth+1)
	if err != nil {
		return err
	}
	c.tokens = append(c.tokens, token{kind: filter, filter: parsed})
	c.at = end + 1
	return nil
}

// unescape resolves the escapes of Java's string literals.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for rest := []rune(text); len(rest) > 0; {
		c := rest[0]
		rest = rest[1:]
		if c != '\\' || len(rest) == 0 {
			b.WriteRune(c)
			continue
		}
		c, rest = rest[0], rest[1:]
		switch c {
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'u':
			if len(rest) >= 4 {
				if n, err := strconv.ParseUint(string(rest[:4]), 16, 16); err == nil {
					c, rest = rune(n), rest[4:]
				}
			}
		}
		b.WriteRune(c)
	}
	return b.String()
}
