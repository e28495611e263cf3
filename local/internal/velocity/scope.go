package velocity

// A variable is a name of the template, with its place in the scope of the
// template. Names get their places when they are parsed.
type variable struct {
	name string
	slot int
}

// names are the places of the variables.
type names struct {
	slots map[string]int
}

func newNames() *names { return &names{slots: map[string]int{}} }

// of returns the variable of a name.
func (n *names) of(name string) variable {
	slot, ok := n.slots[name]
	if !ok {
		slot = len(n.slots)
		n.slots[name] = slot
	}
	return variable{name, slot}
}

// A scope holds variables. There is one for the template and one for each
// macro that is being called, which sees the variables around it.
type scope struct {
	outer *scope
	slots []any          // the variables of the template's scope, which has no outer
	local map[string]any // those of any other scope
	// What a macro was called with. An argument that is not a constant is
	// worked out anew each time it is used, in the scope of the caller.
	arguments map[string]expression
	literals  map[string]expression
	// The variable of a loop whose present item is null: it hides what the
	// name means outside.
	nullName string
	null     bool
}

// get returns the value of a variable, nil when it has none.
func (s *scope) get(r *renderer, v variable) (any, error) {
	for ; s.outer != nil; s = s.outer {
		if s.null && s.nullName == v.name {
			return nil, nil
		}
		if value, ok := s.local[v.name]; ok && value != nil {
			return value, nil
		}
		if argument, ok := s.arguments[v.name]; ok {
			// The argument may be the same name outside, and so on outward,
			// but never in this scope again.
			if ref, ok := argument.(*reference); ok {
				if len(ref.members) == 0 {
					v = ref.root
					continue
				}
				return ref.execute(r, s.outer)
			}
			return argument.value(r, s.outer)
		}
	}
	if v.slot < len(s.slots) {
		return s.slots[v.slot], nil
	}
	return nil, nil
}

// put assigns a variable here and in all scopes around it, as Velocity does:
// what a macro assigns is seen outside.
func (s *scope) put(v variable, value any) {
	for ; s.outer != nil; s = s.outer {
		if s.local != nil {
			s.local[v.name] = value
		}
		if s.nullName == v.name && value == nil {
			s.null = true
		}
	}
	if v.slot >= len(s.slots) {
		// A name that came with a text of #evaluate.
		s.slots = append(s.slots, make([]any, v.slot+1-len(s.slots))...)
	}
	s.slots[v.slot] = value
}

// remove takes a variable away here and in all scopes around it.
func (s *scope) remove(v variable) {
	for ; s.outer != nil; s = s.outer {
		delete(s.local, v.name)
		delete(s.arguments, v.name)
		if s.nullName == v.name {
			s.null = false
		}
	}
	if v.slot < len(s.slots) {
		s.slots[v.slot] = nil
	}
}

// literal returns how the argument of a macro was written, for an escaped
// reference to it.
func (s *scope) literal(text string) (string, bool) {
	for ; s.outer != nil; s = s.outer {
		if argument, ok := s.literals[text]; ok {
			return argument.literal(), true
		}
	}
	return "", false
}
