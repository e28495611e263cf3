package definition

import (
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// checkRead tells what a template says and nothing here has read, be it misspelled, new or
// something that is not done here; and what was read and does not resolve.
func (r *reader) checkRead() {
	told := map[string]bool{}
	for _, note := range slices.Concat(r.plan.Refused, r.plan.Warnings) {
		for text := range strings.SplitSeq(note.Text, "; ") {
			if what, why, ok := strings.Cut(text, unresolved); ok {
				told[what[strings.LastIndexByte(what, ' ')+1:]+unresolved+why] = true
			}
		}
	}
	for _, res := range r.resources {
		if r.leftOut[res] {
			continue
		}
		label := res.Type + " " + res.Name()
		for property, value := range res.Unread() {
			if !slices.Contains(withoutAnswer, property) {
				r.unread(label, property, property, value)
			}
		}
		for property, value := range res.Read() {
			r.checkMembers(label, res.Type+" "+property, property, value)
			switch {
			case property == "Body" || property == "DefinitionBody":
				r.checkBody(told, label, value)
			case !slices.Contains(resolvedElsewhere, property):
				r.checkResolved(told, label, property, value)
			}
		}
	}
}

// unread tells of a property or a member that nothing has read.
func (r *reader) unread(label, name, key string, n *document.Node) {
	what := withoutEffect[key]
	switch {
	case what == "":
		r.warn(originOf(n), label, "%s has no effect: it is misspelled, or something that is not done here", name)
	case !strings.EqualFold(n.Value(), "false"): // which switches off what is not here
		r.ignore(n, what)
	}
}

// checkBody tells of what does not resolve in the extensions of a template's document: the
// rest of it is for people, or told where it is read.
func (r *reader) checkBody(told map[string]bool, label string, n *document.Node) {
	if n.Is(document.List) {
		for _, item := range n.Items {
			r.checkBody(told, label, item)
		}
	}
	for key, value := range n.All() {
		if strings.HasPrefix(key, extension) {
			r.checkResolved(told, label, key, value)
		} else {
			r.checkBody(told, label, value)
		}
	}
}

// checkMembers looks at the members of a property, if the table has it.
func (r *reader) checkMembers(label, place, name string, n *document.Node) {
	names, known := members[place]
	if !known || n.IsNull() || n.IsUnknown() || n.IsScalar() && slices.Contains(shorthands, place) {
		return
	}
	if n.IsScalar() || n.Is(document.List) && !slices.Contains(lists, place) {
		r.refuse(originOf(n), label, "%s is no map, and nothing of it is read", name)
		return
	}
	read := strings.Fields(names)
	for _, item := range n.Elements() {
		for key, value := range item.All() {
			switch {
			case names == "*":
				r.checkMembers(label, place+".*", name+"."+key, value)
			case slices.Contains(read, key):
				r.checkMembers(label, place+"."+key, name+"."+key, value)
			default:
				r.unread(label, name+"."+key, key, value)
			}
		}
	}
}

// checkResolved tells of what does not resolve, unless it is told already.
func (r *reader) checkResolved(told map[string]bool, label, name string, n *document.Node) {
	switch {
	case n.IsUnknown():
		if last := name[strings.LastIndexByte(name, '.')+1:]; !told[last+unresolved+n.Doubt] {
			r.warn(originOf(n), label, "%s cannot be resolved, and is left out: %s", name, n.Doubt)
		}
	case n.Is(document.List):
		for _, item := range n.Items {
			r.checkResolved(told, label, name, item)
		}
	default:
		for key, value := range n.All() {
			r.checkResolved(told, label, name+"."+key, value)
		}
	}
}
