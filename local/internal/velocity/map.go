package velocity

import (
	"errors"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

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
			return copied, r.use(sizeOfEntry + sizeOfPair*m.Len())
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
				if err := r.holdEntry(k, v); err != nil {
					return nil, err
				}
				m.Put(k, v)
			}
			return "", nil
		case "forEach", "replaceAll":
			return nil, nil // take a lambda, which no template has
		}
	case 2:
		switch name {
		case "put":
			return m.Put(args[0], args[1]), r.holdEntry(args[0], args[1])
		case "putIfAbsent":
			if v, _ := m.Get(args[0]); v != nil {
				return v, nil
			}
			m.Put(args[0], args[1])
			return nil, r.holdEntry(args[0], args[1])
		case "getOrDefault":
			if v, ok := m.Get(args[0]); ok {
				return v, nil
			}
			return args[1], nil
		case "replace":
			if _, ok := m.Get(args[0]); !ok {
				return nil, nil
			}
			return m.Put(args[0], args[1]), r.hold(args[1])
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
				return true, r.hold(args[2])
			}
			return false, nil
		}
	}
	return nil, nil
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
			return &array{class: "[Ljava.lang.Object;", items: v.items()}, r.use(sizeOfItem + sizeOfSlot*v.of.Len())
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
