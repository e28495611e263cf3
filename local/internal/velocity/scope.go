package velocity

// A scope holds variables. There is one for the template and one for each
// macro that is being called, which sees the variables around it.
type scope struct {
	outer  *scope
	values map[string]any
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
func (s *scope) get(r *renderer, name string) (any, error) {
	for ; s.outer != nil; s = s.outer {
		if s.null && s.nullName == name {
			return nil, nil
		}
		if v, ok := s.values[name]; ok && v != nil {
			return v, nil
		}
		if argument, ok := s.arguments[name]; ok {
			// The argument may be the same name outside, and so on outward,
			// but never in this scope again.
			if ref, ok := argument.(*reference); ok {
				if len(ref.members) == 0 {
					name = ref.root
					continue
				}
				return ref.execute(r, s.outer)
			}
			return argument.value(r, s.outer)
		}
	}
	return s.values[name], nil
}

// put assigns a variable here and in all scopes around it, as Velocity does:
// what a macro assigns is seen outside.
func (s *scope) put(name string, value any) {
	for ; s.outer != nil; s = s.outer {
		if s.values != nil {
			s.values[name] = value
		}
		if s.nullName == name && value == nil {
			s.null = true
		}
	}
	s.values[name] = value
}

// remove takes a variable away here and in all scopes around it.
func (s *scope) remove(name string) {
	for ; s.outer != nil; s = s.outer {
		delete(s.values, name)
		delete(s.arguments, name)
		if s.nullName == name {
			s.null = false
		}
	}
	delete(s.values, name)
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
