package event

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/lambridge-go/lambridge/internal/jsontape"
	"github.com/lambridge-go/lambridge/internal/source"
)

// alb is an Application Load Balancer whose target group has single-value headers,
// which is how they are made:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
//
//	{
//	  "requestContext": {"elb": {"targetGroupArn": "arn:…"}},
//	  "httpMethod": "GET", "path": "/notes/a%2Fb",
//	  "queryStringParameters": {"q": "b%20c"}, "headers": {"host": "…", "x-forwarded-for": "192.0.2.1"},
//	  "body": "", "isBase64Encoded": false
//	}
//
// Path and query are encoded, both. The client's address is the last one of
// X-Forwarded-For, which the load balancer adds; a health check has none.
type alb struct{}

func (*alb) source() source.Source { return source.ALB }

func (*alb) terms() terms { return albTerms }

func (*alb) detect(e *document) bool {
	return isALB(e) && e.multiValueHeaders.Kind() != jsontape.Object
}

func (*alb) decode(e *document, r *Request) error { return r.decodeALB(e) }

// The reply has one value for a name, and so one cookie: which is better than
// several in one line, which no client can take apart.
func (*alb) appendHead(dst []byte, r *Reply) []byte {
	dst = appendALBStatus(dst, r)
	return appendHeaders(dst, r.withOneCookie())
}

// albMulti is an Application Load Balancer whose target group has multi-value
// headers: each map has lists, and the reply's header must have them as well.
type albMulti struct{}

func (*albMulti) source() source.Source { return source.ALBMulti }

func (*albMulti) terms() terms { return albTerms }

func (*albMulti) detect(e *document) bool { return isALB(e) }

func (*albMulti) decode(e *document, r *Request) error { return r.decodeALB(e) }

func (*albMulti) appendHead(dst []byte, r *Reply) []byte {
	dst = appendALBStatus(dst, r)
	return appendMultiValueHeaders(dst, r.Header)
}

// albTerms are those of a load balancer, whose header limits are not adjustable:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
var albTerms = terms{reply: maxALBReply, header: 32 * 1024}

func isALB(e *document) bool { return e.context.elb.Kind() == jsontape.Object }

func (r *Request) decodeALB(e *document) error {
	if err := r.setHeader(e, e.multiValueHeaders, e.headers); err != nil {
		return err
	}
	if err := r.setMethod(e.httpMethod, jsontape.Value{}); err != nil {
		return err
	}
	if err := r.setEncodedPath(r.keep(e.path)); err != nil {
		return err
	}
	r.setQueryMaps(e.multiValueQueryStringParameters, e.queryStringParameters, passQuery)
	r.RemoteAddr = r.hostPort(r.lastForwarded())
	r.setTLSIfHTTPS()
	return r.setBody(e.body, e.isBase64Encoded)
}

// ReadCertificate takes the client's certificate from the first of the headers that is
// there, which a listener with mutual TLS writes: the leaf that it has verified, or the
// chain that it passes through. The PEM is percent-encoded with its plus signs left
// alone:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
func (r *Request) ReadCertificate(headers []string) {
	if r.TLS == nil {
		return
	}
	for _, name := range headers {
		if text, err := url.PathUnescape(r.Header.Get(name)); err == nil && text != "" {
			r.setCertificates([]byte(text))
			return
		}
	}
}

// A load balancer refuses a reply in which any member is null with status 502, and
// one whose description is not the status and a phrase. A status without a phrase
// of its own gets the one that net/http makes up.
func appendALBStatus(dst []byte, r *Reply) []byte {
	dst = appendStatus(dst, r)
	dst = append(dst, `,"statusDescription":"`...)
	dst = strconv.AppendInt(dst, int64(r.Status), 10)
	dst = append(dst, ' ')
	if text := http.StatusText(r.Status); text != "" {
		dst = append(dst, text...)
	} else {
		dst = strconv.AppendInt(append(dst, "status code "...), int64(r.Status), 10)
	}
	return append(dst, '"')
}
