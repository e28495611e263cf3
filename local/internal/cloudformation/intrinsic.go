package cloudformation

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// noValue is what AWS::NoValue is: it takes its property away.
var noValue = new(document.Node)

// isIntrinsic reports whether a map is a call of an intrinsic function.
func isIntrinsic(n *document.Node) bool {
	if !n.Is(document.Map) || len(n.Pairs) != 1 {
		return false
	}
	key := n.Pairs[0].Key
	return key == "Ref" || strings.HasPrefix(key, "Fn::") && !strings.HasPrefix(key, "Fn::ForEach")
}

// Eval replaces the intrinsic functions in n by what they come to. What does not
// come to anything here is an unknown node, and text that holds something made up
// carries the doubt. The result is nil for AWS::NoValue.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
func (s *Stack) Eval(n *document.Node) *document.Node {
	if n = s.eval(n); n == noValue {
		return nil
	}
	return n
}

func (s *Stack) eval(n *document.Node) *document.Node {
	switch {
	case n == nil:
		return nil
	case isIntrinsic(n):
		return s.call(n, n.Pairs[0].Key, n.Pairs[0].Value)
	case n.Kind == document.Map:
		return s.evalMap(n)
	case n.Kind == document.List:
		return s.evalList(n)
	}
	return n
}

// evalMap evaluates the members of a map. A map without intrinsics is itself.
func (s *Stack) evalMap(n *document.Node) *document.Node {
	result := n
	for i, p := range n.Pairs {
		value := s.eval(p.Value)
		if p.Key == "Fn::Transform" { // beside other members it adds its own
			if result == n {
				result = &document.Node{Kind: document.Map, File: n.File, Line: n.Line, Pairs: append([]document.Pair(nil), n.Pairs[:i]...)}
			}
			result.Pairs = append(result.Pairs, s.transform(p.Value).Pairs...)
			continue
		}
		if result == n {
			if value == p.Value {
				continue
			}
			result = &document.Node{Kind: document.Map, File: n.File, Line: n.Line, Pairs: append([]document.Pair(nil), n.Pairs[:i]...)}
		}
		if value != noValue {
			result.Pairs = append(result.Pairs, document.Pair{Key: p.Key, Value: value, Line: p.Line})
		}
	}
	return result
}

func (s *Stack) evalList(n *document.Node) *document.Node {
	result := n
	for i, item := range n.Items {
		value := s.eval(item)
		if result == n {
			if value == item {
				continue
			}
			result = &document.Node{Kind: document.List, File: n.File, Line: n.Line, Items: append([]*document.Node(nil), n.Items[:i]...)}
		}
		if value != noValue {
			result.Items = append(result.Items, value)
		}
	}
	return result
}

// call evaluates an intrinsic function.
func (s *Stack) call(n *document.Node, name string, arg *document.Node) *document.Node {
	if s.set.total++; s.set.total > maxTotal || s.set.produced > maxProduced {
		return s.wrong(n, "the template makes too much of itself: more than %d calls of functions, or %d bytes of text", maxTotal, maxProduced)
	}
	if s.set.calls++; s.set.calls > maxCalls {
		s.set.calls--
		return s.wrong(n, "the template's functions lead back to themselves, or %d deep into each other", maxCalls)
	}
	defer func() { s.set.calls-- }()
	switch name {
	case "Ref":
		return s.ref(n, arg.Value())
	case "Fn::GetAtt":
		return s.getAtt(n, arg)
	case "Fn::Sub":
		return s.sub(n, arg)
	case "Fn::Join":
		return s.join(n, arg)
	case "Fn::If":
		if args := arg.Elements(); len(args) == 3 {
			if s.holds(args[0].Value(), n) {
				return s.eval(args[1])
			}
			return s.eval(args[2])
		}
		return s.wrong(n, "Fn::If takes a condition and two values")
	case "Fn::Select":
		return s.choose(n, arg)
	case "Fn::Split":
		return s.split(n, arg)
	case "Fn::FindInMap":
		return s.findInMap(n, arg)
	case "Fn::ImportValue":
		return s.importValue(n, s.Eval(arg))
	case "Fn::GetStackOutput":
		return s.stackOutput(n, s.Eval(arg))
	case "Fn::Transform":
		return s.transform(arg)
	case "Fn::Base64":
		return s.text(n, s.Eval(arg), func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) })
	case "Fn::ToJsonString":
		value := s.Eval(arg)
		return s.produce(n, string(value.AppendJSON(nil)), doubtIn(value))
	case "Fn::Length":
		value := s.Eval(arg)
		if !value.Is(document.List) {
			return s.wrong(n, "Fn::Length takes a list")
		}
		return &document.Node{Kind: document.Number, Text: strconv.Itoa(len(value.Items)), File: n.File, Line: n.Line}
	case "Fn::GetAZs":
		region := s.Eval(arg).Value()
		return unknown(n, "the availability zones of %s are known to AWS only", orElse(region, s.Region()))
	}
	return unknown(n, "%s is not evaluated", name)
}

