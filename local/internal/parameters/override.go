package parameters

import (
	"net/http"

	"github.com/lambridge-go/lambridge/local/internal/mapping"
)

// Override puts what a request template has set in place of what is mapped.
func (t *Targets) Override(o mapping.Override) {
	for _, p := range o.Header {
		if t.Header == nil {
			t.Header = make(http.Header)
		}
		t.Header[http.CanonicalHeaderKey(p.Name)] = []string{p.Value}
	}
	for _, p := range o.Querystring {
		t.Query = t.Query.Without(p.Name).With(p.Name, p.Value)
	}
	for _, p := range o.Path {
		if t.Path == nil {
			t.Path = make(map[string]string)
		}
		t.Path[p.Name] = p.Value
	}
}
