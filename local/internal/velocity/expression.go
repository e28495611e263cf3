package velocity

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// An expression is what stands in a #set, a condition, a list or among
// arguments.
type expression interface {
	// value returns what the expression stands for; nil is null.
	value(r *renderer, s *scope) (any, error)
	// truth returns whether a condition holds. Of the literals only true
	// does, whatever their values.
	truth(r *renderer, s *scope) (bool, error)
	// constant reports whether a macro that gets the expression as its
	// argument works it out once, at its call.
	constant() bool
	literal() string
	firstImage() string
}

// An expressionNode is what all expressions share: the tokens they are made
// of.
type expressionNode struct{ first, last *token }

func (n expressionNode) literal() string    { return literalOf(n.first, n.last) }
func (n expressionNode) firstImage() string { return n.first.image }
func (expressionNode) constant() bool       { return false }

func (expressionNode) truth(*renderer, *scope) (bool, error) { return false, nil }

// Precedence, from what binds least to what binds most.
var precedence = [...][]kind{
	{or},
	{and},
	{equals, notEquals},
	{less, greater, lessEqual, greaterEqual},
	{plus, minus},
	{times, divide, modulo},
}

// expression reads a whole expression.
func (p *parser) expression() (expression, error) { return p.binary(0) }

func (p *parser) binary(level int) (expression, error) {
	if level == len(precedence) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for p.is(precedence[level]...) {
		operator := p.peek()
		p.last = operator
		first := p.peek() // how an operation is written begins behind its operator
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		left = &operation{
			expressionNode: expressionNode{first, p.last},
			operator:       operator.kind, left: left, right: right,
			at: p.source.position(operator.offset),
		}
	}
	return left, nil
}

func (p *parser) unary() (expression, error) {
	first := p.peek()
	if first.kind == not || first.kind == space && p.ahead(first).kind == not {
		p.skip(space)
		p.last = p.peek()
		if err := p.nest(first); err != nil {
			return nil, err
		}
		inner := p.peek()
		of, err := p.unary()
		if err != nil {
			return nil, err
		}
		p.depth--
		return &negation{expressionNode{inner, p.last}, of}, nil
	}
	p.skip(space)
	var e expression
	var err error
	if open := p.peek(); open.kind == paren {
		p.last = open
		if err := p.nest(open); err != nil {
			return nil, err
		}
		first := p.peek()
		inner, err := p.expression()
		if err != nil {
			return nil, err
		}
		e = &group{expressionNode{first, p.last}, inner}
		p.depth--
		if _, err := p.take(parenEnd); err != nil {
			return nil, err
		}
	} else if e, err = p.operand(); err != nil {
		return nil, err
	}
	p.skip(space)
	return e, nil
}

// parameter reads an argument of a call or an item of a list or map, with the
// blanks around it.
func (p *parser) parameter() (expression, error) {
	p.skip(space)
	e, err := p.operand()
	p.skip(space)
	return e, err
}

func startsParameter(t *token) bool {
	switch t.kind {
	case space, stringLiteral, integerLiteral, floatLiteral, listOpen, mapOpen, trueWord, falseWord, identifier, braceOpen:
		return true
	}
	return false
}

// operand reads a literal, a list, a range, a map or a reference.
func (p *parser) operand() (expression, error) {
	t := p.peek()
	node := expressionNode{t, t}
	switch t.kind {
	case stringLiteral:
		p.last = t
		return p.stringText(t), nil
	case identifier, braceOpen:
		return p.reference()
	case integerLiteral, floatLiteral:
		p.last = t
		return p.number(t)
	case trueWord, falseWord:
		p.last = t
		return &boolean{node, t.kind == trueWord}, nil
	case listOpen, mapOpen:
		if err := p.nest(t); err != nil {
			return nil, err
		}
		var e expression
		var err error
		if t.kind == mapOpen {
			e, err = p.mapLiteral()
		} else if e, err = p.tryRange(); e == nil && err == nil {
			e, err = p.listLiteral()
		}
		p.depth--
		return e, err
	}
	return nil, p.unexpected()
}

// number reads a literal. One with a # before it is a token, but no number.
func (p *parser) number(t *token) (expression, error) {
	n := &number{expressionNode: expressionNode{t, t}}
	if v, ok := javavalue.Integer(t.image); ok && t.kind == integerLiteral {
		n.v = v
		return n, nil
	}
	f, err := strconv.ParseFloat(t.image, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // an overflow is Infinity, as in Java
		at := p.source.position(t.offset)
		p.finish(func() error { return at.fail(fmt.Errorf("%q is no number", t.image)) })
	}
	n.v = f
	return n, nil
}

