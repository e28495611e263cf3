package velocity

import (
	"errors"
	"fmt"
)

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
