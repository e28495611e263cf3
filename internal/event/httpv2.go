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
func (*httpV2) detect(e document) bool {
	version := e.Get("version")
	return (version.Is("2.0") || isEmpty(version)) && missingIn2(e) == ""
}

// missingIn2 is the member without which an event of payload format 2.0 is no request,
// "" where nothing is missing.
func missingIn2(e document) string {
	http := e.context.Get("http")
	switch {
	case !http.Get("method").IsString() || isEmpty(http.Get("method")):
		return "requestContext.http.method"
	case isEmpty(e.Get("rawPath")) && isEmpty(http.Get("path")):
		return "rawPath"
	}
	return ""
}

// isEmpty reports whether a member is absent, null or an empty string.
func isEmpty(v jsontape.Value) bool {
	return v.Kind() == jsontape.Absent || v.Kind() == jsontape.Null || v.Is("")
}

func (*httpV2) decode(e document, r *Request) error {
	if err := r.setHeader(jsontape.Value{}, e.Get("headers")); err != nil {
		return err
	}
	path := e.Get("rawPath")
	if isEmpty(path) {
		path = e.context.Get("http").Get("path")
	}
	if err := r.setDecodedPath(r.keep(path)); err != nil {
		return err
	}
	r.setRoute(e.Get("routeKey"), e.Get("pathParameters"), false)
	r.setStage(e.context.Get("stage"))
	if err := r.decodeVersion2(e); err != nil {
		return err
	}
	r.setTLSUnlessHTTP()
	r.setCertificates(e.context.Get("authentication").Get("clientCert").Get("clientCertPem").Text())
	return nil
}

// decodeVersion2 reads what the events of HTTP APIs and function URLs share, once
// header and path are read.
func (r *Request) decodeVersion2(e document) error {
	http := e.context.Get("http")
	if err := r.setMethod(http.Get("method"), http.Get("protocol")); err != nil {
		return err
	}
	if query := e.Get("rawQueryString"); query.IsString() && !query.Is("") {
		if err := r.setQuery(r.keep(query)); err != nil {
			return err
		}
	} else {
		// Only events written by hand have the map and not the string.
		r.setQueryMaps(jsontape.Value{}, e.Get("queryStringParameters"), encodeQuery)
	}
	r.setCookies(e.Get("cookies"))
	r.setHost(e.context.Get("domainName"))
	r.setClient(http.Get("sourceIp"))
	return r.setBody(e.Get("body"), e.Get("isBase64Encoded"))
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
