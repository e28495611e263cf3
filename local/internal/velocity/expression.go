package velocity

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

func (n expressionNode) literal() string { return literalOf(n.first, n.last) }

func (n expressionNode) firstImage() string { return n.first.image }

func (expressionNode) constant() bool { return false }

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
