package velocity

import (
	"errors"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// errChanged is Java's ConcurrentModificationException.
var errChanged = errors.New("the list or map was changed while a loop went through it")

// items are what a loop goes through.
type items interface {
	hasNext() bool
	next() (any, error)
}

// iterate returns what a loop goes through: the items of a list, an array or a
// view, the values of a map, the rest of an iterator. It is nil for all else,
// which a loop goes through in no turn.
func iterate(v any) items {
	switch v := v.(type) {
	case *javavalue.List:
		return &listItems{of: v, end: -1, changes: v.Changes()}
	case *javavalue.Map:
		return &mapItems{of: v, kind: values, changes: v.Changes()}
	case *view:
		return &mapItems{of: v.of, kind: v.kind, changes: v.of.Changes()}
	case *part:
		return &listItems{of: v.of, at: v.from, end: v.to, changes: v.changes}
	case *loopScope:
		return &mapItems{of: v.storage(), kind: values, changes: v.storage().Changes()}
	case *array:
		return &arrayItems{of: v}
	case *iterator:
		return v.rest
	}
	return nil
}

type listItems struct {
	of      *javavalue.List
	at, end int // an end of -1 is that of the list
	changes int
}

func (l *listItems) hasNext() bool {
	if l.end >= 0 {
		return l.at != l.end
	}
	return l.at != l.of.Len()
}

func (l *listItems) next() (any, error) {
	if l.changes != l.of.Changes() {
		return nil, errChanged
	}
	if l.at >= l.of.Len() || !l.hasNext() {
		return nil, errors.New("the iterator has no more items")
	}
	l.at++
	return l.of.At(l.at - 1), nil
}

type mapItems struct {
	of      *javavalue.Map
	kind    viewKind
	at      int
	changes int
	ended   bool
}

// hasNext is true when there was a next entry the last time one was taken,
// whatever became of the map since.
func (m *mapItems) hasNext() bool {
	if m.changes == m.of.Changes() {
		m.ended = m.at >= m.of.Len()
	}
	return !m.ended
}

func (m *mapItems) next() (any, error) {
	if m.changes != m.of.Changes() {
		return nil, errChanged
	}
	if m.at >= m.of.Len() {
		return nil, errors.New("the iterator has no more items")
	}
	m.at++
	m.ended = m.at >= m.of.Len()
	return m.kind.of(m.of, m.at-1), nil
}

type arrayItems struct {
	of *array
	at int
}

func (a *arrayItems) hasNext() bool { return a.at < a.of.length() }

func (a *arrayItems) next() (any, error) {
	if !a.hasNext() {
		return nil, errors.New("the iterator has no more items")
	}
	a.at++
	return a.of.at(a.at - 1), nil
}

// An iterator is a java.util.Iterator.
type iterator struct{ rest items }

// AppendJava implements javavalue.Printer. Java prints where the iterator lies
// in memory, which no template can mean.
func (it *iterator) AppendJava(dst []byte, _ int) ([]byte, error) {
	return append(dst, "java.util.Iterator@0"...), nil
}

func (r *renderer) callIterator(it *iterator, name string, args []any) (any, error) {
	if len(args) > 0 {
		return nil, nil
	}
	switch name {
	case "hasNext":
		return it.rest.hasNext(), nil
	case "next":
		return it.rest.next()
	}
	return nil, r.refuse(it, name)
}
