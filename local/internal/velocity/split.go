package velocity

import (
	"strings"
	"unicode/utf8"
)

func (r *renderer) split(s, expr string, limit int) (any, error) {
	a := &array{class: textArray}
	if limit == 0 && isPlainCharacter(expr) { // as nearly every template does it
		if err := r.use(sizeOfItem + 2*sizeOfSlot*strings.Count(s, expr)); err != nil {
			return nil, err
		}
		a.splitAt(s, expr)
		return a, nil
	}
	pattern, err := r.pattern(expr)
	if err != nil {
		return nil, err
	}
	if a.texts, err = pattern.Split(s, limit); err != nil {
		return nil, err
	}
	return a, r.use(sizeOfItem + 2*sizeOfSlot*len(a.texts))
}

// splitAt fills an array with the parts of a text, without the empty ones at
// the end, unless the text is empty itself.
func (a *array) splitAt(s, separator string) {
	a.texts = a.few[:0]
	if s == "" {
		a.texts = append(a.texts, "")
		return
	}
	for rest := strings.TrimRight(s, separator); rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, separator)
		a.texts = append(a.texts, part)
	}
}

// isPlainCharacter reports whether a regular expression is one character that
// stands for itself.
func isPlainCharacter(expr string) bool {
	return len(expr) == 1 && expr[0] < utf8.RuneSelf && strings.IndexByte(`.$|()[{^?*+\`, expr[0]) < 0
}

// A splitPart is .split("-")[1] or .split("-").size() behind a reference. Nearly every
// template that splits a text takes one thing of it and drops the rest, so the two
// members are one step, which makes no array.
type splitPart struct {
	call      *call
	next      member
	separator string
	index     int // of the part, or -1 for how many there are
}

// fuse returns the members of a reference with each such pair in one.
func fuse(members []member) []member {
	fused := make([]member, 0, len(members))
	for i := 0; i < len(members); i++ {
		if i+1 < len(members) {
			if part := splitPartOf(members[i], members[i+1]); part != nil {
				fused = append(fused, part)
				i++
				continue
			}
		}
		fused = append(fused, members[i])
	}
	return fused
}

// splitPartOf returns what two members are together, or nil.
func splitPartOf(first, next member) *splitPart {
	split, ok := first.(*call)
	if !ok || split.name != "split" || len(split.arguments) != 1 {
		return nil
	}
	separator, ok := split.arguments[0].(*stringText)
	if !ok || separator.body != nil || !isPlainCharacter(separator.plain) {
		return nil
	}
	part := &splitPart{call: split, next: next, separator: separator.plain}
	switch next := next.(type) {
	case *index:
		literal, ok := next.argument.(*number)
		if !ok {
			return nil
		}
		n, ok := literal.v.(int32)
		if !ok || n < 0 {
			return nil
		}
		part.index = int(n)
		return part
	case *call:
		if next.name == "size" && len(next.arguments) == 0 {
			part.index = -1
			return part
		}
	}
	return nil
}

func (p *splitPart) get(r *renderer, s *scope, of any) (any, error) {
	if text, ok := of.(string); ok && text != "" {
		if err := r.step(); err != nil {
			return nil, p.call.at.fail(err)
		}
		part, count := partAt(text, p.separator, p.index)
		if p.index < count {
			if err := r.use(sizeOfSlot * count); err != nil {
				return nil, p.call.at.fail(err)
			}
			if p.index < 0 {
				return int32(count), nil
			}
			return part, nil
		}
	}
	// All else goes one step after the other.
	v, err := p.call.get(r, s, of)
	if err != nil || v == nil {
		return v, err
	}
	return p.next.get(r, s, v)
}

// partAt returns the part of a text at an index, and how many parts there are: as split
// has them, without the empty ones at the end.
func partAt(text, separator string, index int) (part string, count int) {
	for rest := strings.TrimRight(text, separator); rest != ""; count++ {
		var this string
		this, rest, _ = strings.Cut(rest, separator)
		if count == index {
			part = this
		}
	}
	return part, count
}
