package gateway

import (
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/head"
	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/mapping"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// variables returns what $context is for parameters: the request context of the event,
// which has the same names.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
func variables(a *Arrival) (*javavalue.Map, error) {
	bare := *a
	bare.RawQuery, bare.Header = "", nil
	if agent := field.Values(a.Header, "User-Agent"); agent != nil {
		bare.Header = map[string][]string{"User-Agent": agent}
	}
	if a.Authorization.Variables != nil {
		bare.Authorization.Context, bare.Authorization.ContextV1 = a.Authorization.Variables, a.Authorization.Variables
	}
	event, err := EventHead(&bare, Format1)
	if err != nil {
		return nil, err
	}
	parsed, err := javavalue.Parse(event)
	if err != nil {
		return nil, door.Refusef(door.APIConfigurationError, "the request's context cannot be read: %v", err)
	}
	given, _ := parsed.(*javavalue.Map).Get("requestContext")
	context := given.(*javavalue.Map)
	if a.API.Kind == HTTPAPI {
		context.Put("routeKey", a.Route.Key())
	}
	return context, nil
}

// templateContext returns what $context is for templates, which may change it.
func templateContext(a *Arrival) (*mapping.Context, error) {
	context, err := variables(a)
	if err != nil {
		return nil, err
	}
	text := func(name string) string {
		value, _ := lookUp(context, name)
		text, _ := value.(string)
		return text
	}
	object := func(name string) *javavalue.Map {
		value, _ := lookUp(context, name)
		object, _ := value.(*javavalue.Map)
		return object
	}
	return mapping.NewContext(mapping.Values{
		AccountID:         text("accountId"),
		APIID:             text("apiId"),
		DeploymentID:      text("deploymentId"),
		DomainName:        text("domainName"),
		DomainPrefix:      text("domainPrefix"),
		ExtendedRequestID: text("extendedRequestId"),
		HTTPMethod:        text("httpMethod"),
		Path:              text("path"),
		Protocol:          text("protocol"),
		RequestID:         text("requestId"),
		RequestTime:       text("requestTime"),
		RequestTimeEpoch:  a.Time.UnixMilli(),
		ResourceID:        text("resourceId"),
		ResourcePath:      text("resourcePath"),
		Stage:             text("stage"),
		Authorizer:        object("authorizer"),
		Identity: mapping.Identity{
			AccessKey:                     text("identity.accessKey"),
			AccountID:                     text("identity.accountId"),
			APIKey:                        text("identity.apiKey"),
			APIKeyID:                      text("identity.apiKeyId"),
			Caller:                        text("identity.caller"),
			CognitoAuthenticationProvider: text("identity.cognitoAuthenticationProvider"),
			CognitoAuthenticationType:     text("identity.cognitoAuthenticationType"),
			CognitoIdentityID:             text("identity.cognitoIdentityId"),
			CognitoIdentityPoolID:         text("identity.cognitoIdentityPoolId"),
			PrincipalOrgID:                text("identity.principalOrgId"),
			SourceIP:                      text("identity.sourceIp"),
			User:                          text("identity.user"),
			UserAgent:                     text("identity.userAgent"),
			UserARN:                       text("identity.userArn"),
			ClientCertificate:             object("identity.clientCert"),
		},
	}), nil
}

// lookUp returns a variable by a name such as identity.sourceIp. ok is false for what is
// not there, and for null.
func lookUp(variables *javavalue.Map, name string) (value any, ok bool) {
	value = variables
	for part := range strings.SplitSeq(name, ".") {
		m, is := value.(*javavalue.Map)
		if !is {
			return nil, false
		}
		if value, ok = m.Get(part); !ok {
			return nil, false
		}
	}
	return value, value != nil
}

// source returns what parameters are mapped from. The context is made only if it is asked
// for; what is wrong with it is then nothing that a mapping could tell.
func (x *exchange) source() parameters.Source {
	a := x.arrival
	var context *javavalue.Map
	return parameters.Source{
		Path:        pathParameters(a),
		RequestPath: a.Path,
		Query:       parameters.ParseQuery(a.RawQuery),
		Header:      a.Header,
		Spelled:     head.Known(x.r),
		Body:        a.Payload,
		Context: func(name string) (any, bool) {
			if context == nil {
				made, err := variables(a)
				if err != nil {
					made = javavalue.NewMap()
				}
				context = made
			}
			return lookUp(context, name)
		},
		StageVariables: a.API.StageVariables,
	}
}

// pathParameters returns the parameters of the path, decoded.
func pathParameters(a *Arrival) map[string]string {
	params := make(map[string]string, len(a.Route.Params))
	for name, value := range a.Route.Params {
		params[name] = decoded(value)
	}
	return params
}
