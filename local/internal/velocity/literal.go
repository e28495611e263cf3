package velocity

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// A number is a literal.
type number struct {
	expressionNode
	v any
}

func (n *number) value(*renderer, *scope) (any, error) { return n.v, nil }
func (*number) constant() bool                         { return true }

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
		if err := r.hold(v); err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	return javavalue.NewList(items...), r.use(sizeOfItem)
}

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
		if err := r.holdEntry(key, value); err != nil {
			return nil, err
		}
		result.Put(key, value)
	}
	return result, r.use(sizeOfEntry)
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
	if count > maxMemory/sizeOfSlot {
		return nil, l.at.fail(fmt.Errorf("a range of %d numbers is too large", count))
	}
	if err := r.use(sizeOfSlot * count); err != nil {
		return nil, l.at.fail(err)
	}
	items := make([]any, count)
	for i := range items {
		items[i] = first
		first += step
	}
	return javavalue.NewList(items...), nil
}
