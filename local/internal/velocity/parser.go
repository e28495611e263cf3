package velocity

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A parser reads the statements of a template from its tokens.
//
// It looks ahead exactly where Velocity's grammar does. Two things come later
// than the grammar, when the whole template is read: the backslashes before
// references are taken off, and the texts in double quotes are parsed, which
// may use the macros above them. That is the job of finish.
type parser struct {
	source *source
	lexer  lexer
	last   *token // the token that was taken last; its next is the one to come
	depth  int
	failed error // the lexer's error, after which it has no more tokens

	macros     map[string]*macro // the template's, by name
	names      *names            // those of its variables
	declared   map[string]bool   // the names of the macros that were read so far
	inherited  bool              // whether macros came from a template around this text
	evaluates  *position         // where the first #evaluate stands
	unfinished []func() error
	notRanges  map[*token]bool // brackets that were found to begin no range
}

func newParser(s *source, macros map[string]*macro, n *names) *parser {
	return &parser{
		source: s, lexer: lexer{text: s.text}, last: &token{},
		macros: macros, names: n, declared: map[string]bool{}, notRanges: map[*token]bool{},
	}
}

// template reads everything and finishes what was read.
func (p *parser) template() (block, error) {
	body, err := p.statements()
	if err == nil {
		_, err = p.take(endOfText)
	}
	for _, finish := range p.unfinished {
		if err != nil {
			break
		}
		err = finish()
	}
	if err == nil {
		return body.merge(), nil
	}
	if e := new(Error); errors.As(err, &e) {
		return nil, e
	}
	at := p.source.position(len(p.source.text))
	if e := new(syntaxError); errors.As(err, &e) {
		at = p.source.position(e.offset)
	}
	return nil, at.fail(errors.New(err.Error()))
}

// finish leaves work for when the whole template is read.
func (p *parser) finish(work func() error) { p.unfinished = append(p.unfinished, work) }

// peek returns the token to come.
func (p *parser) peek() *token { return p.ahead(p.last) }

// ahead returns the token behind another one. Once the lexer fails there is
// none, and every token has no kind.
func (p *parser) ahead(t *token) *token {
	if t.next != nil {
		return t.next
	}
	if p.failed == nil {
		next, err := p.lexer.next()
		if err == nil {
			t.next = next
			return next
		}
		p.failed = err
	}
	return &token{kind: noKind, offset: len(p.source.text)}
}

func (p *parser) is(kinds ...kind) bool { return slices.Contains(kinds, p.peek().kind) }

// take takes the token to come, which must be of a kind.
func (p *parser) take(k kind) (*token, error) {
	t := p.peek()
	if t.kind != k {
		return nil, p.unexpected()
	}
	p.last = t
	return t, nil
}

// skip takes the token to come if it is of a kind.
func (p *parser) skip(k kind) bool {
	if !p.is(k) {
		return false
	}
	p.last = p.peek()
	return true
}

func (p *parser) unexpected() error {
	t := p.peek()
	switch {
	case p.failed != nil:
		return p.failed
	case t.kind == endOfText && p.depth > 0:
		return &syntaxError{t.offset, "the template ends before the #end of a directive or the rest of an expression"}
	case t.kind == endOfText:
		return &syntaxError{t.offset, "the template ends here, too early"}
	}
	return &syntaxError{t.offset, fmt.Sprintf("unexpected %q", clip(strings.TrimRight(t.image, " \t\r\n")))}
}

func (p *parser) nest(t *token) error {
	if p.depth++; p.depth > maxNesting {
		return &syntaxError{t.offset, "too many parts of the template are nested within each other"}
	}
	return nil
}

// statements reads as many statements as follow each other.
func (p *parser) statements() (block, error) {
	var body block
	for {
		s, err := p.statement()
		if err != nil || s == nil {
			return body, err
		}
		body = append(body, s)
	}
}

// statement reads one statement; nil when none follows.
func (p *parser) statement() (statement, error) {
	t := p.peek()
	switch t.kind {
	case ifWord:
		return p.conditional()
	case identifier:
		// The grammar looks at two tokens here, and the second may end the
		// state that the name is in.
		p.ahead(t)
		return p.reference()
	case braceOpen:
		if p.ahead(t).kind == identifier {
			return p.reference()
		}
		p.last = t
		return literalText(t), nil
	case lineComment:
		p.last = t
		p.skip(lineEnd)
		return commentText(t), nil
	case comment, docComment:
		p.last = t
		return commentText(t), nil
	case textBlock:
		p.last = t
		inner := t.image[len("#[["):]
		if len(inner) < len("]]#") {
			return nil, &syntaxError{t.offset, "the text block ends before it begins"}
		}
		return plain(inner[:len(inner)-len("]]#")]), nil
	case setStart:
		return p.set()
	case escapedDirective:
		p.last = t
		t.image = p.unescapeDirective(t.image)
		return plain(t.image), nil
	case twoBackslashes:
		return p.backslashes(), nil
	case word, bracedWord:
		return p.directive()
	case text, dot, parenEnd, paren, integerLiteral, floatLiteral, stringLiteral, backslash, braceClose, emptyIndex:
		p.last = t
		return literalText(t), nil
	case noKind:
		return nil, p.unexpected()
	}
	return nil, nil
}

// unescapeDirective halves the backslashes before #word when the word is one
// of a directive, and takes the text as it is otherwise.
func (p *parser) unescapeDirective(image string) string {
	last := strings.LastIndexByte(image, '\\')
	name := image[last+2:]
	if name[0] == '{' {
		name = name[1 : len(name)-1]
	}
	switch name {
	case "if", "end", "set", "else", "elseif":
	default:
		if !p.isDirective(name) {
			return image
		}
	}
	return image[:last/2] + image[last+1:]
}

// backslashes reads pairs of backslashes, each of which stands for one before
// a directive.
func (p *parser) backslashes() statement {
	count := 0
	for p.skip(twoBackslashes) {
		count++
	}
	next := p.peek()
	control := false
	switch next.kind {
	case end, ifWord, elseifWord, elseWord:
		control = true
	}
	if next.image != "" && p.isDirective(next.image[1:]) {
		control = true
	}
	if control {
		return plain(strings.Repeat(`\`, count))
	}
	return plain(strings.Repeat(`\\`, count))
}

func (p *parser) isDirective(name string) bool {
	switch name {
	case "foreach", "include", "parse", "macro", "literal", "evaluate", "break", "define", "stop":
		return true
	}
	return p.declared[name] || p.isMacro(name)
}

// isMacro reports whether a name is that of a macro which is known already:
// one of the template around this text, since those of this text itself become
// known only when all of it is read.
func (p *parser) isMacro(name string) bool { return p.inherited && p.macros[name] != nil }

// within returns a parser of a text in quotes at a place in this template,
// which knows the macros that are known by now.
func (p *parser) within(text string, at position) *parser {
	s := newSource(text)
	s.outer = &at
	inner := newParser(s, p.macros, p.names)
	inner.inherited = true
	inner.declared = maps.Clone(p.declared)
	inner.depth = p.depth + 1
	return inner
}
