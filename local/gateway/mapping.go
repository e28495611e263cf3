package gateway

import (
	"maps"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
	"github.com/lambridge-go/lambridge/local/internal/mapping"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// A Mapping is what a REST API's integration does to requests and answers when it is no
// proxy, as a definition writes it. The zero value sends a body on as it is, and has no
// response for what comes back, so that every answer is 500, as on AWS.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-integrations.html
type Mapping struct {
	// PassthroughBehavior says what becomes of a body that no template is for:
	// WHEN_NO_MATCH, WHEN_NO_TEMPLATES or NEVER, in any case. "" is WHEN_NO_MATCH.
	PassthroughBehavior string

	// ContentHandling is CONVERT_TO_TEXT, CONVERT_TO_BINARY or "".
	ContentHandling string

	// RequestParameters maps "integration.request.header.X" from
	// "method.request.querystring.Y", see ParameterMapping.
	RequestParameters map[string]string

	// RequestTemplates are the templates for requests by their media type, "$default" for
	// all others.
	RequestTemplates map[string]string

	// Responses say what is made of what comes back: the first whose pattern matches.
	Responses []IntegrationResponse
}

// An IntegrationResponse is what is made of some of what an integration gives back.
type IntegrationResponse struct {
	// SelectionPattern is a regular expression of Java's that chooses the response: it
	// has to match a server's or a mock's status code, or the errorMessage of a function
	// that failed. "" is the response for all that no other is for.
	SelectionPattern string

	// StatusCode is the client's.
	StatusCode int

	// ContentHandling is CONVERT_TO_TEXT, CONVERT_TO_BINARY or "".
	ContentHandling string

	// Parameters maps "method.response.header.X" from "integration.response.header.Y".
	// No header gets to the client otherwise.
	Parameters map[string]string

	// Templates are the templates for answers by their media type. The client's Accept
	// chooses.
	Templates map[string]string
}

// A translation is a Mapping in use.
type translation struct {
	request     *restMapping
	templates   map[string]*mapping.Template
	passthrough integration.Passthrough
	handling    integration.Handling
	responses   []*translatedResponse
	binary      []string // media types
}

type translatedResponse struct {
	pattern   *javaregexp.Regexp // nil is the default
	status    int
	handling  integration.Handling
	headers   *parameters.REST
	templates map[string]*mapping.Template
}

// bindMapping compiles a Mapping. placeholders are the parameters that the URI needs.
func bindMapping(b *binding, m Mapping, placeholders []string, function bool) *translation {
	if b.api.Kind != RESTAPI {
		b.fail("%s have proxy integrations only", b.facts.Plural)
	}
	t := &translation{
		request:   bindRESTMapping(b, m.RequestParameters, placeholders, function),
		templates: bindTemplates(b, "requestTemplates", m.RequestTemplates),
		handling:  bindHandling(b, m.ContentHandling),
		binary:    b.api.BinaryMediaTypes,
	}
	var err error
	if t.passthrough, err = integration.ParsePassthrough(m.PassthroughBehavior); err != nil {
		b.fail("passthroughBehavior %w", err)
	}
	for _, r := range m.Responses {
		t.responses = append(t.responses, bindResponse(b, r))
	}
	return t
}

func bindResponse(b *binding, r IntegrationResponse) *translatedResponse {
	bound := &translatedResponse{
		status:    r.StatusCode,
		handling:  bindHandling(b, r.ContentHandling),
		templates: bindTemplates(b, "responseTemplates", r.Templates),
	}
	var err error
	if r.SelectionPattern != "" {
		if bound.pattern, err = javaregexp.Compile(r.SelectionPattern); err != nil {
			b.fail("selectionPattern: %w", err)
		}
	}
	if bound.headers, err = parameters.CompileResponse(r.Parameters); err != nil {
		b.fail("%w", err)
	}
	if r.StatusCode < 200 || r.StatusCode > 599 {
		b.fail("the response %q has the statusCode %d", r.SelectionPattern, r.StatusCode)
	}
	return bound
}

func bindHandling(b *binding, text string) integration.Handling {
	h, err := integration.ParseHandling(text)
	if err != nil {
		b.fail("contentHandling %w", err)
	}
	return h
}

// bindTemplates parses templates. Media types are compared without case.
func bindTemplates(b *binding, what string, texts map[string]string) map[string]*mapping.Template {
	parsed := make(map[string]*mapping.Template, len(texts))
	for _, media := range slices.Sorted(maps.Keys(texts)) {
		template, err := mapping.Parse(texts[media])
		if err != nil {
			b.fail("%s %q: %w", what, media, err)
			continue
		}
		parsed[strings.ToLower(media)] = template
	}
	return parsed
}
