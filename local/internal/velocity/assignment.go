package velocity

// An assignment is a #set.
type assignment struct {
	left  *reference
	name  variable // what is assigned when left is a name alone
	right expression
	at    position
}

func (p *parser) set() (statement, error) {
	start, err := p.take(setStart)
	if err != nil {
		return nil, err
	}
	p.skip(space)
	left, err := p.reference()
	if err != nil {
		return nil, err
	}
	p.skip(space)
	if _, err := p.take(assign); err != nil {
		return nil, err
	}
	right, err := p.expression()
	if err != nil {
		return nil, err
	}
	if _, err := p.take(parenEnd); err != nil {
		return nil, err
	}
	p.lexer.setting = false
	s := &assignment{left: left, right: right, at: p.source.position(start.offset)}
	p.finish(func() error {
		// What follows the first sign is the name, so ${name} and $!name
		// assign names that nothing can read.
		s.name = p.names.of(left.first.image[1:])
		return nil
	})
	return s, nil
}

func (a *assignment) render(r *renderer, s *scope) error {
	v, err := a.right.value(r, s)
	if err != nil {
		return a.at.fail(err)
	}
	if v == nil {
		return nil // nothing is assigned
	}
	if len(a.left.members) == 0 {
		s.put(a.name, v)
		return nil
	}
	return a.left.assign(r, s, v)
}
