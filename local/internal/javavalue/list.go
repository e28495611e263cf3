package javavalue

import "iter"

// A List is Java's ArrayList, or the JSONArray of json-smart, which differs in
// how it prints: as JSON, with everything inside it as JSON.
type List struct {
	items   []any
	json    bool
	changes int
}

// NewList returns an ArrayList of the items. It keeps the slice.
func NewList(items ...any) *List { return &List{items: items} }

// NewJSONArray returns a JSONArray of the items. It keeps the slice.
func NewJSONArray(items ...any) *List { return &List{items: items, json: true} }

// IsJSON reports whether the list is a JSONArray.
func (l *List) IsJSON() bool { return l.json }

// Len returns the number of items.
func (l *List) Len() int { return len(l.items) }

// Changes counts the additions and removals so far; see [Map.Changes].
func (l *List) Changes() int { return l.changes }

// At returns the item at an index from 0 to Len-1.
func (l *List) At(i int) any { return l.items[i] }

// Set replaces the item at an index and returns the one it replaces.
func (l *List) Set(i int, item any) (old any) {
	old, l.items[i] = l.items[i], item
	return old
}

// Append adds items at the end.
func (l *List) Append(items ...any) {
	l.items = append(l.items, items...)
	l.changes++
}

// Insert adds an item before an index from 0 to Len.
func (l *List) Insert(i int, item any) {
	l.items = append(l.items, nil)
	copy(l.items[i+1:], l.items[i:])
	l.items[i] = item
	l.changes++
}

// Remove takes out the item at an index and returns it.
func (l *List) Remove(i int) (old any) {
	old = l.items[i]
	l.items = append(l.items[:i], l.items[i+1:]...)
	l.changes++
	return old
}

// Clear takes all items out.
func (l *List) Clear() {
	l.items = nil
	l.changes++
}

// All goes through the items in their order. The list must not change
// meanwhile.
func (l *List) All() iter.Seq2[int, any] {
	return func(yield func(int, any) bool) {
		for i, item := range l.items {
			if !yield(i, item) {
				return
			}
		}
	}
}
