package velocity

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A kind says what a token is.
type kind uint8

const (
	endOfText        kind = iota
	indexOpen             // [ behind a reference
	indexClose            // ]
	listOpen              // [ in an expression
	listClose             // ]
	comma                 // ,
	twoDots               // ..
	colon                 // :
	mapOpen               // {
	mapClose              // }
	paren                 // (
	parenEnd              // ) of a directive, with the line end behind it
	callEnd               // ) of a call
	escapedDirective      // \#word
	setStart              // #set( with the blanks before it
	dollar                // $, only the beginning of a token
	dollarBang            // $!
	textBlockStart        // #[[
	docCommentStart       // #** and one sign that is not #
	commentStart          // #*
	hash                  // #
	lineComment           // ##
	twoBackslashes        // \\
	backslash             // \
	text                  // anything without $, # and \
	lineEnd               // of a line comment
	docComment            // the rest of a comment that began with #**
	comment               // the rest of a comment that began with #*
	textBlock             // the rest of #[[ ... ]]#
	ignored               // a sign inside a comment
	blockText             // a sign inside a text block
	space                 // in an expression
	stringLiteral         // "..." or '...'
	trueWord              // true
	falseWord             // false
	minus                 // -
	plus                  // +
	times                 // *
	divide                // /
	modulo                // %
	and                   // && and
	or                    // || or
	less                  // < lt
	lessEqual             // <= le
	greater               // > gt
	greaterEqual          // >= ge
	equals                // == eq
	notEquals             // != ne
	not                   // ! not
	assign                // =
	end                   // #end, with the line end behind it
	ifWord                // #if
	elseifWord            // #elseif
	elseWord              // #else, with the line end behind it
	integerLiteral        // 1
	floatLiteral          // 1.5
	word                  // #name, or a name among a directive's arguments
	bracedWord            // #{name}
	identifier            // name
	dot                   // . before a letter
	braceOpen             // { of ${name}
	braceClose            // }
	referenceEnd          // the sign that ends a reference, read again
	directiveEnd          // the sign that ends a # without a directive, read again
	emptyIndex            // $[ and the like, plain text
	noKind
)

// A token is a piece of the template. A piece that only ends another one, as
// the blank behind a lone $, hangs before the token that follows it.
type token struct {
	kind   kind
	image  string
	before *token // the piece that ended something, or nil
	next   *token
	offset int
}

// A lexicalState is what the lexer is in. The same sign is another token in
// each: a bracket is text, an index or a list.
type lexicalState uint8

const (
	inText lexicalState = iota
	inReference
	inMember    // behind the dot of a reference
	inIndex     // between the brackets behind a reference
	inCall      // between the parentheses of a call
	inHash      // behind #
	inArguments // between the parentheses of a directive
	inTextBlock
	inComment
	inDocComment
	inLineComment
)

// A lexer cuts a template into tokens, one at a time. What a sign means
// depends on the state, the state on the tokens before it, and the parser sets
// it in one place; so tokens must not be read further ahead than the grammar
// looks. It is the automaton of Velocity 1.7 with all its corners, since
// templates that run on AWS rest on them: the longest match wins, of equally
// long ones the kind that is declared first.
type lexer struct {
	text  string
	at    int
	state lexicalState
	stack []savedState
	// How many parentheses were opened and closed in this state.
	opened, closed int
	commented      bool // inside any comment or text block
	setting        bool // inside #set
	// The last run of backslashes that was looked at, which is looked at again
	// from each of its signs.
	runFrom, runTo int
}

type savedState struct {
	state          lexicalState
	opened, closed int
}

// maxStates bounds the stack of lexical states, which grows with each $ that
// is not ended, so that a hostile template cannot grow it without end.
const maxStates = 1 << 16

// next returns the next token; at the end of the template one of kind
// endOfText, however often it is asked.
func (l *lexer) next() (*token, error) {
	var before *token
	for {
		start := l.at
		if start == len(l.text) {
			return &token{kind: endOfText, before: before, offset: start}, nil
		}
		k, err := l.piece(start)
		if err != nil {
			return nil, err
		}
		switch k {
		case ignored:
			continue
		case referenceEnd, directiveEnd:
			piece := &token{kind: k, image: l.text[start:l.at], before: before, offset: start}
			if before != nil {
				before.next = piece
			}
			before = piece
			_, size := utf8.DecodeLastRuneInString(piece.image)
			l.at -= size
			l.pop()
			continue
		}
		t := &token{kind: k, image: l.text[start:l.at], before: before, offset: start}
		if err := l.enter(t); err != nil {
			return nil, err
		}
		return t, nil
	}
}

