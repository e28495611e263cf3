package velocity

import (
	"slices"

	"strings"
)

// A statement is a part of a template that renders.
type statement interface {
	render(r *renderer, s *scope) error
}

// A block is a sequence of statements.
type block []statement

func (b block) render(r *renderer, s *scope) error {
	if err := r.enter(); err != nil {
		return err
	}
	for _, statement := range b {
		if err := statement.render(r, s); err != nil {
			return err
		}
	}
	r.leave()
	return nil
}

// merge puts what was deferred in its place and plain texts that follow each
// other into one.
func (b block) merge() block {
	merged := b[:0]
	var texts []string
	flush := func() {
		if text := strings.Join(texts, ""); text != "" {
			merged = append(merged, plain(text))
		}
		texts = texts[:0]
	}
	for _, s := range b {
		if d, ok := s.(*deferred); ok {
			s = d.statement
		}
		if t, ok := s.(plain); ok {
			texts = append(texts, string(t))
			continue
		}
		flush()
		merged = append(merged, s)
	}
	flush()
	return merged
}

// deferred is a statement that is made when the whole template is read.
type deferred struct{ statement }

// plain is text that renders as it is.
type plain string

func (t plain) render(r *renderer, _ *scope) error { return r.write(string(t)) }

// literalText is the text of a token with what hangs before it: a lone $ or #.
func literalText(t *token) plain { return plain(t.literal()) }

// commentText is what stood before a comment and is a part of its token.
func commentText(t *token) plain {
	if i := strings.Index(t.image, "##"); i >= 0 {
		return plain(t.image[:i])
	}
	if i := strings.Index(t.image, "#*"); i >= 0 {
		return plain(t.image[:i])
	}
	return ""
}

// literal returns how a token is written: its text, and before it the signs of
// the pieces that ended something but stood for nothing.
func (t *token) literal() string {
	if t.kind == comment {
		return ""
	}
	if t.before == nil || strings.HasPrefix(t.before.image, "##") {
		return t.image
	}
	pieces := []string{t.image}
	for piece := t.before; piece != nil; piece = piece.before {
		pieces = append(pieces, piece.signs())
	}
	var b strings.Builder
	for _, piece := range slices.Backward(pieces) {
		b.WriteString(piece)
	}
	return b.String()
}

// signs returns the $ and # of a piece, with the backslashes before a $.
func (t *token) signs() string {
	var b strings.Builder
	for i := 0; i < len(t.image); i++ {
		switch t.image[i] {
		case '$', '#':
			b.WriteByte(t.image[i])
		case '\\':
			n := strings.IndexFunc(t.image[i:], notBackslash)
			if n > 0 && t.image[i+n] == '$' {
				b.WriteString(t.image[i : i+n+1])
				i += n + 1 // and the sign behind it, which ended the piece
			}
		}
	}
	return b.String()
}

// literalOf returns how the tokens from one to another are written.
func literalOf(first, last *token) string {
	if first == last {
		return first.literal()
	}
	var b strings.Builder
	for t := first; t != nil; t = t.next {
		b.WriteString(t.literal())
		if t == last {
			break
		}
	}
	return b.String()
}

// imagesOf returns the plain texts of the tokens from one to another.
func imagesOf(first, last *token) string {
	var b strings.Builder
	for t := first; t != nil; t = t.next {
		b.WriteString(t.image)
		if t == last {
			break
		}
	}
	return b.String()
}
