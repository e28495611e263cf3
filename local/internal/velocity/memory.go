package velocity

import "github.com/lambridge-go/lambridge/local/internal/javavalue"

// What values take, roughly and rather too much than too little: with the room that a list or
// map leaves for more, and with the small things that stand in it.
const (
	sizeOfText  = 32   // a text, besides its bytes
	sizeOfSlot  = 16   // a place in a list that is made as long as it must be
	sizeOfItem  = 96   // an item of a list that grows
	sizeOfPair  = 96   // an entry of a map that is made as large as it must be
	sizeOfEntry = 320  // an entry of a map that grows
	sizeOfScope = 1024 // a macro that is being called
)

// hold counts an item that a list is given. What a template makes and drops is gone: what it
// keeps in large numbers, it keeps in lists and maps.
func (r *renderer) hold(item any) error {
	if err := r.use(sizeOfItem); err != nil {
		return err
	}
	return r.holdInside(item)
}

// holdEntry counts an entry that a map is given.
func (r *renderer) holdEntry(key, value any) error {
	if err := r.use(sizeOfEntry); err != nil {
		return err
	}
	if err := r.holdInside(key); err != nil {
		return err
	}
	return r.holdInside(value)
}

// holdInside counts what a value is made of, which an [Object] may have given: a list or a
// map once, since it may be held in many places, itself among them.
func (r *renderer) holdInside(v any) error {
	switch v := v.(type) {
	case string:
		return r.use(len(v))
	case *javavalue.List:
		if v.Len() == 0 || !r.isNew(v) {
			return nil
		}
		for _, item := range v.All() {
			if err := r.use(sizeOfSlot); err != nil {
				return err
			}
			if err := r.holdInside(item); err != nil {
				return err
			}
		}
	case *javavalue.Map:
		if v.Len() == 0 || !r.isNew(v) {
			return nil
		}
		for key, value := range v.All() {
			if err := r.use(sizeOfPair); err != nil {
				return err
			}
			if err := r.holdInside(key); err != nil {
				return err
			}
			if err := r.holdInside(value); err != nil {
				return err
			}
		}
	}
	return nil
}

// isNew reports whether a list or map has not been counted, and takes it for counted.
func (r *renderer) isNew(collection any) bool {
	if r.held[collection] {
		return false
	}
	if r.held == nil {
		r.held = map[any]bool{}
	}
	r.held[collection] = true
	return true
}

// capture counts the macros being called whose variables a value keeps for later.
func (r *renderer) capture(s *scope) error {
	calls := 0
	for ; s.outer != nil; s = s.outer {
		calls++
	}
	return r.use(calls * sizeOfScope)
}
