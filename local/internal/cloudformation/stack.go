// Package cloudformation reads CloudFormation templates as far as a laptop can: it
// evaluates parameters, conditions and intrinsic functions, follows references
// between stacks, and tells what a value is only to AWS from what it really is.
//
// A [Set] is the stacks of one definition: a template with its nested stacks, or
// what CDK and the Serverless Framework have written into a folder. Resources get
// ids here that stand for those that AWS would give them, so that a reference leads
// to its resource whichever way it is written and through however many stacks.
package cloudformation

import (
	"fmt"
	"hash/fnv"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// Options are what a template is evaluated with.
type Options struct {
	// Parameters are the values of template parameters, and of pseudo parameters
	// such as AWS::StackName. The logical id of a resource gives what its Ref is.
	Parameters map[string]string
	// Region and Account are those of the stacks. "" makes them up: us-east-1,
	// 123456789012.
	Region, Account string
}

// A Set is the stacks of one definition. It is not safe for concurrent use.
type Set struct {
	// Root is the document of a single file.
	Root *document.Node
	// Stacks are those whose resources are served, nested ones after their parent.
	Stacks []*Stack
	// Problems are mistakes of the templates, each told once.
	Problems []Problem

	options  Options
	project  *project
	siblings []*Stack // all that references may lead to, Stacks among them
	byID     map[string]*Resource
	names    map[*Resource]string // what functions are called
	taken    map[string]bool      // the names that functions have already
	calls    int                  // how many of a template's functions are within each other now
	total    int                  // how many have been called
	produced int                  // how many bytes they have made
	told     map[string]bool      // the problems that are told
}

// A Problem is something that a template cannot be read for, and where it stands.
type Problem struct {
	Position document.Position
	Reason   string
}

// Files are the absolute paths of all files that were read.
func (s *Set) Files() []string { return s.project.read }

// Resource finds a resource by the id that a Ref to it gives.
func (s *Set) Resource(id string) *Resource { return s.byID[id] }

// problem notes a mistake.
func (s *Set) problem(at document.Position, format string, args ...any) {
	p := Problem{at, fmt.Sprintf(format, args...)}
	if key := p.Position.String() + p.Reason; !s.told[key] {
		s.told[key] = true
		s.Problems = append(s.Problems, p)
	}
}

// A Stack is one template with the values of its parameters.
type Stack struct {
	// Name is the stack's name, or "" if nobody has given it one.
	Name string
	// Dir is the absolute path of the folder that the template lies in.
	Dir string
	// Resources are those whose condition holds, in the order of the template.
	Resources []*Resource

	file       string // absolute path of the template
	set        *Set
	template   *document.Node
	resources  map[string]*Resource
	parent     *Stack
	path       string // the logical ids that lead to a nested stack
	depth      int
	account    string // that of CDK's environment, or ""
	region     string
	given      map[string]*document.Node // the parameters that the parent gives
	parameters map[string]*document.Node
	conditions map[string]*decision
	running    map[string]bool // the references that are being evaluated
	nested     map[string]*Stack
	assets     assets
	loose      bool // whether Set.Loose made it
}

// A Resource is one of a stack.
type Resource struct {
	// LogicalID is its name in the template.
	LogicalID string
	Type      string
	Stack     *Stack
	// Node is the resource as it is written, Properties with those of Globals and
	// not evaluated.
	Node, Properties *document.Node

	read map[string]*document.Node // what Get has given
}

// Position is where the resource stands.
func (r *Resource) Position() document.Position { return r.Node.Position() }

// Get evaluates a property, and notes that it was asked for.
func (r *Resource) Get(property string) *document.Node {
	if r.read == nil {
		r.read = map[string]*document.Node{}
	}
	r.read[property] = r.Stack.Eval(r.Properties.Get(property))
	return r.read[property]
}

// Read goes over the properties that Get was asked for, as it gave them.
func (r *Resource) Read() iter.Seq2[string, *document.Node] {
	return func(yield func(string, *document.Node) bool) {
		for property := range r.Properties.All() {
			if value, ok := r.read[property]; ok && !yield(property, value) {
				return
			}
		}
	}
}

// Unread goes over the properties that Get was never asked for, as they are written. A
// resource of which nothing was read has none: it is for others to say what becomes of it.
func (r *Resource) Unread() iter.Seq2[string, *document.Node] {
	return func(yield func(string, *document.Node) bool) {
		for property, value := range r.Properties.All() {
			if _, ok := r.read[property]; !ok && len(r.read) > 0 && !yield(property, value) {
				return
			}
		}
	}
}

// ID is what a Ref gives, or stands for it.
func (r *Resource) ID() string { return r.Stack.physicalID(r) }

// Name tells the resource apart from others in messages.
func (r *Resource) Name() string { return r.Stack.path + r.LogicalID }

// The bounds of what a template may make of itself.
const (
	maxProduced = 64 << 20 // bytes of evaluated text
	maxTotal    = 300_000
	maxCalls    = 1000 // intrinsic functions within each other, through references
	maxNesting  = 16   // stacks within stacks, includes within includes, references of references
	maxStacks   = 500
)

// add makes a stack of a template and adds it to those that references may lead to.
func (s *Set) add(stack *Stack, template *document.Node) error {
	if !template.Get("Resources").Is(document.Map) {
		return &document.Error{Position: template.Position(), Reason: "has no Resources: it is neither a CloudFormation template nor an OpenAPI document"}
	}
	if len(s.siblings) == maxStacks {
		return &document.Error{Position: template.Position(), Reason: fmt.Sprintf("is the %dth stack: that is too many", maxStacks+1)}
	}
	stack.set, stack.template = s, template
	stack.resources = map[string]*Resource{}
	stack.parameters = map[string]*document.Node{}
	stack.conditions = map[string]*decision{}
	stack.running = map[string]bool{}
	stack.nested = map[string]*Stack{}
	s.siblings = append(s.siblings, stack)
	s.checkKeys(template, "the template", sections)
	globals := template.Get("Globals")
	s.checkKeys(globals, "Globals", globalSections)
	for id, node := range template.Get("Resources").All() {
		if strings.HasPrefix(id, "Fn::ForEach::") {
			s.problem(node.Position(), "Fn::ForEach is not expanded: give the template that sam or CloudFormation makes of it")
			continue
		}
		r := &Resource{LogicalID: id, Type: node.Get("Type").Value(), Stack: stack, Node: node}
		if r.Type == "" {
			s.problem(node.Position(), "the resource %s has no Type", id)
			continue
		}
		s.checkKeys(node, "the resource "+id, attributes)
		if properties := node.Get("Properties"); !properties.IsNull() && !properties.Is(document.Map) {
			s.problem(properties.Position(), "the Properties of %s are no map, and nothing of them is read", id)
		}
		r.Properties = withGlobals(globals, r.Type, node.Get("Properties"))
		stack.resources[id] = r
	}
	// Conditions may use parameters, and references to resources do not depend on
	// them, so they come when all resources are known.
	for id := range template.Get("Resources").All() {
		r := stack.resources[id]
		if r == nil {
			continue
		}
		if condition := r.Node.Get("Condition").Value(); condition != "" && !stack.holds(condition, r.Node.Get("Condition")) {
			delete(stack.resources, id)
			continue
		}
		stack.Resources = append(stack.Resources, r)
		s.byID[r.ID()] = r
	}
	return nil
}

// checkKeys tells of keys that CloudFormation or SAM refuse: what stands under a misspelled
// one would be lost without a word.
func (s *Set) checkKeys(n *document.Node, of string, known []string) {
	for key, value := range n.All() {
		if !slices.Contains(known, key) {
			s.problem(value.Position(), "%s has no %s: it is misspelled, or not read", of, key)
		}
	}
}

// The keys that there are in a template, in SAM's Globals, and of a resource.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html
var (
	sections = []string{
		"AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Hooks", "Mappings", "Metadata", "Outputs", "Parameters",
		"Resources", "Rules", "Transform",
	}
	globalSections = []string{"Api", "CapacityProvider", "Function", "HttpApi", "LayerVersion", "SimpleTable", "StateMachine", "WebFunction", "WebSocketApi"}
	attributes     = []string{
		"Condition", "Connectors", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdatePolicy", "UpdateReplacePolicy",
	}
)

// serve adds a stack to those that are served, and its nested ones.
func (s *Set) serve(stack *Stack) {
	s.Stacks = append(s.Stacks, stack)
	for _, r := range stack.Resources {
		if child := stack.nest(r); child != nil {
			s.serve(child)
		}
	}
}

// nest reads the stack that a resource nests, or returns nil if it nests none that
// can be read.
func (s *Stack) nest(r *Resource) *Stack {
	property := map[string]string{"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}[r.Type]
	if property == "" {
		return nil
	}
	if child, ok := s.nested[r.LogicalID]; ok {
		return child
	}
	s.nested[r.LogicalID] = nil // should it lead to itself
	if s.depth == maxNesting {
		s.set.problem(r.Position(), "stacks nest more than %d deep", maxNesting)
		return nil
	}
	path, reason := s.templateOf(r, property)
	if reason != "" {
		s.set.problem(r.Position(), "the nested stack %s is left out: %s", r.LogicalID, reason)
		return nil
	}
	template, abs, err := s.set.project.load(s.Dir, path)
	if err != nil {
		s.set.problem(r.Position(), "the nested stack %s is left out: %v", r.LogicalID, err)
		return nil
	}
	for ancestor := s; ancestor != nil; ancestor = ancestor.parent {
		if ancestor.file == abs {
			s.set.problem(r.Position(), "the nested stack %s is left out: it leads back to itself", r.LogicalID)
			return nil
		}
	}
	child := &Stack{
		Dir: filepath.Dir(abs), file: abs, parent: s, path: s.path + r.LogicalID + "/", depth: s.depth + 1,
		account: s.account, region: s.region, given: map[string]*document.Node{}, assets: s.assets,
	}
	for name, value := range r.Properties.Get("Parameters").All() {
		child.given[name] = s.Eval(value)
	}
	if err := s.set.add(child, template); err != nil {
		s.set.problem(r.Position(), "the nested stack %s is left out: %v", r.LogicalID, err)
		return nil
	}
	s.nested[r.LogicalID] = child
	return child
}

// templateOf finds the file of a nested stack, or says why there is none.
func (s *Stack) templateOf(r *Resource, property string) (path, reason string) {
	if path := r.Node.Find("Metadata", "aws:asset:path").Value(); path != "" {
		return path, ""
	}
	location := s.Eval(r.Properties.Get(property))
	if location.Is(document.Map) {
		return "", "it comes from the Serverless Application Repository, and nothing is fetched"
	}
	text := location.Value()
	if hash := strings.TrimSuffix(text[strings.LastIndex(text, "/")+1:], ".json"); hash != "" {
		if path, ok := s.assets[hash]; ok {
			return path, ""
		}
	}
	switch {
	case text == "":
		return "", property + " cannot be resolved"
	case strings.Contains(text, "://"):
		return "", fmt.Sprintf("%q is not a file, and nothing is fetched", text)
	}
	return text, ""
}

// Asset is the absolute path of the file or folder that a tool has put into S3 by
// the name of key, or "".
func (s *Stack) Asset(key string) string {
	name := key[strings.LastIndex(key, "/")+1:]
	path, ok := s.assets[strings.TrimSuffix(name, filepath.Ext(name))]
	if !ok {
		return ""
	}
	return path
}

// Load reads a document that the stack names by a path.
func (s *Stack) Load(path string) (*document.Node, error) {
	node, _, err := s.set.project.load(s.Dir, path)
	return node, err
}

// madeUpID makes an id of ten characters, as API Gateway's are, that is the same at
// every start.
func madeUpID(name string) string {
	h := fnv.New64a()
	h.Write([]byte(name))
	return ("a" + strconv.FormatUint(h.Sum64(), 36) + "0000000000")[:10]
}

// Loose is a stack for a document without resources: a reference to a function's ARN
// is taken for the name of the function, since such documents are written to be
// included into a template.
func (s *Set) Loose(root *document.Node) *Stack {
	stack := &Stack{
		set: s, template: root, loose: true,
		resources: map[string]*Resource{}, parameters: map[string]*document.Node{}, conditions: map[string]*decision{},
		running: map[string]bool{}, nested: map[string]*Stack{},
	}
	if len(s.project.read) > 0 {
		stack.file = s.project.read[0]
		stack.Dir = filepath.Dir(stack.file)
	}
	return stack
}

// NameID makes an id of a name: one that is the same at every start.
func (s *Set) NameID(name string) string { return madeUpID(name) }
