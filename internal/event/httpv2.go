package event

import (
	"github.com/lambridge-go/lambridge/internal/jsontape"

	"github.com/lambridge-go/lambridge/internal/source"
)

// httpV2 is API Gateway's HTTP API with payload format 2.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//
//	{
//	  "version": "2.0", "routeKey": "$default",
//	  "rawPath": "/notes/a b", "rawQueryString": "q=a&q=b%20c",
//	  "cookies": ["session=1", "theme=dark"], "headers": {"accept": "text/html,*/*"},
//	  "requestContext": {"http": {"method": "GET", "sourceIp": "192.0.2.1", …}, "stage": "$default", …},
//	  "body": "…", "isBase64Encoded": false
//	}
//
// The path is decoded, once and for all: whether a slash was sent as %2F cannot be
// told. The query is verbatim. A named stage stands in front of the path. Values of
// a repeated header arrive joined by commas, which cannot be told from others.
type httpV2 struct{}

func (*httpV2) source() source.Source { return source.HTTPv2 }

func (*httpV2) terms() terms { return terms{reply: maxLambdaReply} }

// Gateways always say which version it is. Events that are made of aws-lambda-go's
// types by hand, as in tests, mostly do not.
func (*httpV2) detect(e *document) bool {
	version := e.version
	return (version.Is("2.0") || isEmpty(version)) && missingIn2(e) == ""
}

// missingIn2 is the member without which an event of payload format 2.0 is no request,
// "" where nothing is missing.
func missingIn2(e *document) string {
	switch {
	case !e.context.httpMethod.IsString() || e.context.httpMethod.Is(""):
		return "requestContext.http.method"
	case isEmpty(e.rawPath) && isEmpty(e.context.httpPath):
		return "rawPath"
	}
	return ""
}

// isEmpty reports whether a member is absent, null or an empty string.
func isEmpty(v jsontape.Value) bool {
	return v.Kind() == jsontape.Absent || v.Kind() == jsontape.Null || v.Is("")
}

func (*httpV2) decode(e *document, r *Request) error {
	if err := r.setHeader(e, jsontape.Value{}, e.headers); err != nil {
		return err
	}
	path := e.rawPath
	if isEmpty(path) {
		path = e.context.httpPath
	}
	if err := r.setDecodedPath(r.keep(path)); err != nil {
		return err
	}
	if err := r.decodeVersion2(e); err != nil {
		return err
	}
	r.setRoute(e.routeKey, e.pathParameters, false)
	r.setStage(e.context.stage)
	r.setTLSUnlessHTTP()
	r.setCertificates(text(e.context.authentication.Get("clientCert").Get("clientCertPem")))
	return nil
}

// decodeVersion2 reads what the events of HTTP APIs and function URLs share, once
// header and path are read.
func (r *Request) decodeVersion2(e *document) error {
	if err := r.setMethod(e.context.httpMethod, e.context.httpProtocol); err != nil {
		return err
	}
	if query := e.rawQueryString; query.IsString() && !query.Is("") {
		if err := r.setQuery(query.Bytes()); err != nil {
			return err
		}
	} else {
		// Only events written by hand have the map and not the string.
		r.setQueryMaps(jsontape.Value{}, e.queryStringParameters, encodeQuery)
	}
	r.setCookies(e.cookies)
	r.setHost(e.context.domainName)
	r.setClient(e.context.httpClient)
	return r.setBody(e.body, e.isBase64Encoded)
}

// Payload format 2.0 has one value for a name, joined by commas, and a list for
// cookies, which cannot be joined. Without a status code the whole reply would be
// taken for the body.
func (*httpV2) appendHead(dst []byte, r *Reply) []byte {
	return appendVersion2(dst, r)
}

func appendVersion2(dst []byte, r *Reply) []byte {
	cookies, header := r.splitCookies()
	dst = appendStatus(dst, r)
	dst = appendHeaders(dst, header)
	return appendCookies(dst, cookies)
}
