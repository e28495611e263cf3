package jsonpath

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// An evaluation is one path on its way through a document.
type evaluation struct {
	path     *Path
	root     any // what $ is, also in filters
	document any // what the path begins at: root, or in a filter the value to be tested
	required bool
	found    []any
	work     *work
	place    map[int]int // see scanArray
}

// work is what a path and those in its filters have done together.
type work struct{ steps, results int }

// step applies the tokens from i on.
func (e *evaluation) step(i int, model any) error {
	if e.work.steps++; e.work.steps > maxSteps {
		return ErrTooMuch
	}
	if i == len(e.path.tokens) {
		return e.take(model)
	}
	t := &e.path.tokens[i]
	switch t.kind {
	case property:
		return e.property(i, t, model)
	case item:
		if ok, err := t.list(model); !ok {
			return err
		}
		for _, index := range t.indexes {
			if err := e.item(i, model.(*javavalue.List), index); err != nil {
				return err
			}
		}
	case slice:
		if ok, err := t.list(model); !ok {
			return err
		}
		return e.slice(i, t, model.(*javavalue.List))
	case wildcard:
		return e.wildcard(i, t, model)
	case filter:
		return e.filter(i, t, model)
	case function:
		value, err := call(t.names[0], model)
		if err == nil && !t.leaf {
			err = e.take(value)
		}
		if err != nil {
			return err
		}
		return e.step(i+1, value)
	case scan:
		if t.leaf {
			return fmt.Errorf(`%w: nothing follows ".."`, ErrFailed)
		}
		return e.scan(i+1, model)
	}
	return nil
}

// take adds a value to what is found.
func (e *evaluation) take(model any) error {
	if e.work.results++; e.work.results > maxResults {
		return ErrTooMuch
	}
	e.found = append(e.found, model)
	return nil
}

func (e *evaluation) property(i int, t *token, model any) error {
	object, ok := model.(*javavalue.Map)
	if !ok {
		if !t.upstream {
			return nil
		}
		return fmt.Errorf("%w: %s is sought in what is no object", ErrNotFound, t.fragment())
	}
	if len(t.names) > 1 && t.leaf {
		return e.merge(t, object)
	}
	for _, name := range t.names {
		value, ok := object.Get(name)
		switch {
		case ok:
			if err := e.member(i, t, value); err != nil {
				return err
			}
		case t.leaf && !e.required:
		case !t.leaf && !(t.upstream && t.definite) && !e.required:
		default:
			return fmt.Errorf("%w: there is no property %q", ErrNotFound, name)
		}
	}
	return nil
}

// member goes on with the value of a property.
func (e *evaluation) member(i int, t *token, value any) error {
	if place, ok := e.place[i]; ok && t.leaf && !e.path.lastIndex(place) {
		return nil
	}
	return e.step(i+1, value)
}

// lastIndex reports whether the token before the last is the index n.
func (p *Path) lastIndex(n int) bool {
	if len(p.tokens) < 2 {
		return false
	}
	t := p.tokens[len(p.tokens)-2]
	return t.kind == item && len(t.indexes) == 1 && t.indexes[0] == n
}

// merge makes one object of several properties, those that are there.
func (e *evaluation) merge(t *token, object *javavalue.Map) error {
	merged := javavalue.NewMap()
	for _, name := range t.names {
		value, ok := object.Get(name)
		if ok {
			merged.Put(name, value)
		} else if e.required {
			return fmt.Errorf("%w: there is no property %q", ErrNotFound, name)
		}
	}
	return e.take(merged)
}

// list reports whether a model has items, or says that it should.
func (t *token) list(model any) (ok bool, err error) {
	if _, ok := model.(*javavalue.List); ok {
		return true, nil
	}
	if !t.upstream {
		return false, nil
	}
	return false, fmt.Errorf("%w: an item is sought in what is no array", ErrNotFound)
}

// item goes on with one item, if it is there. A negative index counts from the end.
func (e *evaluation) item(i int, list *javavalue.List, index int) error {
	if index < 0 {
		index += list.Len()
	}
	if index < 0 || index >= list.Len() {
		return nil
	}
	err := e.step(i+1, list.At(index))
	if errors.Is(err, errOutside) {
		return nil
	}
	return err
}

