package definition

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// A reader makes a plan of stacks or of a document.
type reader struct {
	options   Options
	set       *cloudformation.Set
	plan      *Plan
	functions map[string]*Function // by name
	apis      map[string]*API      // by ID
	webSocket map[string]*WebSocketAPI
	sam       map[string]*samAPI // by the API's ID
	listeners map[string]*LoadBalancer

	shapes     map[string]*Route          // by API and shape
	broken     map[string]error           // authorizers that no route can use, by ID
	locked     map[*API]error             // APIs whose routes nobody may call
	keys       map[string]*APIKey         // by ID
	usagePlans map[string]*UsagePlan      // by ID
	v2         map[string]*integrationV2  // by ID
	twoWay     map[string]*WebSocketRoute // by the route's ID, for its response
	selected   map[string]bool            // routes whose expression switches a response on

	// resources are those that are read, and leftOut those that are not read to their end.
	resources []*cloudformation.Resource
	leftOut   map[*cloudformation.Resource]bool

	deferred []func()
	noted    map[Note]bool
	ignored  map[string]*count
}

// A count is something that is ignored, and how often.
type count struct {
	first Origin
	times int
}

func newReader(set *cloudformation.Set, o Options) *reader {
	return &reader{
		options: o, set: set, plan: &Plan{Skipped: map[string]int{}},
		functions: map[string]*Function{}, apis: map[string]*API{}, webSocket: map[string]*WebSocketAPI{},
		sam: map[string]*samAPI{}, listeners: map[string]*LoadBalancer{},
		shapes: map[string]*Route{}, broken: map[string]error{}, locked: map[*API]error{}, keys: map[string]*APIKey{}, usagePlans: map[string]*UsagePlan{},
		v2: map[string]*integrationV2{}, twoWay: map[string]*WebSocketRoute{}, selected: map[string]bool{},
		leftOut: map[*cloudformation.Resource]bool{}, noted: map[Note]bool{}, ignored: map[string]*count{},
	}
}

// later calls f when all routes are read.
func (r *reader) later(f func()) { r.deferred = append(r.deferred, f) }

// finish completes the plan.
func (r *reader) finish() *Plan {
	p := r.plan
	for _, f := range r.deferred {
		f()
	}
	for _, problem := range r.set.Problems {
		r.refuse(Origin(problem.Position), "", "%s", problem.Reason)
	}
	r.check()
	r.checkRead()
	for _, what := range slices.Sorted(maps.Keys(r.ignored)) {
		n := r.ignored[what]
		text := what
		if n.times > 1 {
			text += fmt.Sprintf(" (%d times)", n.times)
		}
		p.Ignored = append(p.Ignored, Note{Origin: n.first, Text: text})
	}
	byPlace := func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.Origin.File, b.Origin.File), cmp.Compare(a.Origin.Line, b.Origin.Line))
	}
	slices.SortStableFunc(p.Refused, byPlace)
	slices.SortStableFunc(p.Warnings, byPlace)
	p.Files = r.set.Files()
	return p
}

// leaveOut says that a resource is not read any further, and why is told elsewhere.
func (r *reader) leaveOut(res *cloudformation.Resource) { r.leftOut[res] = true }

// refuse notes what cannot be served.
func (r *reader) refuse(at Origin, name, format string, args ...any) {
	r.note(&r.plan.Refused, Note{Origin: at, Name: name, Text: fmt.Sprintf(format, args...)})
}

// warn notes what may be otherwise in AWS.
func (r *reader) warn(at Origin, name, format string, args ...any) {
	r.note(&r.plan.Warnings, Note{Origin: at, Name: name, Text: fmt.Sprintf(format, args...)})
}

// note adds a note that is not there yet.
func (r *reader) note(list *[]Note, n Note) {
	if !r.noted[n] {
		r.noted[n] = true
		*list = append(*list, n)
	}
}

// ignore counts what has no effect here.
func (r *reader) ignore(n *document.Node, what string) {
	if n != nil {
		r.ignoreAt(originOf(n), what)
	}
}

