package document

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// A Kind says what a node is.
type Kind uint8

// The kinds of nodes. What a plain YAML scalar looks like decides between the
// last four; Node.Text keeps it as it was written in any case, so that an account
// id with a leading zero stays one.
const (
	Map Kind = iota + 1
	List
	Text
	Number
	Bool
	Null
	// Unknown is what only AWS knows: see Node.Doubt. Documents are read without it;
	// it is what resolving references leaves.
	Unknown
)

// A Node is a value of a document and knows where it stands. Nodes are not changed
// once the document has been read: several may share their content.
//
// A nil *Node is what is not there, and every method takes it for that.
type Node struct {
	Kind Kind
	// Text is a scalar as it was written, without quotes.
	Text string
	// Pairs are the members of a map, Items those of a list, in order.
	Pairs []Pair
	Items []*Node
	// Doubt is why a value is unknown, or why its text is made up: a function has an
	// ARN here, but not the one that it has in AWS. "" is a value to rely on.
	Doubt string
	// File and Line are where the node begins.
	File *File
	Line int
}

// A Pair is a member of a map.
type Pair struct {
	Key   string
	Value *Node
	// Line is where the key stands.
	Line int
}

// A File is one that nodes were read from.
type File struct {
	// Name is what messages call it: the path as the user gave it.
	Name string
}

// A Position is a place in a file.
type Position struct {
	File string
	// Line counts from 1. 0 is the file as a whole.
	Line int
}

// String is the form that editors and terminals know: "template.yaml:12".
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// Position is where the node begins.
func (n *Node) Position() Position {
	if n == nil || n.File == nil {
		return Position{}
	}
	return Position{n.File.Name, n.Line}
}

// Get returns the member of a map that has the key, or nil.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].Key == key {
			return n.Pairs[i].Value
		}
	}
	return nil
}

// Find follows keys through maps: Find("a", "b") is Get("a").Get("b").
func (n *Node) Find(keys ...string) *Node {
	for _, key := range keys {
		n = n.Get(key)
	}
	return n
}

// Is reports whether the node is there and of the kind.
func (n *Node) Is(kind Kind) bool { return n != nil && n.Kind == kind }

// IsNull reports whether the node is missing or says null.
func (n *Node) IsNull() bool { return n == nil || n.Kind == Null }

// IsUnknown reports whether only AWS knows the value.
func (n *Node) IsUnknown() bool { return n != nil && n.Kind == Unknown }

// IsScalar reports whether the node is text, a number or a truth value.
func (n *Node) IsScalar() bool {
	return n != nil && (n.Kind == Text || n.Kind == Number || n.Kind == Bool)
}

// Value returns a scalar as it was written, and "" of anything else.
func (n *Node) Value() string {
	if n.IsScalar() {
		return n.Text
	}
	return ""
}

// True reports whether the node says true, as text or as a truth value.
func (n *Node) True() bool {
	return n.IsScalar() && strings.EqualFold(n.Text, "true")
}

// All goes over the members of a map.
func (n *Node) All() iter.Seq2[string, *Node] {
	return func(yield func(string, *Node) bool) {
		if n == nil {
			return
		}
		for _, p := range n.Pairs {
			if !yield(p.Key, p.Value) {
				return
			}
		}
	}
}

// Elements are the items of a list; a scalar or a map is a list of itself, as it is
// in CloudFormation, and nothing is an empty one.
func (n *Node) Elements() []*Node {
	switch {
	case n.IsNull():
		return nil
	case n.Kind == List:
		return n.Items
	default:
		return []*Node{n}
	}
}

// Strings are the scalars among the elements.
func (n *Node) Strings() []string {
	var all []string
	for _, item := range n.Elements() {
		if item.IsScalar() {
			all = append(all, item.Text)
		}
	}
	return all
}

// AppendJSON appends the node as JSON, members in their order.
func (n *Node) AppendJSON(b []byte) []byte {
	if n == nil {
		return append(b, "null"...)
	}
	switch n.Kind {
	case Map:
		b = append(b, '{')
		for i, p := range n.Pairs {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, p.Key)
			b = append(b, ':')
			b = p.Value.AppendJSON(b)
		}
		return append(b, '}')
	case List:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.AppendJSON(b)
		}
		return append(b, ']')
	case Number:
		if json.Valid([]byte(n.Text)) {
			return append(b, n.Text...)
		}
		return appendString(b, n.Text) // such as YAML's .inf and 0x1F
	case Bool:
		return strconv.AppendBool(b, n.True())
	case Null, Unknown:
		return append(b, "null"...)
	default:
		return appendString(b, n.Text)
	}
}

func appendString(b []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // which text never fails
	return append(b, quoted...)
}
