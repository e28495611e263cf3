package event

import "strings"

// A textRoom is memory in which strings stand side by side: what is written is had as a
// string that needs no memory of its own.
//
//	mark := t.mark()
//	t.write("a"); t.write("b")
//	t.since(mark) // "ab"
type textRoom struct{ b strings.Builder }

// grow makes room for n bytes in one piece. More may be written.
func (t *textRoom) grow(n int) { t.b.Grow(n) }

// mark is where what is written next begins.
func (t *textRoom) mark() int { return t.b.Len() }

// since is what has been written behind a mark.
func (t *textRoom) since(mark int) string { return t.b.String()[mark:] }

// extend is where s begins, which more is to follow. It is written, unless it was what was
// written last.
func (t *textRoom) extend(s string) (mark int) {
	if !strings.HasSuffix(t.b.String(), s) {
		t.write(s)
	}
	return t.mark() - len(s)
}

// keep writes s, and nothing else, and returns it.
func (t *textRoom) keep(s []byte) string {
	mark := t.mark()
	t.b.Write(s)
	return t.since(mark)
}

// write writes s. Inlined, what it does when there is no room, which there almost always
// is, would stand in thirty places of a function's binary: that goes for writeBytes too.
//
//go:noinline
func (t *textRoom) write(s string) { t.b.WriteString(s) }

//go:noinline
func (t *textRoom) writeBytes(s []byte) { t.b.Write(s) }

// escape writes s with all but plain bytes percent-encoded (RFC 3986, section 2.1).
func (t *textRoom) escape(s []byte, plain *[256]bool) {
	const hex = "0123456789ABCDEF"
	written := 0
	for i, c := range s {
		if !plain[c] {
			t.writeBytes(s[written:i])
			t.writeBytes([]byte{'%', hex[c>>4], hex[c&15]})
			written = i + 1
		}
	}
	t.writeBytes(s[written:])
}