func (r *reader) ignoreAt(at Origin, what string) {
	if r.ignored[what] == nil {
		r.ignored[what] = &count{first: at}
	}
	r.ignored[what].times++
}

func originOf(n *document.Node) Origin { return Origin(n.Position()) }

// stageName is the name of a stage, "" for one that cannot be resolved.
func (r *reader) stageName(res *cloudformation.Resource, label string) string {
	n := res.Get("StageName")
	if n.IsUnknown() {
		r.warn(originOf(res.Properties.Get("StageName")), label, "StageName cannot be resolved, and URLs begin without it: %s", n.Doubt)
	}
	return n.Value()
}

// text is a scalar that must be there. The error says why it is not, without where.
func text(n *document.Node, what string) (string, error) {
	switch {
	case n.IsUnknown():
		return "", fmt.Errorf("%s cannot be resolved: %s", what, n.Doubt)
	case n.IsNull():
		return "", fmt.Errorf("%s is missing", what)
	case !n.IsScalar():
		return "", fmt.Errorf("%s is no text", what)
	}
	return n.Text, nil
}

// optional is a scalar that need not be there.
func optional(n *document.Node, what string) (string, error) {
	if n.IsNull() {
		return "", nil
	}
	return text(n, what)
}

// truth is a truth value, false if there is none.
func truth(n *document.Node, what string) (bool, error) {
	s, err := optional(n, what)
	return strings.EqualFold(s, "true"), err
}

// texts are the scalars of a list, or one that stands alone. A list that lacks what cannot
// be resolved would be another one: of scopes, for instance, it would let more in.
func texts(n *document.Node, what string) ([]string, error) {
	var all []string
	var wrong []error
	for _, item := range n.Elements() {
		s, err := text(item, what)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		all = append(all, s)
	}
	return all, errors.Join(wrong...)
}

// milliseconds is a timeout, 0 if there is none.
func milliseconds(n *document.Node, what string) (time.Duration, error) {
	number, err := integer(n, what)
	return time.Duration(number) * time.Millisecond, err
}

// seconds is a duration, 0 if there is none.
func seconds(n *document.Node, what string) (time.Duration, error) {
	number, err := integer(n, what)
	return time.Duration(number) * time.Second, err
}

// integer is a whole number, 0 if there is none.
func integer(n *document.Node, what string) (int, error) {
	s, err := optional(n, what)
	if s == "" || err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(s)
	if err != nil || number < 0 || number > 1<<31 {
		return 0, fmt.Errorf("%s %q is no whole number", what, s)
	}
	return number, nil
}

// decimal is a number, 0 if there is none.
func decimal(n *document.Node, what string) (float64, error) {
	s, err := optional(n, what)
	if s == "" || err != nil {
		return 0, err
	}
	number, err := strconv.ParseFloat(s, 64)
	if err != nil || number < 0 {
		return 0, fmt.Errorf("%s %q is no number", what, s)
	}
	return number, nil
}

// named reads a map of texts in its order. What is no text is told by its key.
func named(n *document.Node, what string) ([]Named[string], error) {
	if n.IsNull() {
		return nil, nil
	}
	if n.IsUnknown() {
		return nil, fmt.Errorf("%s cannot be resolved: %s", what, n.Doubt)
	}
	if !n.Is(document.Map) {
		return nil, fmt.Errorf("%s is no map", what)
	}
	all := make([]Named[string], 0, len(n.Pairs))
	var wrong []error
	for key, value := range n.All() {
		s, err := "", error(nil)
		if !value.IsNull() { // an empty template is one
			s, err = text(value, what+" "+strconv.Quote(key))
		}
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		all = append(all, Named[string]{Name: key, Value: s, Origin: originOf(value)})
	}
	return all, errors.Join(wrong...)
}

// mapped is a map of texts.
func mapped(n *document.Node) map[string]string {
	if n == nil || len(n.Pairs) == 0 {
		return nil
	}
	all := make(map[string]string, len(n.Pairs))
	for key, value := range n.All() {
		if value.IsScalar() {
			all[key] = value.Text
		}
	}
	return all
}

// oneLine joins the causes of an error with semicolons.
func oneLine(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
