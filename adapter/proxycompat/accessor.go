package proxycompat

import (
	"errors"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// The headers that aws-lambda-go-api-proxy put what it knew into. Nobody writes them
// here: [Middleware] takes them away from clients who do.
const (
	APIGwContextHeader   = "X-GoLambdaProxy-ApiGw-Context"
	APIGwStageVarsHeader = "X-GoLambdaProxy-ApiGw-StageVars"
	ALBContextHeader     = "X-GoLambdaProxy-ALB-Context"
)

// Middleware takes the headers away that programs may still trust, because
// aws-lambda-go-api-proxy wrote them. nil is http.DefaultServeMux. It is for
// adapter.Wrap(Middleware(h)); what New, NewV2 and NewALB make has it already.
func Middleware(h http.Handler) http.Handler {
	if h == nil {
		h = http.DefaultServeMux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{APIGwContextHeader, APIGwStageVarsHeader, ALBContextHeader} {
			r.Header.Del(name)
		}
		h.ServeHTTP(w, r)
	})
}

var (
	errNoContext   = errors.New("proxycompat: no context: the request is not that of an event of this kind")
	errNoStageVars = errors.New("proxycompat: no stage variables: the request is not that of an event of this kind")
)

// A RequestAccessor tells what the event of a request from a REST API, or an HTTP API
// with payload format 1.0, says. The zero value is ready.
type RequestAccessor struct{}

// GetAPIGatewayContext returns the event's requestContext. The error says that the
// request is not that of such an event.
func (*RequestAccessor) GetAPIGatewayContext(r *http.Request) (events.APIGatewayProxyRequestContext, error) {
	c, ok := GetAPIGatewayContextFromContext(r.Context())
	if !ok {
		return c, errNoContext
	}
	return c, nil
}

// GetAPIGatewayStageVars returns the event's stage variables.
func (*RequestAccessor) GetAPIGatewayStageVars(r *http.Request) (map[string]string, error) {
	vars, ok := GetStageVarsFromContext(r.Context())
	return stageVars(vars, ok)
}

// A RequestAccessorV2 is a RequestAccessor for events with payload format 2.0.
type RequestAccessorV2 struct{}

// GetAPIGatewayContextV2 returns the event's requestContext.
func (*RequestAccessorV2) GetAPIGatewayContextV2(r *http.Request) (events.APIGatewayV2HTTPRequestContext, error) {
	c, ok := GetAPIGatewayV2ContextFromContext(r.Context())
	if !ok {
		return c, errNoContext
	}
	return c, nil
}

// GetAPIGatewayStageVars returns the event's stage variables.
func (*RequestAccessorV2) GetAPIGatewayStageVars(r *http.Request) (map[string]string, error) {
	vars, ok := GetStageVarsFromContextV2(r.Context())
	return stageVars(vars, ok)
}

// A RequestAccessorALB is a RequestAccessor for events of load balancers.
type RequestAccessorALB struct{}

// GetContextALB returns the event's requestContext.
func (*RequestAccessorALB) GetContextALB(r *http.Request) (events.ALBTargetGroupRequestContext, error) {
	c, ok := GetTargetGroupRequetFromContextALB(r.Context())
	if !ok {
		return c, errNoContext
	}
	return c, nil
}

// stageVars are never nil, as they never were.
func stageVars(vars map[string]string, ok bool) (map[string]string, error) {
	if vars == nil {
		vars = map[string]string{}
	}
	if !ok {
		return vars, errNoStageVars
	}
	return vars, nil
}
