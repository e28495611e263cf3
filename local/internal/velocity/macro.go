package velocity

import (
	"errors"
	"fmt"
	"strings"
)

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
		return c.at.fail(r.write(c.written))
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
		if err := r.capture(s); err != nil {
			return c.at.fail(err)
		}
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

func (d *defining) render(r *renderer, s *scope) error {
	if err := r.capture(s); err != nil {
		return d.at.fail(err)
	}
	s.put(d.name, &definition{body: d.body, scope: s, limit: maxBlocks, at: d.at})
	return nil
}
