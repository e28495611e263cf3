package velocity

import (
	"errors"
	"fmt"
)

// A loop is a #foreach. Velocity takes its first argument for the variable,
// the third for the list and the fourth for the body, whatever they are.
type loop struct {
	variable, info, counter, hasNext variable
	list                             expression
	body                             statement
	missing                          bool
	at                               position
}

func (p *parser) makeLoop(d *directive) (statement, error) {
	if !d.hasBody {
		return nil, errors.New("#foreach needs a variable and a list in parentheses")
	}
	l := &loop{
		at: d.at, body: d.body,
		info: p.names.of(loopInfo), counter: p.names.of(loopCounter), hasNext: p.names.of(loopHasNext),
	}
	if len(d.arguments) < 2 {
		l.missing = true // which is found out when it renders
		return l, nil
	}
	if ref, ok := d.arguments[0].(*reference); ok {
		l.variable = ref.root
	} else {
		l.variable = p.names.of(d.arguments[0].firstImage()[1:])
	}
	switch len(d.arguments) {
	case 2:
		return plain(""), nil // the body is taken for the list
	default:
		l.list = d.arguments[2]
		if len(d.arguments) > 3 {
			l.body = rendered{d.arguments[3]}
		}
	}
	return l, nil
}

// rendered is an expression in the place of a statement: only a reference
// renders.
type rendered struct{ expression }

func (e rendered) render(r *renderer, s *scope) error {
	if ref, ok := e.expression.(*reference); ok {
		return ref.render(r, s)
	}
	return nil
}

func (l *loop) render(r *renderer, s *scope) error {
	if l.missing {
		return l.at.fail(errors.New("#foreach has no list"))
	}
	list, err := l.list.value(r, s)
	if err != nil {
		return err
	}
	items := iterate(list)
	if items == nil {
		return nil // what cannot be gone through is gone through in no turn
	}
	var saved [3]any
	for i, v := range l.variables(r) {
		if saved[i], err = s.get(r, v); err != nil {
			return l.at.fail(err)
		}
	}
	before, err := s.get(r, l.info)
	if err != nil {
		return l.at.fail(err)
	}
	turn := newLoopScope(l, before)
	s.put(l.info, turn)

	var inner *scope // in which the variable is null
	for count := int32(1); items.hasNext(); count++ {
		if count > maxTurns {
			return l.at.fail(fmt.Errorf("#foreach takes more than %d turns, API Gateway's limit", maxTurns))
		}
		if err := r.step(); err != nil {
			return l.at.fail(err)
		}
		if r.counts {
			s.put(l.counter, count)
		}
		item, err := items.next()
		if err != nil {
			return l.at.fail(err)
		}
		turn.index++
		turn.hasNext = items.hasNext()
		if r.counts {
			s.put(l.hasNext, turn.hasNext)
		}
		s.put(l.variable, item)
		in := s
		if item == nil {
			if inner == nil {
				inner = &scope{outer: s, nullName: l.variable.name, null: true}
			}
			in = inner
		}
		if err := l.body.render(r, in); err != nil {
			if stopsAt(err, l) {
				break
			}
			if _, stops := err.(*stop); stops {
				if err := l.restore(r, s, saved); err != nil {
					return err
				}
			}
			return l.at.fail(err)
		}
	}
	return l.restore(r, s, saved)
}

// variables returns what a loop assigns in each turn. The old names
// of what $foreach says are left out when the template does not have them.
func (l *loop) variables(r *renderer) []variable {
	if r.counts {
		return []variable{l.variable, l.counter, l.hasNext}
	}
	return []variable{l.variable}
}

// The variables of every loop besides its own.
const (
	loopCounter = "velocityCount"
	loopHasNext = "velocityHasNext"
	loopInfo    = "foreach"
)

// restore gives the variables of the loop the values they had before, and
// $foreach too, unless the template gave it one of its own.
func (l *loop) restore(r *renderer, s *scope, saved [3]any) error {
	for i, v := range l.variables(r) {
		if saved[i] != nil {
			s.put(v, saved[i])
		} else {
			s.remove(v)
		}
	}
	v, err := s.get(r, l.info)
	if err != nil {
		return l.at.fail(err)
	}
	turn, ok := v.(*loopScope)
	switch {
	case v != nil && !ok:
	case turn != nil && turn.parent != nil:
		s.put(l.info, turn.parent)
	case turn != nil && turn.replacedValue() != nil:
		s.put(l.info, turn.replacedValue())
	default:
		s.remove(l.info)
	}
	return nil
}
