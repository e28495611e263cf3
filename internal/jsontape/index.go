package jsontape

// An index tells where the members of the outermost object are, which are asked for again and
// again, and mostly in vain: an event is recognised by what it does not have. It has a place
// for each of a few sums of a key's length and letters.
type index struct {
	built  bool
	places [64]uint16 // the entry, none or several
}

const (
	none    = 0 // the entry of the object itself
	several = 1<<16 - 1
)

// outermost is Get for the outermost value, an object.
func (t *Tape) outermost(key string) Value {
	if !t.index.built {
		t.buildIndex()
	}
	switch at := t.index.places[place(key)]; {
	case at == several:
		return Value{tape: t}.walk(key)
	case at != none && t.bears(uint32(at), key):
		return Value{t, uint32(at)}
	}
	return Value{}
}

func (t *Tape) buildIndex() {
	t.index = index{built: true}
	for at, end := uint32(1), t.entries[0].next; at < end; at = t.entries[at].next {
		e := &t.entries[at]
		taken := &t.index.places[place(t.bytes(e.key, e.keyForm))]
		if *taken == none && at < several {
			*taken = uint16(at)
		} else {
			*taken = several
		}
	}
}

// place is the place of a key. Keys that share one are told apart by a walk.
func place[text string | []byte](key text) int {
	if len(key) == 0 {
		return 0
	}
	return (7*len(key) + int(key[0]) + 3*int(key[len(key)-1])) % 64
}
