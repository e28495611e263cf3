package definition

import (
	"fmt"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// policy reads the resource policy of an API.
func (r *reader) policy(api *API, n *document.Node) {
	if r.resolvedPolicy(api, n) {
		api.Policy = n.AppendJSON(nil)
	}
}

// resolvedPolicy reports whether all of a policy resolves. One that lacks something may deny
// less than it is to, so that nobody passes it.
func (r *reader) resolvedPolicy(api *API, n *document.Node) bool {
	doubt := unknownIn(n)
	if doubt != "" {
		r.locked[api] = fmt.Errorf("the resource policy cannot be resolved: %s", doubt)
	}
	return doubt == ""
}

// unknownIn is why something in a value is known to AWS only, "" if all is known.
func unknownIn(n *document.Node) string {
	if n.IsUnknown() {
		return n.Doubt
	}
	if n.Is(document.List) {
		for _, item := range n.Items {
			if doubt := unknownIn(item); doubt != "" {
				return doubt
			}
		}
	}
	for _, value := range n.All() {
		if doubt := unknownIn(value); doubt != "" {
			return doubt
		}
	}
	return ""
}
