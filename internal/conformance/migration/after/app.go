// Package after is the programs of package before, once they have come to Lambridge.
package after

import (
	"context"
	"encoding/json"
	"net"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/serve"
)

// An App is what the patterns have in common: the router that is being served.
type App struct{ Router http.Handler }

// Short is a main of one line, behind every front door.
func (a App) Short() {
	r := a.Router
	lambda.Start(adapter.Wrap(r))
}

// Anywhere is a main that is a server outside of Lambda.
func (a App) Anywhere() error {
	r := a.Router
	return serve.Run(r, serve.Options{Address: ":8080"})
}

// Algnhsa was a main of algnhsa.
func (a App) Algnhsa() {
	r := a.Router
	lambda.Start(adapter.Wrap(r))
}

// Apex was a main of apex/gateway.
func (a App) Apex() error {
	r := a.Router
	return serve.Run(r, serve.Options{Address: ":3000"})
}

// URL was a main of lambdaurl.
func (a App) URL() {
	r := a.Router
	lambda.Start(adapter.Stream(r))
}

// Mounted answers behind a base path.
func (a App) Mounted() any {
	r := a.Router
	return adapter.Wrap(r, adapter.WithBasePath("/shop"))
}

// Edited changes each reply of the router, as a server's middleware does.
func (a App) Edited() any {
	r := a.Router
	edited := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("X-Frame-Options", "DENY")
		r.ServeHTTP(w, req)
	})
	return adapter.Wrap(edited)
}

// Dispatched answers what is no request beside the router.
func (a App) Dispatched() any {
	r := a.Router
	other := func(ctx context.Context, payload json.RawMessage) (any, error) {
		return "warm", nil
	}
	return adapter.Wrap(r, adapter.WithFallback(lambda.NewHandler(other)))
}

// Subject tells who calls, behind every front door that asks for a token.
func Subject(r *http.Request) (string, bool) {
	caller, ok := adapter.CallerFrom(r.Context())
	if !ok {
		return "", false
	}
	return caller.Claims.Get("sub"), true
}

// Stage tells which stage of a REST API the request came to.
func Stage(r *http.Request) (stage, colour string, ok bool) {
	e, err := adapter.Event[events.APIGatewayProxyRequest](r.Context())
	if err != nil {
		return "", "", false
	}
	return e.RequestContext.Stage, e.StageVariables["colour"], true
}

// ClientIP tells where the client is.
func ClientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// FullURL is what the client has asked for, as signatures of webhooks have it.
func FullURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + adapter.PrefixFrom(r.Context()) + r.URL.RequestURI()
}
