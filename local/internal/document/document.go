// Package document reads YAML and JSON as a tree of nodes that keep their order and
// know their lines, which is what a message about a mistake needs and what a
// decoded value has lost.
//
// CloudFormation's short forms become the long ones as they are read: !Sub x is
// {"Fn::Sub": x}. Nobody further on has to know both.
//
// What comes in is bounded: bytes, nodes, nesting, and what aliases expand to.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

const (
	// MaxSize is the size in bytes of the largest document, which is what API
	// Gateway takes: 6 MB.
	//
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
	MaxSize = 6 << 20

	// maxDepth is how deep nodes may nest. Schemas of real documents reach forty.
	maxDepth = 128

	// maxNodes is how many nodes a document may have once its aliases are expanded.
	// A real one spends more than ten bytes on each.
	maxNodes = 500_000
)

// An Error is what is wrong with a document, and where.
type Error struct {
	Position Position
	Reason   string
	cause    error
}

func (e *Error) Error() string { return e.Position.String() + ": " + e.Reason }

// Unwrap lets errors.Is see the cause.
func (e *Error) Unwrap() error { return e.cause }

// Parse reads one document. name is what messages call the file.
func Parse(name string, text []byte) (*Node, error) {
	file := &File{Name: name}
	fail := func(line int, format string, args ...any) error {
		return &Error{Position: Position{name, line}, Reason: fmt.Sprintf(format, args...)}
	}
	if len(text) > MaxSize {
		return nil, fail(0, "has %d bytes, the limit is %d", len(text), MaxSize)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	r := reader{file: file, fail: fail}
	// JSON is nearly YAML: characters that are escaped in two halves, as many programs
	// write every emoji, are not for this library. JSON's own reader takes them, and is
	// faster.
	if trimmed := bytes.TrimLeft(text, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		node, err := r.json(text)
		if !errors.Is(err, errNotJSON) || strings.EqualFold(filepath.Ext(name), ".json") {
			return node, r.complete(err)
		}
		r.nodes, r.twice = 0, nil
	}
	node, err := r.yaml(text)
	return node, r.complete(err)
}

var tooDeep = fmt.Sprintf("nests more than %d levels deep", maxDepth)

// errNotJSON is what an Error wraps that is about the syntax of JSON.
var errNotJSON = errors.New("document: not JSON")

// A reader makes nodes of one document.
type reader struct {
	file  *File
	fail  func(line int, format string, args ...any) error
	nodes int
	// deepest is how deep the nodes have reached.
	deepest int
	twice   []error // keys that stand twice in one map
}

// complete adds to err what else is wrong. A document is refused for a key that
// stands twice, since one of the two values would be lost without a word.
func (r *reader) complete(err error) error {
	return errors.Join(append(r.twice, err)...)
}

// count counts a node at a depth.
func (r *reader) count(depth, line int) error {
	if r.nodes++; r.nodes > maxNodes {
		return r.fail(line, "has more than %d values", maxNodes)
	}
	if r.deepest = max(r.deepest, depth); depth > maxDepth {
		return r.fail(line, "%s", tooDeep)
	}
	return nil
}

// add adds a member to a map.
func (r *reader) add(n *Node, seen map[string]int, key string, line int, value *Node) {
	if first, ok := seen[key]; ok {
		r.twice = append(r.twice, r.fail(line, "the key %q stands twice in one map, first in line %d", key, first))
		return
	}
	seen[key] = line
	n.Pairs = append(n.Pairs, Pair{Key: key, Value: value, Line: line})
}

// json reads a JSON text. The error wraps errNotJSON if it is none.
func (r *reader) json(text []byte) (*Node, error) {
	d := &jsonReader{reader: r, text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	d.decoder.UseNumber()
	token, err := d.next()
	if err != nil {
		return nil, err
	}
	root, err := d.value(token, 1)
	if err != nil {
		return nil, err
	}
	if _, err := d.decoder.Token(); err != io.EOF {
		return nil, d.notJSON(errors.New("there is more after the end of the value"))
	}
	return root, nil
}

// A jsonReader keeps count of the lines, which encoding/json does not.
type jsonReader struct {
	*reader
	text    []byte
	decoder *json.Decoder
	counted int // bytes of text whose line ends are counted
	line    int
}

// next returns the next token; line is then the one that it ends in.
func (d *jsonReader) next() (json.Token, error) {
	token, err := d.decoder.Token()
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		d.countTo(int(syntax.Offset))
	} else {
		d.countTo(int(d.decoder.InputOffset()))
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, d.notJSON(err)
	}
	return token, nil
}

func (d *jsonReader) notJSON(err error) error {
	return &Error{Position{d.file.Name, d.line}, "is not JSON: " + err.Error(), errNotJSON}
}

func (d *jsonReader) countTo(offset int) {
	offset = min(offset, len(d.text))
	if offset > d.counted {
		d.line += bytes.Count(d.text[d.counted:offset], []byte("\n"))
		d.counted = offset
	}
}

func (d *jsonReader) value(token json.Token, depth int) (*Node, error) {
	if err := d.count(depth, d.line); err != nil {
		return nil, err
	}
	n := &Node{File: d.file, Line: d.line}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			n.Kind = List
			return n, d.list(n, depth)
		}
		n.Kind = Map
		return n, d.members(n, depth)
	case string:
		n.Kind, n.Text = Text, token
	case json.Number:
		n.Kind, n.Text = Number, token.String()
	case bool:
		n.Kind, n.Text = Bool, fmt.Sprint(token)
	default:
		n.Kind = Null
	}
	return n, nil
}

func (d *jsonReader) list(n *Node, depth int) error {
	for {
		token, err := d.next()
		if err != nil {
			return err
		}
		if token == json.Delim(']') {
			return nil
		}
		item, err := d.value(token, depth+1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
}

func (d *jsonReader) members(n *Node, depth int) error {
	seen := map[string]int{}
	for {
		token, err := d.next()
		if err != nil {
			return err
		}
		if token == json.Delim('}') {
			return nil
		}
		key, line := token.(string), d.line
		if token, err = d.next(); err != nil {
			return err
		}
		value, err := d.value(token, depth+1)
		if err != nil {
			return err
		}
		d.add(n, seen, key, line, value)
	}
}
