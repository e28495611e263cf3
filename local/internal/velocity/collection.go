package velocity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// errChanged is Java's ConcurrentModificationException.
var errChanged = errors.New("the list or map was changed while a loop went through it")

// callMap calls a method of Map.
func (r *renderer) callMap(m *javavalue.Map, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		switch name {
		case "size":
			return int32(m.Len()), nil
		case "isEmpty":
			return m.Len() == 0, nil
		case "keySet":
			return &view{m, keys}, nil
		case "values":
			return &view{m, values}, nil
		case "entrySet":
			return &view{m, entries}, nil
		case "clear":
			m.Clear()
			return "", nil
		case "clone":
			copied := javavalue.NewMap()
			for k, v := range m.All() {
				copied.Put(k, v)
			}
			return copied, r.use(sizeOfEntry * (m.Len() + 1))
		}
	case 1:
		switch name {
		case "get":
			v, _ := m.Get(args[0])
			return v, nil
		case "containsKey":
			_, ok := m.Get(args[0])
			return ok, nil
		case "containsValue":
			for _, v := range m.All() {
				if equal(args[0], v) {
					return true, nil
				}
			}
			return false, nil
		case "remove":
			return m.Remove(args[0]), nil
		case "putAll":
			if args[0] == nil {
				return nil, errors.New("the argument of putAll is null")
			}
			other, ok := args[0].(*javavalue.Map)
			if !ok {
				return nil, nil
			}
			for k, v := range other.All() {
				m.Put(k, v)
			}
			return "", r.use(sizeOfEntry * other.Len())
		case "forEach", "replaceAll":
			return nil, nil // take a lambda, which no template has
		}
	case 2:
		switch name {
		case "put":
			return m.Put(args[0], args[1]), r.use(sizeOfEntry)
		case "putIfAbsent":
			if v, _ := m.Get(args[0]); v != nil {
				return v, nil
			}
			m.Put(args[0], args[1])
			return nil, r.use(sizeOfEntry)
		case "getOrDefault":
			if v, ok := m.Get(args[0]); ok {
				return v, nil
			}
			return args[1], nil
		case "replace":
			if _, ok := m.Get(args[0]); !ok {
				return nil, nil
			}
			return m.Put(args[0], args[1]), nil
		case "remove":
			if v, ok := m.Get(args[0]); ok && equal(v, args[1]) {
				m.Remove(args[0])
				return true, nil
			}
			return false, nil
		}
	case 3:
		if name == "replace" {
			if v, ok := m.Get(args[0]); ok && equal(v, args[1]) {
				m.Put(args[0], args[2])
				return true, nil
			}
			return false, nil
		}
	}
	return nil, nil
}

// callList calls a method of ArrayList or JSONArray.
func (r *renderer) callList(l *javavalue.List, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		switch name {
		case "size":
			return int32(l.Len()), nil
		case "isEmpty":
			return l.Len() == 0, nil
		case "iterator", "listIterator":
			return &iterator{iterate(l)}, nil
		case "clear":
			l.Clear()
			return "", nil
		case "toArray":
			return &array{class: "[Ljava.lang.Object;", items: itemsOf(l)}, r.use(sizeOfItem * l.Len())
		case "clone":
			return copyOf(l), r.use(sizeOfItem * l.Len())
		case "toJSONString":
			if l.IsJSON() {
				return r.text(l)
			}
		case "stream", "parallelStream", "spliterator":
			return nil, r.refuse(l, name)
		case "trimToSize":
			return "", nil
		}
	case 1:
		return r.callList1(l, name, args[0])
	case 2:
		first, ok := args[0].(int32)
		if !ok {
			return nil, nil
		}
		i := int(first)
		switch name {
		case "set":
			if i < 0 || i >= l.Len() {
				return nil, outOfBounds(i, l.Len())
			}
			return l.Set(i, args[1]), nil
		case "add":
			if i < 0 || i > l.Len() {
				return nil, fmt.Errorf("index: %d, size: %d", i, l.Len())
			}
			l.Insert(i, args[1])
			r.steps += l.Len() / 64
			return "", r.use(sizeOfItem)
		case "subList":
			to, ok := args[1].(int32)
			if !ok {
				return nil, nil
			}
			if i < 0 || int(to) > l.Len() || i > int(to) {
				return nil, fmt.Errorf("fromIndex: %d, toIndex: %d, size: %d", i, to, l.Len())
			}
			return &part{l, i, int(to), l.Changes()}, nil
		case "addAll":
			items := collectionItems(args[1])
			if items == nil {
				return nil, nil
			}
			if i < 0 || i > l.Len() {
				return nil, fmt.Errorf("index: %d, size: %d", i, l.Len())
			}
			for k, item := range items {
				l.Insert(i+k, item)
				r.steps += l.Len() / 64
			}
			return len(items) > 0, r.use(sizeOfItem * len(items))
		}
	}
	return nil, nil
}

