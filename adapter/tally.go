package adapter

import "net/http"

// A tally counts what a handler writes against the Content-Length it has declared, as
// net/http's server does since Go 1.27.
//
// What is written goes in whole or not at all, and what was refused counts against the
// length all the same. A copy is cut where the length ends: its source is not read
// further, but for the one byte that tells whether it goes on.
type tally struct {
	declared int64 // the Content-Length, -1 for none
	written  int64 // all that the handler wrote, or copied
	refused  int64 // what of that was beyond the declared length
}

// write counts a piece of n bytes, and tells whether it is refused.
func (t *tally) write(n int) error {
	t.written += int64(n)
	if t.declared >= 0 && t.written > t.declared {
		t.refused += int64(n)
		return http.ErrContentLength
	}
	return nil
}

// left is how many bytes there still are to copy, where a length has been declared: none
// once anything was refused.
func (t *tally) left() int64 { return max(t.declared-t.written, 0) }

// whole reports whether just as much was written as was declared: only then does a copy
// ask its source for more.
func (t *tally) whole() bool { return t.written == t.declared }

// accepted is how much of what was written has not been refused.
func (t *tally) accepted() int64 { return t.written - t.refused }
