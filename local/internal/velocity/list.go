package velocity

import (
	"fmt"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

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
			return &array{class: "[Ljava.lang.Object;", items: itemsOf(l)}, r.use(sizeOfItem + sizeOfSlot*l.Len())
		case "clone":
			return copyOf(l), r.use(sizeOfItem + sizeOfSlot*l.Len())
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
			return l.Set(i, args[1]), r.hold(args[1])
		case "add":
			if i < 0 || i > l.Len() {
				return nil, fmt.Errorf("index: %d, size: %d", i, l.Len())
			}
			l.Insert(i, args[1])
			r.steps += l.Len() / 64
			return "", r.hold(args[1])
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
				if err := r.hold(item); err != nil {
					return nil, err
				}
				l.Insert(i+k, item)
				r.steps += l.Len() / 64
			}
			return len(items) > 0, nil
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
		return true, r.hold(arg)
	case "appendElement":
		if l.IsJSON() {
			l.Append(arg)
			return l, r.hold(arg)
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
		if err := r.use(sizeOfSlot * len(items)); err != nil {
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
		for _, item := range items {
			if err := r.hold(item); err != nil {
				return nil, err
			}
			l.Append(item)
		}
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
	if err := r.use(sizeOfSlot * p.of.Len()); err != nil {
		return nil, err
	}
	return r.callList(javavalue.NewList(items...), name, args)
}