func (e *evaluation) slice(i int, t *token, list *javavalue.List) error {
	from, to := 0, list.Len()
	switch {
	case t.to == nil:
		if from = *t.from; from < 0 {
			from = max(0, from+list.Len())
		}
	case t.from == nil:
		if to = min(to, *t.to); to < 0 {
			to += list.Len()
		}
	default:
		// Negative bounds are indexes here, each for itself.
		from, to = *t.from, min(to, *t.to)
		from = max(from, -list.Len())
	}
	for ; from < to; from++ {
		if err := e.item(i, list, from); err != nil {
			return err
		}
	}
	return nil
}

// wildcard goes on with every value, and passes over those where the rest is not found.
func (e *evaluation) wildcard(i int, t *token, model any) error {
	switch model := model.(type) {
	case *javavalue.Map:
		for _, value := range model.All() {
			if err := e.unlessMissing(e.member(i, t, value)); err != nil {
				return err
			}
		}
	case *javavalue.List:
		for _, value := range model.All() {
			if err := e.unlessMissing(e.step(i+1, value)); err != nil {
				return err
			}
		}
	}
	return nil
}

// unlessMissing forgives that something is not found.
func (e *evaluation) unlessMissing(err error) error {
	if !e.required && errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

func (e *evaluation) filter(i int, t *token, model any) error {
	switch model := model.(type) {
	case *javavalue.Map:
		if ok, err := e.accepts(t, model); !ok {
			return err
		}
		return e.step(i+1, model)
	case *javavalue.List:
		for _, value := range model.All() {
			ok, err := e.accepts(t, value)
			if err != nil {
				return err
			}
			if ok {
				if err := e.step(i+1, value); err != nil && !errors.Is(err, errOutside) {
					return err
				}
			}
		}
		return nil
	}
	if t.upstream {
		return invalid("a filter is applied to what is no object and no array")
	}
	return nil
}

// accepts reports whether a value passes a filter.
func (e *evaluation) accepts(t *token, value any) (bool, error) {
	if e.work.steps++; e.work.steps > maxSteps {
		return false, ErrTooMuch
	}
	ok, err := t.filter.accepts(e, value)
	if errors.Is(err, ErrInvalid) {
		return false, nil // what cannot be found or applied does not pass
	}
	return ok && err == nil, err
}

// scan applies the tokens from i on at every depth.
func (e *evaluation) scan(i int, model any) error {
	if e.work.steps++; e.work.steps > maxSteps {
		return ErrTooMuch
	}
	switch model := model.(type) {
	case *javavalue.Map:
		if ok, err := e.scanned(i, model); err != nil {
			return err
		} else if ok {
			if err := e.step(i, model); err != nil {
				return err
			}
		}
		for _, value := range model.All() {
			if err := e.scan(i, value); err != nil {
				return err
			}
		}
	case *javavalue.List:
		if ok, err := e.scanned(i, model); err != nil {
			return err
		} else if ok {
			if err := e.scanArray(i, model); err != nil {
				return err
			}
		}
		for _, value := range model.All() {
			if err := e.scan(i, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// scanned reports whether a token that is sought at every depth applies to a model.
func (e *evaluation) scanned(i int, model any) (bool, error) {
	switch t := &e.path.tokens[i]; t.kind {
	case property:
		object, ok := model.(*javavalue.Map)
		if !ok || !t.definite {
			return ok, nil
		}
		for _, name := range t.names {
			if _, ok := object.Get(name); !ok {
				return false, nil
			}
		}
		return true, nil
	case item, slice:
		_, ok := model.(*javavalue.List)
		return ok, nil
	case filter:
		return e.accepts(t, model)
	case wildcard:
		return true, nil
	}
	return false, nil
}

// scanArray applies a token to an array found at some depth. If it is not the last, Jayway
// applies the token behind it to every item instead and remembers the place of the item;
// a property at the end of the path is then taken only if the path has this very index
// before it. It does not forget the place for what it scans later.
func (e *evaluation) scanArray(i int, list *javavalue.List) error {
	if e.path.tokens[i].leaf {
		return e.step(i, list)
	}
	for place, value := range list.All() {
		if e.place == nil {
			e.place = make(map[int]int)
		}
		e.place[i+1] = place
		if err := e.step(i+1, value); err != nil {
			return err
		}
	}
	return nil
}

// fragment writes a token of properties as it could stand in an expression.
func (t *token) fragment() string { return "['" + strings.Join(t.names, "','") + "']" }
