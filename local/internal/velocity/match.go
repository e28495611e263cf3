package velocity

import (
	"strings"
	"unicode/utf8"
)

// longest returns the kind and the length of the longest piece that the text
// begins with in the present state.
func (l *lexer) longest(s string) (best kind, size int) {
	best = noKind
	try := func(k kind, n int) {
		if n > size || n > 0 && n == size && k < best {
			best, size = k, n
		}
	}
	first := s[0]

	// In every state.
	switch first {
	case '$', '\\':
		n := l.backslashes(l.at)
		if n < len(s) && s[n] == '$' {
			try(dollar, n+1)
			if m := l.backslashes(l.at + n + 1); n+1+m < len(s) && s[n+1+m] == '!' {
				try(dollarBang, n+m+2)
			}
		} else if l.commented {
			// Signs that mean nothing, taken at once.
			if l.state == inTextBlock {
				return blockText, n
			}
			return ignored, n
		}
	case '#':
		try(hash, 1)
		switch {
		case strings.HasPrefix(s, "##"):
			switch l.state {
			case inText, inReference, inArguments, inHash:
				try(lineComment, 2)
			}
		case strings.HasPrefix(s, "#[["):
			try(textBlockStart, 3)
		case strings.HasPrefix(s, "#*"):
			try(commentStart, 2)
			if len(s) > 3 && s[2] == '*' && s[3] != '#' {
				_, n := utf8.DecodeRuneInString(s[3:])
				try(docCommentStart, 3+n)
			}
		}
	}

	switch l.state {
	case inText:
		l.longestText(s, try)
	case inReference, inMember:
		switch {
		case first == '[':
			try(indexOpen, 1)
		case first == '(' && l.state == inMember:
			try(paren, 1)
		case first == '{':
			try(braceOpen, 1)
		case first == '}':
			try(braceClose, 1)
		case first == ' ' || first == '\t' || first == '#':
			try(setStart, matchSet(s))
		}
		if l.state == inReference {
			try(emptyIndex, matchEmptyIndex(s))
		}
		l.longestName(s, try)
		_, n := utf8.DecodeRuneInString(s)
		try(referenceEnd, n)
	case inIndex:
		if first == ']' {
			try(indexClose, 1)
		}
		longestLiteral(s, try)
		try(trueWord, matchWord(s, "true"))
		try(falseWord, matchWord(s, "false"))
	case inCall:
		if first == ')' {
			try(callEnd, 1)
		}
		longestPunctuation(s, try)
		longestLiteral(s, try)
		l.longestName(s, try)
		if first == ' ' || first == '\t' || first == '#' {
			try(setStart, matchSet(s))
		}
	case inArguments:
		longestPunctuation(s, try)
		longestLiteral(s, try)
		longestOperator(s, try)
		try(trueWord, matchWord(s, "true"))
		try(falseWord, matchWord(s, "false"))
		switch first {
		case '(':
			try(paren, 1)
		case ')':
			try(parenEnd, 1+matchLineEnd(s[1:]))
		}
		longestWord(s, try)
	case inHash:
		longestDirective(s, try)
		longestNumber(s, try)
		longestWord(s, try)
		_, n := utf8.DecodeRuneInString(s)
		try(directiveEnd, n)
	case inTextBlock:
		try(textBlock, matchWord(s, "]]#"))
		_, n := utf8.DecodeRuneInString(s)
		try(blockText, n)
	case inComment, inDocComment:
		if l.state == inComment {
			try(comment, matchWord(s, "*#"))
		} else {
			try(docComment, matchWord(s, "*#"))
		}
		_, n := utf8.DecodeRuneInString(s)
		try(ignored, n)
	case inLineComment:
		try(lineEnd, matchNewline(s))
		_, n := utf8.DecodeRuneInString(s)
		try(ignored, n)
	}
	return best, size
}

// backslashes returns how many backslashes follow each other at a place.
func (l *lexer) backslashes(at int) int {
	if at < l.runFrom || at >= l.runTo {
		l.runFrom, l.runTo = at, at
		for l.runTo < len(l.text) && l.text[l.runTo] == '\\' {
			l.runTo++
		}
	}
	return l.runTo - at
}

