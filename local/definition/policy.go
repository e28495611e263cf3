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
