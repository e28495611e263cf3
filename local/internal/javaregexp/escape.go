package javaregexp

import (
	"errors"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf16"
)

// escape reads what follows a backslash outside of a class.
func (t *translator) escape() (string, error) {
	c := t.peek()
	if class, ok := predefined(c); ok {
		t.at++
		return class.String(), nil
	}
	switch c {
	case 'A', 'z':
		t.at++
		return `\` + string(c), nil
	case 'Z':
		t.at++
		return t.lineEnd(false), nil
	case 'b', 'B':
		t.at++
		if t.peek() == '{' {
			return "", errors.New(`\b{g} is not supported`)
		}
		return `\` + string(c), nil
	case 'R':
		t.at++
		return `(?:\r\n|` + verticals.String() + `)`, nil
	case 'k':
		t.at++
		if t.next() != '<' {
			return "", errors.New(`a \k is not followed by <name>`)
		}
		name, err := t.name()
		if err != nil {
			return "", err
		}
		group, ok := t.names[name]
		if !ok {
			return "", fmt.Errorf("there is no group named %q before its reference", name)
		}
		return t.reference(group)
	case 'p', 'P':
		class, err := t.property()
		return class.String(), err
	}
	if c >= '1' && c <= '9' {
		group := 0
		for ; c >= '0' && c <= '9'; c = t.peek() {
			more := group*10 + int(c-'0')
			// More digits belong to the number as long as there is such a group already.
			if group > 0 && more > t.groups {
				break
			}
			group = more
			t.at++
		}
		return t.reference(group)
	}
	c, err := t.escaped()
	return t.literal(c).String(), err
}

// reference is what a group matched. One to a group that is not there never matches.
func (t *translator) reference(group int) (string, error) {
	t.goesBack = true
	switch {
	case t.behind > 0:
		return "", errBehind
	case group > t.all:
		return `(?!)`, nil
	case t.flags.fold:
		return `(?i:\` + strconv.Itoa(group) + `)`, nil
	}
	return `(?:\` + strconv.Itoa(group) + `)`, nil
}

// property reads p{Lower} or PL.
func (t *translator) property() (set, error) {
	negated := t.next() == 'P'
	name := string(t.next())
	if name == "{" {
		start := t.at
		for t.peek() != '}' {
			if t.next() == end {
				return nil, errors.New(`a \p{ is not closed`)
			}
		}
		name = string(t.source[start:t.at])
		t.at++
	}
	class, err := property(name)
	if t.flags.fold {
		class = eitherCase(name, class)
	}
	if negated {
		class = class.not()
	}
	return class, err
}

// escaped reads an escape that stands for one character.
func (t *translator) escaped() (rune, error) {
	switch c := t.next(); c {
	case end:
		return 0, errors.New("it ends in a backslash")
	case 'a':
		return '\a', nil
	case 'e':
		return 0x1B, nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'c':
		if t.peek() == end {
			return 0, errors.New(`a \c is followed by nothing`)
		}
		return t.next() ^ 64, nil
	case '0':
		return t.octal()
	case 'x':
		return t.hexadecimal()
	case 'u':
		c, err := t.digits(4)
		if second := t.at; err == nil && utf16.IsSurrogate(c) && t.skip(`\u`) {
			if low, err := t.digits(4); err == nil && utf16.DecodeRune(c, low) != unicode.ReplacementChar {
				return utf16.DecodeRune(c, low), nil
			}
			t.at = second
		}
		return c, err
	default:
		if unicode.IsLetter(c) && c <= unicode.MaxASCII || unicode.IsDigit(c) && c <= unicode.MaxASCII {
			return 0, fmt.Errorf(`the escape \%c is not supported`, c)
		}
		return c, nil
	}
}

// octal reads up to three digits, as long as they make at most 0377.
func (t *translator) octal() (rune, error) {
	start, c := t.at, rune(0)
	for d := t.peek(); d >= '0' && d <= '7' && t.at-start < 3 && c*8+d-'0' <= 0o377; d = t.peek() {
		c = c*8 + d - '0'
		t.at++
	}
	if t.at == start {
		return 0, errors.New(`a \0 is not followed by an octal number`)
	}
	return c, nil
}

// hexadecimal reads 41 or {1F600}.
func (t *translator) hexadecimal() (rune, error) {
	if !t.skip("{") {
		return t.digits(2)
	}
	start := t.at
	for t.peek() != '}' && t.at-start < 8 && t.peek() != end {
		t.at++
	}
	c, err := strconv.ParseUint(string(t.source[start:t.at]), 16, 32)
	if err != nil || c > unicode.MaxRune || !t.skip("}") {
		return 0, errors.New(`a \x{ is not followed by the number of a character`)
	}
	return rune(c), nil
}

func (t *translator) digits(n int) (rune, error) {
	if t.at+n <= len(t.source) {
		if c, err := strconv.ParseUint(string(t.source[t.at:t.at+n]), 16, 32); err == nil {
			t.at += n
			return rune(c), nil
		}
	}
	return 0, fmt.Errorf("an escape lacks its %d hexadecimal digits", n)
}