// piece reads one whole token, which may begin with several parts that only
// begin one: $ and the name behind it are one token.
func (l *lexer) piece(start int) (kind, error) {
	for {
		k, size := l.longest(l.text[l.at:])
		if k == noKind {
			r, _ := utf8.DecodeRuneInString(l.text[l.at:])
			return k, &syntaxError{offset: l.at, what: fmt.Sprintf("unexpected %q", r)}
		}
		l.at += size
		if !k.begins() {
			return k, nil
		}
		if err := l.begin(k); err != nil {
			return k, err
		}
		if l.at == len(l.text) {
			return k, &syntaxError{offset: start, what: fmt.Sprintf("the template ends within %q", clip(l.text[start:]))}
		}
	}
}

// begins reports whether a kind is only the beginning of a token.
func (k kind) begins() bool {
	switch k {
	case dollar, dollarBang, textBlockStart, docCommentStart, commentStart, hash, blockText:
		return true
	}
	return false
}

// begin changes the state behind a piece that begins a token.
func (l *lexer) begin(k kind) error {
	if l.commented || k == blockText {
		return nil
	}
	switch k {
	case dollar, dollarBang:
		if l.state == inReference {
			l.pop()
		}
		return l.push(inReference)
	case hash:
		if l.state == inReference || l.state == inMember {
			l.pop()
		}
		return l.push(inHash)
	case textBlockStart:
		l.commented = true
		return l.push(inTextBlock)
	case docCommentStart:
		_, size := utf8.DecodeLastRuneInString(l.text[:l.at])
		l.at -= size
		l.commented = true
		return l.push(inDocComment)
	case commentStart:
		l.commented = true
		return l.push(inComment)
	}
	return nil
}

// enter changes the state behind a whole token.
func (l *lexer) enter(t *token) error {
	switch t.kind {
	case indexOpen:
		return l.push(inIndex)
	case indexClose, braceClose:
		l.pop()
	case paren:
		if !l.commented {
			l.opened++
		}
		if l.state == inMember {
			l.state = inCall
		}
	case parenEnd:
		l.close()
	case callEnd:
		l.state = inReference
	case setStart:
		if err := l.push(inArguments); err != nil {
			return err
		}
		l.setting = true
		l.opened++
	case lineComment:
		if l.commented {
			return nil
		}
		if l.state == inReference {
			l.pop()
		}
		l.commented = true
		return l.push(inLineComment)
	case lineEnd, docComment, comment, textBlock:
		l.commented = false
		l.pop()
	case stringLiteral:
		if l.state == inArguments && !l.setting && l.opened == 0 {
			l.pop()
		}
	case end, elseWord:
		l.pop()
	case ifWord, elseifWord:
		l.state = inArguments
	case integerLiteral:
		if strings.HasSuffix(t.image, "..") {
			l.at -= 2
			t.image = t.image[:len(t.image)-2]
		}
		if l.opened == 0 && !l.setting && l.state != inCall && l.state != inIndex {
			l.pop()
		}
	case floatLiteral:
		if l.opened == 0 && !l.setting && l.state != inCall {
			l.pop()
		}
	case dot:
		// The letter behind the dot belongs to the name. Whatever began the
		// token, as in "$!.x", is lost.
		l.at--
		t.image = "."
		l.state = inMember
	}
	return nil
}

func (l *lexer) push(state lexicalState) error {
	if len(l.stack) == maxStates {
		return &syntaxError{offset: l.at, what: "too many references that are not ended"}
	}
	l.stack = append(l.stack, savedState{l.state, l.opened, l.closed})
	l.opened = 0
	l.state = state
	return nil
}

// pop goes back to the state before; false when there is none.
func (l *lexer) pop() bool {
	if len(l.stack) == 0 {
		l.opened = 0
		l.state = inText
		return false
	}
	saved := l.stack[len(l.stack)-1]
	l.stack = l.stack[:len(l.stack)-1]
	l.state, l.opened, l.closed = saved.state, saved.opened, saved.closed
	return true
}

// close handles the parenthesis that ends a directive's arguments or a part of
// an expression: states in which none was opened end with it.
func (l *lexer) close() {
	if l.commented {
		return
	}
	for l.opened == 0 {
		if !l.pop() {
			return
		}
	}
	if l.opened == l.closed+1 {
		l.pop()
	} else {
		l.closed++
	}
}

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

// clip shortens a piece of the template for an error.
func clip(s string) string {
	const limit = 20
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "..."
}
