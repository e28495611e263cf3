package gateway

import (
	"errors"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// A ParameterMapping carries parameters from one side of an integration to the other, as a
// definition writes it:
//
//   - of REST APIs, Request maps "integration.request.header.X" from
//     "method.request.querystring.Y", and there is no Response;
//   - of HTTP APIs, Request maps "append:header.X" from "$request.header.Y", and Response
//     does the same for the answers of each status code, such as "200".
//
// The sources and targets are those of
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
// and https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html.
type ParameterMapping struct {
	Request  map[string]string
	Response map[string]map[string]string
}

func (p ParameterMapping) empty() bool { return len(p.Request) == 0 && len(p.Response) == 0 }

// A restMapping is what a REST API maps to an integration's request.
type restMapping struct {
	request *parameters.REST
	refused error // of every request
}

// bindRESTMapping compiles requestParameters. placeholders are the parameters that the
// integration's URI needs.
func bindRESTMapping(b *binding, request map[string]string, placeholders []string, function bool) *restMapping {
	m := &restMapping{}
	var err error
	if m.request, err = parameters.CompileRequest(request); err != nil {
		b.fail("%w", err)
	}
	for _, name := range m.request.Headers() {
		if integration.Refused(name, function) {
			m.refused = door.Refusef(door.APIConfigurationError, "a mapping sets the header %s, which API Gateway keeps to itself", name)
		}
	}
	for _, name := range placeholders {
		if _, ok := request["integration.request.path."+name]; !ok {
			b.fail(`uri: {%s} needs requestParameters to have "integration.request.path.%s"`, name, name)
		}
	}
	return m
}

// apply returns what is mapped from a request.
func (m *restMapping) apply(x *exchange) (parameters.Targets, error) {
	if m.refused != nil {
		return parameters.Targets{}, m.refused
	}
	mapped, err := m.request.Apply(x.source())
	if errors.Is(err, parameters.ErrBody) {
		err = &Denied{Type: BadRequestBody, Message: "Invalid JSON in request body", Reason: "a mapping reads the body, which is not JSON"}
	}
	if mapped.Header != nil {
		mapped.Header = field.Canonical(mapped.Header)
	}
	return mapped, err
}

// An httpMapping is what an HTTP API changes in requests and answers.
type httpMapping struct {
	request *parameters.HTTP
	answers map[int]*parameters.HTTP
}

// bindHTTPMapping compiles requestParameters and responseParameters. It returns nil if
// there are none.
func bindHTTPMapping(b *binding, p ParameterMapping) *httpMapping {
	if p.empty() {
		return nil
	}
	m := &httpMapping{}
	var wrong [2]error
	m.request, wrong[0] = parameters.CompileHTTPRequest(p.Request)
	m.answers, wrong[1] = parameters.CompileHTTPResponse(p.Response)
	if err := errors.Join(wrong[:]...); err != nil {
		b.fail("%w", err)
	}
	return m
}

// change makes the request another one, as far as the integration sees it. It returns the
// path if that is another.
func (m *httpMapping) change(x *exchange) (path string, err error) {
	if m == nil {
		return "", nil
	}
	from := x.source()
	changed := *x.arrival
	to := parameters.Message{Query: from.Query, Header: changed.Header.Clone()}
	if err := m.request.Apply(&to, from); err != nil {
		return "", err
	}
	changed.Header, changed.RawQuery = to.Header, to.Query.Encode()
	if to.Path != "" {
		changed.Path, changed.RawPath = to.Path, to.Path
	}
	// The body may have been read, and is then in the exchange's arrival.
	changed.Body, changed.ContentLength = x.arrival.Body, x.arrival.ContentLength
	x.arrival = &changed
	return to.Path, nil
}

// answer changes an answer.
func (m *httpMapping) answer(x *exchange, answer *door.Answer) error {
	if m == nil || m.answers[answer.Status] == nil {
		return nil
	}
	from := x.source()
	from.Response = &parameters.Response{
		Header: answer.Header.Clone(),
		Body:   func() ([]byte, error) { return answer.Body, nil },
	}
	to := parameters.Message{Header: answer.Header, Status: answer.Status}
	if err := m.answers[answer.Status].Apply(&to, from); err != nil {
		return err
	}
	answer.Status = to.Status
	return nil
}
