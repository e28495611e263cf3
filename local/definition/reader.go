package definition

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

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

// oneLine joins the causes of an error with semicolons.
func oneLine(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
