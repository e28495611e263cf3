package gateway

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/format"
	"github.com/lambridge-go/lambridge/local/internal/head"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/mapping"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// A rendering is a request on its way through a translation.
type rendering struct {
	x       *exchange
	context *mapping.Context
	body    []byte // for the integration
	mapped  parameters.Targets
	input   mapping.Input // of templates
}

// render makes of a request what its integration gets.
func (t *translation) render(ctx context.Context, x *exchange) (*rendering, error) {
	defer x.phase("request template")
	body, err := x.arrival.Payload()
	if err != nil {
		return nil, err
	}
	r := &rendering{x: x}
	if r.mapped, err = t.request.apply(x); err != nil {
		return nil, err
	}
	if r.context, err = templateContext(x.arrival); err != nil {
		return nil, err
	}
	media := mediaOf(x.arrival)
	template, err := t.choose(media)
	if err != nil {
		return nil, err
	}
	content, err := t.handling.FromRequest(body, format.MatchesAny(t.binary, media))
	if err != nil {
		return nil, door.Refusef(door.APIConfigurationError, "%v", err)
	}
	r.body = content.Body
	r.input = inputOf(x.arrival, r.context)
	r.input.AnyCase = !head.Known(x.r)
	if template != nil {
		if content.Binary {
			return nil, door.Refusef(door.APIConfigurationError, "the request template for %s has a binary body to render: contentHandling CONVERT_TO_TEXT makes it base64", media)
		}
		if r.body, err = r.apply(ctx, template, content.Body); err != nil {
			return nil, err
		}
	}
	r.mapped.Override(r.context.RequestOverride())
	return r, nil
}

// mediaOf returns the media type of a request. None is application/json.
func mediaOf(a *Arrival) string {
	media, _, _ := strings.Cut(field.Last(a.Header, "Content-Type"), ";")
	return orElse(strings.ToLower(strings.TrimSpace(media)), "application/json")
}

// choose returns the template for a media type, or nil if the body passes as it is.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
func (t *translation) choose(media string) (*mapping.Template, error) {
	for _, key := range []string{media, "$default"} {
		if template, ok := t.templates[key]; ok {
			return template, nil
		}
	}
	if !t.passthrough.Passes(len(t.templates)) {
		return nil, door.Refusef(door.UnsupportedMediaType, "there is no request template for %s, and passthroughBehavior is %s", media, t.passthrough)
	}
	return nil, nil
}

// inputOf returns what templates are made from, but for the body.
func inputOf(a *Arrival, context *mapping.Context) mapping.Input {
	in := mapping.Input{Context: context, StageVariables: a.API.StageVariables}
	params := pathParameters(a)
	for _, name := range slices.Sorted(maps.Keys(params)) {
		in.Path = append(in.Path, mapping.Param{Name: name, Value: params[name]})
	}
	for _, p := range parameters.ParseQuery(a.RawQuery) {
		in.Querystring = append(in.Querystring, mapping.Param{Name: p.Name, Value: p.Value})
	}
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		if values := a.Header[name]; len(values) > 0 {
			in.Header = append(in.Header, mapping.Param{Name: name, Value: values[len(values)-1]})
		}
	}
	return in
}

// apply renders a template with a body.
func (r *rendering) apply(ctx context.Context, template *mapping.Template, body []byte) ([]byte, error) {
	text, err := template.RenderWith(ctx, r.input, body)
	if err != nil {
		return nil, door.Refusef(door.APIConfigurationError, "%v", err)
	}
	return text, nil
}

// A reply is what an integration gave back.
type reply struct {
	selector string // what patterns are tried on; "" matches none
	media    string
	header   http.Header
	body     []byte
	mocked   bool // no backend gave it, and so the answer has no trace header
}

// answer makes of what came back what the client gets.
func (t *translation) answer(ctx context.Context, r *rendering, back reply) (*door.Answer, error) {
	defer r.x.phase("response template")
	response, err := t.selectResponse(r.x, back.selector)
	if err != nil {
		return nil, err
	}
	a := r.x.arrival
	accept := field.Last(a.Header, "Accept")
	content, err := response.handling.FromAnswer(back.body, format.MatchesAny(t.binary, back.media), format.AcceptsAny(t.binary, accept))
	if err != nil {
		return nil, door.Refusef(door.APIConfigurationError, "%v", err)
	}
	answer := &door.Answer{Status: response.status, Header: make(http.Header), Body: content.Body}
	media, template := response.choose(accept)
	if template != nil {
		if content.Binary && len(content.Body) > 0 {
			return nil, door.Refusef(door.APIConfigurationError, "the response template for %s has a binary body to render: contentHandling CONVERT_TO_TEXT makes it base64", media)
		}
		if answer.Body, err = r.apply(ctx, template, content.Body); err != nil {
			return nil, err
		}
		answer.Header["Content-Type"] = []string{media}
	}
	if err := response.setHeader(r, back, answer); err != nil {
		return nil, err
	}
	if _, ok := field.Spelling(answer.Header, "Content-Type"); !ok {
		answer.Header["Content-Type"] = []string{"application/json"}
	}
	r.x.g.door.Stamp(a, answer, back.mocked)
	return answer, nil
}

// selectResponse returns the first response whose pattern matches, or the default.
func (t *translation) selectResponse(x *exchange, selector string) (*translatedResponse, error) {
	var chosen, otherwise *translatedResponse
	for _, response := range t.responses {
		if response.pattern == nil {
			if otherwise == nil {
				otherwise = response
			}
			continue
		}
		if selector == "" {
			continue
		}
		matches, err := response.pattern.Match(selector)
		switch {
		case err != nil:
			return nil, door.Refusef(door.APIConfigurationError, "%v", err)
		case matches && chosen != nil:
			x.seen.Warnings = append(x.seen.Warnings, "several selection patterns match "+strconv.Quote(selector)+"; which of them counts on AWS is not known, here it is the first: "+chosen.pattern.String())
			return chosen, nil
		case matches:
			chosen = response
		}
	}
	if chosen == nil {
		chosen = otherwise
	}
	if chosen == nil {
		return nil, door.Refusef(door.APIConfigurationError, "no integration response is for %q, and there is no default", selector)
	}
	return chosen, nil
}

// choose returns the template for what the client accepts: the whole line is compared, then
// application/json, and then any is taken.
func (r *translatedResponse) choose(accept string) (media string, template *mapping.Template) {
	media = strings.ToLower(strings.TrimSpace(accept))
	for _, key := range []string{media, "application/json"} {
		if template, ok := r.templates[key]; ok {
			return key, template
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.templates)) {
		return key, r.templates[key]
	}
	return "", nil
}

// setHeader sets the header and the status of an answer as they are mapped and overridden.
func (r *translatedResponse) setHeader(on *rendering, back reply, answer *door.Answer) error {
	from := on.x.source()
	from.Header, from.Spelled = back.header, false // net/http's client does not keep that
	from.Body = func() ([]byte, error) { return back.body, nil }
	mapped, err := r.headers.Apply(from)
	if errors.Is(err, parameters.ErrBody) {
		return door.Refusef(door.APIConfigurationError, "a mapping reads the integration's answer, which is not JSON")
	}
	if err != nil {
		return err
	}
	for name, values := range mapped.Header {
		integration.SetReplied(answer.Header, name, values)
	}
	o := on.context.ResponseOverride()
	for _, p := range o.Header {
		integration.SetReplied(answer.Header, p.Name, []string{p.Value})
	}
	if o.Status != 0 {
		answer.Status = o.Status
	}
	return nil
}
