package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/mapping"
)

// input returns what the template renders.
func (f *templateFlags) input() (*mapping.Input, error) {
	event, err := f.event()
	if err != nil {
		return nil, err
	}
	in, err := inputOf(event)
	if err != nil {
		return nil, err
	}
	if f.Body != nil {
		in.Body = []byte(*f.Body)
		if file, ok := strings.CutPrefix(*f.Body, "@"); ok {
			if in.Body, err = os.ReadFile(file); err != nil {
				return nil, err
			}
		}
	}
	maps.Copy(in.StageVariables, f.StageVariable)
	return in, nil
}

// event returns the event that is given, or that a REST API makes of the
// request.
func (f *templateFlags) event() (*javavalue.Map, error) {
	var text []byte
	var err error
	if f.Event != "" {
		text, err = os.ReadFile(f.Event)
	} else {
		text, err = f.requestEvent()
	}
	if err != nil {
		return nil, err
	}
	v, err := javavalue.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Event, err)
	}
	event, ok := v.(*javavalue.Map)
	if !ok {
		return nil, fmt.Errorf("%s is no event: it is no object", f.Event)
	}
	return event, nil
}

func (f *templateFlags) requestEvent() ([]byte, error) {
	r, err := f.request()
	if err != nil {
		return nil, err
	}
	resource := f.Resource
	if resource == "" {
		resource = r.URL.EscapedPath()
	}
	return gateway.API{
		Kind:   gateway.RESTAPI,
		Routes: []gateway.Route{{Key: "ANY " + resource, To: gateway.Lambda(nil, gateway.LambdaOptions{})}},
	}.Event(r)
}

// request returns the request of --request: a first line, or a file with a
// whole one.
func (f *templateFlags) request() (*http.Request, error) {
	method, target, inline := strings.Cut(f.Request, " ")
	if inline && strings.HasPrefix(target, "/") {
		r, err := http.NewRequest(method, "http://localhost"+target, nil)
		if err != nil {
			return nil, err
		}
		return r, f.addHeaders(r)
	}
	text, err := os.ReadFile(f.Request)
	if err != nil {
		return nil, err
	}
	// What people write by hand has no carriage returns, no version, and no
	// length of its body.
	head, body, _ := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n\n")
	first, headers, _ := strings.Cut(head, "\n")
	if !strings.HasSuffix(first, " HTTP/1.1") {
		first += " HTTP/1.1"
	}
	message := first + "\r\n" + strings.ReplaceAll(headers, "\n", "\r\n") + "\r\n\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.Replace(message, "\r\n\r\n\r\n", "\r\n\r\n", 1))))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Request, err)
	}
	if r.Host == "" {
		r.Host = "localhost"
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return r, f.addHeaders(r)
}

func (f *templateFlags) addHeaders(r *http.Request) error {
	for _, header := range f.Header {
		name, value, ok := strings.Cut(header, ":")
		if !ok {
			return fmt.Errorf("--header %q is not of the form 'NAME: VALUE'", header)
		}
		r.Header[strings.TrimSpace(name)] = append(r.Header[strings.TrimSpace(name)], strings.TrimSpace(value))
	}
	return nil
}

// inputOf reads the request out of an event.
func inputOf(event *javavalue.Map) (*mapping.Input, error) {
	if version := text(event, "version"); version == "2.0" {
		return nil, errors.New("the event is that of an HTTP API (version 2.0), which has no mapping templates")
	}
	requestContext, _ := member(event, "requestContext").(*javavalue.Map)
	if requestContext == nil {
		return nil, errors.New("the event has no requestContext: it is none of a REST API or a WebSocket API")
	}
	in := &mapping.Input{
		Body:           []byte(text(event, "body")),
		Path:           params(event, "pathParameters"),
		Querystring:    params(event, "queryStringParameters"),
		Header:         params(event, "headers"),
		Context:        contextOf(requestContext),
		StageVariables: map[string]string{},
	}
	if encoded, _ := member(event, "isBase64Encoded").(bool); encoded {
		body, err := base64.StdEncoding.DecodeString(string(in.Body))
		if err != nil {
			return nil, fmt.Errorf("the body of the event: %w", err)
		}
		in.Body = body
	}
	if !utf8.Valid(in.Body) {
		in.Body = bytes.ToValidUTF8(in.Body, []byte("\uFFFD"))
	}
	for _, p := range params(event, "stageVariables") {
		in.StageVariables[p.Name] = p.Value
	}
	return in, nil
}

// contextOf returns $context, whose names are those of requestContext.
func contextOf(c *javavalue.Map) *mapping.Context {
	identity, _ := member(c, "identity").(*javavalue.Map)
	if identity == nil {
		identity = javavalue.NewMap()
	}
	values := mapping.Values{
		AccountID: text(c, "accountId"), APIID: text(c, "apiId"), DeploymentID: text(c, "deploymentId"),
		DomainName: text(c, "domainName"), DomainPrefix: text(c, "domainPrefix"), ExtendedRequestID: text(c, "extendedRequestId"),
		HTTPMethod: text(c, "httpMethod"), Path: text(c, "path"), Protocol: text(c, "protocol"), RequestID: text(c, "requestId"),
		RequestTime: text(c, "requestTime"), RequestTimeEpoch: number(c, "requestTimeEpoch"),
		ResourceID: text(c, "resourceId"), ResourcePath: text(c, "resourcePath"), Stage: text(c, "stage"),
		Identity: mapping.Identity{
			AccessKey: text(identity, "accessKey"), AccountID: text(identity, "accountId"), APIKey: text(identity, "apiKey"),
			APIKeyID: text(identity, "apiKeyId"), Caller: text(identity, "caller"),
			CognitoAuthenticationProvider: text(identity, "cognitoAuthenticationProvider"),
			CognitoAuthenticationType:     text(identity, "cognitoAuthenticationType"),
			CognitoIdentityID:             text(identity, "cognitoIdentityId"),
			CognitoIdentityPoolID:         text(identity, "cognitoIdentityPoolId"),
			PrincipalOrgID:                text(identity, "principalOrgId"), SourceIP: text(identity, "sourceIp"),
			User: text(identity, "user"), UserAgent: text(identity, "userAgent"), UserARN: text(identity, "userArn"),
		},
	}
	values.Authorizer, _ = member(c, "authorizer").(*javavalue.Map)
	values.Identity.ClientCertificate, _ = member(identity, "clientCert").(*javavalue.Map)
	if connection := text(c, "connectionId"); connection != "" {
		values.WebSocket = &mapping.WebSocketValues{
			ConnectedAt: number(c, "connectedAt"), ConnectionID: connection, EventType: text(c, "eventType"),
			MessageID: text(c, "messageId"), RouteKey: text(c, "routeKey"), Status: text(c, "status"),
		}
	}
	return mapping.NewContext(values)
}

func member(of *javavalue.Map, name string) any {
	v, _ := of.Get(name)
	return v
}

// text returns a member that is a text, or "".
func text(of *javavalue.Map, name string) string {
	s, _ := member(of, name).(string)
	return s
}

// number returns a member that is an integer, or 0.
func number(of *javavalue.Map, name string) int64 {
	switch n := member(of, name).(type) {
	case int32:
		return int64(n)
	case int64:
		return n
	}
	return 0
}

// params returns the members of an object of texts.
func params(of *javavalue.Map, name string) (params []mapping.Param) {
	m, ok := member(of, name).(*javavalue.Map)
	if !ok {
		return nil
	}
	for key, value := range m.All() {
		if s, ok := value.(string); ok {
			params = append(params, mapping.Param{Name: javavalue.String(key), Value: s})
		}
	}
	return params
}