func (l *lexer) longestText(s string, try func(kind, int)) {
	switch s[0] {
	case '\\':
		try(backslash, 1)
		try(twoBackslashes, matchWord(s, `\\`))
		// An odd number of backslashes, #, and a name.
		if n := l.backslashes(l.at); n%2 == 1 && n < len(s) && s[n] == '#' {
			if m := max(matchName(s[n+1:]), matchBracedName(s[n+1:])); m > 0 {
				try(escapedDirective, n+1+m)
			}
		}
	case '$':
		try(emptyIndex, matchEmptyIndex(s))
	case '#':
		try(setStart, matchSet(s))
	default:
		n := strings.IndexAny(s, `$#\`)
		if n < 0 {
			n = len(s)
		}
		try(text, n)
		if s[0] == ' ' || s[0] == '\t' {
			try(setStart, matchSet(s))
		}
	}
}

// longestName tries what may stand in a reference behind the dollar sign and
// behind each dot.
func (l *lexer) longestName(s string, try func(kind, int)) {
	try(trueWord, matchWord(s, "true"))
	try(falseWord, matchWord(s, "false"))
	if isLetter(s[0]) || s[0] == '_' {
		n := 1
		for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '-' || s[n] == '_') {
			n++
		}
		try(identifier, n)
	}
	if s[0] == '.' && len(s) > 1 && isLetter(s[1]) {
		try(dot, 2)
	}
}

func longestPunctuation(s string, try func(kind, int)) {
	switch s[0] {
	case '[':
		try(listOpen, 1)
	case ']':
		try(listClose, 1)
	case ',':
		try(comma, 1)
	case ':':
		try(colon, 1)
	case '{':
		try(mapOpen, 1)
	case '}':
		try(mapClose, 1)
	case '.':
		try(twoDots, matchWord(s, ".."))
	}
}

func longestLiteral(s string, try func(kind, int)) {
	switch s[0] {
	case ' ', '\t', '\n', '\r':
		n := 1
		for n < len(s) && strings.IndexByte(" \t\n\r", s[n]) >= 0 {
			n++
		}
		try(space, n)
	case '"', '\'':
		try(stringLiteral, matchString(s))
	default:
		longestNumber(s, try)
	}
}

func longestNumber(s string, try func(kind, int)) {
	n := 0
	if s[0] == '-' {
		n++
	}
	whole := n + countDigits(s[n:])
	if whole > n {
		try(integerLiteral, whole)
		if strings.HasPrefix(s[whole:], "..") {
			try(integerLiteral, whole+2)
		}
		if e := matchExponent(s[whole:]); e > 0 {
			try(floatLiteral, whole+e)
		}
	}
	if whole < len(s) && s[whole] == '.' {
		fraction := countDigits(s[whole+1:])
		if whole > n || fraction > 0 {
			size := whole + 1 + fraction
			try(floatLiteral, size+matchExponent(s[size:]))
		}
	}
}

func longestOperator(s string, try func(kind, int)) {
	for _, o := range operators[s[0]] {
		try(o.kind, matchWord(s, o.text))
	}
}

type operator struct {
	text string
	kind kind
}

// The operators by their first byte.
var operators = [256][]operator{
	'-': {{"-", minus}},
	'+': {{"+", plus}},
	'*': {{"*", times}},
	'/': {{"/", divide}},
	'%': {{"%", modulo}},
	'&': {{"&&", and}},
	'|': {{"||", or}},
	'<': {{"<", less}, {"<=", lessEqual}},
	'>': {{">", greater}, {">=", greaterEqual}},
	'=': {{"==", equals}, {"=", assign}},
	'!': {{"!=", notEquals}, {"!", not}},
	'a': {{"and", and}},
	'o': {{"or", or}},
	'l': {{"lt", less}, {"le", lessEqual}},
	'g': {{"gt", greater}, {"ge", greaterEqual}},
	'e': {{"eq", equals}},
	'n': {{"ne", notEquals}, {"not", not}},
}

func longestDirective(s string, try func(kind, int)) {
	for _, d := range [...]struct {
		name    string
		kind    kind
		lineEnd bool
	}{{"end", end, true}, {"if", ifWord, false}, {"elseif", elseifWord, false}, {"else", elseWord, true}} {
		n := matchWord(s, d.name)
		if n == 0 {
			n = matchWord(s, "{"+d.name+"}")
		}
		if n > 0 && d.lineEnd {
			n += matchLineEnd(s[n:])
		}
		try(d.kind, n)
	}
}

func longestWord(s string, try func(kind, int)) {
	try(word, matchName(s))
	try(bracedWord, matchBracedName(s))
}

// The match functions return how many bytes of the text they match, or 0.

func matchWord(s, word string) int {
	if strings.HasPrefix(s, word) {
		return len(word)
	}
	return 0
}

// matchName matches the name of a directive or macro.
func matchName(s string) int {
	if s == "" || !isLetter(s[0]) && s[0] != '_' && s[0] != '@' {
		return 0
	}
	n := 1
	for n < len(s) && isNameByte(s[n]) {
		n++
	}
	return n
}

func matchBracedName(s string) int {
	if len(s) < 3 || s[0] != '{' || !isLetter(s[1]) && s[1] != '_' {
		return 0
	}
	n := 2
	for n < len(s) && isNameByte(s[n]) {
		n++
	}
	if n < len(s) && s[n] == '}' {
		return n + 1
	}
	return 0
}

func matchSet(s string) int {
	n := 0
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	switch {
	case strings.HasPrefix(s[n:], "#set"):
		n += len("#set")
	case strings.HasPrefix(s[n:], "#{set}"):
		n += len("#{set}")
	default:
		return 0
	}
	for n < len(s) && s[n] == ' ' {
		n++
	}
	if n < len(s) && s[n] == '(' {
		return n + 1
	}
	return 0
}

func matchEmptyIndex(s string) int {
	for _, start := range [...]string{"$[", "$![", `$\![`, "$."} {
		if strings.HasPrefix(s, start) {
			return len(start)
		}
	}
	return 0
}

// matchString matches a text in quotes, in which a doubled quote stands for
// one. A backslash hides nothing. Where no later quote ends the text, the first
// of two does.
func matchString(s string) int {
	quote, ended := s[0], 0
	for n := 1; n < len(s); n++ {
		if s[n] != quote {
			continue
		}
		ended = n + 1
		if ended == len(s) || s[ended] != quote {
			break
		}
		n++
	}
	return ended
}

func matchExponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	digits := countDigits(s[n:])
	if digits == 0 {
		return 0
	}
	return n + digits
}

// matchLineEnd matches blanks and the line end behind them, which belong to
// the directive before them.
func matchLineEnd(s string) int {
	n := 0
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	if m := matchNewline(s[n:]); m > 0 {
		return n + m
	}
	return 0
}

func matchNewline(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s != "" && (s[0] == '\n' || s[0] == '\r'):
		return 1
	}
	return 0
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func notBackslash(r rune) bool { return r != '\\' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '@' }
