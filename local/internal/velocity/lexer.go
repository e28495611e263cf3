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
	commented      bool // it is inside a comment or a text block
	setting        bool // it is inside #set
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
		best := l.longest(l.text[l.at:])
		k := best.kind
		if k == noKind {
			r, _ := utf8.DecodeRuneInString(l.text[l.at:])
			return k, &syntaxError{offset: l.at, what: fmt.Sprintf("unexpected %q", r)}
		}
		l.at += best.size
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

// clip shortens a piece of the template for an error.
func clip(s string) string {
	const limit = 20
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "..."
}
