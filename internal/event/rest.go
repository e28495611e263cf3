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

func (*rest) detect(e *document) bool {
	if !e.httpMethod.IsString() {
		return false
	}
	// The console's test events may lack the path, some emulators send a version.
	path := e.path.Kind()
	return e.resource.IsString() && e.context.object.Kind() == jsontape.Object &&
		(path == jsontape.String || path == jsontape.Null || path == jsontape.Absent) ||
		isNetlify(e)
}

// isNetlify recognises the events of Netlify Functions, which are those of a REST API
// without its resource and requestContext:
// https://docs.netlify.com/functions/lambda-compatibility/
func isNetlify(e *document) bool {
	return e.path.IsString() && e.headers.Kind() == jsontape.Object &&
		e.resource.Kind() == jsontape.Absent && e.context.object.Kind() == jsontape.Absent &&
		!has(e.root, "type") && !has(e.root, "messageVersion") && !has(e.root, "apiPath")
}

func (*rest) decode(e *document, r *Request) error {
	if err := r.decodeVersion1(e, true); err != nil {
		return err
	}
	r.setClientPrefix(e.context.stage, e.context.path, e.path)
	r.dropFalseCoding()
	return nil
}

// decodeVersion1 reads what the events of REST APIs and payload format 1.0 share.
func (r *Request) decodeVersion1(e *document, paramsEncoded bool) error {
	if err := r.setHeader(e, e.multiValueHeaders, e.headers); err != nil {
		return err
	}
	if err := r.setMethod(e.httpMethod, e.context.protocol); err != nil {
		return err
	}
	if err := r.setEncodedPath(r.keep(e.path)); err != nil {
		return err
	}
	r.setQueryMaps(e.multiValueQueryStringParameters, e.queryStringParameters, encodeQuery)
	r.setRoute(e.resource, e.pathParameters, paramsEncoded)
	r.setHost(e.context.domainName)
	r.setClient(e.context.identityClient)
	r.setTLSUnlessHTTP()
	r.setCertificates(text(e.context.identityCertificate.Get("clientCertPem")))
	return r.setBody(e.body, e.isBase64Encoded)
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
