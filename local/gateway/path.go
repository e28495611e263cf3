package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/door"
)

// place finds the stage or base path that a path begins with.
func (g *Gateway) place(a *Arrival, path string) error {
	if !strings.HasPrefix(path, "/") {
		return door.Refusef(door.BadRequest, "the path %q does not begin with a slash", path)
	}
	a.Mapping = g.mapping
	a.Path, a.RawPath = path, g.door.Path(path)
	prefix := g.mapping
	if prefix == "" && g.stage != "" {
		prefix = "/" + g.stage
	}
	switch {
	case prefix != "":
		below, ok := below(a.RawPath, prefix)
		if !ok {
			return door.Refusef(door.NoStage, "the path %q does not begin with %q", path, prefix)
		}
		a.Path = below
	case g.facts.Stage != "" && g.facts.Stage != defaultStage:
		a.RawPath = "/" + g.facts.Stage + path
	}
	a.Path = g.door.Path(a.Path)
	return nil
}

// below returns what follows a prefix of whole segments.
func below(path, prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(path, prefix)
	switch {
	case !ok || rest != "" && rest[0] != '/':
		return "", false
	case rest == "":
		return "/", true
	}
	return rest, true
}

// pathOf returns the path of a request as the client sent it, if that is still
// what the request is for.
func pathOf(r *http.Request) string {
	raw, _, _ := strings.Cut(r.RequestURI, "?")
	if plain, err := url.PathUnescape(raw); err == nil && plain == r.URL.Path && strings.HasPrefix(raw, "/") {
		return raw
	}
	if r.URL.Path == "" {
		return "/"
	}
	return r.URL.EscapedPath()
}

func requestURI(r *http.Request) string {
	if r.RequestURI != "" {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}
