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
// front door asked for them and says so in its events. What a route matched is in
// r.Pattern and r.PathValue, until the handler's own router sets them, unless the route
// is a catch-all such as {proxy+} or $default, which says nothing. The context has the
// invocation's deadline and what aws-lambda-go puts there, and ends when the handler
// returns. What http.ServerContextKey finds in it is no *http.Server but something else
// that is not nil: code that asserts the type must ask whether it holds.
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
// connection are the front door's and left to it. Where net/http's rules have changed
// from one version of Go to another, those of Go 1.27 hold.
//
// A body travels as text if it is UTF-8 and its type is not known to be binary, else
// as base64, which every front door but one decodes by itself: a REST API does so
// only if the first type of the request's Accept header is among its binary media
// types. Set those to */*, and images arrive and whatever is compressed.
//
// # What each front door can carry
//
// What a front door does not pass on no adapter can give back. This table, which a
// test compares with net/http, has the columns of REST APIs, HTTP APIs with payload
// format 1.0 and 2.0, function URLs, load balancers with single-value and with
// multi-value headers, and VPC Lattice with version 1 and 2 of its event. Where it
// says no, a handler sees what is likely: a decoded path is escaped anew, parameters
// are sorted by their names, repeated headers are joined by commas and cookies by
// semicolons; of what has room for one value the last is kept.
//
//	REST  v1  v2  URL  ALB  multi  L1  L2
//	yes   yes yes yes  -    -      yes yes  requests to upgrade to another protocol
//	-     -   -   -    -    -      -   -    status 431 for more than 500 header lines
//	-     -   -   yes  yes  yes    yes yes  request headers over 10 KB
//	-     yes yes yes  yes  yes    yes yes  methods such as PROPFIND
//	-     yes yes yes  yes  yes    yes yes  several slashes at the start of a path
//	yes   yes -   yes  yes  yes    yes yes  a path as it was sent: %2F, %20, %3F
//	-     -   yes yes  -    -      -   -    a query as it was sent: order, encoding
//	yes   yes yes yes  -    yes    -   yes  a query parameter twice
//	-     -   -   -    -    -      -   -    header values that are not UTF-8
//	yes   -   -   -    -    -      -   -    a text body that is not UTF-8
//	-     yes yes yes  yes  yes    yes yes  a compressed request body, as it was sent
//	-     yes yes yes  yes  yes    yes yes  Content-Length and Expect of a request
//	yes   yes -   -    -    yes    -   yes  repeated request headers, line by line
//	-     -   -   -    -    -      -   -    a connection to hijack
//	-     -   -   -    -    -      -   -    statuses 101 and 600 to 999
//	yes   yes yes yes  -    -      yes yes  replies over 1 MB
//	-     -   -   -    -    -      -   -    informational answers (1xx)
//	-     -   -   -    -    -      -   -    trailers
//	-     yes yes -    yes  yes    yes yes  WWW-Authenticate in a reply, by its name
//	-     yes yes -    -    -      yes yes  Server in a reply
//	-     -   -   -    -    -      -   -    Date in a reply
//	-     -   -   -    yes  yes    yes yes  a reply without Content-Type
//	yes   yes yes yes  -    yes    -   -    several cookies in a reply
//	yes   yes -   -    -    yes    -   -    repeated reply headers, line by line
//	yes   -   -   yes  -    -      -   -    a reply while it is written
//
// Everywhere, the request's body has arrived before the handler runs, and can be
// read after the answer has begun; HTTP is version 1.1; the headers of connections
// (RFC 9110, section 7.6.1) are the front door's, which adds X-Forwarded-For, -Proto
// and -Port and X-Amzn-Trace-Id. Replies have the front door's Date and the length
// of what was written, which for HEAD is 0.
//
// Temporary files of uploaded forms are removed when the handler is done, as net/http's
// server does, and the request's body is closed: in a warm function they would pile up.
//
// # When something goes wrong
//
// A panic is logged with its stack and answered with status 500, without a word of
// it; the process lives on. So is a handler that ends its goroutine by runtime.Goexit, as
// a failing require does in a test. A reply that the front door would refuse for its size
// (6 MB, or behind a load balancer 1 MB and 32 KB of header) is logged with its size and
// answered with 500. Such answers keep the Access-Control and Vary headers that the
// handler has set, so that a browser shows the status and not a CORS failure. A value of
// a header that is not UTF-8 is logged, as it arrives with U+FFFD in it. An event that is
// no HTTP request never reaches the handler: see [WithFallback].
//
// # Whom to trust
//
// [CallerFrom], [SourceOf], [Event], [RawEvent] and [WebSocketFrom] answer from the
// event, which AWS wrote. Nothing they say can come from a header, and nothing is put
// into one.
//
// There is one thing that only a header tells: behind a load balancer, the client's
// certificate. [WithClientCertificateHeaders] says which headers are to be believed.
// Without it none is, and r.TLS.PeerCertificates is empty there.
//
// # CORS
//
// CORS is ordinary middleware, such as github.com/jub0bs/cors. OPTIONS requests
// reach the handler like any other, unless the front door has a CORS configuration
// of its own: an HTTP API then answers preflight requests and ignores the handler's
// CORS headers, and a function URL adds its headers to the handler's, which browsers
// refuse. Configure one or the other.
package adapter