func (r *renderer) callList1(l *javavalue.List, name string, arg any) (any, error) {
	switch name {
	case "get":
		i, ok := arg.(int32)
		if !ok {
			return nil, nil
		}
		if i < 0 || int(i) >= l.Len() {
			return nil, outOfBounds(int(i), l.Len())
		}
		return l.At(int(i)), nil
	case "add":
		l.Append(arg)
		return true, r.use(sizeOfItem)
	case "appendElement":
		if l.IsJSON() {
			l.Append(arg)
			return l, r.use(sizeOfItem)
		}
	case "remove":
		if i, ok := arg.(int32); ok {
			if i < 0 || int(i) >= l.Len() {
				return nil, outOfBounds(int(i), l.Len())
			}
			r.steps += l.Len() / 64
			return l.Remove(int(i)), nil
		}
		if i := find(l, arg); i >= 0 {
			l.Remove(i)
			return true, nil
		}
		return false, nil
	case "contains":
		return find(l, arg) >= 0, nil
	case "indexOf":
		return int32(find(l, arg)), nil
	case "lastIndexOf":
		for i := l.Len() - 1; i >= 0; i-- {
			if equal(arg, l.At(i)) {
				return int32(i), nil
			}
		}
		return int32(-1), nil
	case "addAll", "containsAll", "removeAll", "retainAll":
		if arg == nil {
			return nil, fmt.Errorf("the argument of %s is null", name)
		}
		items := collectionItems(arg)
		if items == nil {
			return nil, nil
		}
		if err := r.use(sizeOfItem * (len(items) + 1)); err != nil {
			return nil, err
		}
		return r.bulk(l, name, items)
	case "sort", "forEach", "removeIf", "replaceAll", "ensureCapacity", "toArray", "listIterator":
		return nil, r.refuse(l, name)
	}
	return nil, nil
}

// bulk does to a list what the methods on whole collections do.
func (r *renderer) bulk(l *javavalue.List, name string, items []any) (any, error) {
	switch name {
	case "addAll":
		l.Append(items...)
		return len(items) > 0, nil
	case "containsAll":
		for _, item := range items {
			r.steps += l.Len() / 16
			if err := r.step(); err != nil {
				return nil, err
			}
			if find(l, item) < 0 {
				return false, nil
			}
		}
		return true, nil
	}
	keep := name == "retainAll"
	others := javavalue.NewList(items...)
	changed := false
	for i := l.Len() - 1; i >= 0; i-- {
		r.steps += others.Len() / 16
		if err := r.step(); err != nil {
			return nil, err
		}
		if (find(others, l.At(i)) >= 0) != keep {
			l.Remove(i)
			changed = true
		}
	}
	return changed, nil
}

func find(l *javavalue.List, item any) int {
	for i, other := range l.All() {
		if equal(item, other) {
			return i
		}
	}
	return -1
}

func itemsOf(l *javavalue.List) []any {
	items := make([]any, 0, l.Len())
	for _, item := range l.All() {
		items = append(items, item)
	}
	return items
}

func copyOf(l *javavalue.List) *javavalue.List {
	if l.IsJSON() {
		return javavalue.NewJSONArray(itemsOf(l)...)
	}
	return javavalue.NewList(itemsOf(l)...)
}

// collectionItems returns the items of a list, an array or a view of a map;
// nil for what is no collection.
func collectionItems(v any) []any {
	switch v := v.(type) {
	case *javavalue.List:
		return itemsOf(v)
	case *array:
		return v.all()
	case *view:
		return v.items()
	case *part:
		items, _ := v.items()
		return items
	}
	return nil
}

// sizeOf returns what size() returns, for what has it.
func sizeOf(v any) (int, bool) {
	switch v := v.(type) {
	case *javavalue.Map:
		return v.Len(), true
	case *javavalue.List:
		return v.Len(), true
	case *view:
		return v.of.Len(), true
	case *part:
		return v.to - v.from, true
	case *array:
		return v.length(), true
	case *loopScope:
		return v.storage().Len(), true
	}
	return 0, false
}

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

// A view is the keys, the values or the entries of a map, as they are when one
// looks.
type view struct {
	of   *javavalue.Map
	kind viewKind
}

type viewKind int

const (
	keys viewKind = iota
	values
	entries
)

// of returns an item of the view of a map.
func (k viewKind) of(m *javavalue.Map, i int) any {
	key, value := m.At(i)
	switch k {
	case keys:
		return key
	case values:
		return value
	}
	return &mapEntry{m, key}
}

