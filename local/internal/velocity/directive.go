package velocity

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A directive is # and a name with its arguments, as it was read.
type directive struct {
	name                string
	arguments           []expression
	hasBody             bool
	body                block
	first, last         *token
	bodyFirst, bodyLast *token
	at                  position
}

// directive reads # and a name: a directive, a macro, or plain text.
func (p *parser) directive() (statement, error) {
	t := p.peek()
	p.last = t
	name := t.image[1:]
	if t.kind == bracedWord {
		name = t.image[2 : len(t.image)-1]
	}
	hasBody := name == "foreach" || name == "macro" || name == "define" || name == "literal" || strings.HasPrefix(name, "@")

	// Only now is it known that what follows are arguments.
	p.lexer.state = inArguments
	d := &directive{name: name, first: t, last: t, at: p.source.position(t.offset)}
	if !p.parenthesisFollows() {
		if name == "macro" {
			return nil, &syntaxError{t.offset, "#macro needs the name of the macro in parentheses"}
		}
		p.lexer.pop()
		return p.finished(d)
	}

	if err := p.arguments(d); err != nil {
		return nil, err
	}
	if !hasBody {
		d.last = p.last
		return p.finished(d)
	}

	if err := p.nest(t); err != nil {
		return nil, err
	}
	d.hasBody, d.bodyFirst = true, p.peek()
	body, err := p.statements()
	if err != nil {
		return nil, err
	}
	d.body, d.bodyLast = body, p.last
	if !p.is(end) {
		return nil, p.unexpected()
	}
	p.depth--
	d.last, err = p.take(end)
	if err != nil {
		return nil, err
	}
	if name == "macro" {
		if len(d.arguments) == 0 {
			return nil, &syntaxError{t.offset, "the first argument of #macro is the name of the macro"}
		}
		p.declared[d.arguments[0].(*bareWord).text] = true
	}
	return p.finished(d)
}

// arguments reads the arguments of a directive, with the parentheses around them.
func (p *parser) arguments(d *directive) error {
	p.skip(space)
	if _, err := p.take(paren); err != nil {
		return err
	}
	known := isOwnDirective(d.name)
	for p.argumentFollows() {
		p.skip(space)
		if p.skip(comma) {
			p.skip(space)
		}
		argument, err := p.argument()
		if err != nil {
			return err
		}
		_, isWord := argument.(*bareWord)
		position := len(d.arguments)
		switch {
		case d.name == "macro" && position == 0:
			if !isWord {
				return &syntaxError{d.first.offset, "the first argument of #macro is the name of the macro, without quotes"}
			}
		case isWord && (p.isMacro(d.name) || known && (d.name != "foreach" || position != 1)):
			return &syntaxError{d.first.offset, fmt.Sprintf("argument %d of #%s may not be a bare word", position+1, d.name)}
		}
		d.arguments = append(d.arguments, argument)
	}
	p.skip(space)
	_, err := p.take(parenEnd)
	return err
}

func isOwnDirective(name string) bool {
	switch name {
	case "foreach", "include", "parse", "macro", "literal", "evaluate", "break", "define", "stop":
		return true
	}
	return false
}

// parenthesisFollows looks for a parenthesis behind blanks and line ends, in
// the text and not in the tokens.
func (p *parser) parenthesisFollows() bool {
	rest := strings.TrimLeft(p.lexer.text[p.lexer.at:], " \t\r\n")
	return strings.HasPrefix(rest, "(")
}

// argumentFollows looks two tokens ahead for blanks, a comma or an argument.
func (p *parser) argumentFollows() bool {
	t := p.peek()
	next := func(kinds ...kind) bool { return slices.Contains(kinds, p.ahead(t).kind) }
	starts := []kind{identifier, braceOpen, word, stringLiteral, integerLiteral, floatLiteral, mapOpen, listOpen, trueWord, falseWord}
	switch t.kind {
	case space:
		return next(append(starts, comma)...)
	case comma:
		return next(append(starts, space)...)
	case braceOpen:
		return next(identifier)
	}
	return slices.Contains(starts, t.kind)
}

// argument reads an argument of a directive.
func (p *parser) argument() (expression, error) {
	if t := p.peek(); t.kind == word {
		p.last = t
		return &bareWord{t.image}, nil
	}
	return p.operand()
}

// finished makes the statement of a directive that was read, as far as it can
// be made at once, and leaves the rest for later.
func (p *parser) finished(d *directive) (statement, error) {
	s := &deferred{}
	switch d.name {
	case "include", "parse":
		return nil, &syntaxError{d.first.offset, fmt.Sprintf("#%s reads files, which API Gateway does not have", d.name)}
	case "evaluate":
		if p.evaluates == nil {
			p.evaluates = &d.at
		}
	}
	p.finish(func() error {
		var err error
		s.statement, err = p.make(d)
		if err != nil {
			return d.at.fail(err)
		}
		return nil
	})
	return s, nil
}

// make makes the statement of a directive, when all before it is finished.
func (p *parser) make(d *directive) (statement, error) {
	d.body = d.body.merge()
	switch d.name {
	case "foreach":
		return p.makeLoop(d)
	case "macro":
		p.define(d)
		return plain(""), nil
	case "define":
		return p.makeDefinition(d)
	case "literal":
		return makeLiteral(d)
	case "evaluate":
		return makeEvaluation(d)
	case "break":
		return makeBreak(d)
	case "stop":
		return makeStop(d)
	}
	return makeCall(d), nil
}

// define makes a macro known. The first of a name stays.
func (p *parser) define(d *directive) {
	m := &macro{name: d.arguments[0].(*bareWord).text, body: d.body}
	for _, argument := range d.arguments[1:] {
		m.parameters = append(m.parameters, strings.TrimPrefix(argument.firstImage(), "$"))
	}
	if _, exists := p.macros[m.name]; !exists {
		p.macros[m.name] = m
	}
}

// makeLiteral makes a #literal, whose body is text as it is written.
func makeLiteral(d *directive) (statement, error) {
	if len(d.arguments) > 0 {
		return plain(d.arguments[0].literal()), nil
	}
	if !d.hasBody || d.bodyFirst == d.last {
		return nil, errors.New("#literal has no body")
	}
	return plain(literalOf(d.bodyFirst, d.bodyLast)), nil
}