// wrong notes a mistake and is the value of what has it.
func (s *Stack) wrong(n *document.Node, format string, args ...any) *document.Node {
	s.set.problem(n.Position(), format, args...)
	return unknown(n, format, args...)
}

// produce makes text that stands where n does, and counts it.
func (s *Stack) produce(n *document.Node, text, doubt string) *document.Node {
	s.set.produced += len(text)
	made := textAt(n, text)
	made.Doubt = doubt
	return made
}

// text turns text into other text.
func (s *Stack) text(n, value *document.Node, f func(string) string) *document.Node {
	if !value.IsScalar() {
		return s.noText(n, value)
	}
	return s.produce(n, f(value.Text), value.Doubt)
}

// noText is the value of what needed text and has none.
func (s *Stack) noText(n, value *document.Node) *document.Node {
	if value.IsUnknown() {
		return unknown(n, "%s", value.Doubt)
	}
	return s.wrong(n, "text is expected here")
}

// join is Fn::Join: [separator, [values]].
func (s *Stack) join(n, arg *document.Node) *document.Node {
	args := arg.Elements()
	if len(args) != 2 {
		return s.wrong(n, "Fn::Join takes a separator and a list")
	}
	list := s.Eval(args[1])
	if !list.Is(document.List) {
		return s.noText(n, list)
	}
	var b strings.Builder
	doubt := ""
	for i, item := range list.Items {
		if !item.IsScalar() {
			return s.noText(n, item)
		}
		if i > 0 {
			b.WriteString(args[0].Value())
		}
		b.WriteString(item.Text)
		doubt = orElse(doubt, item.Doubt)
		if s.set.produced+b.Len() > maxProduced {
			break
		}
	}
	return s.produce(n, b.String(), doubt)
}

// sub is Fn::Sub: text, or [text, {name: value}].
func (s *Stack) sub(n, arg *document.Node) *document.Node {
	text, own := arg, (*document.Node)(nil)
	if arg.Is(document.List) && len(arg.Items) == 2 {
		text, own = arg.Items[0], arg.Items[1]
	}
	if !text.IsScalar() {
		return s.wrong(n, "Fn::Sub takes text, or a list of text and a map")
	}
	var b strings.Builder
	doubt := ""
	rest := text.Text
	for {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			break
		}
		name, after, found := strings.Cut(after, "}")
		if !found {
			b.WriteString("${" + name)
			break
		}
		rest = after
		if literal, ok := strings.CutPrefix(name, "!"); ok { // ${!x} is ${x}
			b.WriteString("${" + literal + "}")
			continue
		}
		if strings.HasPrefix(name, "stageVariables.") { // API Gateway's, which real templates forget to escape
			b.WriteString("${" + name + "}")
			continue
		}
		value := s.variable(n, strings.TrimSpace(name), own)
		if !value.IsScalar() {
			return s.noText(n, value)
		}
		b.WriteString(value.Text)
		doubt = orElse(doubt, value.Doubt)
		if s.set.produced+b.Len() > maxProduced {
			break
		}
	}
	return s.produce(n, b.String(), doubt)
}

// variable is what ${name} is in Fn::Sub.
func (s *Stack) variable(n *document.Node, name string, own *document.Node) *document.Node {
	if value := own.Get(name); value != nil {
		return s.Eval(value)
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		return s.attribute(n, id, attribute)
	}
	return s.ref(n, name)
}

// choose is Fn::Select: [index, [values]].
func (s *Stack) choose(n, arg *document.Node) *document.Node {
	args := arg.Elements()
	if len(args) != 2 {
		return s.wrong(n, "Fn::Select takes an index and a list")
	}
	list := s.Eval(args[1])
	if list.IsUnknown() {
		return unknown(n, "%s", list.Doubt)
	}
	index, err := strconv.Atoi(s.Eval(args[0]).Value())
	if err != nil || !list.Is(document.List) || index < 0 || index >= len(list.Items) {
		return s.wrong(n, "Fn::Select names an element that is not there")
	}
	return list.Items[index]
}

