package definition

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// integration makes what a route leads to.
func (a *assembler) integration(api *API, route *Route) (gateway.Integration, error) {
	i := route.Integration
	if i.Subtype != "" {
		return nil, fmt.Errorf("the integration calls %s: services of AWS are not called", i.Subtype)
	}
	if i.ConnectionType == "VPC_LINK" {
		a.options.Logger.Info("a VPC link is called as any address is", "route", route.Key, "uri", i.URI)
	}
	switch i.Type {
	case "AWS_PROXY":
		return a.lambda(api, i)
	case "HTTP_PROXY":
		return gateway.HTTPProxy(i.URI, gateway.HTTPProxyOptions{
			Method: i.Method, Parameters: i.parameters(api), Timeout: i.Timeout, Stream: i.Stream, Pace: i.Stream && a.options.Pace, TLS: i.tls(),
		}), nil
	case "HTTP":
		m, err := i.mapping()
		return gateway.CustomHTTP(i.URI, gateway.CustomHTTPOptions{Method: i.Method, Timeout: i.Timeout, TLS: i.tls(), Mapping: m}), err
	case "AWS":
		return a.customLambda(i)
	case "MOCK":
		m, err := i.mapping()
		return gateway.Mock(m), err
	}
	return nil, fmt.Errorf("there are no integrations of the type %q", i.Type)
}

// lambda makes a Lambda proxy integration.
func (a *assembler) lambda(api *API, i *Integration) (gateway.Integration, error) {
	f, err := a.invoker(i.Function)
	if err != nil {
		return nil, err
	}
	o := gateway.LambdaOptions{
		Stream: i.Stream, Pace: i.Stream && a.options.Pace, Timeout: a.timeout(i.Function, i.Timeout), Parameters: i.parameters(api),
	}
	if api.Kind == gateway.HTTPAPI {
		o.Format = gateway.Format(i.PayloadFormat)
	}
	return gateway.Lambda(f, o), nil
}

// customLambda makes an integration with a function that is no proxy.
func (a *assembler) customLambda(i *Integration) (gateway.Integration, error) {
	if i.Function == nil {
		return nil, fmt.Errorf("the integration calls %s: services of AWS other than Lambda are not called", i.URI)
	}
	f, err := a.invoker(i.Function)
	if err != nil {
		return nil, err
	}
	m, err := i.mapping()
	return gateway.CustomLambda(f, gateway.CustomLambdaOptions{Timeout: a.timeout(i.Function, i.Timeout), Mapping: m}), err
}

// parameters are what a proxy integration maps.
func (i *Integration) parameters(api *API) gateway.ParameterMapping {
	p := gateway.ParameterMapping{Request: byName(i.RequestParameters)}
	if api.Kind != gateway.HTTPAPI {
		return p // answers of a REST API's proxies pass as they are
	}
	for _, r := range i.Responses {
		if p.Response == nil {
			p.Response = make(map[string]map[string]string)
		}
		p.Response[r.Key] = byName(r.Parameters)
	}
	return p
}

// mapping is what an integration that is no proxy does to requests and answers.
func (i *Integration) mapping() (gateway.Mapping, error) {
	m := gateway.Mapping{
		PassthroughBehavior: i.PassthroughBehavior,
		ContentHandling:     i.ContentHandling,
		RequestParameters:   byName(i.RequestParameters),
		RequestTemplates:    byName(i.RequestTemplates),
	}
	for _, r := range i.Responses {
		status, err := strconv.Atoi(r.Status)
		if err != nil {
			return m, fmt.Errorf("the response %q has the statusCode %q, which is no number", r.Key, r.Status)
		}
		m.Responses = append(m.Responses, gateway.IntegrationResponse{
			SelectionPattern: r.Key, StatusCode: status, ContentHandling: r.ContentHandling,
			Parameters: byName(r.Parameters), Templates: byName(r.Templates),
		})
	}
	return m, nil
}

func (i *Integration) tls() gateway.BackendTLS {
	return gateway.BackendTLS{InsecureSkipVerification: i.InsecureSkipVerification, ServerNameToVerify: i.ServerNameToVerify}
}

// byName returns a list as a map.
func byName(list []Named[string]) map[string]string {
	if len(list) == 0 {
		return nil
	}
	all := make(map[string]string, len(list))
	for _, one := range list {
		all[one.Name] = one.Value
	}
	return all
}

// unreachable is the function of routes that are refused before it is invoked.
type unreachable struct{}

// Invoke implements invoke.Invoker.
func (unreachable) Invoke(context.Context, []byte) ([]byte, error) {
	return nil, &invoke.Error{Type: "Refused", Message: "the definition asks for what is not served"}
}
