// Package javaregexp runs Java's regular expressions, which API Gateway's
// configuration holds in five places: replaceAll and matches in templates, the
// selection patterns of integration responses, the validation expressions of
// authorizers, the filters of JSONPath and the patterns of models.
//
// A pattern is read by Java's rules
// (https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html)
// and written anew in the syntax that two engines share. Package regexp runs what it can,
// in time linear in the text. What needs to go back in the text (look-around, back
// references, possessive quantifiers, the line ends that Java's $ knows) a backtracking
// engine runs, for at most [MaxTime]. What neither can do as Java does is refused when the
// pattern is compiled: the flags x and U, \G, \X, \N, \b{g} and Unicode blocks.
//
// Two details differ from the Java 17 that it was compared with: \b knows the same ASCII
// letters as \w, as it does in newer Javas, and an empty match never stands between the
// two UTF-16 halves of one character.
package javaregexp

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

const (
	// MaxPattern is how many bytes a pattern may have.
	MaxPattern = 16 << 10

	// MaxTime is how long one search may go back and forth in a text.
	MaxTime = time.Second

	// MaxResult is how many bytes may come out of a replacement.
	MaxResult = 16 << 20

	// MaxParts is how many parts a text may be split into.
	MaxParts = 1 << 19

	// maxStack bounds what a search remembers to go back to, in words.
	maxStack = 2 << 20
)

var (
	// ErrTooLong says that a search was given up after MaxTime, or because it had too
	// much to remember.
	ErrTooLong = errors.New("javaregexp: the search took too long")

	// ErrTooLarge says that a replacement would have come to more than MaxResult bytes, or a
	// text to more than MaxParts parts.
	ErrTooLarge = errors.New("javaregexp: the result is too large")
)

// A Regexp is a compiled pattern. It is safe for concurrent use.
type Regexp struct {
	pattern string
	names   map[string]int // the numbers of named groups
	groups  int
	whole   engine // matches a text as a whole
	part    engine // finds matches in a text
}

// An engine runs a translated pattern.
type engine interface {
	// match reports whether the text has a match.
	match(text string) (bool, error)
	// each calls yield with the bounds of each match and of its groups, in pairs, -1 for
	// a group that took no part, until yield returns false.
	each(text string, yield func(bounds []int) bool) error
}

// Compile reads a pattern. Its error says what in the pattern is wrong or not supported.
func Compile(pattern string) (*Regexp, error) {
	fail := func(err error) (*Regexp, error) {
		return nil, fmt.Errorf("javaregexp: pattern %q: %w", pattern, err)
	}
	if len(pattern) > MaxPattern {
		return nil, fmt.Errorf("javaregexp: a pattern of %d bytes is over the %d allowed", len(pattern), MaxPattern)
	}
	whole, err := translate(pattern, true)
	if err != nil {
		return fail(err)
	}
	part, err := translate(pattern, false)
	if err != nil {
		return fail(err)
	}
	r := &Regexp{pattern: pattern, names: whole.names, groups: whole.groups}
	if r.whole, err = whole.engine(`\A(?:` + whole.expr + `)\z`); err != nil {
		return fail(err)
	}
	if matchesEmpty(part.expr) {
		// Package regexp passes over an empty match right behind another match, Java does not.
		part.goesBack = true
	}
	if r.part, err = part.engine(part.expr); err != nil {
		return fail(err)
	}
	return r, nil
}

// engine compiles expr for the engine that the translation needs.
func (t translation) engine(expr string) (engine, error) {
	if !t.goesBack {
		if linear, err := regexp.Compile(expr); err == nil {
			return linearEngine{linear, looksBack(expr)}, nil
		}
		// What is left is only too large for package regexp, which writes repetitions out.
	}
	backtracking, err := regexp2.Compile(expr, regexp2.RE2, regexp2.OptionMaxBacktrackingStackSize(maxStack))
	if err != nil {
		return nil, err
	}
	// The engine tells the time by a goroutine of its own, which ends soon after a search.
	backtracking.MatchTimeout = MaxTime
	return backtrackingEngine{backtracking}, nil
}

// matchesEmpty reports whether an expression may match the empty text. It says yes when
// it cannot tell.
func matchesEmpty(expr string) bool {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	return err != nil || nullable(parsed)
}

func nullable(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpNoMatch, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	case syntax.OpLiteral:
		return len(re.Rune) == 0
	case syntax.OpCapture, syntax.OpPlus:
		return nullable(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || nullable(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !nullable(sub) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, nullable)
	}
	return true
}

// String returns the pattern as it was given.
func (r *Regexp) String() string { return r.pattern }

// Match reports whether the whole text matches, as String.matches does.
func (r *Regexp) Match(text string) (bool, error) { return r.whole.match(text) }

// Find reports whether a part of the text matches, as Matcher.find does.
func (r *Regexp) Find(text string) (bool, error) { return r.part.match(text) }

// ReplaceAll returns the text with each match replaced, as String.replaceAll does. In the
// replacement $1 and ${name} stand for groups, and a backslash takes the meaning of
// what follows it.
func (r *Regexp) ReplaceAll(text, replacement string) (string, error) {
	return r.replace(text, replacement, -1)
}

// ReplaceFirst is ReplaceAll for the first match alone.
func (r *Regexp) ReplaceFirst(text, replacement string) (string, error) {
	return r.replace(text, replacement, 1)
}