// split is Fn::Split: [separator, text].
func (s *Stack) split(n, arg *document.Node) *document.Node {
	args := arg.Elements()
	if len(args) != 2 || args[0].Value() == "" {
		return s.wrong(n, "Fn::Split takes a separator and text")
	}
	value := s.Eval(args[1])
	if !value.IsScalar() {
		return s.noText(n, value)
	}
	s.set.produced += len(value.Text)
	list := &document.Node{Kind: document.List, File: n.File, Line: n.Line}
	for part := range strings.SplitSeq(value.Text, args[0].Text) {
		item := textAt(n, part)
		item.Doubt = value.Doubt
		list.Items = append(list.Items, item)
	}
	return list
}

// findInMap is Fn::FindInMap: [map, key, key], and {DefaultValue: value} behind.
func (s *Stack) findInMap(n, arg *document.Node) *document.Node {
	args := arg.Elements()
	if len(args) < 3 {
		return s.wrong(n, "Fn::FindInMap takes a map and two keys")
	}
	keys := []string{"Mappings"}
	for _, key := range args[:3] {
		value := s.Eval(key)
		if !value.IsScalar() {
			return s.noText(n, value)
		}
		keys = append(keys, value.Text)
	}
	if found := s.template.Find(keys...); found != nil {
		return s.eval(found)
	}
	if len(args) == 4 && args[3].Get("DefaultValue") != nil {
		return s.eval(args[3].Get("DefaultValue"))
	}
	return s.wrong(n, "Mappings has no %s", strings.Join(keys[1:], " . "))
}

// importValue finds the stack that exports a name.
func (s *Stack) importValue(n, name *document.Node) *document.Node {
	if !name.IsScalar() {
		return s.noText(n, name)
	}
	for _, other := range s.set.siblings {
		for _, output := range other.template.Get("Outputs").All() {
			if export := output.Find("Export", "Name"); export != nil && other.once("export "+name.Text, func() *document.Node { return other.Eval(export) }).Value() == name.Text {
				return other.once("import "+name.Text, func() *document.Node { return other.Eval(output.Get("Value")) })
			}
		}
	}
	return unknown(n, "no stack here exports %q", name.Text)
}

// stackOutput is Fn::GetStackOutput: {StackName, OutputName}, as CDK writes it.
func (s *Stack) stackOutput(n, arg *document.Node) *document.Node {
	stack, output := arg.Get("StackName").Value(), arg.Get("OutputName").Value()
	for _, other := range s.set.siblings {
		if value := other.template.Find("Outputs", output, "Value"); value != nil && other.Name == stack {
			return other.once("output "+output, func() *document.Node { return other.Eval(value) })
		}
	}
	return unknown(n, "there is no stack %q with an output %q here", stack, output)
}

// transform is Fn::Transform: of all macros only AWS::Include can be known here.
func (s *Stack) transform(arg *document.Node) *document.Node {
	if name := arg.Get("Name").Value(); name != "AWS::Include" {
		return s.wrong(arg, "the macro %s runs in AWS only", name)
	}
	location := s.Eval(arg.Find("Parameters", "Location"))
	if !location.IsScalar() {
		return s.noText(arg, location)
	}
	return s.once("include "+location.Text, func() *document.Node {
		included, err := s.Load(location.Text)
		if err != nil {
			return s.wrong(arg, "AWS::Include: %v", err)
		}
		return s.Eval(included)
	})
}

// once evaluates what may lead back to itself.
func (s *Stack) once(what string, f func() *document.Node) *document.Node {
	if s.running[what] || len(s.running) > 16*maxNesting {
		return unknown(nil, "it depends on itself: %s", what)
	}
	s.running[what] = true
	defer delete(s.running, what)
	return f()
}

// doubtIn is the first doubt about anything in a value.
func doubtIn(n *document.Node) string {
	if n == nil {
		return ""
	}
	if n.Doubt != "" {
		return n.Doubt
	}
	for _, item := range n.Items {
		if doubt := doubtIn(item); doubt != "" {
			return doubt
		}
	}
	for _, value := range n.All() {
		if doubt := doubtIn(value); doubt != "" {
			return doubt
		}
	}
	return ""
}