// listLiteral reads [a, b].
func (p *parser) listLiteral() (expression, error) {
	l := &listLiteral{}
	l.first = p.peek()
	if _, err := p.take(listOpen); err != nil {
		return nil, err
	}
	if startsParameter(p.peek()) {
		for {
			item, err := p.parameter()
			if err != nil {
				return nil, err
			}
			l.items = append(l.items, item)
			if !p.skip(comma) {
				break
			}
		}
	}
	var err error
	l.last, err = p.take(listClose)
	return l, err
}

// mapLiteral reads {key: value}.
func (p *parser) mapLiteral() (expression, error) {
	m := &mapLiteral{}
	m.first = p.peek()
	if _, err := p.take(mapOpen); err != nil {
		return nil, err
	}
	next := p.peek()
	if next.kind == space && !startsParameter(p.ahead(next)) {
		p.skip(space)
		next = p.peek()
	}
	if startsParameter(next) {
		for {
			key, err := p.parameter()
			if err != nil {
				return nil, err
			}
			if _, err := p.take(colon); err != nil {
				return nil, err
			}
			value, err := p.parameter()
			if err != nil {
				return nil, err
			}
			m.pairs = append(m.pairs, [2]expression{key, value})
			if !p.skip(comma) {
				break
			}
		}
	}
	m.last = p.peek()
	// Behind a reference the brace may have been read as the end of one.
	if !p.skip(mapClose) && !p.skip(braceClose) {
		return nil, p.unexpected()
	}
	return m, nil
}

// tryRange reads [from..to]; nil where the bracket begins a list. The grammar
// looks as far ahead as the dots.
func (p *parser) tryRange() (expression, error) {
	open := p.peek()
	if p.notRanges[open] {
		return nil, nil
	}
	depth, unfinished := p.depth, len(p.unfinished)
	before := p.last
	p.last = open
	p.skip(space)
	from, err := p.bound()
	p.skip(space)
	if err != nil || !p.skip(twoDots) {
		p.notRanges[open] = true
		p.last, p.depth, p.unfinished = before, depth, p.unfinished[:unfinished]
		return nil, p.failed
	}
	p.skip(space)
	to, err := p.bound()
	if err != nil {
		return nil, err
	}
	p.skip(space)
	last, err := p.take(listClose)
	return &rangeLiteral{expressionNode{open, last}, from, to, p.source.position(open.offset)}, err
}

// bound reads one end of a range.
func (p *parser) bound() (expression, error) {
	switch p.peek().kind {
	case identifier, braceOpen, integerLiteral:
		return p.operand()
	}
	return nil, p.unexpected()
}

// A number is a literal.
type number struct {
	expressionNode
	v any
}

func (n *number) value(*renderer, *scope) (any, error) { return n.v, nil }
func (*number) constant() bool                         { return true }

// A boolean is a literal.
type boolean struct {
	expressionNode
	v bool
}

func (b *boolean) value(*renderer, *scope) (any, error)  { return b.v, nil }
func (b *boolean) truth(*renderer, *scope) (bool, error) { return b.v, nil }
func (*boolean) constant() bool                          { return true }

// A bareWord is a name among the arguments of a directive: the name of a
// macro, the in of a #foreach.
type bareWord struct{ text string }

func (*bareWord) value(*renderer, *scope) (any, error)  { return nil, nil }
func (*bareWord) truth(*renderer, *scope) (bool, error) { return false, nil }
func (*bareWord) constant() bool                        { return true }
func (w *bareWord) literal() string                     { return w.text }
func (w *bareWord) firstImage() string                  { return w.text }

// A stringText is a text in quotes. In double quotes it is a template of its
// own, if it has a $ or a #.
type stringText struct {
	expressionNode
	plain string
	fixed any   // the plain text as a value
	body  block // nil when the text is plain
	// Velocity renders the text with a blank behind it and takes one sign off
	// the result, unless a line comment would swallow the blank.
	padded bool
	at     position
}

