package velocity

// A conditional is an #if with its #elseif and #else.
type conditional struct {
	branches  []branch
	otherwise block
}

type branch struct {
	condition expression
	body      block
}

func (p *parser) conditional() (statement, error) {
	start, err := p.take(ifWord)
	if err != nil {
		return nil, err
	}
	if err := p.nest(start); err != nil {
		return nil, err
	}
	c := &conditional{}
	branch, err := p.branch()
	if err != nil {
		return nil, err
	}
	c.branches = append(c.branches, branch)
	for p.skip(elseifWord) {
		branch, err := p.branch()
		if err != nil {
			return nil, err
		}
		c.branches = append(c.branches, branch)
	}
	if p.skip(elseWord) {
		if c.otherwise, err = p.statements(); err != nil {
			return nil, err
		}
	}
	if !p.is(end) {
		return nil, p.unexpected()
	}
	p.depth--
	if _, err := p.take(end); err != nil {
		return nil, err
	}
	p.finish(func() error {
		c.merge()
		return nil
	})
	return c, nil
}

// branch reads a condition in parentheses and the statements under it.
func (p *parser) branch() (branch, error) {
	p.skip(space)
	if _, err := p.take(paren); err != nil {
		return branch{}, err
	}
	condition, err := p.expression()
	if err != nil {
		return branch{}, err
	}
	if _, err := p.take(parenEnd); err != nil {
		return branch{}, err
	}
	body, err := p.statements()
	return branch{condition, body}, err
}

func (c *conditional) merge() {
	for i := range c.branches {
		c.branches[i].body = c.branches[i].body.merge()
	}
	c.otherwise = c.otherwise.merge()
}

func (c *conditional) render(r *renderer, s *scope) error {
	for i := range c.branches {
		holds, err := c.branches[i].condition.truth(r, s)
		if err != nil {
			return err
		}
		if holds {
			return c.branches[i].body.render(r, s)
		}
	}
	if len(c.otherwise) == 0 {
		return nil
	}
	return c.otherwise.render(r, s)
}