func (v *view) class() string {
	return [...]string{
		"java.util.LinkedHashMap$LinkedKeySet",
		"java.util.LinkedHashMap$LinkedValues",
		"java.util.LinkedHashMap$LinkedEntrySet",
	}[v.kind]
}

func (v *view) items() []any {
	items := make([]any, v.of.Len())
	for i := range items {
		items[i] = v.kind.of(v.of, i)
	}
	return items
}

func (v *view) contains(item any) bool {
	if v.kind == keys {
		_, ok := v.of.Get(item)
		return ok
	}
	for _, other := range v.items() {
		if equal(item, other) {
			return true
		}
	}
	return false
}

// equal is equals: sets are equal when their items are, values only when they
// are one.
func (v *view) equal(other *view) bool {
	if v.kind == values || other.kind == values || v.of.Len() != other.of.Len() {
		return v == other
	}
	for _, item := range other.items() {
		if !v.contains(item) {
			return false
		}
	}
	return true
}

// AppendJava implements javavalue.Printer.
func (v *view) AppendJava(dst []byte, limit int) ([]byte, error) {
	return javavalue.AppendString(dst, javavalue.NewList(v.items()...), limit)
}

func (r *renderer) callView(v *view, name string, args []any) (any, error) {
	if err := r.use(0); err != nil {
		return nil, err
	}
	switch len(args) {
	case 0:
		switch name {
		case "size":
			return int32(v.of.Len()), nil
		case "isEmpty":
			return v.of.Len() == 0, nil
		case "iterator":
			return &iterator{iterate(v)}, nil
		case "toArray":
			return &array{class: "[Ljava.lang.Object;", items: v.items()}, r.use(sizeOfItem * v.of.Len())
		case "clear":
			v.of.Clear()
			return "", nil
		case "stream", "parallelStream", "spliterator":
			return nil, r.refuse(v, name)
		}
	case 1:
		switch name {
		case "contains":
			r.steps += v.of.Len() / 16
			return v.contains(args[0]), nil
		case "containsAll":
			items := collectionItems(args[0])
			if items == nil {
				return nil, nil
			}
			for _, item := range items {
				if !v.contains(item) {
					return false, nil
				}
			}
			return true, nil
		case "remove":
			if v.kind == keys {
				_, ok := v.of.Get(args[0])
				v.of.Remove(args[0])
				return ok, nil
			}
			return nil, r.refuse(v, name)
		case "add", "addAll":
			return nil, errors.New("UnsupportedOperationException")
		case "removeAll", "retainAll", "removeIf", "forEach":
			return nil, r.refuse(v, name)
		}
	}
	return nil, nil
}

// A part is the subList of a list: what stands there when one looks. Once the
// list has grown or shrunk it cannot be used any more, as in Java. It cannot be
// changed itself.
type part struct {
	of       *javavalue.List
	from, to int
	changes  int
}

func (p *part) items() ([]any, error) {
	if p.changes != p.of.Changes() {
		return nil, errChanged
	}
	return itemsOf(p.of)[p.from:p.to:p.to], nil
}

// AppendJava implements javavalue.Printer.
func (p *part) AppendJava(dst []byte, limit int) ([]byte, error) {
	items, err := p.items()
	if err != nil {
		return dst, err
	}
	return javavalue.AppendString(dst, javavalue.NewList(items...), limit)
}

func (r *renderer) callPart(p *part, name string, args []any) (any, error) {
	switch name {
	case "add", "addAll", "remove", "removeAll", "retainAll", "clear", "set", "iterator", "listIterator", "subList":
		return nil, r.refuse(p, name)
	case "clone", "trimToSize":
		return nil, nil
	}
	items, err := p.items()
	if err != nil {
		return nil, err
	}
	if err := r.use(sizeOfItem * p.of.Len()); err != nil {
		return nil, err
	}
	return r.callList(javavalue.NewList(items...), name, args)
}

// A mapEntry is a Map.Entry.
type mapEntry struct {
	of  *javavalue.Map
	key any
}

func (e *mapEntry) value() any {
	v, _ := e.of.Get(e.key)
	return v
}

// AppendJava implements javavalue.Printer.
func (e *mapEntry) AppendJava(dst []byte, limit int) ([]byte, error) {
	dst, err := javavalue.AppendString(dst, e.key, limit)
	if err != nil {
		return dst, err
	}
	return javavalue.AppendString(append(dst, '='), e.value(), limit)
}

func (r *renderer) callEntry(e *mapEntry, name string, args []any) (any, error) {
	switch {
	case name == "getKey" && len(args) == 0:
		return e.key, nil
	case name == "getValue" && len(args) == 0:
		return e.value(), nil
	case name == "setValue" && len(args) == 1:
		return e.of.Put(e.key, args[0]), nil
	}
	return nil, nil
}