func (p *parser) stringText(t *token) expression {
	text := &stringText{expressionNode: expressionNode{t, t}, at: p.source.position(t.offset)}
	image := t.image
	quote := image[:1]
	text.plain = image[1 : len(image)-1]
	if quote == `"` {
		plain, err := unescapeUnicode(text.plain)
		if err != nil {
			p.finish(func() error { return text.at.fail(err) })
		}
		text.plain = plain
	}
	text.plain = strings.ReplaceAll(text.plain, quote+quote, quote)
	text.fixed = text.plain
	if quote == `'` || !strings.ContainsAny(image, "$#") {
		return text
	}
	p.finish(func() error {
		source := text.plain
		if text.padded = !strings.Contains(source, "##"); text.padded {
			source += " "
		}
		inner := p.within(source, text.at)
		if err := inner.nest(t); err != nil {
			return text.at.fail(err)
		}
		inner.depth = p.depth + 1
		body, err := inner.template()
		if p.evaluates == nil {
			p.evaluates = inner.evaluates
		}
		if body == nil {
			body = block{}
		}
		text.body = body
		return err
	})
	return text
}

// unescapeUnicode replaces \uXXXX, the one escape that Velocity knows.
func unescapeUnicode(s string) (string, error) {
	i := strings.Index(s, `\u`)
	if i < 0 {
		return s, nil
	}
	var units []uint16
	for ; i >= 0; i = strings.Index(s, `\u`) {
		units = append(units, utf16.Encode([]rune(s[:i]))...)
		if len(s) < i+6 {
			return "", errors.New(`\u needs four hexadecimal digits`)
		}
		unit, err := strconv.ParseInt(s[i+2:i+6], 16, 32)
		if err != nil {
			return "", fmt.Errorf(`\u needs four hexadecimal digits, not %q`, s[i+2:i+6])
		}
		units = append(units, uint16(unit))
		s = s[i+6:]
	}
	return string(utf16.Decode(append(units, utf16.Encode([]rune(s))...))), nil
}

func (t *stringText) value(r *renderer, s *scope) (any, error) {
	if t.body == nil {
		return t.fixed, nil
	}
	before := r.begin()
	err := t.body.render(r, s)
	text := r.end(before)
	if err != nil {
		return nil, t.at.fail(err)
	}
	if t.padded && text != "" {
		text = text[:len(text)-1]
	}
	if err := r.makes(len(text)); err != nil {
		return nil, t.at.fail(err)
	}
	return text, nil
}

// A listLiteral is [a, b].
type listLiteral struct {
	expressionNode
	items []expression
}

