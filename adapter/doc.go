// Package adapter runs ordinary web applications as AWS Lambda functions.
//
// An application is an http.Handler: a ServeMux, a gin.Engine, a chi.Router, any
// other. [Wrap] makes a function of it, which the runtime of aws-lambda-go starts:
//
//	func main() {
//		mux := http.NewServeMux()
//		mux.HandleFunc("GET /hello/{name}", hello)
//		lambda.Start(adapter.Wrap(mux))
//	}
//
// Requests may come through any of AWS's front doors: REST, HTTP and WebSocket APIs
// of API Gateway, function URLs, Application Load Balancers in either header mode,
// VPC Lattice. Which it was is read off each event: nothing is to be configured, and
// the same function may serve several. [Stream] is Wrap for replies that are sent
// while they are written.
//
// # What the handler sees
//
// The request is what net/http's server would have made of the client's bytes, as
// far as the front door has passed them on. Path, RawPath and RequestURI keep their
// escapes where the front door keeps them; the query keeps its order where it does.
// Host is in r.Host and not in the header. RemoteAddr is the client's address, from
// what the front door wrote and never from what a client can, with port 0 where the
// port is not known. ContentLength is that of the body, decoded. r.TLS is set if the
// client came over TLS, with the client's certificates in PeerCertificates if the
// front door asked for them. What a route matched is in r.Pattern and r.PathValue,
// until the handler's own router sets them. The context has the invocation's
// deadline and what aws-lambda-go puts there, and ends when the handler returns.
//
// A request that net/http would refuse is refused in the same way, with status 400:
// bad escapes in the path, header names that are no tokens, a body that is not the
// base64 it claims to be.
//
// # What the client gets
//
// The ResponseWriter follows net/http's rules to the letter; a handler cannot tell
// the difference, middleware cannot, and http.ResponseController cannot, except that
// there is no connection to hijack and that informational responses (1xx) and
// trailers have no way through Lambda. Content-Length and what concerns the
// connection are the front door's and left to it.
//
// A body travels as text if it is UTF-8 and its type is not known to be binary, else
// as base64, which every front door but one decodes by itself: a REST API does so
// only if the first type of the request's Accept header is among its binary media
// types. Set those to */* and images arrive.
//
// # When something goes wrong
//
// A panic is logged with its stack and answered with status 500, without a word of
// it; the process lives on. A reply that the front door would refuse for its size
// (6 MB, 1 MB behind a load balancer) is logged with its size and answered with 500.
// Such answers keep the Access-Control and Vary headers that the handler has set, so
// that a browser shows the status and not a CORS failure. An event that is no HTTP
// request never reaches the handler: see [WithFallback].
//
// # Whom to trust
//
// [SourceOf], [Event], [RawEvent] and [WebSocketFrom] answer from the event, which
// AWS wrote. Nothing they say can come from a header, and nothing is put into one.
//
// There is one thing that only a header tells: behind a load balancer, the client's
// certificate. r.TLS.PeerCertificates has it from the X-Amzn-Mtls-Clientcert headers
// that a listener with mutual TLS writes. Behind a listener without mutual TLS they
// are whatever the client sent: do not ask for certificates there.
//
// # CORS
//
// CORS is ordinary middleware, such as github.com/jub0bs/cors. OPTIONS requests
// reach the handler like any other, unless the front door has a CORS configuration
// of its own: an HTTP API then answers preflight requests and ignores the handler's
// CORS headers, and a function URL adds its headers to the handler's, which browsers
// refuse. Configure one or the other.
package adapter
