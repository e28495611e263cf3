package javavalue

import (
	"iter"
	"math"
	"math/big"
)

// A Map is Java's LinkedHashMap: it keeps its entries in the order in which
// their keys first came. The zero value is not ready for use; see [NewMap].
type Map struct {
	entries []entry
	index   map[any]int // nil while the map is small enough to be searched
	changes int
	silent  bool
}

type entry struct{ key, value any }

// indexFrom is the number of entries from which a map looks its keys up in an
// index; below it a search is faster.
const indexFrom = 9

// NewMap returns an empty map.
func NewMap() *Map { return new(Map) }

// NewSilentMap returns an empty map that prints nothing, as those of API
// Gateway's $context do.
func NewSilentMap() *Map { return &Map{silent: true} }

// Len returns the number of entries.
func (m *Map) Len() int { return len(m.entries) }

// Changes counts the entries that were added or removed so far, so that a loop
// can tell that its map changed underneath it, which Java refuses.
func (m *Map) Changes() int { return m.changes }

// Get returns the value under a key, and whether the key is there.
func (m *Map) Get(key any) (value any, ok bool) {
	if i := m.find(key); i >= 0 {
		return m.entries[i].value, true
	}
	return nil, false
}

// GetText is Get for a key that is a text.
func (m *Map) GetText(key string) (value any, ok bool) {
	if m.index != nil {
		if i, ok := m.index[key]; ok {
			return m.entries[i].value, true
		}
		return nil, false
	}
	for i := range m.entries {
		if k, ok := m.entries[i].key.(string); ok && k == key {
			return m.entries[i].value, true
		}
	}
	return nil, false
}

// Put stores a value under a key and returns the one it replaces, or nil.
func (m *Map) Put(key, value any) (old any) {
	if i := m.find(key); i >= 0 {
		old = m.entries[i].value
		m.entries[i].value = value
		return old
	}
	m.entries = append(m.entries, entry{key, value})
	m.changes++
	if m.index != nil {
		m.index[identity(key)] = len(m.entries) - 1
	} else if len(m.entries) >= indexFrom {
		m.reindex()
	}
	return nil
}

// Remove takes a key out and returns its value, or nil.
func (m *Map) Remove(key any) (old any) {
	i := m.find(key)
	if i < 0 {
		return nil
	}
	old = m.entries[i].value
	m.entries = append(m.entries[:i], m.entries[i+1:]...)
	m.changes++
	if m.index != nil {
		m.reindex()
	}
	return old
}

// Clear takes all entries out.
func (m *Map) Clear() {
	m.entries, m.index = nil, nil
	m.changes++
}

// At returns the entry at a place in the order of the map.
func (m *Map) At(i int) (key, value any) { return m.entries[i].key, m.entries[i].value }

// All goes through the entries in their order. The map must not change
// meanwhile.
func (m *Map) All() iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for _, e := range m.entries {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

func (m *Map) find(key any) int {
	if m.index != nil {
		if i, ok := m.index[identity(key)]; ok {
			return i
		}
		return -1
	}
	if text, ok := key.(string); ok {
		for i := range m.entries {
			if k, ok := m.entries[i].key.(string); ok && k == text {
				return i
			}
		}
		return -1
	}
	id := identity(key)
	for i := range m.entries {
		if identity(m.entries[i].key) == id {
			return i
		}
	}
	return -1
}

func (m *Map) reindex() {
	m.index = make(map[any]int, 2*len(m.entries))
	for i, e := range m.entries {
		m.index[identity(e.key)] = i
	}
}

// identity returns a comparable stand-in for a value that is equal for two
// values exactly when Java's equals holds for them. Maps and lists, which are
// rare as keys, stand for their text.
func identity(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) {
			return doubleBits(0x7ff8000000000000) // all NaN are one in Java
		}
		return doubleBits(math.Float64bits(v)) // and 0.0 is not -0.0
	case *big.Int:
		return bigText(v.String())
	case Decimal:
		return decimalText(v.String())
	case *Map, *List:
		return structureText(String(v))
	}
	return v
}

type (
	doubleBits    uint64
	bigText       string
	decimalText   string
	structureText string
)
