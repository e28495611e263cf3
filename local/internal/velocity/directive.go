package velocity

import (
	"errors"
	"fmt"
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
		if r.counts {
			s.put(l.hasNext, items.hasNext())
		}
		s.put(l.variable, item)
		turn.index++
		turn.hasNext = items.hasNext()
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

// A macro is a #macro.
type macro struct {
	name       string
	parameters []string
	body       block
}

// A macroCall is # and a name that is no directive, with a body if the name
// begins with @. Where there is no macro of the name it is text.
type macroCall struct {
	name      string
	arguments []expression
	hasBody   bool
	body      block
	bareWord  string // an argument that no macro takes
	written   string
	at        position
}

func makeCall(d *directive) statement {
	c := &macroCall{
		name: d.name, arguments: d.arguments, hasBody: d.hasBody, body: d.body,
		written: imagesOf(d.first, d.last), at: d.at,
	}
	if strings.HasPrefix(d.name, "@") {
		if !d.hasBody {
			return plain("#" + d.name)
		}
		c.name = d.name[1:]
	}
	for _, a := range d.arguments {
		if w, ok := a.(*bareWord); ok {
			c.bareWord = w.text
		}
	}
	return c
}

func (c *macroCall) render(r *renderer, s *scope) error {
	m := r.macros[c.name]
	if m == nil {
		if err := r.write(c.written); err != nil {
			return c.at.fail(err)
		}
		return nil
	}
	if c.bareWord != "" {
		return c.at.fail(fmt.Errorf("the argument %q of #%s is a bare word", c.bareWord, c.name))
	}
	if r.calls == maxCalls {
		return c.at.fail(fmt.Errorf("more than %d macros call each other", maxCalls))
	}
	if err := r.step(); err != nil {
		return c.at.fail(err)
	}

	in := &scope{outer: s, local: map[string]any{}, arguments: map[string]expression{}, literals: map[string]expression{}}
	for i, parameter := range m.parameters {
		if i >= len(c.arguments) {
			break // the others mean what they mean outside
		}
		argument := c.arguments[i]
		if argument.constant() {
			v, err := argument.value(r, s)
			if err != nil {
				return err
			}
			in.local[parameter] = v
			continue
		}
		in.arguments[parameter] = argument
		in.literals["$"+parameter] = argument
	}
	if c.hasBody {
		in.local["bodyContent"] = &definition{body: c.body, scope: s, limit: maxCalls, at: c.at}
	}
	r.calls++
	err := m.body.render(r, in)
	if err == nil {
		r.calls-- // a #break leaves the level counted, in Velocity too
	} else if stopsAt(err, nil) {
		return nil
	}
	return err
}

// A definition is the value of a #define: a block that renders anew each time
// it is used.
type definition struct {
	body  block
	scope *scope // where it was defined, for its text
	depth int
	limit int
	at    position
}

// render renders the block where it is used; false when it is within itself
// too often.
func (d *definition) render(r *renderer, s *scope) (bool, error) {
	if d.depth >= d.limit {
		return false, nil
	}
	d.depth++
	err := d.body.render(r, s)
	if err != nil && !stopsAt(err, nil) {
		return true, err // Velocity does not count the level down here
	}
	d.depth--
	return true, nil
}

// text renders the block where it was defined.
func (d *definition) text(r *renderer) (string, bool, error) {
	before := r.begin()
	ok, err := d.render(r, d.scope)
	text := r.end(before)
	if err == nil {
		err = r.makes(len(text))
	}
	return text, ok, err
}

// AppendJava implements javavalue.Printer, for a definition inside a list or a
// map, where no rendering can be reached: it prints as an object does.
func (d *definition) AppendJava(dst []byte, _ int) ([]byte, error) {
	return append(dst, "org.apache.velocity.runtime.directive.Block$Reference@0"...), nil
}

// A defining is a #define.
type defining struct {
	name variable
	body block
	at   position
}

func (p *parser) makeDefinition(d *directive) (statement, error) {
	if len(d.arguments) != 1 {
		return nil, errors.New("#define takes one reference")
	}
	return &defining{name: p.names.of(d.arguments[0].firstImage()[1:]), body: d.body, at: d.at}, nil
}

func (d *defining) render(_ *renderer, s *scope) error {
	s.put(d.name, &definition{body: d.body, scope: s, limit: maxBlocks, at: d.at})
	return nil
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
