package adapter

import (
	"context"
	"net/url"
	"strings"
)

// PrefixFrom returns what stands in front of the application's paths for the client of
// the request that ctx belongs to, encoded, "" for nothing: the stage of a REST API,
// which no event's path has, what WithoutStage has stripped and what WithBasePath has.
// A link that the client can follow is PrefixFrom(ctx) + "/path".
//
// An HTTP API with payload format 2.0 keeps the path that maps a custom domain to it out
// of its events. There the path of WithBasePath counts without being stripped, if it is
// one and the request has come to another host than the API's own. What a server ahead
// of the front door has taken off, such as CloudFront, no function can know.
func PrefixFrom(ctx context.Context) string {
	inv, ok := ctx.Value(invocationKey{}).(*invocation)
	if !ok {
		return ""
	}
	return inv.event.ClientPrefix
}

// stripPrefixes takes stage and base path off the request's path, where they are to be
// taken off, and notes what of the client's path the application does not see.
func (inv *invocation) stripPrefixes() {
	e := &inv.event
	prefix := e.ClientPrefix
	if inv.handler.withoutStage && e.StagePrefix != "" && stripPrefix(e.URL, e.StagePrefix) {
		prefix += e.StagePrefix
	}
	if e.Connection == nil {
		prefix += inv.stripBasePath()
	}
	if prefix != "" { // of which the event knew a part, at most
		e.ClientPrefix = (&url.URL{Path: prefix}).EscapedPath()
	}
}

// stripBasePath returns the base path that the client's path has in front.
func (inv *invocation) stripBasePath() string {
	e, paths := &inv.event, inv.handler.basePaths
	for _, path := range paths {
		if stripPrefix(e.URL, path) {
			return path
		}
	}
	if len(paths) == 1 && e.Source() == HTTPv2 && !strings.Contains(e.Host, ".execute-api.") {
		return paths[0]
	}
	return ""
}

// prefixLinks puts the prefix in front of the rooted paths of a reply's header.
func (w *response) prefixLinks() {
	prefix := w.inv.event.ClientPrefix
	if prefix == "" || !w.inv.handler.prefixedLinks {
		return
	}
	for i := range w.reply.Header {
		switch f := &w.reply.Header[i]; f.Name {
		case "Location":
			if isRooted(f.Value) {
				f.Value = prefix + f.Value
			}
		case "Set-Cookie":
			f.Value = prefixCookie(f.Value, prefix)
		}
	}
}

// isRooted reports whether a reference is a path from the root, and not of another host
// (RFC 3986, section 4.2), as browsers read it.
func isRooted(reference string) bool {
	return strings.HasPrefix(reference, "/") && !strings.HasPrefix(reference, "//") && !strings.HasPrefix(reference, `/\`)
}

// prefixCookie puts the prefix in front of a cookie's Path. A cookie whose name begins
// with __Host- is one for the whole host, or none.
func prefixCookie(cookie, prefix string) string {
	parts := strings.Split(cookie, ";")
	if pair := parts[0]; len(pair) >= len("__Host-") && strings.EqualFold(pair[:len("__Host-")], "__Host-") {
		return cookie
	}
	prefixed := parts[:1]
	for _, attribute := range parts[1:] {
		if attribute == "" {
			continue
		}
		name, path, ok := strings.Cut(attribute, "=")
		path = strings.TrimSpace(path)
		if ok && strings.EqualFold(strings.TrimSpace(name), "Path") && isRooted(path) {
			attribute = name + "=" + prefix
			if path != "/" { // all below the prefix, and the prefix itself
				attribute += path
			}
		}
		prefixed = append(prefixed, attribute)
	}
	return strings.Join(prefixed, ";")
}
