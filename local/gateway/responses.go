package gateway

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// Responses are a REST API's gateway responses: what it says in place of its own
// answers, by their type. Default4XX and Default5XX speak for the types that have
// none. RequestTooLarge cannot have one.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
type Responses map[ResponseType]Response

// A Response is one gateway response. What it leaves out is the type's own.
type Response struct {
	_ struct{}

	// Status is the answer's. 0 is the type's own.
	Status int

	// Parameters are headers of the answer, in the words of a definition:
	//
	//	gatewayresponse.header.Access-Control-Allow-Origin: "'*'"
	//	gatewayresponse.header.X-Asked-For: method.request.path.id
	//
	// Sources are text in single quotes, method.request.header.NAME, .path.NAME and
	// .querystring.NAME, context.NAME and stageVariables.NAME. A header whose source
	// is empty is left out.
	Parameters map[string]string

	// Templates are bodies by their media type. They are no mapping templates: only
	// words that begin with $context., $stageVariables. and $method.request. are
	// replaced. nil is {"message":$context.error.messageString} as application/json.
	Templates map[string]string
}

// responseTypes are those that can have a response.
var responseTypes = []ResponseType{
	AccessDenied, APIConfigurationError, AuthorizerConfigurationError, AuthorizerFailure, BadRequestBody, BadRequestParameters,
	Default4XX, Default5XX, ExpiredToken, IntegrationFailure, IntegrationTimeout, InvalidAPIKey, InvalidSignature,
	MissingAuthenticationToken, QuotaExceeded, RequestTooLarge, ResourceNotFound, Throttled, Unauthorized, UnsupportedMediaType, WAFFiltered,
}

const (
	responseHeader  = "gatewayresponse.header."
	defaultTemplate = `{"message":$context.error.messageString}`
	jsonType        = "application/json"
)

func (c *compiler) responses() Responses {
	if len(c.api.Responses) > 0 && c.api.Kind != RESTAPI {
		c.fail("%s have no gateway Responses", c.facts.Plural)
	}
	for _, t := range slices.Sorted(maps.Keys(c.api.Responses)) {
		r := c.api.Responses[t]
		if !slices.Contains(responseTypes, t) {
			c.fail("Responses has the type %q, which is none of %q", t, responseTypes)
		}
		if r.Status != 0 && (r.Status < 100 || r.Status > 599) {
			c.fail("the gateway response %s has the status %d", t, r.Status)
		}
		for _, to := range slices.Sorted(maps.Keys(r.Parameters)) {
			if name, ok := strings.CutPrefix(to, responseHeader); !ok || name == "" {
				c.fail("the gateway response %s sets %q, which is no gatewayresponse.header", t, to)
			}
			if from := r.Parameters[to]; !isSource(from) {
				c.fail("the gateway response %s takes %q from %q, which is no source", t, to, from)
			}
		}
	}
	return maps.Clone(c.api.Responses)
}

// sourcePlaces are where parameters come from, beside text in quotes.
var sourcePlaces = []string{"method.request.header.", "method.request.path.", "method.request.querystring.", "context.", "stageVariables."}

func isSource(from string) bool {
	return isQuoted(from) || slices.ContainsFunc(sourcePlaces, func(place string) bool { return strings.HasPrefix(from, place) && from != place })
}

func isQuoted(from string) bool {
	return len(from) >= 2 && from[0] == '\'' && from[len(from)-1] == '\''
}

// apply says what the responses have for an answer of the door's own, if they have
// anything for its type.
func (r Responses) apply(a *Arrival, answer *door.Answer, err error) {
	if refusal, ok := err.(*door.Refusal); ok && refusal.Failure == door.NoStage {
		return // responses are deployed to a stage
	}
	response, ok := r[answer.Type]
	if !ok {
		general := Default4XX
		if answer.Status >= http.StatusInternalServerError {
			general = Default5XX
		}
		response, ok = r[general]
	}
	if !ok || answer.Type == RequestTooLarge {
		return
	}
	said := saidOf(a, answer, err)
	if response.Status != 0 {
		answer.Status = response.Status
	}
	for _, to := range slices.Sorted(maps.Keys(response.Parameters)) {
		if value := said.source(response.Parameters[to]); value != "" {
			answer.Header[strings.TrimPrefix(to, responseHeader)] = []string{value}
		}
	}
	media, template := chosen(response.Templates, field.Last(a.Header, "Accept"))
	answer.Header["Content-Type"] = []string{media}
	answer.Body = []byte(said.render(template))
}

