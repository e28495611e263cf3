// Package jsonpath reads values out of JSON documents as Jayway JsonPath does, which
// API Gateway runs behind $input.path, $input.json and the body parameters of mappings.
//
// It imitates the Jayway of 2023 and later with its default configuration, oddities
// included: a union of names is an object, 1 equals "1" in a filter, a slice ignores its
// step, a filter on an object tests the object itself, and a property behind "..[*]" is
// not found. Documents and results are values of package javavalue.
//
// Not supported are arguments of functions, as in $.sum($.a, 1), which are refused. Nor is
// it imitated that Jayway finds less when it reads a path a second time, see
// findings/jsonpath-second-read.sh.
//
// It is written here since the libraries that were tried in 2026 agree with Jayway on 50 to
// 85 of 118 expressions.
package jsonpath

import (
	"errors"
	"fmt"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

const (
	// MaxPath is how many bytes an expression may have.
	MaxPath = 8 << 10

	// maxSteps bounds the work of one Read, in values looked at.
	maxSteps = 10_000_000

	// maxResults bounds how many values one Read may find.
	maxResults = 1_000_000
)

// The kinds of errors that Jayway tells apart by the classes of its exceptions.
var (
	// ErrInvalid says that an expression is broken, or cannot be applied to the document:
	// InvalidPathException.
	ErrInvalid = errors.New("invalid path")

	// ErrNotFound says that the document has no such value: PathNotFoundException, which
	// is an InvalidPathException too.
	ErrNotFound = fmt.Errorf("%w: not found", ErrInvalid)

	// ErrFailed says that a function or a comparison cannot be computed: JsonPathException.
	ErrFailed = errors.New("cannot compute")

	// ErrTooMuch says that a Read was given up since it found too much.
	ErrTooMuch = errors.New("too much to look at")
)

// A Path is a compiled expression. It is safe for concurrent use.
type Path struct {
	text     string
	document bool // begins with $, not with @
	tokens   []token
	definite bool  // leads to one value at most
	over     *Path // what a function at the end is applied to as a whole, or nil
}

// A token is one step of a path.
type token struct {
	kind     kind
	names    []string   // those of properties, or that of the function
	indexes  []int      // those of items
	from, to *int       // the ends of a slice
	filter   expression // which items, or which object, it leads to

	definite bool // leads to one value at most
	upstream bool // all tokens before it are definite
	leaf     bool // the path ends with it
}

type kind int

const (
	property kind = iota
	item
	slice
	wildcard
	filter
	function
	scan
)

// Compile reads an expression, such as $.items[0].name. Its error is an ErrInvalid.
func Compile(text string) (*Path, error) {
	if len(text) > MaxPath {
		return nil, fmt.Errorf("jsonpath: %w: an expression of %d bytes is over the %d allowed", ErrInvalid, len(text), MaxPath)
	}
	p, err := compile(text, 0)
	if err != nil {
		return nil, fmt.Errorf("jsonpath: %q: %w", text, err)
	}
	return p, nil
}

// String returns the expression.
func (p *Path) String() string { return p.text }

// Read returns what the expression leads to in a document: one value, or a JSONArray of
// all that are found if the expression can find several. The document is not changed, and
// the result shares its maps and lists.
func (p *Path) Read(document any) (any, error) {
	e := &evaluation{root: document}
	value, err := p.read(e, document)
	if err != nil {
		return nil, fmt.Errorf("jsonpath: %q: %w", p.text, err)
	}
	return value, nil
}

// read is Read below an evaluation that may be that of a path around this one.
func (p *Path) read(outer *evaluation, document any) (any, error) {
	e := &evaluation{root: outer.root, document: document, work: outer.work, required: outer.required, path: p}
	if e.work == nil {
		e.work = new(work)
		outer.work = e.work
	}
	if p.over != nil {
		return p.aggregate(e)
	}
	if err := e.step(0, document); err != nil {
		return nil, err
	}
	if !p.definite {
		return javavalue.NewJSONArray(e.found...), nil
	}
	if len(e.found) == 0 {
		return nil, ErrNotFound
	}
	return e.found[len(e.found)-1], nil
}
