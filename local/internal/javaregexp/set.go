package javaregexp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A set is a set of characters: its ranges are sorted and do not touch.
type set []span

// A span is a range of characters, both ends included.
type span struct{ lo, hi rune }

func chars(text string) set {
	var s set
	for _, c := range text {
		s = append(s, span{c, c})
	}
	return s.tidy()
}

func spans(bounds ...rune) set {
	var s set
	for i := 0; i < len(bounds); i += 2 {
		s = append(s, span{bounds[i], bounds[i+1]})
	}
	return s.tidy()
}

// table returns a set of package unicode's.
func table(t *unicode.RangeTable) set {
	var s set
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			s = append(s, span{lo, hi})
			return
		}
		for c := lo; c <= hi; c += stride {
			s = append(s, span{c, c})
		}
	}
	for _, r := range t.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return s.tidy()
}

// tidy puts ranges in order, which it may do in place.
func (s set) tidy() set {
	slices.SortFunc(s, func(a, b span) int { return cmp.Compare(a.lo, b.lo) })
	var tidy set
	for _, r := range s {
		if last := len(tidy) - 1; last >= 0 && r.lo <= tidy[last].hi+1 {
			tidy[last].hi = max(tidy[last].hi, r.hi)
			continue
		}
		tidy = append(tidy, r)
	}
	return tidy
}

func (s set) or(other set) set { return slices.Concat(s, other).tidy() }

func (s set) not() set {
	var rest set
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			rest = append(rest, span{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= unicode.MaxRune {
		rest = append(rest, span{next, unicode.MaxRune})
	}
	return rest
}

func (s set) and(other set) set { return s.not().or(other.not()).not() }

// fold adds the other case of what is in the set: of ASCII letters alone, or of all.
func (s set) fold(all bool) set {
	folded := slices.Clone(s)
	add := func(c rune) {
		if !all {
			if lower := c | 0x20; lower >= 'a' && lower <= 'z' {
				folded = append(folded, span{c ^ 0x20, c ^ 0x20})
			}
			return
		}
		for other := unicode.SimpleFold(c); other != c; other = unicode.SimpleFold(other) {
			folded = append(folded, span{other, other})
		}
	}
	for _, r := range s {
		if r.hi-r.lo < unicode.MaxASCII {
			for c := r.lo; c <= r.hi; c++ {
				add(c)
			}
			continue
		}
		for _, c := range cased() {
			if r.lo <= c && c <= r.hi {
				add(c)
			}
		}
	}
	return folded.tidy()
}

// cased returns all characters that have another case.
var cased = sync.OnceValue(func() []rune {
	var cs []rune
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if unicode.SimpleFold(c) != c {
			cs = append(cs, c)
		}
	}
	return cs
})

// String writes the set as both engines read it. Surrogates are left out: no Go string
// has them.
func (s set) String() string {
	s = s.and(surrogates.not())
	if len(s) == 1 && s[0].lo == s[0].hi {
		return quote(s[0].lo)
	}
	var b strings.Builder
	b.WriteByte('[')
	if len(s) == 0 {
		b.WriteByte('^')
		s = set(nil).not()
	}
	for _, r := range s {
		b.WriteString(quote(r.lo))
		if r.hi > r.lo {
			if r.hi > r.lo+1 {
				b.WriteByte('-')
			}
			b.WriteString(quote(r.hi))
		}
	}
	b.WriteByte(']')
	return b.String()
}

// quote writes one character as both engines read it, in a class and outside.
func quote(c rune) string {
	switch {
	case c == '\n':
		return `\n`
	case c < unicode.MaxASCII && (unicode.IsPunct(c) || unicode.IsSymbol(c)):
		return `\` + string(c)
	case c < ' ':
		return fmt.Sprintf(`\x%02x`, c)
	}
	return string(c)
}
