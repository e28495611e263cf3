// Package before is what programs look like that come to Lambridge. MIGRATING.md quotes
// it, and package after is the same programs once they have arrived.
package before

import (
	"context"
	"encoding/json"
	"net/http"
	"os"

	"github.com/akrylysov/algnhsa"
	apex "github.com/apex/gateway"
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdaurl"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// An App is what the patterns have in common: the router that is being served.
type App struct{ Router http.Handler }

// Short is a main of one line.
func (a App) Short() {
	r := a.Router
	lambda.Start(httpadapter.New(r).ProxyWithContext)
}

// Anywhere is a main that is a server outside of Lambda.
func (a App) Anywhere() error {
	r := a.Router
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		lambda.Start(httpadapter.NewV2(r).ProxyWithContext)
		return nil
	}
	return http.ListenAndServe(":8080", r)
}

// Algnhsa is a main of algnhsa.
func (a App) Algnhsa() {
	r := a.Router
	algnhsa.ListenAndServe(r, &algnhsa.Options{UseProxyPath: false, BinaryContentTypes: []string{"image/png"}})
}

// Apex is a main of apex/gateway.
func (a App) Apex() error {
	r := a.Router
	return apex.ListenAndServe(":3000", r)
}

// URL is a main of lambdaurl.
func (a App) URL() {
	r := a.Router
	lambdaurl.Start(r)
}

// Mounted answers behind a base path.
func (a App) Mounted() any {
	r := a.Router
	proxy := httpadapter.New(r)
	proxy.StripBasePath("/shop")
	return proxy.ProxyWithContext
}

// Edited changes each reply of the router.
func (a App) Edited() any {
	r := a.Router
	proxy := httpadapter.NewV2(r)
	handler := func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		reply, err := proxy.ProxyWithContext(ctx, e)
		if reply.Headers == nil {
			reply.Headers = map[string]string{}
		}
		reply.Headers["X-Frame-Options"] = "DENY"
		return reply, err
	}
	return handler
}

// Dispatched answers what is no request before the router sees it.
func (a App) Dispatched() any {
	r := a.Router
	proxy := httpadapter.New(r)
	handler := func(ctx context.Context, payload json.RawMessage) (any, error) {
		var ping struct{ Warmup bool }
		if json.Unmarshal(payload, &ping) == nil && ping.Warmup {
			return "warm", nil
		}
		var e events.APIGatewayProxyRequest
		if err := json.Unmarshal(payload, &e); err != nil {
			return nil, err
		}
		return proxy.ProxyWithContext(ctx, e)
	}
	return handler
}

// Subject tells who calls.
func Subject(r *http.Request) (string, bool) {
	rc, ok := core.GetAPIGatewayV2ContextFromContext(r.Context())
	if !ok || rc.Authorizer == nil || rc.Authorizer.JWT == nil {
		return "", false
	}
	return rc.Authorizer.JWT.Claims["sub"], true
}

// Stage tells which stage of a REST API the request came to.
func Stage(r *http.Request) (stage, colour string, ok bool) {
	rc, ok := core.GetAPIGatewayContextFromContext(r.Context())
	if !ok {
		return "", "", false
	}
	vars, _ := core.GetStageVarsFromContext(r.Context())
	return rc.Stage, vars["colour"], true
}

// ClientIP tells where the client is.
func ClientIP(r *http.Request) string {
	if rc, ok := core.GetAPIGatewayContextFromContext(r.Context()); ok {
		return rc.Identity.SourceIP
	}
	return r.RemoteAddr
}

// FullURL is what the client has asked for, as signatures of webhooks have it.
func FullURL(r *http.Request) string {
	return r.URL.String()
}
