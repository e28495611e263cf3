package adapter

import (
	"net/url"
	"strings"
)

// stripPrefix takes whole segments off the front of a path: /api off /api/x and
// /api, and nothing off /apiary. It reports whether prefix was there. A slash that
// was sent as %2F separates no segments.
func stripPrefix(u *url.URL, prefix string) bool {
	if u.RawPath == "" {
		rest, ok := strings.CutPrefix(u.Path, prefix)
		if !ok || rest != "" && rest[0] != '/' {
			return false
		}
		u.Path = rooted(rest)
		return true
	}
	raw := u.RawPath
	for _, want := range strings.Split(prefix[1:], "/") {
		segment, rest, more := strings.Cut(raw[1:], "/")
		if decoded, err := url.PathUnescape(segment); err != nil || decoded != want {
			return false
		}
		if raw = "/" + rest; !more {
			raw = "/"
		}
	}
	u.Path, u.RawPath = rooted(u.Path[len(prefix):]), raw
	if u.RawPath == (&url.URL{Path: u.Path}).EscapedPath() {
		u.RawPath = "" // as net/http leaves it where it would say nothing
	}
	return true
}

func rooted(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