func (l *listLiteral) value(r *renderer, s *scope) (any, error) {
	items := make([]any, 0, len(l.items))
	for _, item := range l.items {
		v, err := item.value(r, s)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	return javavalue.NewList(items...), r.use(sizeOfItem * (len(items) + 1))
}

// What a list takes for each item, and a map for each entry, roughly.
const (
	sizeOfItem  = 16
	sizeOfEntry = 64
)

// A mapLiteral is {key: value}.
type mapLiteral struct {
	expressionNode
	pairs [][2]expression
}

func (m *mapLiteral) value(r *renderer, s *scope) (any, error) {
	result := javavalue.NewMap()
	for _, pair := range m.pairs {
		key, err := pair[0].value(r, s)
		if err != nil {
			return nil, err
		}
		value, err := pair[1].value(r, s)
		if err != nil {
			return nil, err
		}
		result.Put(key, value)
	}
	return result, r.use(sizeOfEntry * (len(m.pairs) + 1))
}

// A rangeLiteral is [from..to].
type rangeLiteral struct {
	expressionNode
	from, to expression
	at       position
}

func (l *rangeLiteral) value(r *renderer, s *scope) (any, error) {
	from, err := l.from.value(r, s)
	if err != nil {
		return nil, err
	}
	to, err := l.to.value(r, s)
	if err != nil {
		return nil, err
	}
	if !isNumber(from) || !isNumber(to) {
		return nil, nil
	}
	first, last := toInt(from), toInt(to)
	step := int32(1)
	if first >= last {
		step = -1
	}
	count := int(last) - int(first)
	if count < 0 {
		count = -count
	}
	count++
	if count > maxMemory/sizeOfItem {
		return nil, l.at.fail(fmt.Errorf("a range of %d numbers is too large", count))
	}
	if err := r.use(sizeOfItem * count); err != nil {
		return nil, l.at.fail(err)
	}
	items := make([]any, count)
	for i := range items {
		items[i] = first
		first += step
	}
	return javavalue.NewList(items...), nil
}

// A group is (x).
type group struct {
	expressionNode
	of expression
}

func (g *group) value(r *renderer, s *scope) (any, error)  { return g.of.value(r, s) }
func (g *group) truth(r *renderer, s *scope) (bool, error) { return g.of.truth(r, s) }

// A negation is !x.
type negation struct {
	expressionNode
	of expression
}

func (n *negation) value(r *renderer, s *scope) (any, error) { return n.truth(r, s) }

func (n *negation) truth(r *renderer, s *scope) (bool, error) {
	holds, err := n.of.truth(r, s)
	return !holds, err
}

// An operation is two expressions with an operator between them.
type operation struct {
	expressionNode
	operator    kind
	left, right expression
	at          position
}

func (o *operation) truth(r *renderer, s *scope) (bool, error) {
	switch o.operator {
	case and:
		holds, err := o.left.truth(r, s)
		if err != nil || !holds {
			return false, err
		}
		return o.right.truth(r, s)
	case or:
		holds, err := o.left.truth(r, s)
		if err != nil || holds {
			return holds, err
		}
		return o.right.truth(r, s)
	case plus, minus, times, divide, modulo:
		return false, nil // a calculated value is no condition, whatever it is
	}
	left, right, err := o.operands(r, s)
	if err != nil {
		return false, err
	}
	switch o.operator {
	case equals:
		same, err := r.same(left, right)
		return same, o.fail(err)
	case notEquals:
		same, err := r.same(left, right)
		return !same, o.fail(err)
	}
	if !isNumber(left) || !isNumber(right) {
		return false, nil
	}
	c, err := compare(left, right)
	if err != nil {
		return false, o.fail(err)
	}
	switch o.operator {
	case less:
		return c < 0, nil
	case lessEqual:
		return c <= 0, nil
	case greater:
		return c > 0, nil
	default:
		return c >= 0, nil
	}
}

func (o *operation) value(r *renderer, s *scope) (any, error) {
	switch o.operator {
	case plus, minus, times, divide, modulo:
	default:
		return o.truth(r, s)
	}
	left, right, err := o.operands(r, s)
	if err != nil {
		return nil, err
	}
	if o.operator == plus {
		_, leftText := left.(string)
		_, rightText := right.(string)
		if leftText || rightText {
			v, err := o.concatenate(r, left, right)
			return v, o.fail(err)
		}
	}
	if !isNumber(left) || !isNumber(right) {
		return nil, nil
	}
	v, err := calculate(o.operator, left, right)
	if err != nil {
		return nil, o.fail(err)
	}
	if isBig(v) || isDecimal(v) {
		return v, o.fail(r.use(maxBits / 8)) // at most
	}
	return v, nil
}

func (o *operation) operands(r *renderer, s *scope) (left, right any, err error) {
	if err := r.step(); err != nil {
		return nil, nil, o.at.fail(err)
	}
	if left, err = o.left.value(r, s); err != nil {
		return nil, nil, err
	}
	right, err = o.right.value(r, s)
	return left, right, err
}

// concatenate joins two values of which one is a text. In the place of null
// stands how the operand is written.
func (o *operation) concatenate(r *renderer, left, right any) (any, error) {
	if left == nil {
		left = o.left.literal()
	} else if right == nil {
		right = o.right.literal()
	}
	a, err := r.text(left)
	if err != nil {
		return nil, err
	}
	b, err := r.text(right)
	if err != nil {
		return nil, err
	}
	return a + b, r.makes(len(a) + len(b))
}

func (o *operation) fail(err error) error {
	if err == nil {
		return nil
	}
	return o.at.fail(err)
}

// same is the == of templates: numbers by value, values of one class by
// equals, all else by their texts.
func (r *renderer) same(left, right any) (bool, error) {
	if a, ok := left.(string); ok {
		if b, ok := right.(string); ok {
			return a == b, nil
		}
	}
	if isNumber(left) && isNumber(right) {
		c, err := compare(left, right)
		return c == 0, err
	}
	if left == nil || right == nil {
		return left == nil && right == nil, nil
	}
	if sameClass(left, right) {
		return equal(left, right), nil
	}
	a, err := r.text(left)
	if err != nil {
		return false, err
	}
	b, err := r.text(right)
	return a == b, err
}

// text returns what Java's toString gives.
func (r *renderer) text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case *definition:
		text, _, err := v.text(r)
		return text, err
	}
	text, err := javavalue.AppendString(nil, v, maxOutput)
	if err != nil {
		return "", err
	}
	return string(text), r.use(len(text))
}