// An array is one of Java's. Velocity gives it the methods of a list. One of
// texts, which split makes, has them as they are.
type array struct {
	class string
	texts []string
	items []any // of one that is none of texts
}

// textArray is the class of an array of texts.
const textArray = "[Ljava.lang.String;"

func (a *array) length() int {
	if a.class == textArray {
		return len(a.texts)
	}
	return len(a.items)
}

func (a *array) at(i int) any {
	if a.class == textArray {
		return a.texts[i]
	}
	return a.items[i]
}

// set replaces an item, for one of the kind that the array is of.
func (a *array) set(i int, item any) error {
	if i < 0 || i >= a.length() {
		return outOfBounds(i, a.length())
	}
	if a.class != textArray {
		a.items[i] = item
		return nil
	}
	text, ok := item.(string)
	if !ok {
		return errors.New("array element type mismatch")
	}
	a.texts[i] = text
	return nil
}

// all returns the items in a slice of their own.
func (a *array) all() []any {
	items := make([]any, a.length())
	for i := range items {
		items[i] = a.at(i)
	}
	return items
}

// AppendJava implements javavalue.Printer. Java prints where the array lies in
// memory, which no template can mean.
func (a *array) AppendJava(dst []byte, _ int) ([]byte, error) {
	return append(append(dst, a.class...), "@0"...), nil
}

func (r *renderer) callArray(a *array, name string, args []any) (any, error) {
	switch name {
	case "size":
		if len(args) == 0 {
			return int32(a.length()), nil
		}
	case "set":
		if len(args) != 2 {
			break
		}
		i, ok := args[0].(int32)
		if !ok {
			return nil, nil
		}
		if i < 0 || int(i) >= a.length() {
			return nil, outOfBounds(int(i), a.length())
		}
		old := a.at(int(i))
		return old, a.set(int(i), args[1])
	case "clone", "trimToSize", "toJSONString", "appendElement":
		return nil, nil
	}
	switch name {
	case "add", "addAll", "remove", "removeAll", "retainAll", "clear", "set":
		if len(args) > 2 || (len(args) == 0) != (name == "clear") {
			return nil, nil
		}
		return nil, errors.New("UnsupportedOperationException: an array cannot grow or shrink")
	}
	if err := r.use(sizeOfItem * a.length()); err != nil {
		return nil, err
	}
	return r.callList(javavalue.NewList(a.all()...), name, args)
}

// A loopScope is $foreach: where a loop is, and a map of what the template
// keeps in it.
type loopScope struct {
	loop     *loop
	parent   *loopScope
	replaced any // what $foreach was before
	index    int32
	hasNext  bool
	kept     *javavalue.Map
}

func newLoopScope(l *loop, before any) *loopScope {
	s := &loopScope{loop: l, index: -1}
	if parent, ok := before.(*loopScope); ok {
		s.parent = parent
	} else {
		s.replaced = before
	}
	return s
}

func (s *loopScope) storage() *javavalue.Map {
	if s.kept == nil {
		s.kept = javavalue.NewMap()
	}
	return s.kept
}

func (s *loopScope) replacedValue() any {
	if s.replaced == nil && s.parent != nil {
		return s.parent.replacedValue()
	}
	return s.replaced
}

func (s *loopScope) property(name string) any {
	switch lowerFirst(name) {
	case "index":
		return s.index
	case "count":
		return s.index + 1
	case "hasNext":
		return s.hasNext
	case "first":
		return s.index < 1
	case "last":
		return !s.hasNext
	case "parent":
		if s.parent == nil {
			return nil
		}
		return s.parent
	case "topmost":
		top := s
		for top.parent != nil {
			top = top.parent
		}
		return top
	case "replaced":
		return s.replacedValue()
	}
	return s.get(name)
}

func (s *loopScope) get(key any) any {
	for ; s != nil; s = s.parent {
		if s.kept == nil {
			continue
		}
		if v, ok := s.kept.Get(key); ok {
			return v
		}
	}
	return nil
}

// AppendJava implements javavalue.Printer.
func (s *loopScope) AppendJava(dst []byte, limit int) ([]byte, error) {
	return javavalue.AppendString(dst, s.storage(), limit)
}

func (r *renderer) callLoop(s *loopScope, name string, args []any) (any, error) {
	if len(args) == 0 {
		switch name {
		case "hasNext", "isFirst", "isLast":
			return s.property(strings.TrimPrefix(name, "is")), nil
		case "getIndex", "getCount", "getHasNext", "getFirst", "getLast", "getParent", "getTopmost", "getReplaced":
			return s.property(name[len("get"):]), nil
		case "getInfo":
			return nil, r.refuse(s, name)
		}
	}
	if name == "get" && len(args) == 1 {
		return s.get(args[0]), nil
	}
	return r.callMap(s.storage(), name, args)
}
