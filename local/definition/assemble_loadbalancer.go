package definition

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// loadBalancer makes a listener: its rules, each with a gateway of its own.
//
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
func (a *assembler) loadBalancer(lb *LoadBalancer) http.Handler {
	l := &listener{name: lb.Name, warn: a.options.Logger.Warn}
	for _, rule := range lb.Rules {
		l.rules = append(l.rules, boundRule{rule, a.rule(lb, rule)})
	}
	return l
}

// rule is what answers the requests of a rule.
func (a *assembler) rule(lb *LoadBalancer, rule ListenerRule) http.Handler {
	name := "listener " + lb.Name
	switch {
	case rule.Refused != "": // told with the plan
		return a.broken(name, errors.New(rule.Refused))
	case rule.Fixed != nil:
		return http.HandlerFunc(rule.Fixed.answer)
	}
	f, err := a.invoker(rule.Function)
	var to http.Handler
	if err == nil {
		o := gateway.LambdaOptions{Timeout: a.timeout(rule.Function, 0)}
		if rule.MultiValue {
			o.Format = gateway.MultiValue
		}
		to, err = gateway.New(gateway.API{
			Kind: gateway.LoadBalancer, Name: lb.Name,
			Routes: []gateway.Route{{Key: "$default", To: gateway.Lambda(f, o), Origin: rule.Origin.String()}},
		}, a.gatewayOptions())
	}
	if err != nil {
		a.refuse(rule.Origin, name, err)
		to = a.broken(name, err)
	}
	return to
}

// answer answers a request with it.
func (f *FixedAnswer) answer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Server", "awselb/2.0")
	if f.ContentType != "" {
		w.Header().Set("Content-Type", f.ContentType)
	}
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
}

// A listener sends each request to the first rule that it matches.
type listener struct {
	name  string
	rules []boundRule
	warn  func(msg string, args ...any)
}

type boundRule struct {
	ListenerRule
	to http.Handler
}

// ServeHTTP implements http.Handler.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, rule := range l.rules {
		if rule.matches(r) {
			rule.to.ServeHTTP(w, r)
			return
		}
	}
	l.warn("no rule of the definition matches, and what the listener does then is not in it", "listener", l.name, "method", r.Method, "path", r.URL.Path)
	http.Error(w, fmt.Sprintf("no rule of the listener %s matches", l.name), http.StatusNotFound)
}

// matches reports whether a request meets all conditions of a rule.
func (rule *ListenerRule) matches(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if !anyMatches(rule.Paths, r.URL.EscapedPath()) || !anyMatches(rule.Hosts, strings.ToLower(host)) {
		return false
	}
	if len(rule.Methods) > 0 && !slices.Contains(rule.Methods, r.Method) {
		return false
	}
	for _, h := range rule.Headers {
		if !slices.ContainsFunc(r.Header.Values(h.Name), func(value string) bool { return anyMatches(lowered(h.Value), strings.ToLower(value)) }) {
			return false
		}
	}
	return rule.queryMatches(r.URL.RawQuery) && rule.sourceMatches(r.RemoteAddr)
}

// queryMatches reports whether one of the pairs is in the query: a load balancer
// asks for one, not for all.
func (rule *ListenerRule) queryMatches(raw string) bool {
	if len(rule.Queries) == 0 {
		return true
	}
	query, _ := url.ParseQuery(raw)
	for name, values := range query {
		for _, q := range rule.Queries {
			if q.Name != "" && !anyMatches([]string{strings.ToLower(q.Name)}, strings.ToLower(name)) {
				continue
			}
			if slices.ContainsFunc(values, func(value string) bool { return anyMatches(lowered(q.Value), strings.ToLower(value)) }) {
				return true
			}
		}
	}
	return false
}

func (rule *ListenerRule) sourceMatches(remote string) bool {
	if len(rule.SourceIPs) == 0 {
		return true
	}
	address, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(rule.SourceIPs, func(block string) bool {
		prefix, err := netip.ParsePrefix(block)
		return err == nil && prefix.Contains(address.Addr().Unmap())
	})
}

func lowered(all []string) []string {
	lower := make([]string, len(all))
	for i, s := range all {
		lower[i] = strings.ToLower(s)
	}
	return lower
}

// anyMatches reports whether one of the patterns matches; no pattern is any value.
func anyMatches(patterns []string, value string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool { return wildcard(pattern, value) })
}

// wildcard matches * (any characters) and ? (one character).
func wildcard(pattern, value string) bool {
	star, mark, p, v := -1, 0, 0, 0
	for v < len(value) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, v
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == value[v]):
			p++
			v++
		case star >= 0:
			mark++
			p, v = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