// Split returns what stands between matches, as String.split does: at most limit parts if
// limit is positive; trailing empty parts are left out if it is 0.
func (r *Regexp) Split(text string, limit int) ([]string, error) {
	var parts []string
	end, matched := 0, false
	tooMany := false
	err := r.part.each(text, func(m []int) bool {
		if m[1] == 0 {
			return true // an empty match at the start cuts nothing off
		}
		if tooMany = len(parts) == MaxParts; tooMany {
			return false
		}
		if limit > 0 && len(parts) == limit-1 {
			return false
		}
		parts = append(parts, text[end:m[0]])
		end, matched = m[1], true
		return true
	})
	switch {
	case err != nil:
		return nil, err
	case tooMany:
		return nil, ErrTooLarge
	}
	if !matched {
		return []string{text}, nil
	}
	parts = append(parts, text[end:])
	if limit == 0 {
		for len(parts) > 0 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
	}
	return parts, nil
}

// replace replaces the first most matches, or all if most is negative.
func (r *Regexp) replace(text, replacement string, most int) (string, error) {
	var b strings.Builder
	end := 0
	var wrong error
	err := r.part.each(text, func(m []int) bool {
		b.WriteString(text[end:m[0]])
		end = m[1]
		if wrong = r.expand(&b, text, replacement, m); wrong != nil {
			return false
		}
		if b.Len()+len(text)-end > MaxResult {
			wrong = ErrTooLarge
			return false
		}
		most--
		return most != 0
	})
	switch {
	case wrong != nil:
		return "", wrong
	case err != nil:
		return "", err
	}
	b.WriteString(text[end:])
	return b.String(), nil
}

// expand writes a replacement for a match.
func (r *Regexp) expand(b *strings.Builder, text, replacement string, m []int) error {
	for i := 0; i < len(replacement); {
		c := replacement[i]
		i++
		switch c {
		case '\\':
			if i == len(replacement) {
				return fmt.Errorf("javaregexp: the replacement %q ends in a backslash", replacement)
			}
			b.WriteByte(replacement[i])
			i++
		case '$':
			group, size, err := r.group(replacement[i:])
			if err != nil {
				return fmt.Errorf("javaregexp: the replacement %q: %w", replacement, err)
			}
			i += size
			if m[2*group] >= 0 {
				b.WriteString(text[m[2*group]:m[2*group+1]])
			}
		default:
			b.WriteByte(c)
		}
	}
	return nil
}

// group reads what follows a dollar sign and returns how long it is.
func (r *Regexp) group(s string) (group, size int, err error) {
	if rest, ok := strings.CutPrefix(s, "{"); ok {
		name, _, closed := strings.Cut(rest, "}")
		group, known := r.names[name]
		if !closed || !known {
			return 0, 0, fmt.Errorf("there is no group ${%s}", name)
		}
		return group, len("{}") + len(name), nil
	}
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, 0, errors.New("a $ is not followed by a group; a plain one is \\$")
	}
	group, size = int(s[0]-'0'), 1
	if group > r.groups {
		return 0, 0, fmt.Errorf("there is no group $%d", group)
	}
	// More digits belong to the number as long as there is such a group.
	for ; size < len(s) && s[size] >= '0' && s[size] <= '9'; size++ {
		more := group*10 + int(s[size]-'0')
		if more > r.groups {
			break
		}
		group = more
	}
	return group, size, nil
}

// linearEngine is package regexp, for a pattern that does not match the empty text where it
// looks for more than one match.
type linearEngine struct {
	*regexp.Regexp
	looksBack bool // at what stands before a match
}

func (e linearEngine) match(text string) (bool, error) { return e.MatchString(text), nil }

func (e linearEngine) each(text string, yield func([]int) bool) error {
	// All matches of a large text at once take many times its memory.
	most := batch
	if e.looksBack {
		most = -1
	}
	for from := 0; ; {
		matches := e.FindAllStringSubmatchIndex(text[from:], most)
		end := from
		for _, bounds := range matches {
			for i := range bounds {
				if bounds[i] >= 0 {
					bounds[i] += from
				}
			}
			end = bounds[1]
			if !yield(bounds) {
				return nil
			}
		}
		if len(matches) != most {
			return nil
		}
		from = end
	}
}

// batch is how many matches are looked for at once.
const batch = 1000

// looksBack reports whether an expression asks what stands before a match. It says yes when
// it cannot tell.
func looksBack(expr string) bool {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	return err != nil || asksBefore(parsed)
}

func asksBefore(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, asksBefore)
}

// backtrackingEngine is github.com/dlclark/regexp2.
type backtrackingEngine struct{ *regexp2.Regexp }

func (e backtrackingEngine) match(text string) (bool, error) {
	found, err := e.MatchString(text)
	return found, tooLong(err)
}

func (e backtrackingEngine) each(text string, yield func([]int) bool) error {
	deadline := time.Now().Add(MaxTime)
	m, err := e.FindStringMatch(text)
	for ; m != nil && err == nil; m, err = e.FindNextMatch(m) {
		bounds := make([]int, 0, 2*m.GroupCount())
		for _, group := range m.Groups() {
			if len(group.Captures) == 0 {
				bounds = append(bounds, -1, -1)
				continue
			}
			start, length := group.ByteRange()
			bounds = append(bounds, start, start+length)
		}
		if !yield(bounds) {
			return nil
		}
		// Each search has the whole time, and there may be as many as characters.
		if time.Now().After(deadline) {
			return ErrTooLong
		}
	}
	return tooLong(err)
}

// tooLong leaves out what the engine says itself: it quotes the whole text, which is a
// client's and may be long.
func tooLong(err error) error {
	if err != nil {
		return ErrTooLong
	}
	return nil
}
