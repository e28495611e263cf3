package cloudformation

import (
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// withGlobals adds to the properties of a resource what SAM's Globals give all of
// its type: maps are merged, lists appended to, and what the resource says itself
// wins.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
func withGlobals(globals *document.Node, resourceType string, properties *document.Node) *document.Node {
	section, ok := strings.CutPrefix(resourceType, "AWS::Serverless::")
	if !ok {
		return properties
	}
	return merge(globals.Get(section), properties)
}

// merge returns under with over laid on it.
func merge(under, over *document.Node) *document.Node {
	switch {
	case under == nil:
		return over
	case over == nil:
		return under
	case under.Is(document.List) && over.Is(document.List):
		all := *over
		all.Items = slices.Concat(under.Items, over.Items)
		return &all
	case !under.Is(document.Map) || !over.Is(document.Map) || isIntrinsic(under) || isIntrinsic(over):
		return over
	}
	all := *over
	all.Pairs = slices.Clone(over.Pairs)
	for i, p := range all.Pairs {
		if base := under.Get(p.Key); base != nil {
			all.Pairs[i].Value = merge(base, p.Value)
		}
	}
	for _, p := range under.Pairs {
		if over.Get(p.Key) == nil {
			all.Pairs = append(all.Pairs, p)
		}
	}
	return &all
}
