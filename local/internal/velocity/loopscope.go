package velocity

import (
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

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