// chosen is the template for a client: the one of the first type that it accepts, and
// else JSON, or the first there is.
func chosen(templates map[string]string, accept string) (media, template string) {
	if len(templates) == 0 {
		return jsonType, defaultTemplate
	}
	for item := range strings.SplitSeq(accept, ",") {
		if media, _, err := mime.ParseMediaType(item); err == nil {
			if template, ok := templates[media]; ok {
				return media, template
			}
		}
	}
	if template, ok := templates[jsonType]; ok {
		return jsonType, template
	}
	media = slices.Min(slices.Collect(maps.Keys(templates)))
	return media, templates[media]
}

// said is what a response can speak of.
type said struct {
	a       *Arrival
	typ     ResponseType
	message *string // null for the failures that have no words
	detail  string
	event   map[string]any // the event's requestContext, once something asks for it
}

func saidOf(a *Arrival, answer *door.Answer, err error) *said {
	s := &said{a: a, typ: answer.Type}
	var own struct{ Message *string } // under whatever case
	if json.Unmarshal(answer.Body, &own) == nil {
		s.message = own.Message
	}
	if denied, ok := err.(*Denied); ok {
		s.detail = denied.Detail
		if denied.Message != "" {
			s.message = &denied.Message
		}
	}
	return s
}

// word is what a template replaces. A full stop at its end belongs to the sentence.
var word = regexp.MustCompile(`\$(?:context|stageVariables|method\.request)(?:\.[A-Za-z0-9_-]+)+`)

func (s *said) render(template string) string {
	return word.ReplaceAllStringFunc(template, func(word string) string { return s.variable(word[1:]) })
}

// source is the value of a parameter's source.
func (s *said) source(from string) string {
	if isQuoted(from) {
		return from[1 : len(from)-1]
	}
	return s.variable(from)
}

// variable is the value of a variable by its name. What is not there is empty.
func (s *said) variable(name string) string {
	for _, place := range []struct {
		prefix string
		value  func(name string) string
	}{
		{"context.error.", s.failure},
		{"context.", s.context},
		{"stageVariables.", func(name string) string { return s.a.API.StageVariables[name] }},
		{"method.request.header.", func(name string) string { return field.Last(s.a.Header, name) }},
		{"method.request.path.", func(name string) string { return unescaped(s.a.Route.Params[name]) }},
		{"method.request.querystring.", func(name string) string {
			query, _ := url.ParseQuery(s.a.RawQuery) // what cannot be read is not there
			if values := query[name]; len(values) > 0 {
				return values[len(values)-1]
			}
			return ""
		}},
	} {
		if rest, ok := strings.CutPrefix(name, place.prefix); ok {
			return place.value(rest)
		}
	}
	return ""
}

// failure is a variable of $context.error.
func (s *said) failure(name string) string {
	switch name {
	case "message":
		if s.message != nil {
			return *s.message
		}
	case "messageString":
		text, _ := json.Marshal(s.message) // text never fails
		return string(text)
	case "responseType":
		return string(s.typ)
	case "validationErrorString":
		return s.detail
	}
	return ""
}

// context is another variable of $context, which has them as the event's
// requestContext has.
func (s *said) context(name string) string {
	if s.event == nil {
		s.event = contextOf(s.a)
	}
	var at any = s.event
	for part := range strings.SplitSeq(name, ".") {
		within, _ := at.(map[string]any)
		at = within[part]
	}
	switch value := at.(type) {
	case nil:
		return ""
	case string:
		return value
	default:
		text, _ := json.Marshal(value) // it was JSON before
		return string(text)
	}
}

func contextOf(a *arrival.Arrival) map[string]any {
	var event struct {
		RequestContext map[string]any `json:"requestContext"`
	}
	head, err := EventHead(a, DefaultFormat)
	if err == nil {
		decoder := json.NewDecoder(strings.NewReader(string(head)))
		decoder.UseNumber()
		err = decoder.Decode(&event)
	}
	if err != nil || event.RequestContext == nil {
		return map[string]any{}
	}
	if variables := a.Authorization.Variables; variables != nil {
		var authorizer map[string]any
		_ = json.Unmarshal(variables, &authorizer) // the authorizer wrote it
		event.RequestContext["authorizer"] = authorizer
	}
	return event.RequestContext
}

func unescaped(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
