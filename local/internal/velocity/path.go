package velocity

import (
	"fmt"
	"math"
)

// A member is what follows the name of a reference, one step of the way.
type member interface {
	get(r *renderer, s *scope, of any) (any, error)
}

// member reads a dot and a property or a call.
func (p *parser) member() (member, error) {
	p.last = p.peek() // the dot
	name := p.peek()
	p.last = name
	// A call is one when what follows the parenthesis can be an argument or
	// its end.
	open := p.peek()
	if open.kind != paren || !p.startsCall(p.ahead(open)) {
		isClass := name.image == "class" || name.image == "Class"
		return &property{name: name.image, class: isClass, at: p.source.position(name.offset)}, nil
	}
	p.last = open
	c := &call{name: name.image, at: p.source.position(name.offset)}
	if err := p.nest(open); err != nil {
		return nil, err
	}
	if !p.is(callEnd) {
		for {
			argument, err := p.parameter()
			if err != nil {
				return nil, err
			}
			c.arguments = append(c.arguments, argument)
			if !p.skip(comma) {
				break
			}
		}
	}
	p.depth--
	if _, err := p.take(callEnd); err != nil {
		return nil, err
	}
	return c, nil
}

func (p *parser) startsCall(t *token) bool { return t.kind == callEnd || startsParameter(t) }

// index reads brackets behind a reference.
func (p *parser) index() (member, error) {
	open, err := p.take(indexOpen)
	if err != nil {
		return nil, err
	}
	if err := p.nest(open); err != nil {
		return nil, err
	}
	p.skip(space)
	i := &index{at: p.source.position(open.offset)}
	switch p.peek().kind {
	case stringLiteral, integerLiteral, trueWord, falseWord, identifier, braceOpen:
		i.argument, err = p.operand()
	default:
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	p.skip(space)
	p.depth--
	if _, err := p.take(indexClose); err != nil {
		return nil, err
	}
	return i, nil
}

// A property is .name behind a reference.
type property struct {
	name  string
	class bool // it is that of all values
	at    position
}

func (p *property) get(r *renderer, _ *scope, of any) (any, error) {
	v, err := r.property(of, p.name)
	if err != nil {
		return nil, p.at.fail(err)
	}
	return v, nil
}

// A call is .name(...) behind a reference.
type call struct {
	name      string
	arguments []expression
	at        position
}

func (c *call) get(r *renderer, s *scope, of any) (any, error) {
	if err := r.step(); err != nil {
		return nil, c.at.fail(err)
	}
	// The arguments of all calls that are under way lie one behind another.
	before := len(r.arguments)
	for _, a := range c.arguments {
		v, err := a.value(r, s)
		if err != nil {
			return nil, err
		}
		r.arguments = append(r.arguments, v)
	}
	v, err := r.call(of, c.name, r.arguments[before:len(r.arguments):len(r.arguments)])
	clear(r.arguments[before:])
	r.arguments = r.arguments[:before]
	if err != nil {
		return nil, c.at.fail(err)
	}
	return v, nil
}

// An index is [...] behind a reference.
type index struct {
	argument expression
	at       position
}

func (i *index) get(r *renderer, s *scope, of any) (any, error) {
	argument, err := i.evaluate(r, s, of)
	if err != nil {
		return nil, err
	}
	v, err := r.item(of, argument)
	if err != nil {
		return nil, i.at.fail(err)
	}
	return v, nil
}

// evaluate returns the index, of which a negative one counts from the end.
// Velocity does so for whatever has a size, maps too.
func (i *index) evaluate(r *renderer, s *scope, of any) (any, error) {
	argument, err := i.argument.value(r, s)
	if err != nil {
		return nil, err
	}
	n, ok := argument.(int32)
	if !ok || n >= 0 {
		return argument, nil
	}
	size, ok := sizeOf(of)
	if !ok {
		return nil, i.at.fail(fmt.Errorf("the index %d needs something with a size, not a %s", n, className(of)))
	}
	return int32(min(size+int(n), math.MaxInt32)), nil
}
