package velocity

import "strings"

// A match is the longest piece that was found, of equally long ones that whose kind is
// declared first.
type match struct {
	kind kind
	size int
}

// try takes a piece that is longer than the one before. A piece of no length was not found.
func (best *match) try(k kind, n int) {
	if n > best.size || n > 0 && n == best.size && k < best.kind {
		best.kind, best.size = k, n
	}
}

// longest returns the longest piece that the text begins with in the present state.
func (l *lexer) longest(s string) match {
	best := match{kind: noKind}
	switch s[0] {
	case '$', '\\':
		switch n := l.backslashes(l.at); {
		case n < len(s) && s[n] == '$':
			l.tryDollar(s, n, &best)
		case l.commented: // signs that mean nothing, taken at once
			if l.state == inTextBlock {
				return match{blockText, n}
			}
			return match{ignored, n}
		}
	case '#':
		l.tryHash(s, &best)
	}
	switch l.state {
	case inText:
		l.tryText(s, &best)
	case inReference, inMember:
		l.tryReference(s, &best)
	case inIndex:
		tryIndex(s, &best)
	case inCall:
		tryCall(s, &best)
	case inArguments:
		tryArguments(s, &best)
	case inHash:
		tryDirective(s, &best)
		tryNumber(s, &best)
		tryWord(s, &best)
		best.try(directiveEnd, matchSign(s))
	case inTextBlock:
		best.try(textBlock, matchWord(s, "]]#"))
		best.try(blockText, matchSign(s))
	case inComment:
		best.try(comment, matchWord(s, "*#"))
		best.try(ignored, matchSign(s))
	case inDocComment:
		best.try(docComment, matchWord(s, "*#"))
		best.try(ignored, matchSign(s))
	case inLineComment:
		best.try(lineEnd, matchNewline(s))
		best.try(ignored, matchSign(s))
	}
	return best
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

// tryDollar tries what begins a reference in every state, behind n backslashes.
func (l *lexer) tryDollar(s string, n int, best *match) {
	best.try(dollar, n+1)
	if m := l.backslashes(l.at + n + 1); n+1+m < len(s) && s[n+1+m] == '!' {
		best.try(dollarBang, n+m+2)
	}
}

// tryHash tries what begins a directive, a comment or a text block in every state.
func (l *lexer) tryHash(s string, best *match) {
	best.try(hash, 1)
	switch {
	case strings.HasPrefix(s, "##"):
		switch l.state {
		case inText, inReference, inArguments, inHash:
			best.try(lineComment, 2)
		}
	case strings.HasPrefix(s, "#[["):
		best.try(textBlockStart, 3)
	case strings.HasPrefix(s, "#*"):
		best.try(commentStart, 2)
		if len(s) > 3 && s[2] == '*' && s[3] != '#' {
			best.try(docCommentStart, 3+matchSign(s[3:]))
		}
	}
}

func (l *lexer) tryText(s string, best *match) {
	switch s[0] {
	case '\\':
		best.try(backslash, 1)
		best.try(twoBackslashes, matchWord(s, `\\`))
		// An odd number of backslashes, #, and a name.
		if n := l.backslashes(l.at); n%2 == 1 && n < len(s) && s[n] == '#' {
			if m := max(matchName(s[n+1:]), matchBracedName(s[n+1:])); m > 0 {
				best.try(escapedDirective, n+1+m)
			}
		}
	case '$':
		best.try(emptyIndex, matchEmptyIndex(s))
	case '#':
		best.try(setStart, matchSet(s))
	default:
		n := strings.IndexAny(s, `$#\`)
		if n < 0 {
			n = len(s)
		}
		best.try(text, n)
		if s[0] == ' ' || s[0] == '\t' {
			best.try(setStart, matchSet(s))
		}
	}
}

// tryReference tries what may stand behind the dollar sign and behind a dot.
func (l *lexer) tryReference(s string, best *match) {
	switch s[0] {
	case '[':
		best.try(indexOpen, 1)
	case '(':
		if l.state == inMember {
			best.try(paren, 1)
		}
	case '{':
		best.try(braceOpen, 1)
	case '}':
		best.try(braceClose, 1)
	case ' ', '\t', '#':
		best.try(setStart, matchSet(s))
	}
	if l.state == inReference {
		best.try(emptyIndex, matchEmptyIndex(s))
	}
	tryName(s, best)
	best.try(referenceEnd, matchSign(s))
}

func tryIndex(s string, best *match) {
	if s[0] == ']' {
		best.try(indexClose, 1)
	}
	tryLiteral(s, best)
	tryBoolean(s, best)
}

func tryCall(s string, best *match) {
	switch s[0] {
	case ')':
		best.try(callEnd, 1)
	case ' ', '\t', '#':
		best.try(setStart, matchSet(s))
	}
	tryPunctuation(s, best)
	tryLiteral(s, best)
	tryName(s, best)
}

func tryArguments(s string, best *match) {
	switch s[0] {
	case '(':
		best.try(paren, 1)
	case ')':
		best.try(parenEnd, 1+matchLineEnd(s[1:]))
	}
	tryPunctuation(s, best)
	tryLiteral(s, best)
	tryOperator(s, best)
	tryBoolean(s, best)
	tryWord(s, best)
}

func tryBoolean(s string, best *match) {
	best.try(trueWord, matchWord(s, "true"))
	best.try(falseWord, matchWord(s, "false"))
}

// tryName tries what may stand in a reference behind the dollar sign and
// behind each dot.
func tryName(s string, best *match) {
	tryBoolean(s, best)
	if isLetter(s[0]) || s[0] == '_' {
		n := 1
		for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '-' || s[n] == '_') {
			n++
		}
		best.try(identifier, n)
	}
	if s[0] == '.' && len(s) > 1 && isLetter(s[1]) {
		best.try(dot, 2)
	}
}

func tryPunctuation(s string, best *match) {
	switch s[0] {
	case '[':
		best.try(listOpen, 1)
	case ']':
		best.try(listClose, 1)
	case ',':
		best.try(comma, 1)
	case ':':
		best.try(colon, 1)
	case '{':
		best.try(mapOpen, 1)
	case '}':
		best.try(mapClose, 1)
	case '.':
		best.try(twoDots, matchWord(s, ".."))
	}
}

func tryLiteral(s string, best *match) {
	switch s[0] {
	case ' ', '\t', '\n', '\r':
		n := 1
		for n < len(s) && strings.IndexByte(" \t\n\r", s[n]) >= 0 {
			n++
		}
		best.try(space, n)
	case '"', '\'':
		best.try(stringLiteral, matchString(s))
	default:
		tryNumber(s, best)
	}
}

func tryNumber(s string, best *match) {
	n := 0
	if s[0] == '-' {
		n++
	}
	whole := n + countDigits(s[n:])
	if whole > n {
		best.try(integerLiteral, whole)
		if strings.HasPrefix(s[whole:], "..") {
			best.try(integerLiteral, whole+2)
		}
		if e := matchExponent(s[whole:]); e > 0 {
			best.try(floatLiteral, whole+e)
		}
	}
	if whole < len(s) && s[whole] == '.' {
		fraction := countDigits(s[whole+1:])
		if whole > n || fraction > 0 {
			size := whole + 1 + fraction
			best.try(floatLiteral, size+matchExponent(s[size:]))
		}
	}
}

func tryOperator(s string, best *match) {
	for _, o := range operators[s[0]] {
		best.try(o.kind, matchWord(s, o.text))
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

func tryDirective(s string, best *match) {
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
		best.try(d.kind, n)
	}
}

func tryWord(s string, best *match) {
	best.try(word, matchName(s))
	best.try(bracedWord, matchBracedName(s))
}
