// Package proxycompat keeps programs working that were written for
// aws-lambda-go-api-proxy, which is archived. It is there to be left again: new code asks
// package adapter.
//
// A program with a global adapter, a Handler func and tests that call it moves by its
// imports. Whatever package of the old module an import names, it is this one now:
//
//	ginadapter "github.com/awslabs/aws-lambda-go-api-proxy/gin"  // before
//	"github.com/awslabs/aws-lambda-go-api-proxy/core"
//
//	ginadapter "github.com/lambridge-go/lambridge/adapter/proxycompat"  // after
//	core "github.com/lambridge-go/lambridge/adapter/proxycompat"
//
// New, NewV2 and NewALB take any http.Handler, so that one package stands for those of
// gin, chi, echo, gorilla/mux, negroni and net/http. A program that has only accessors
// left is better off without the typed functions, which decode each event and encode
// each reply once more than is needed:
//
//	lambda.Start(adapter.Wrap(proxycompat.Middleware(r)))
//
// # What is different
//
// Accessors tell what the event says, and ok is true only for the kind of event that
// they are of: GetAPIGatewayContextFromContext behind REST APIs and HTTP APIs with
// payload format 1.0, the V2 ones behind payload format 2.0, which function URLs speak
// too, the ALB ones behind load balancers. The old accessors of a request read a header
// that any client could send as well. These read no header, and the header is gone
// before a handler sees it.
//
// A request is as net/http has it: see MIGRATING.md of this repository for what that
// changes for r.URL, r.Host and r.RemoteAddr.
package proxycompat
