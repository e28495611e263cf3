package jsonpath

import (
	"errors"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// An expression is what stands in [?(...)]: comparisons joined by &&, || and !.
type expression interface {
	// accepts reports whether a value passes. The evaluation is that of the path around it.
	accepts(e *evaluation, value any) (bool, error)
}

type (
	either     []expression // one of them holds: ||
	both       []expression // all of them hold: &&
	not        struct{ expression }
	comparison struct {
		left, right operand
		operator    string // "" asks whether the left is there, or is not
		absent      bool
	}
)

func (x either) accepts(e *evaluation, value any) (bool, error) {
	for _, one := range x {
		if ok, err := one.accepts(e, value); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func (x both) accepts(e *evaluation, value any) (bool, error) {
	for _, one := range x {
		if ok, err := one.accepts(e, value); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (x not) accepts(e *evaluation, value any) (bool, error) {
	ok, err := x.expression.accepts(e, value)
	return !ok && err == nil, err
}

// An operand is a literal, or a path whose value is compared.
type operand struct {
	path  *Path
	value node
}

func (x comparison) accepts(e *evaluation, value any) (bool, error) {
	if x.operator == "" {
		there, err := x.left.path.exists(e, value)
		return there != x.absent, err
	}
	left, err := x.left.read(e, value)
	if err != nil {
		return false, err
	}
	right, err := x.right.read(e, value)
	if err != nil {
		return false, err
	}
	return compare(left, x.operator, right)
}

// exists reports whether a path finds something, which one that may find several always
// does. It begins at the value under test, even if it is written with a $.
func (p *Path) exists(e *evaluation, value any) (bool, error) {
	_, err := p.read(&evaluation{root: e.root, work: e.work, required: true}, value)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// read returns the operand for a value under test.
func (o operand) read(e *evaluation, value any) (node, error) {
	if o.path == nil {
		return o.value, nil
	}
	if o.path.document {
		value = e.root
	}
	found, err := o.path.read(&evaluation{root: e.root, work: e.work}, value)
	if errors.Is(err, ErrNotFound) {
		return node{kind: undefinedNode}, nil
	}
	if err != nil {
		return node{}, err
	}
	return nodeOf(found), nil
}

// parseFilter reads an expression in its parentheses.
func parseFilter(text []rune, depth int) (expression, error) {
	p := filterParser{cursor: cursor{text: text}, depth: depth}
	x, err := p.either()
	if err == nil && p.index(p.at) < len(p.text) {
		err = invalid("a filter goes on where it should end, at %q", string(p.text[p.at:]))
	}
	return x, err
}

// A filterParser reads an expression from left to right.
type filterParser struct {
	cursor
	depth int
}

func (p *filterParser) skipBlanks() rune {
	p.at = p.index(p.at)
	return p.char(p.at)
}

// skip passes over text if it comes next.
func (p *filterParser) skip(text string) bool {
	p.skipBlanks()
	for i, c := range text {
		if p.char(p.at+i) != c {
			return false
		}
	}
	p.at += len(text)
	return true
}

func (p *filterParser) either() (expression, error) {
	var any either
	for {
		x, err := p.both()
		if err != nil {
			return nil, err
		}
		any = append(any, x)
		if !p.skip("||") {
			if len(any) == 1 {
				return x, nil
			}
			return any, nil
		}
	}
}

func (p *filterParser) both() (expression, error) {
	var all both
	for {
		x, err := p.term()
		if err != nil {
			return nil, err
		}
		all = append(all, x)
		if !p.skip("&&") {
			if len(all) == 1 {
				return x, nil
			}
			return all, nil
		}
	}
}

// term reads a comparison, or an expression in parentheses or behind a !.
func (p *filterParser) term() (expression, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, invalid("it is nested too deeply")
	}
	defer func() { p.depth-- }()
	if p.skipBlanks() == '!' {
		if next := p.char(p.index(p.at + 1)); next != '$' && next != '@' {
			p.at++
			x, err := p.term()
			return not{x}, err
		}
	}
	if p.skip("(") {
		x, err := p.either()
		if err == nil && !p.skip(")") {
			err = invalid("a parenthesis of a filter is not closed")
		}
		return x, err
	}
	return p.comparison()
}

func (p *filterParser) comparison() (expression, error) {
	left, absent, err := p.operand()
	if err != nil {
		return nil, err
	}
	behind := p.at
	operator, ok := p.operator()
	if ok {
		right, _, err := p.operand()
		if err == nil {
			return comparison{left: left, operator: operator, right: right}, nil
		}
	}
	p.at = behind
	if left.path == nil {
		return nil, invalid("a filter compares nothing")
	}
	return comparison{left: left, absent: absent}, nil
}

// operator reads what stands between two operands.
func (p *filterParser) operator() (string, bool) {
	p.skipBlanks()
	start := p.at
	if strings.ContainsRune(relational, p.char(p.at)) {
		for !p.done() && strings.ContainsRune(relational, p.char(p.at)) {
			p.at++
		}
	} else {
		for !p.done() && p.char(p.at) != ' ' {
			p.at++
		}
	}
	operator := strings.ToUpper(string(p.text[start:p.at]))
	return operator, slices.Contains(operators, operator)
}

const relational = "<>=~!"

// operand reads a path or a literal. Behind a ! a path is one that must not be there.
func (p *filterParser) operand() (o operand, absent bool, err error) {
	switch c := p.skipBlanks(); c {
	case '!':
		p.at++
		if next := p.skipBlanks(); next != '$' && next != '@' {
			return o, false, invalid("a ! stands in front of nothing it could deny")
		}
		o.path, err = p.path()
		return o, true, err
	case '$', '@':
		o.path, err = p.path()
		return o, false, err
	case '\'', '"':
		end := p.unescaped(p.at, c)
		if end < 0 {
			return o, false, invalid("a text is not closed with %c", c)
		}
		o.value = textOf(unescape(string(p.text[p.at+1 : end])))
		p.at = end + 1
		return o, false, nil
	case '[', '{':
		o.value, err = p.json(c)
		return o, false, err
	case '/':
		o.value, err = p.pattern()
		return o, false, err
	}
	for _, word := range []struct {
		text string
		node node
	}{{"true", node{kind: booleanNode, truth: true}}, {"false", node{kind: booleanNode}}, {"null", node{kind: nullNode}}} {
		if p.skip(word.text) {
			o.value = word.node
			return o, false, nil
		}
	}
	start := p.at
	for c := p.char(p.at); c >= '0' && c <= '9' || c == '-' || c == '.' || c == 'E' || c == 'e'; c = p.char(p.at) {
		p.at++
	}
	number, ok := javavalue.ParseDecimal(string(p.text[start:p.at]))
	if !ok {
		return o, false, invalid("%q is no value", string(p.text[start:]))
	}
	o.value = numberOf(number)
	return o, false, nil
}

// path reads a path, which a blank, an operator or a closing parenthesis ends.
func (p *filterParser) path() (*Path, error) {
	start := p.at
	p.at++
	for !p.done() {
		if p.char(p.at) == '[' {
			end, err := p.closing(p.at, '[', ']', false)
			if err != nil || end < 0 {
				return nil, invalid("a bracket in a filter is not closed")
			}
			p.at = end + 1
		}
		c := p.char(p.at)
		if p.done() || c == ' ' || strings.ContainsRune(relational, c) || c == ')' && !p.closesCall(start) {
			break
		}
		p.at++
	}
	return compile(string(p.text[start:p.at]), p.depth)
}

// closesCall reports whether the parenthesis closes that of a function without arguments.
func (p *filterParser) closesCall(start int) bool {
	i := p.at - 1
	for p.char(i) == ' ' {
		i--
	}
	if p.char(i) != '(' {
		return false
	}
	for i--; i > start; i-- {
		if p.char(i) == '.' {
			return true
		}
	}
	return false
}

// json reads an array or an object.
func (p *filterParser) json(open rune) (node, error) {
	shut := ']'
	if open == '{' {
		shut = '}'
	}
	end, err := p.closing(p.at, open, shut, false)
	if err != nil || end < 0 {
		return node{}, invalid("a value in a filter is not closed")
	}
	text := string(p.text[p.at : end+1])
	p.at = end + 1
	value, err := parseLenient(text)
	if err != nil {
		return node{}, invalid("a value in a filter is not JSON")
	}
	return node{kind: literalJSONNode, value: value}, nil
}

// parseLenient reads JSON in which text may stand in single quotes, as it does in filters.
func parseLenient(text string) (any, error) {
	var b strings.Builder
	c := cursor{text: []rune(text)}
	for i := 0; i < len(c.text); i++ {
		quote := c.text[i]
		if quote != '\'' && quote != '"' {
			b.WriteRune(quote)
			continue
		}
		end := c.unescaped(i, quote)
		if end < 0 {
			return nil, ErrInvalid
		}
		inner := string(c.text[i+1 : end])
		if quote == '\'' {
			inner = strings.ReplaceAll(strings.ReplaceAll(inner, `\'`, `'`), `"`, `\"`)
		}
		b.WriteString(`"` + inner + `"`)
		i = end
	}
	return javavalue.Parse([]byte(b.String()))
}

// pattern reads /expression/flags.
func (p *filterParser) pattern() (node, error) {
	end := p.unescaped(p.at, '/')
	if end < 0 {
		return node{}, invalid("a pattern is not closed with /")
	}
	text := string(p.text[p.at+1 : end])
	p.at = end + 1
	start := p.at
	for strings.ContainsRune("dixmsuU", p.char(p.at)) {
		p.at++
	}
	if flags := string(p.text[start:p.at]); flags != "" {
		text = "(?" + flags + ")" + text
	}
	pattern, err := javaregexp.Compile(text)
	if err != nil {
		return node{}, invalid("%v", err)
	}
	return node{kind: patternNode, pattern: pattern}, nil
}
