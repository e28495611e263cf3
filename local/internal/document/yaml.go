package document

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// yaml reads a YAML document. The library keeps tags, order and lines in its own
// nodes; decoding into values would lose them and turn account ids into numbers
// and versions into dates.
func (r *reader) yaml(text []byte) (*Node, error) {
	// The library's nodes are large, so what would be too many is told before it
	// makes them: every value but the first needs a line end or a comma before it.
	if bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte(",")) > maxNodes {
		return nil, r.fail(0, "has more than %d values", maxNodes)
	}
	depth := loaderlimits.DepthFunc(func(depth int, _ *loaderlimits.DepthContext) error {
		if depth > maxDepth {
			return errors.New(tooDeep)
		}
		return nil
	})
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithPlugin(loaderlimits.New(depth, loaderlimits.AliasNone())))
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	if err := loader.Load(&root); err == io.EOF {
		return nil, r.fail(0, "is empty")
	} else if err != nil {
		return nil, r.yamlError(err)
	}
	switch err := loader.Load(new(yaml.Node)); {
	case err == nil:
		return nil, r.fail(0, "holds more than one YAML document")
	case err != io.EOF:
		return nil, r.yamlError(err)
	}
	y := yamlReader{reader: r, anchors: map[*yaml.Node]anchor{}}
	return y.node(&root, 1)
}

// yamlError is an error of the library with its line in the position.
func (r *reader) yamlError(err error) error {
	load := (*yaml.LoadError)(nil)
	switch {
	case !errors.As(err, &load):
		return r.fail(0, "is not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	case load.Message == tooDeep:
		return r.fail(load.Mark.Line, "%s", tooDeep)
	case load.ContextMsg != "" && load.ContextMark.Line > 0:
		return r.fail(load.Mark.Line, "is not YAML: %s, %s that began in line %d", load.Message, load.ContextMsg, load.ContextMark.Line)
	default:
		return r.fail(load.Mark.Line, "is not YAML: %s", load.Message)
	}
}

// A yamlReader makes nodes of the library's.
type yamlReader struct {
	*reader
	anchors map[*yaml.Node]anchor
}

// An anchor is a node that aliases repeat: once converted, its content is shared,
// and its size counts each time.
type anchor struct {
	node         *Node // nil while it is being read
	size, height int
}

// node converts a node of the library.
func (y *yamlReader) node(from *yaml.Node, depth int) (*Node, error) {
	if from.Kind == yaml.DocumentNode {
		if len(from.Content) == 0 {
			return nil, y.fail(0, "is empty")
		}
		return y.node(from.Content[0], depth)
	}
	if from.Kind == yaml.AliasNode {
		return y.alias(from, depth)
	}
	if from.Anchor == "" {
		return y.plain(from, depth)
	}
	y.anchors[from] = anchor{}
	before, deepest := y.nodes, y.deepest
	y.deepest = depth
	n, err := y.plain(from, depth)
	if err != nil {
		return nil, err
	}
	y.anchors[from] = anchor{n, y.nodes - before, y.deepest - depth}
	y.deepest = max(y.deepest, deepest)
	return n, nil
}

func (y *yamlReader) alias(from *yaml.Node, depth int) (*Node, error) {
	known, ok := y.anchors[from.Alias]
	if !ok || known.node == nil {
		return nil, y.fail(from.Line, "the alias *%s is a part of what it stands for", from.Value)
	}
	y.nodes += known.size - 1
	if err := y.count(depth+known.height, from.Line); err != nil {
		return nil, err
	}
	return known.node, nil
}

func (y *yamlReader) plain(from *yaml.Node, depth int) (*Node, error) {
	if err := y.count(depth, from.Line); err != nil {
		return nil, err
	}
	n := &Node{File: y.file, Line: from.Line}
	var err error
	switch from.Kind {
	case yaml.MappingNode:
		n.Kind = Map
		err = y.members(n, from, depth)
	case yaml.SequenceNode:
		n.Kind = List
		n.Items = make([]*Node, len(from.Content))
		for i, item := range from.Content {
			if n.Items[i], err = y.node(item, depth+1); err != nil {
				return nil, err
			}
		}
	default:
		n.Kind, n.Text = scalarKind(from), from.Value
	}
	if err != nil {
		return nil, err
	}
	return y.longForm(n, from, depth)
}

func (y *yamlReader) members(n *Node, from *yaml.Node, depth int) error {
	seen := make(map[string]int, len(from.Content)/2)
	n.Pairs = make([]Pair, 0, len(from.Content)/2)
	var merged []*Node
	for i := 0; i+1 < len(from.Content); i += 2 {
		key := from.Content[i]
		for key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return y.fail(key.Line, "a key is no text: write strings with braces in quotes")
		}
		value, err := y.node(from.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		if key.ShortTag() == "!!merge" {
			merged = append(merged, value.Elements()...)
			continue
		}
		y.add(n, seen, key.Value, key.Line, value)
	}
	for _, other := range merged { // what stands in the map itself wins
		if !other.Is(Map) {
			return y.fail(from.Line, "<< does not name a map")
		}
		for _, p := range other.Pairs {
			if _, ok := seen[p.Key]; !ok {
				y.add(n, seen, p.Key, p.Line, p.Value)
			}
		}
	}
	return nil
}

// scalarKind tells text from what YAML takes for something else.
func scalarKind(from *yaml.Node) Kind {
	switch from.ShortTag() {
	case "!!int", "!!float":
		return Number
	case "!!bool":
		return Bool
	case "!!null":
		return Null
	default: // dates among them, which CloudFormation has as text
		return Text
	}
}

// longForm makes {"Fn::Sub": n} of !Sub n.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
func (y *yamlReader) longForm(n *Node, from *yaml.Node, depth int) (*Node, error) {
	tag := from.Tag
	if !strings.HasPrefix(tag, "!") || strings.HasPrefix(tag, "!!") || tag == "!" {
		return n, nil
	}
	if n.Kind != Map && n.Kind != List {
		n.Kind = Text
	}
	name := "Fn::" + tag[1:]
	if tag == "!Ref" || tag == "!Condition" {
		name = tag[1:]
	}
	if err := y.count(depth, from.Line); err != nil {
		return nil, err
	}
	return &Node{Kind: Map, File: y.file, Line: from.Line, Pairs: []Pair{{Key: name, Value: n, Line: from.Line}}}, nil
}
