package integration

import (
	"net/http"

	"github.com/lambridge-go/lambridge/local/internal/field"
)

// An action is what becomes of a header field.
type action int

const (
	pass   action = iota
	drop          // it does not get further
	rename        // it gets further as x-amzn-Remapped-…
	refuse        // the request fails
)

// A headerRule says what a REST API does with a field on each of its ways. Fields without
// a rule pass on all of them.
type headerRule struct {
	name string

	proxied  action // the client's, on its way to the backend of a proxy
	mapped   action // one that a mapping sends to a backend
	function action // one that a mapping sends to a function
	answered action // the backend's, on its way back through a proxy
	replied  action // one that a mapping sends to the client
}

// restHeaders is what was recorded of REST APIs, field by field. What belongs to the
// connection with the client has been dropped before. Of an answer's Keep-Alive,
// Proxy-Connection, TE, Trailer and Upgrade nothing was recorded: as any intermediary must
// (RFC 9110, section 7.6.1), this drops them.
var restHeaders = []headerRule{
	{"Authorization", pass, pass, refuse, pass, rename},
	{"Connection", drop, drop, refuse, rename, rename},
	{"Content-Encoding", drop, pass, pass, pass, pass}, // that of an answer is undone: see Decode
	{"Content-Length", drop, refuse, refuse, rename, rename},
	{"Content-MD5", drop, pass, pass, pass, rename},
	{"Date", pass, pass, pass, rename, rename},
	{"Expect", drop, drop, refuse, pass, rename},
	{"Host", drop, pass, pass, pass, rename},
	{"Max-Forwards", drop, pass, pass, pass, rename},
	{"Keep-Alive", drop, pass, pass, drop, pass},
	{"Proxy-Authenticate", drop, drop, refuse, pass, rename},
	{"Proxy-Connection", drop, pass, pass, drop, pass},
	{"Referer", pass, pass, drop, pass, pass},
	{"Server", drop, pass, pass, rename, rename},
	{"TE", drop, drop, refuse, drop, pass},
	{"Trailer", drop, pass, pass, drop, rename},
	{"Transfer-Encoding", drop, refuse, refuse, drop, drop},
	{"Upgrade", drop, pass, pass, drop, rename},
	{"User-Agent", pass, pass, pass, pass, rename},
	{"Via", drop, drop, pass, drop, pass},
	{"WWW-Authenticate", drop, pass, pass, pass, rename},
	{"X-Amzn-Apigateway-Api-Id", pass, refuse, refuse, pass, pass},
	{"X-Amzn-RequestId", pass, pass, pass, rename, pass},
	{"X-Amzn-Trace-Id", pass, refuse, refuse, pass, pass},
}

// rulesByName are the rules by the canonical names of their fields.
var rulesByName = func() map[string]headerRule {
	rules := make(map[string]headerRule, len(restHeaders))
	for _, rule := range restHeaders {
		rules[http.CanonicalHeaderKey(rule.name)] = rule
	}
	return rules
}()

func ruleFor(name string) headerRule {
	if rule, ok := rulesByName[http.CanonicalHeaderKey(name)]; ok {
		return rule
	}
	return headerRule{name: name}
}

// remapped is what a field is called that API Gateway keeps for itself.
func remapped(name string) string { return "x-amzn-Remapped-" + name }

// ProxyHeader takes from a client's header what a REST API does not send to the backend of
// a proxy.
func ProxyHeader(h http.Header) {
	for name := range h {
		if ruleFor(name).proxied == drop {
			delete(h, name)
		}
	}
}

// ProxyAnswer makes of a backend's header, whose names are canonical, what a REST API sends
// to the client of a proxy.
func ProxyAnswer(h http.Header) {
	for name, rule := range rulesByName {
		if rule.answered == pass {
			continue
		}
		if values, ok := h[name]; ok {
			delete(h, name)
			if rule.answered == rename {
				h[remapped(name)] = values
			}
		}
	}
}

// Refused reports whether a mapping to a request's header makes every request fail, with a
// function behind it or an HTTP server.
func Refused(name string, function bool) bool {
	rule := ruleFor(name)
	return function && rule.function == refuse || !function && rule.mapped == refuse
}

// SetMapped puts a mapped field into the header of a call, in place of what is there.
func SetMapped(h http.Header, name string, values []string, function bool) {
	rule := ruleFor(name)
	if function && rule.function == drop || !function && rule.mapped == drop {
		return
	}
	field.Drop(h, name)
	h[http.CanonicalHeaderKey(name)] = values
}

// SetReplied puts a mapped field into the header of an answer, by the name that it reaches
// the client under.
func SetReplied(h http.Header, name string, values []string) {
	switch ruleFor(name).replied {
	case drop:
		return
	case rename:
		name = remapped(name)
	}
	field.Drop(h, name)
	h[name] = values
}
