// Package velocity renders API Gateway's mapping templates: Apache Velocity
// 1.7 with one change.
//
// The change is that a reference or a call which Velocity would find to be
// null or unknown is the empty string, before anything looks at it. Velocity
// 1.7 with an event handler that says so gives the recorded output of API
// Gateway for all of 198 templates, unchanged for 182. Much follows from it:
// $name of a missing name prints nothing, #if($missing) is true, and
// #set($a = $missing) assigns.
//
// A template is text with references ($name, ${name.member}, $list[0],
// $name.call("x")) and directives (#set, #if, #foreach, #macro, #define,
// #evaluate, #break, #stop). How it is cut into them follows Velocity to the
// last corner, see lexer.go, as does what its values do: they are those of
// [javavalue], and the methods of Java's String, List, Map, Number, Boolean and
// the like exist by name. Nothing else can be reached: no Go value is looked
// into by reflection.
//
// Rendering is bounded, in turns of a loop, output, memory, depth and time,
// since templates and bodies come from elsewhere.
package velocity

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// What a template may use. The turns of a loop are API Gateway's documented
// limit, and so is the output, the limit of a payload; what the service does
// at the first is not recorded. The others only end what has no good end.
const (
	maxTurns   = 1000            // turns of one #foreach
	maxOutput  = 10 << 20        // bytes of the output and of every text in it
	maxMemory  = 40 << 20        // bytes of all values that a rendering makes: 64 MB with the output and its copy
	maxTime    = 5 * time.Second // for one rendering
	maxNesting = 200             // blocks, parentheses and texts within each other
	maxCalls   = 20              // macros within each other, Velocity's own limit
	maxBlocks  = 2               // a #define within itself, Velocity's own limit
)

// An Error says what is wrong with a template, or went wrong in rendering it,
// and where. Line and Column count from 1, columns in characters.
type Error struct {
	Line, Column int
	What         string
	cause        error
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.What)
}

// Unwrap returns the error of a method of an [Object], or nil.
func (e *Error) Unwrap() error { return e.cause }

// An Object is a value of the caller that templates use, as API Gateway's
// $input and $util.
type Object interface {
	// Get returns the value of a property, as in $object.name. A property
	// that does not exist is nil.
	Get(name string) any
	// Call calls a method, as in $object.name("x"). A method that does not
	// exist gives nil and no error; an error ends the rendering. It must not
	// keep args.
	Call(name string, args []any) (any, error)
}

// A Template is a parsed template. It is safe for concurrent use.
type Template struct {
	body      block
	macros    map[string]*macro
	names     *names
	evaluates *position // of the first #evaluate
	counts    bool      // a loop has to keep $velocityCount and $velocityHasNext
	patterns  patterns
}

// Parse reads a template. An error is an *[Error].
func Parse(text string) (*Template, error) {
	t := &Template{macros: map[string]*macro{}, names: newNames()}
	p := newParser(newSource(text), t.macros, t.names)
	body, err := p.template()
	if err != nil {
		return nil, err
	}
	t.body, t.evaluates = body, p.evaluates
	t.counts = p.evaluates != nil || strings.Contains(text, loopCounter) || strings.Contains(text, loopHasNext)
	return t, nil
}

// HasMacros reports whether the template defines macros, of which it is
// contradictory whether API Gateway runs them.
func (t *Template) HasMacros() bool { return len(t.macros) > 0 }

// Evaluate returns where the template first uses #evaluate, if it does. It is
// said not to be usable in API Gateway.
func (t *Template) Evaluate() (line, column int, ok bool) {
	if t.evaluates == nil {
		return 0, 0, false
	}
	return t.evaluates.line, t.evaluates.column, true
}

// Render renders the template with the values of its variables, which hold
// what [javavalue] names and Objects. It leaves the map alone and changes the
// values as the template changes them. An error is an *[Error]; there is no
// partial output.
func (t *Template) Render(ctx context.Context, variables map[string]any) (string, error) {
	r := &renderer{
		ctx: ctx, deadline: time.Now().Add(maxTime),
		macros: t.macros, names: t.names, counts: t.counts, patterns: &t.patterns,
	}
	if t.evaluates != nil {
		// The texts of #evaluate may bring macros and names, and mean any
		// variable.
		r.macros, r.names = maps.Clone(t.macros), &names{slots: maps.Clone(t.names.slots)}
		for name := range variables {
			r.names.of(name)
		}
	}
	s := &scope{slots: make([]any, len(r.names.slots))}
	for name, value := range variables {
		if slot, ok := r.names.slots[name]; ok {
			s.slots[slot] = value
		}
	}
	room := rooms.Get().(*[]byte)
	r.out = (*room)[:0]
	defer func() {
		if cap(r.out) <= maxRoom {
			*room = r.out
			rooms.Put(room)
		}
	}()
	err := t.body.render(r, s)
	var stopped *stop
	if err != nil && !errors.As(err, &stopped) {
		return "", position{1, 1}.fail(err)
	}
	return string(r.out), nil
}

