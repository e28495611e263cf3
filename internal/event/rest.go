package event

import (
	"github.com/lambridge-go/lambridge/internal/jsontape"

	"github.com/lambridge-go/lambridge/internal/source"
)

// rest is API Gateway's REST API with a Lambda proxy integration:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
//
//	{
//	  "resource": "/{proxy+}", "path": "/notes/a%2Fb", "httpMethod": "GET",
//	  "headers": {"Host": "…"}, "multiValueHeaders": {"Host": ["…"]},
//	  "queryStringParameters": {"q": "b"}, "multiValueQueryStringParameters": {"q": ["a", "b"]},
//	  "pathParameters": {"proxy": "notes/a%2Fb"}, "stageVariables": null,
//	  "requestContext": {"stage": "prod", "identity": {"sourceIp": "192.0.2.1"}, …},
//	  "body": null, "isBase64Encoded": false
//	}
//
// The path is encoded and without the stage; the query is decoded. Content-Length
// never reaches the function.
type rest struct{}

func (*rest) source() source.Source { return source.REST }

func (*rest) terms() terms { return terms{reply: maxLambdaReply, ownServer: true} }

func (*rest) detect(e document) bool {
	if !e.Get("httpMethod").IsString() {
		return false
	}
	// The console's test events may lack the path, some emulators send a version.
	path := e.Get("path").Kind()
	return e.Get("resource").IsString() && e.context.IsObject() &&
		(path == jsontape.String || path == jsontape.Null || path == jsontape.Absent) ||
		isNetlify(e)
}

// isNetlify recognises the events of Netlify Functions, which are those of a REST API
// without its resource and requestContext:
// https://docs.netlify.com/functions/lambda-compatibility/
func isNetlify(e document) bool {
	return e.Get("path").IsString() && e.Get("headers").IsObject() &&
		!has(e.root, "resource") && !has(e.root, "requestContext") &&
		!has(e.root, "type") && !has(e.root, "messageVersion") && !has(e.root, "apiPath")
}

func (*rest) decode(e document, r *Request) error {
	if err := r.decodeVersion1(e, true); err != nil {
		return err
	}
	r.setClientPrefix(e.context.Get("stage"), e.context.Get("path"), e.Get("path"))
	r.dropFalseCoding()
	return nil
}

// decodeVersion1 reads what the events of REST APIs and payload format 1.0 share.
func (r *Request) decodeVersion1(e document, paramsEncoded bool) error {
	identity := e.context.Get("identity")
	if err := r.setHeader(e.Get("multiValueHeaders"), e.Get("headers")); err != nil {
		return err
	}
	if err := r.setMethod(e.Get("httpMethod"), e.context.Get("protocol")); err != nil {
		return err
	}
	if err := r.setEncodedPath(r.keep(e.Get("path"))); err != nil {
		return err
	}
	r.setQueryMaps(e.Get("multiValueQueryStringParameters"), e.Get("queryStringParameters"), encodeQuery)
	r.setRoute(e.Get("resource"), e.Get("pathParameters"), paramsEncoded)
	r.setHost(e.context.Get("domainName"))
	r.setClient(identity.Get("sourceIp"))
	r.setTLSUnlessHTTP()
	r.setCertificates(identity.Get("clientCert").Get("clientCertPem").Text())
	return r.setBody(e.Get("body"), e.Get("isBase64Encoded"))
}

// A REST API refuses a reply with any other member than these with status 502. All
// of the header goes into one map: what stands in both is sent twice.
func (*rest) appendHead(dst []byte, r *Reply) []byte {
	dst = appendStatus(dst, r)
	return appendMultiValueHeaders(dst, r.Header)
}

// The metadata of a streamed reply, unlike a buffered one, has a place for cookies:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
func (*rest) appendPrelude(dst []byte, r *Reply) []byte {
	cookies, header := r.splitCookies()
	dst = appendStatus(dst, r)
	dst = appendMultiValueHeaders(dst, header)
	dst = appendCookies(dst, cookies)
	return append(dst, '}')
}
