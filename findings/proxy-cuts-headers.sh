#!/bin/sh
# aws-lambda-go-api-proxy, asked behind an HTTP API, cuts values of headers at their commas.
#
# Most expect that r.Header.Get gives a header as it was sent, and that one adapter's New and
# NewV2 agree on it. HTTP APIs with payload 2.0 join the lines of a header by commas, and NewV2
# takes every comma for such a joint, but for thirteen headers that it knows: of a webhook's
# signature, "t=1,v1=...", a handler gets the part before the first comma, and refuses what is
# genuine. Behind a REST API, by New, the same handler sees all of it.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'EOF'
package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

func main() {
	header := map[string]string{"Stripe-Signature": "t=1492774577,v1=5257a869", "If-Modified-Since": "Wed, 21 Oct 2026 07:28:00 GMT"}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Printf("%s; %s\n", r.Header.Get("Stripe-Signature"), r.Header.Get("If-Modified-Since"))
		w.WriteHeader(http.StatusOK)
	})
	_, err := httpadapter.New(h).ProxyWithContext(context.Background(), events.APIGatewayProxyRequest{HTTPMethod: "POST", Path: "/", Headers: header})
	if err != nil {
		panic(err)
	}
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: "/", Headers: header}
	e.RequestContext.HTTP.Method = "POST"
	if _, err = httpadapter.NewV2(h).ProxyWithContext(context.Background(), e); err != nil {
		panic(err)
	}
}
EOF
go mod init cuts >/dev/null 2>&1
GOWORK=off go get github.com/awslabs/aws-lambda-go-api-proxy@v0.16.2 github.com/aws/aws-lambda-go@v1.55.1 >/dev/null 2>&1
got=$(GOWORK=off go run .)
echo "a handler of aws-lambda-go-api-proxy v0.16.2 sees, by New and by NewV2:"
echo "$got"
want='t=1492774577,v1=5257a869; Wed, 21 Oct 2026 07:28:00 GMT
t=1492774577; Wed, 21 Oct 2026 07:28:00 GMT'
[ "$got" = "$want" ] || { echo "it was:" >&2; echo "$want" >&2; exit 1; }
