package proxycompat

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambridge-go/lambridge/adapter"
)

// GetAPIGatewayContextFromContext returns the requestContext of an event of a REST API,
// or an HTTP API with payload format 1.0, and whether ctx is that of a request from one.
func GetAPIGatewayContextFromContext(ctx context.Context) (events.APIGatewayProxyRequestContext, bool) {
	e, ok := eventOf[events.APIGatewayProxyRequest](ctx)
	return e.RequestContext, ok
}

// GetAPIGatewayV2ContextFromContext returns the requestContext of an event with payload
// format 2.0, and whether ctx is that of a request with one.
func GetAPIGatewayV2ContextFromContext(ctx context.Context) (events.APIGatewayV2HTTPRequestContext, bool) {
	e, ok := eventOf[events.APIGatewayV2HTTPRequest](ctx)
	return e.RequestContext, ok
}

// GetTargetGroupRequetFromContextALB returns the requestContext of an event of a load
// balancer, and whether ctx is that of a request from one. The name is spelled as
// programs have it.
func GetTargetGroupRequetFromContextALB(ctx context.Context) (events.ALBTargetGroupRequestContext, bool) {
	e, ok := eventOf[events.ALBTargetGroupRequest](ctx)
	return e.RequestContext, ok
}

// GetStageVarsFromContext returns the stage variables of an event of the kinds that
// GetAPIGatewayContextFromContext is for.
func GetStageVarsFromContext(ctx context.Context) (map[string]string, bool) {
	e, ok := eventOf[events.APIGatewayProxyRequest](ctx)
	return e.StageVariables, ok
}

// GetStageVarsFromContextV2 returns the stage variables of an event with payload format
// 2.0.
func GetStageVarsFromContextV2(ctx context.Context) (map[string]string, bool) {
	e, ok := eventOf[events.APIGatewayV2HTTPRequest](ctx)
	return e.StageVariables, ok
}

// GetRuntimeContextFromContext returns what Lambda's runtime says of the invocation. It is
// nil where a program invokes itself, as tests do, though ok tells of a request.
func GetRuntimeContextFromContext(ctx context.Context) (*lambdacontext.LambdaContext, bool) {
	return runtimeContext(ctx, adapter.REST, adapter.HTTPv1)
}

// GetRuntimeContextFromContextV2 is GetRuntimeContextFromContext for events with payload
// format 2.0.
func GetRuntimeContextFromContextV2(ctx context.Context) (*lambdacontext.LambdaContext, bool) {
	return runtimeContext(ctx, adapter.HTTPv2, adapter.FunctionURL)
}

// GetRuntimeContextFromContextALB is GetRuntimeContextFromContext for events of load
// balancers.
func GetRuntimeContextFromContextALB(ctx context.Context) (*lambdacontext.LambdaContext, bool) {
	return runtimeContext(ctx, adapter.ALB, adapter.ALBMulti)
}

// eventOf decodes the event of a request, if it is of the kind that E is for.
func eventOf[E any](ctx context.Context) (E, bool) {
	e, err := adapter.Event[E](ctx)
	if err != nil {
		var none E
		return none, false
	}
	return e, true
}

func runtimeContext(ctx context.Context, kinds ...adapter.Source) (*lambdacontext.LambdaContext, bool) {
	source, ok := adapter.SourceOf(ctx)
	for _, kind := range kinds {
		if ok && source == kind {
			lc, _ := lambdacontext.FromContext(ctx)
			return lc, true
		}
	}
	return nil, false
}