// rooms are where outputs grow. What a rendering returns is a copy.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// maxRoom is the most that is kept of the memory for an output.
const maxRoom = 1 << 20

// A renderer is one rendering: its output so far and what it has used up.
type renderer struct {
	ctx       context.Context
	deadline  time.Time
	out       []byte // the output, and at its end the texts that are being made of it
	macros    map[string]*macro
	names     *names
	counts    bool
	patterns  *patterns
	arguments []any
	memory    int
	held      map[any]bool // the lists and maps that others hold, which are counted
	steps     int
	looks     int // the step at which it looks at the time
	depth     int
	calls     int
}

// write appends to the output, or to the text that is being made.
func (r *renderer) write(text string) error {
	before := len(r.out)
	if before+len(text) > maxOutput {
		return errOutput
	}
	if cap(r.out)-before < len(text) {
		r.out = slices.Grow(r.out, len(text))
	}
	// Unlike append, this leaves the collector's write barrier out.
	r.out = r.out[:before+len(text)]
	copy(r.out[before:], text)
	return nil
}

var errOutput = fmt.Errorf("the output is larger than %d bytes", maxOutput)

// print writes a value as Java's toString gives it.
func (r *renderer) print(v any) error {
	if text, ok := v.(string); ok {
		return r.write(text)
	}
	out, err := javavalue.AppendString(r.out, v, maxOutput)
	if err == nil {
		r.out = out
	}
	return err
}

// begin begins a text that is made of what renders until end, which takes what
// begin returned.
func (r *renderer) begin() (before int) { return len(r.out) }

func (r *renderer) end(before int) string {
	text := string(r.out[before:])
	r.out = r.out[:before]
	return text
}

// step counts one piece of work and looks now and then whether time is up.
func (r *renderer) step() error {
	if r.steps++; r.steps < r.looks {
		return nil
	}
	r.looks = r.steps + 256
	if err := r.ctx.Err(); err != nil {
		return fmt.Errorf("rendering was ended: %w", err)
	}
	if time.Now().After(r.deadline) {
		return fmt.Errorf("rendering takes longer than %v", maxTime)
	}
	return nil
}

// use counts memory that the template makes. What becomes free again counts
// too, so the limit is one of work as well.
func (r *renderer) use(bytes int) error {
	r.steps += bytes >> 10
	if r.memory += bytes; r.memory > maxMemory || bytes < 0 {
		return fmt.Errorf("the values of the template take more than %d bytes", maxMemory)
	}
	return nil
}

// makes counts a text that the template makes, and bounds its size.
func (r *renderer) makes(bytes int) error {
	if bytes > maxOutput {
		return fmt.Errorf("a text of the template is larger than %d bytes", maxOutput)
	}
	return r.use(sizeOfText + bytes)
}

// enter counts a level of what renders within each other; leave ends it.
func (r *renderer) enter() error {
	if r.depth++; r.depth > maxNesting {
		return fmt.Errorf("the template renders more than %d parts within each other", maxNesting)
	}
	return nil
}

func (r *renderer) leave() { r.depth-- }

// A source is a text that is parsed, and where it stands.
type source struct {
	text  string
	lines []int     // where each line begins
	outer *position // of the text's quotation mark, when it is a text within a template
	// The last place that was asked for, from which the next one is counted:
	// they come in order, and a template may be one long line.
	offset, column int
}

// A position is a place in the template.
type position struct{ line, column int }

func newSource(text string) *source {
	s := &source{text: text, lines: []int{0}, column: 1}
	for i := range len(text) {
		if text[i] == '\n' || text[i] == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

func (s *source) position(offset int) position {
	line := sort.SearchInts(s.lines, offset+1) - 1
	if start := s.lines[line]; s.offset < start || s.offset > offset {
		s.offset, s.column = start, 1
	}
	s.column += utf8.RuneCountInString(s.text[s.offset:offset])
	s.offset = offset
	at := position{line + 1, s.column}
	if s.outer == nil {
		return at
	}
	if line == 0 {
		at.column += s.outer.column
	}
	at.line += s.outer.line - 1
	return at
}

// fail gives an error its place, unless it has one or is nil.
func (at position) fail(err error) error {
	switch err.(type) {
	case nil, *Error, *stop:
		return err
	}
	return &Error{Line: at.line, Column: at.column, What: err.Error(), cause: err}
}

// A syntaxError is an error at an offset in a source.
type syntaxError struct {
	offset int
	what   string
}

func (e *syntaxError) Error() string { return e.what }
