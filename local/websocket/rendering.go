package websocket

import (
	"context"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/mapping"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
	"github.com/lambridge-go/lambridge/local/internal/selection"
)

// A rendering is what a connection tells on its way through a translation.
type rendering struct {
	input   mapping.Input // of templates, but for the body
	values  selection.Values
	body    []byte // for the integration
	mapped  parameters.Targets
	context *mapping.Context
}

// render makes of what a connection tells what its integration gets.
func (t *translation) render(ctx context.Context, r *request) (*rendering, error) {
	on := &rendering{context: r.variables()}
	on.input = mapping.Input{Context: on.context, StageVariables: r.of.variables}
	on.values.RequestBody, _ = selection.ParseBody(r.message) // what is no JSON has no members
	var err error
	if on.mapped, err = r.mapped(t.parameters, on.context); err != nil {
		return nil, err
	}
	content, err := t.handling.FromRequest([]byte(r.message), false)
	if err != nil {
		return nil, misconfigured("%w", err)
	}
	on.body = content.Body
	template := t.templates.choose(on.values)
	switch {
	case template != nil && content.Binary:
		return nil, misconfigured("the request template has a binary body to render")
	case template != nil:
		on.body, err = on.apply(ctx, template, content.Body)
	case !t.passthrough.Passes(len(t.templates.byKey)):
		return nil, misconfigured("there is no request template for the message, and the PassthroughBehavior is %s", t.passthrough)
	}
	if err != nil {
		return nil, err
	}
	on.mapped.Override(on.context.RequestOverride())
	r.sent(on.body)
	return on, nil
}

// mapped returns the parameters for an integration.
func (r *request) mapped(p *parameters.REST, context *mapping.Context) (parameters.Targets, error) {
	to, err := p.Apply(parameters.Source{
		Query:  parameters.ParseQuery(r.query.Encode()),
		Header: r.header,
		Body:   func() ([]byte, error) { return []byte(r.message), nil },
		Context: func(name string) (any, bool) {
			value := context.Value(name)
			return value, value != nil
		},
		StageVariables: r.of.variables,
	})
	if err != nil {
		return to, misconfigured("RequestParameters: %w", err)
	}
	return to, nil
}

// variables returns what $context is.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
func (r *request) variables() *mapping.Context {
	c := r.of
	var authorizer *javavalue.Map
	if c.authorizer != nil {
		if parsed, err := javavalue.Parse(c.authorizer); err == nil {
			authorizer, _ = parsed.(*javavalue.Map)
		}
	}
	return mapping.NewContext(mapping.Values{
		APIID:             c.APIID,
		DomainName:        c.DomainName,
		ExtendedRequestID: r.id,
		RequestID:         r.id,
		RequestTime:       arrival.ClockTime(r.time),
		RequestTimeEpoch:  r.time.UnixMilli(),
		Stage:             c.Stage,
		Identity:          mapping.Identity{SourceIP: c.SourceIP, UserAgent: c.UserAgent},
		Authorizer:        authorizer,
		WebSocket: &mapping.WebSocketValues{
			ConnectedAt: c.ConnectedAt.UnixMilli(), ConnectionID: c.ID, EventType: string(r.kind), MessageID: r.messageID, RouteKey: r.route,
		},
	})
}

// apply renders a template with a body.
func (on *rendering) apply(ctx context.Context, template *mapping.Template, body []byte) ([]byte, error) {
	text, err := template.RenderWith(ctx, on.input, body)
	if err != nil {
		return nil, misconfigured("%w", err)
	}
	return text, nil
}

// A returned is what an integration gave back.
type returned struct {
	status int
	header http.Header
	body   []byte
}

// reply makes of what came back what the connection gets.
func (t *translation) reply(ctx context.Context, on *rendering, back returned) (*reply, error) {
	on.values.ResponseStatus, on.values.ResponseHeader = back.status, back.header
	on.values.ResponseBody, _ = selection.ParseBody(string(back.body)) // what is no JSON has no members
	response, err := t.selectResponse(on.values)
	if err != nil {
		return nil, err
	}
	binary := response.handling != integration.None && !utf8.Valid(back.body)
	content, err := response.handling.FromAnswer(back.body, binary, false)
	if err != nil {
		return nil, misconfigured("the response %q: %w", response.text, err)
	}
	if template := response.templates.choose(on.values); template != nil {
		if content.Binary {
			return nil, misconfigured("the response %q: its template has a binary body to render", response.text)
		}
		if content.Body, err = on.apply(ctx, template, content.Body); err != nil {
			return nil, err
		}
	}
	return &reply{StatusCode: back.status, Body: content.Body, Binary: content.Binary}, nil
}

// selectResponse returns the first response whose key matches, or that of $default.
func (t *translation) selectResponse(v selection.Values) (*translatedResponse, error) {
	computed := t.selection.Evaluate(v)
	var otherwise *translatedResponse
	for _, response := range t.responses {
		if response.text == selection.Default {
			otherwise = response
			continue
		}
		matches, err := response.key.Matches(computed)
		if err != nil {
			return nil, misconfigured("the response %q: %w", response.text, err)
		}
		if matches {
			return response, nil
		}
	}
	if otherwise == nil {
		return nil, misconfigured("no integration response is for %.100q, and there is no %s", computed, selection.Default)
	}
	return otherwise, nil
}

func misconfigured(format string, args ...any) error {
	return &integration.Error{Kind: integration.Misconfigured, Err: fmt.Errorf("websocket: "+format, args...)}
}
