package velocity

import (
	"errors"
	"fmt"
)

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
	// What it is parsed into is larger, and macros in it stay.
	if err := r.use(sizeOfText * len(text)); err != nil {
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
