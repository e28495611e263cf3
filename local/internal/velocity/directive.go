package velocity

import (
	"errors"
	"fmt"
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

// A stop ends what is being rendered, up to what it is for.
type stop struct {
	nearest bool // #break: for the loop, macro or block it stands in
	loop    *loop
}

func (*stop) Error() string { return "stopped" }

// stopsAt reports whether an error is a stop that ends here. A nil loop stands
// for what is no loop.
func stopsAt(err error, here *loop) bool {
	var s *stop
	return errors.As(err, &s) && (s.nearest || s.loop != nil && s.loop == here)
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

// An evaluation is an #evaluate: a text that is parsed and rendered when it
// comes up.
type evaluation struct {
	text expression
	at   position
}

func makeEvaluation(d *directive) (statement, error) {
	if len(d.arguments) != 1 {
		return nil, errors.New("#evaluate takes one argument")
	}
	switch d.arguments[0].(type) {
	case *stringText, *reference:
		return &evaluation{text: d.arguments[0], at: d.at}, nil
	}
	return nil, errors.New("the argument of #evaluate is a text or a reference")
}

func (e *evaluation) render(r *renderer, s *scope) error {
	v, err := e.text.value(r, s)
	if err != nil {
		return err
	}
	text := ""
	if v != nil {
		if text, err = r.text(v); err != nil {
			return e.at.fail(err)
		}
	}
	if err := r.makes(len(text)); err != nil {
		return e.at.fail(err)
	}
	if err := r.enter(); err != nil {
		return e.at.fail(err)
	}
	p := newParser(newSource(text), r.macros, r.names)
	p.inherited = true
	body, err := p.template()
	if err != nil {
		return e.at.fail(fmt.Errorf("in the text of #evaluate: %v", err))
	}
	err = body.render(r, s)
	r.leave()
	var stopped *stop
	if errors.As(err, &stopped) && (stopped.nearest || stopped.loop == nil) {
		return nil
	}
	return err
}

// A breaking is a #break, of the loop, macro or block around it or of the loop
// whose $foreach it names.
type breaking struct {
	argument expression
	at       position
}

func makeBreak(d *directive) (statement, error) {
	switch len(d.arguments) {
	case 0:
		return &breaking{at: d.at}, nil
	case 1:
		return &breaking{argument: d.arguments[0], at: d.at}, nil
	}
	return nil, errors.New("#break takes one argument at most")
}

func (b *breaking) render(r *renderer, s *scope) error {
	if b.argument == nil {
		return &stop{nearest: true}
	}
	v, err := b.argument.value(r, s)
	if err != nil {
		return err
	}
	if turn, ok := v.(*loopScope); ok {
		return &stop{loop: turn.loop}
	}
	return b.at.fail(fmt.Errorf("%s of #break is not the $foreach of a loop", b.argument.literal()))
}

// A stopping is a #stop, which ends the template.
type stopping struct{ message expression }

func makeStop(d *directive) (statement, error) {
	switch len(d.arguments) {
	case 0:
		return stopping{}, nil
	case 1:
		return stopping{d.arguments[0]}, nil
	}
	return nil, errors.New("#stop takes one argument at most")
}

func (st stopping) render(r *renderer, s *scope) error {
	if st.message != nil {
		if _, err := st.message.value(r, s); err != nil {
			return err
		}
	}
	return &stop{}
}
