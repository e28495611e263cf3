package velocity

import (
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// A reference is $name with its members: properties, calls and indices.
//
// How it is written decides how it prints: backslashes before it, which are
// taken off here, make it print itself; signs before the last $ are text.
type reference struct {
	expressionNode
	members []member // as they are written
	path    []member // as they are gone through, some of them two in one step
	at      position

	root      variable // the name
	written   string   // what an escaped reference prints
	bare      bool     // a name without $, among the arguments of a call
	noValue   bool     // $\!name, which has none
	escaped   bool
	backslash string // the backslashes that stay, half of those written
	signs     string // what stands before the last $
	ordinary  bool   // prints its value and nothing else
}

// reference reads a reference.
func (p *parser) reference() (*reference, error) {
	ref := &reference{at: p.source.position(p.peek().offset)}
	ref.first = p.peek()
	braced := p.skip(braceOpen)
	if _, err := p.take(identifier); err != nil {
		return nil, err
	}
	for {
		for p.is(indexOpen) {
			i, err := p.index()
			if err != nil {
				return nil, err
			}
			ref.members = append(ref.members, i)
		}
		if d := p.peek(); d.kind != dot || p.ahead(d).kind != identifier {
			break
		}
		m, err := p.member()
		if err != nil {
			return nil, err
		}
		ref.members = append(ref.members, m)
	}
	if braced {
		if _, err := p.take(braceClose); err != nil {
			return nil, err
		}
	}
	ref.last = p.last
	p.finish(func() error {
		ref.root = p.names.of(ref.unescape())
		ref.path = fuse(ref.members)
		ref.ordinary = !ref.escaped && ref.backslash == "" && ref.signs == ""
		return nil
	})
	return ref, nil
}

// unescape reads the signs before the name and returns the name.
func (ref *reference) unescape() string {
	t := ref.first
	if strings.Contains(t.image, `\!`) {
		dollar := strings.IndexByte(t.image, '$')
		start := dollar + strings.IndexByte(t.image[dollar:], '\\')
		count := strings.IndexFunc(t.image[start:], notBackslash)
		ref.noValue = true
		return t.image[:start] + t.image[start:start+count-1] + t.image[start+count:]
	}
	if n := strings.IndexFunc(t.image, notBackslash); n > 0 {
		ref.escaped = n%2 == 1
		ref.backslash = t.image[:n/2]
		t.image = t.image[n:]
	}
	if last := strings.LastIndexByte(t.image, '$'); last > 0 {
		ref.signs = t.image[:last]
		t.image = t.image[last:]
	}
	ref.written = literalOf(ref.first, ref.last)
	switch {
	case strings.HasPrefix(t.image, "$!"):
		if !ref.escaped {
			ref.written = ""
		}
		if t.image == "$!{" {
			return t.next.image
		}
		return t.image[2:]
	case t.image == "${":
		return t.next.image
	case strings.HasPrefix(t.image, "$"):
		return t.image[1:]
	}
	ref.bare = true
	return t.image
}

// value returns what the reference stands for, the empty string where that
// would be null.
func (ref *reference) value(r *renderer, s *scope) (any, error) {
	if ref.noValue {
		return nil, nil
	}
	return ref.execute(r, s)
}

func (ref *reference) execute(r *renderer, s *scope) (any, error) {
	if ref.bare {
		return nil, nil
	}
	var v any
	var err error
	if s.outer == nil && ref.root.slot < len(s.slots) { // nearly always
		v = s.slots[ref.root.slot]
	} else if v, err = s.get(r, ref.root); err != nil {
		return nil, ref.at.fail(err)
	}
	for _, m := range ref.path {
		if v == nil {
			break
		}
		if p, ok := m.(*property); ok && !p.class {
			// What nearly every reference does.
			if of, ok := v.(*javavalue.Map); ok {
				v, _ = of.GetText(p.name)
				continue
			}
		}
		if v, err = m.get(r, s, v); err != nil {
			return nil, err
		}
	}
	if v == nil {
		return "", nil
	}
	return v, nil
}

func (ref *reference) truth(r *renderer, s *scope) (bool, error) {
	v, err := ref.execute(r, s)
	if err != nil || v == nil {
		return false, err
	}
	switch v := v.(type) {
	case bool:
		return v, nil
	case *definition:
		_, ok, err := v.text(r)
		return ok, err
	}
	return true, nil
}

func (ref *reference) render(r *renderer, s *scope) error {
	if ref.bare {
		return r.write(ref.root.name)
	}
	v, err := ref.execute(r, s)
	if err != nil {
		return err
	}
	if ref.ordinary {
		if text, ok := v.(string); ok {
			if err := r.write(text); err != nil {
				return ref.at.fail(err)
			}
			return nil
		}
	}
	if ref.escaped {
		written := ref.written
		if text, ok := s.literal(written); ok {
			written = text
		}
		return ref.at.fail(r.write(ref.backslash + written))
	}
	if d, ok := v.(*definition); ok {
		if ok, err := d.render(r, s); ok || err != nil {
			return err
		}
		text, ok, err := d.text(r)
		if err != nil {
			return err
		}
		if !ok {
			// A block that is within itself too often prints as it is written.
			written := ref.written
			if text, ok := s.literal(written); ok {
				written = text
			}
			return ref.at.fail(r.write(ref.backslash + ref.backslash + ref.signs + written))
		}
		v = text
	}
	if ref.backslash != "" || ref.signs != "" {
		if err := r.write(ref.backslash + ref.signs); err != nil {
			return ref.at.fail(err)
		}
	}
	return ref.at.fail(r.print(v))
}

// assign sets what the last member of the reference names. Where that is
// nothing that can be set, nothing happens.
func (ref *reference) assign(r *renderer, s *scope, value any) error {
	of, err := s.get(r, ref.root)
	if err != nil {
		return ref.at.fail(err)
	}
	if of == nil {
		return nil
	}
	last := len(ref.members) - 1
	for _, m := range ref.members[:last] {
		if of, err = m.get(r, s, of); err != nil {
			return err
		}
		if of == nil {
			return nil
		}
	}
	switch m := ref.members[last].(type) {
	case *index:
		argument, err := m.evaluate(r, s, of)
		if err != nil {
			return err
		}
		if err := r.setIndex(of, argument, value); err != nil {
			return m.at.fail(err)
		}
	case *property:
		return ref.at.fail(r.setProperty(of, m.name, value))
	case *call:
		// Velocity takes the name of the call for a property.
		return ref.at.fail(r.setProperty(of, m.name, value))
	}
	return nil
}
