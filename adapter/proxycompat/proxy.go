package proxycompat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambridge-go/lambridge/adapter"
)

// A HandlerAdapter answers events of REST APIs, and of HTTP APIs with payload format
// 1.0. [New] makes one. It is safe for concurrent use once StripBasePath has been called.
type HandlerAdapter struct {
	RequestAccessor
	function
}

// A HandlerAdapterV2 answers events with payload format 2.0: of HTTP APIs and function
// URLs. [NewV2] makes one.
type HandlerAdapterV2 struct {
	RequestAccessorV2
	function
}

// A HandlerAdapterALB answers events of load balancers. [NewALB] makes one.
type HandlerAdapterALB struct {
	RequestAccessorALB
	function
}

// The names that the old module's packages had for these, for variables that are
// declared by them.
type (
	GinLambda            = HandlerAdapter
	GinLambdaV2          = HandlerAdapterV2
	GinLambdaALB         = HandlerAdapterALB
	ChiLambda            = HandlerAdapter
	ChiLambdaV2          = HandlerAdapterV2
	EchoLambda           = HandlerAdapter
	EchoLambdaV2         = HandlerAdapterV2
	EchoLambdaALB        = HandlerAdapterALB
	NegroniAdapter       = HandlerAdapter
	HandlerFuncAdapter   = HandlerAdapter
	HandlerFuncAdapterV2 = HandlerAdapterV2

	HandlerFuncAdapterALB = HandlerAdapterALB
	GorillaMuxAdapterV2   = HandlerAdapterV2
	GorillaMuxAdapterALB  = HandlerAdapterALB
)

// New returns what answers events of REST APIs with h; nil is http.DefaultServeMux. The
// options are those of adapter.Wrap.
func New(h http.Handler, opts ...adapter.Option) *HandlerAdapter {
	return &HandlerAdapter{function: newFunction(h, opts)}
}

// NewV2 returns what answers events with payload format 2.0.
func NewV2(h http.Handler, opts ...adapter.Option) *HandlerAdapterV2 {
	return &HandlerAdapterV2{function: newFunction(h, opts)}
}

// NewALB returns what answers events of load balancers.
func NewALB(h http.Handler, opts ...adapter.Option) *HandlerAdapterALB {
	return &HandlerAdapterALB{function: newFunction(h, opts)}
}

// Proxy is ProxyWithContext with the background's context.
func (h *HandlerAdapter) Proxy(e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return h.ProxyWithContext(context.Background(), e)
}

// ProxyWithContext answers an event. The error is one of adapter.Handler's Invoke.
func (h *HandlerAdapter) ProxyWithContext(ctx context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return invoke[events.APIGatewayProxyResponse](ctx, h.function, e)
}

// Proxy is ProxyWithContext with the background's context.
func (h *HandlerAdapterV2) Proxy(e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return h.ProxyWithContext(context.Background(), e)
}

// ProxyWithContext answers an event. One without a version, as tests make them by hand,
// is taken for what its type says.
func (h *HandlerAdapterV2) ProxyWithContext(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	if e.Version == "" {
		e.Version = "2.0"
	}
	if e.RawPath == "" {
		e.RawPath = e.RequestContext.HTTP.Path
	}
	return invoke[events.APIGatewayV2HTTPResponse](ctx, h.function, e)
}

// ProxyWithContextV2 is ProxyWithContext by the name that chi's adapter had for it.
func (h *HandlerAdapterV2) ProxyWithContextV2(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return h.ProxyWithContext(ctx, e)
}

// Proxy is ProxyWithContext with the background's context.
func (h *HandlerAdapterALB) Proxy(e events.ALBTargetGroupRequest) (events.ALBTargetGroupResponse, error) {
	return h.ProxyWithContext(context.Background(), e)
}

// ProxyWithContext answers an event.
func (h *HandlerAdapterALB) ProxyWithContext(ctx context.Context, e events.ALBTargetGroupRequest) (events.ALBTargetGroupResponse, error) {
	return invoke[events.ALBTargetGroupResponse](ctx, h.function, e)
}

// A function is the Lambda function that is called with typed events.
type function struct {
	http    http.Handler
	options []adapter.Option
	wrapped *adapter.Handler
}

func newFunction(h http.Handler, opts []adapter.Option) function {
	h = Middleware(h)
	return function{h, opts, adapter.Wrap(h, opts...)}
}

// StripBasePath takes a base path off the paths of requests, as adapter.WithBasePath
// does, and returns it with one slash in front and none behind. "" takes nothing off. It
// is to be called before the first event.
func (f *function) StripBasePath(basePath string) string {
	opts := slices.Clip(f.options)
	if basePath = strings.Trim(basePath, " /"); basePath != "" {
		basePath = "/" + basePath
		opts = append(opts, adapter.WithBasePath(basePath))
	}
	f.wrapped = adapter.Wrap(f.http, opts...)
	return basePath
}

// invoke is the way of an event through JSON, in which the adapter reads it, and of the
// reply back.
func invoke[R, E any](ctx context.Context, f function, e E) (R, error) {
	var reply R
	payload, err := json.Marshal(e)
	if err != nil {
		return reply, fmt.Errorf("proxycompat: encoding the event: %w", err)
	}
	answer, err := f.wrapped.Invoke(ctx, payload)
	if err != nil {
		return reply, err
	}
	if err := json.Unmarshal(answer, &reply); err != nil {
		return reply, fmt.Errorf("proxycompat: decoding the reply: %w", err)
	}
	return reply, nil
}
