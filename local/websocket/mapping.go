package websocket

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/mapping"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
	"github.com/lambridge-go/lambridge/local/internal/selection"
)

// A Mapping is what an integration that is no proxy does to messages and answers, as a
// definition writes it. The zero value sends a message on as it is and has no response for
// what comes back, so that the sender hears of an internal server error: API Gateway wants
// at least one.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html
type Mapping struct {
	_ struct{}

	// PassthroughBehavior says what becomes of a message that no template is for:
	// WHEN_NO_MATCH, WHEN_NO_TEMPLATES or NEVER, in any case. "" is WHEN_NO_MATCH.
	PassthroughBehavior string

	// ContentHandling is CONVERT_TO_TEXT, CONVERT_TO_BINARY or "".
	ContentHandling string

	// RequestParameters maps "integration.request.header.X" from "route.request.body.y",
	// or from "route.request.querystring.Y" and "route.request.header.Y", which $connect
	// alone has.
	RequestParameters map[string]string

	// TemplateSelection is the template selection expression, which computes the key of
	// one of RequestTemplates. The one of $default is for all others.
	TemplateSelection string
	RequestTemplates  map[string]string

	// ResponseSelection is the integration response selection expression, which computes
	// what the keys of Responses are compared with. "" is
	// "$integration.response.statuscode", and "$integration.response.body.errorMessage"
	// for a function.
	ResponseSelection string

	// Responses say what is made of what comes back: the first whose key matches, or that
	// of $default.
	Responses []IntegrationResponse
}

// An IntegrationResponse is what is made of some of what an integration gives back.
type IntegrationResponse struct {
	_ struct{}

	// Key is a text such as "404", a regular expression of Java's between slashes, such as
	// `/4\d\d/`, or "$default".
	Key string

	// ContentHandling is CONVERT_TO_TEXT, CONVERT_TO_BINARY, which sends a binary frame,
	// or "".
	ContentHandling string

	// TemplateSelection computes the key of one of Templates, of the message and of what
	// the integration gave back: "${integration.response.header.Kind}". The one of
	// $default is for all others. Without a template an answer passes as it is.
	TemplateSelection string
	Templates         map[string]string
}

// A translation is a Mapping in use.
type translation struct {
	parameters  *parameters.REST
	templates   templates
	passthrough integration.Passthrough
	handling    integration.Handling
	selection   *selection.Expression // of responses
	responses   []*translatedResponse
}

// A translatedResponse is an IntegrationResponse in use.
type translatedResponse struct {
	text      string
	key       selection.Key
	handling  integration.Handling
	templates templates
}

// templates are those of a mapping, and what chooses one.
type templates struct {
	selection *selection.Expression
	byKey     map[string]*mapping.Template
}

// The response selection expressions of mappings that have none.
const (
	byStatus  = "$integration.response.statuscode"
	byFailure = "$integration.response.body.errorMessage"
)

// What expressions may speak of before an integration is called, and after it.
var (
	ofRequest  = []selection.Variable{selection.RequestBody}
	ofResponse = []selection.Variable{
		selection.RequestBody, selection.ResponseStatus, selection.ResponseHeader, selection.ResponseHeaders, selection.ResponseBody,
	}
)

// bindMapping compiles a Mapping. responsesBy chooses responses where it does not say.
func bindMapping(b *binding, m Mapping, responsesBy string) *translation {
	t := &translation{
		parameters: bindParameters(b, m.RequestParameters),
		templates:  bindTemplates(b, "RequestTemplates", m.TemplateSelection, ofRequest, m.RequestTemplates),
		handling:   bindHandling(b, m.ContentHandling),
		selection:  bindExpression(b, "integration response", m.ResponseSelection, ofResponse),
	}
	if m.ResponseSelection == "" {
		t.selection = bindExpression(b, "integration response", responsesBy, ofResponse)
	}
	var err error
	if t.passthrough, err = integration.ParsePassthrough(m.PassthroughBehavior); err != nil {
		b.fail("PassthroughBehavior %w", err)
	}
	for _, r := range m.Responses {
		bound := &translatedResponse{
			text: r.Key, handling: bindHandling(b, r.ContentHandling),
			templates: bindTemplates(b, fmt.Sprintf("the response %q: Templates", r.Key), r.TemplateSelection, ofResponse, r.Templates),
		}
		var err error
		if bound.key, err = selection.ParseKey(r.Key); err != nil {
			b.fail("the response %q: %w", r.Key, err)
		}
		t.responses = append(t.responses, bound)
	}
	return t
}

func bindParameters(b *binding, mappings map[string]string) *parameters.REST {
	bound, err := parameters.CompileRoute(mappings)
	if err != nil {
		b.fail("%w", err)
	}
	return bound
}

func bindTemplates(b *binding, what, expression string, allowed []selection.Variable, texts map[string]string) templates {
	bound := templates{bindExpression(b, "template", expression, allowed), make(map[string]*mapping.Template, len(texts))}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		template, err := mapping.Parse(texts[key])
		if err != nil {
			b.fail("%s %q: %w", what, key, err)
			continue
		}
		bound.byKey[key] = template
	}
	return bound
}

func bindExpression(b *binding, what, text string, allowed []selection.Variable) *selection.Expression {
	e, err := selection.Parse(text, allowed...)
	if err != nil {
		b.fail("%s selection expression %w", what, err)
	}
	return e
}

func bindHandling(b *binding, text string) integration.Handling {
	h, err := integration.ParseHandling(text)
	if err != nil {
		b.fail("ContentHandling %w", err)
	}
	return h
}

// choose returns the template that the expression selects, or that of $default, or nil.
func (t templates) choose(v selection.Values) *mapping.Template {
	if template, ok := t.byKey[t.selection.Evaluate(v)]; ok {
		return template
	}
	return t.byKey[selection.Default]
}
