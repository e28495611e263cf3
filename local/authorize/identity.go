package authorize

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
)

// An identitySource is where a request says who it is from. The three kinds of APIs
// write the same thing in three ways:
//
//	method.request.header.Authorization   REST APIs
//	$request.header.Authorization         HTTP APIs
//	route.request.header.Authorization    WebSocket APIs
type identitySource struct {
	text      string // as it was written
	parameter string // its name, if it is one of the query
	value     func(a *gateway.Arrival) string
}

func parseSource(text string) (identitySource, error) {
	plain := strings.TrimPrefix(text, "$")
	for _, api := range []string{"method.", "route."} {
		plain = strings.TrimPrefix(plain, api)
	}
	place, name, _ := strings.Cut(plain, ".")
	if place == "request" {
		place, name, _ = strings.Cut(name, ".")
	}
	s := identitySource{text: text}
	switch {
	case name == "":
	case place == "header":
		s.value = func(a *gateway.Arrival) string { return field.Last(a.Sent, name) }
	case place == "querystring":
		s.parameter = name
		s.value = func(a *gateway.Arrival) string { return lastParameter(a.RawQuery, name) }
	case place == "stageVariables":
		s.value = func(a *gateway.Arrival) string { return a.API.StageVariables[name] }
	case place == "context":
		s.value = contextVariables[name]
	}
	if s.value == nil {
		return s, fmt.Errorf(`authorize: the identity source %q is none of a header, a parameter of the query, a stage variable and a known context variable`, text)
	}
	return s, nil
}

func parseSources(texts []string) ([]identitySource, error) {
	sources := make([]identitySource, len(texts))
	for i, text := range texts {
		var err error
		if sources[i], err = parseSource(strings.TrimSpace(text)); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// secretsIn are the parameters of the query among identity sources.
func secretsIn(sources ...identitySource) (names []string) {
	for _, s := range sources {
		if s.parameter != "" {
			names = append(names, s.parameter)
		}
	}
	return names
}

func lastParameter(rawQuery, name string) string {
	query, _ := url.ParseQuery(rawQuery) // what cannot be read is no identity
	if values := query[name]; len(values) > 0 {
		return values[len(values)-1]
	}
	return ""
}

// contextVariables are those that are known before an authorizer has run.
var contextVariables = map[string]func(a *gateway.Arrival) string{
	"accountId":          func(a *gateway.Arrival) string { return a.API.Account.ID },
	"apiId":              func(a *gateway.Arrival) string { return a.API.ID },
	"domainName":         func(a *gateway.Arrival) string { return a.API.Domain },
	"httpMethod":         func(a *gateway.Arrival) string { return a.Method },
	"identity.sourceIp":  func(a *gateway.Arrival) string { return a.SourceIP },
	"identity.userAgent": func(a *gateway.Arrival) string { return field.Last(a.Sent, "User-Agent") },
	"path":               func(a *gateway.Arrival) string { return a.RawPath },
	"protocol":           func(a *gateway.Arrival) string { return a.Protocol },
	"requestId": func(a *gateway.Arrival) string {
		if a.API.Kind == gateway.RESTAPI {
			return a.RequestID
		}
		return orElse(a.ExtendedID, a.RequestID) // there is one id only
	},
	"extendedRequestId": func(a *gateway.Arrival) string { return orElse(a.ExtendedID, a.RequestID) },
	"requestTime":       func(a *gateway.Arrival) string { return arrival.ClockTime(a.Time) },
	"requestTimeEpoch":  func(a *gateway.Arrival) string { return strconv.FormatInt(a.Time.UnixMilli(), 10) },
	"domainPrefix": func(a *gateway.Arrival) string {
		prefix, _, _ := strings.Cut(a.API.Domain, ".")
		return prefix
	},
	"resourcePath": func(a *gateway.Arrival) string { return a.Route.Path },
	"routeKey":     func(a *gateway.Arrival) string { return a.Route.Key() },
	"stage":        func(a *gateway.Arrival) string { return a.API.Stage },
	// Those of a connection stand in the event alone.
	"connectionId": func(a *gateway.Arrival) string { return ofEvent(a, "connectionId") },
	"connectedAt":  func(a *gateway.Arrival) string { return ofEvent(a, "connectedAt") },
	"eventType":    func(a *gateway.Arrival) string { return ofEvent(a, "eventType") },
}

// ofEvent is a member of a WebSocket API's requestContext as text, "" at other APIs.
func ofEvent(a *gateway.Arrival, name string) string {
	if a.API.Kind != gateway.WebSocketAPI {
		return ""
	}
	head, err := gateway.EventHead(a, gateway.DefaultFormat)
	if err != nil {
		return ""
	}
	var event struct {
		RequestContext map[string]json.RawMessage `json:"requestContext"`
	}
	_ = json.Unmarshal(head, &event) // the event is our own
	value := event.RequestContext[name]
	if len(value) > 0 && value[0] == '"' {
		return unquote(value)
	}
	return string(value)
}

// compileValidation reads an identityValidationExpression, one of Java's regular
// expressions. nil takes every value.
func compileValidation(expression string) (*javaregexp.Regexp, error) {
	if expression == "" {
		return nil, nil
	}
	compiled, err := javaregexp.Compile(expression)
	if err != nil {
		return nil, fmt.Errorf("authorize: the identity validation expression %q: %w", expression, err)
	}
	return compiled, nil
}

// matches reports whether a value matches a validation expression as a whole. One
// that takes too long does not.
func matches(validation *javaregexp.Regexp, value string) bool {
	if validation == nil {
		return true
	}
	whole, err := validation.Match(value)
	return err == nil && whole
}
