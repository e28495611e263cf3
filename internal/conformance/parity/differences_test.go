package parity_test

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/adapter"
)

// A difference is something that no function behind a front door can have as it is
// with net/http.
type difference struct {
	name   string
	row    string // its row in the tables, "" for what nobody misses
	doors  []adapter.Source
	reason string
	link   string

	// predict changes x, which is what must happen but for this difference, into what
	// must happen with it.
	predict func(x *exchange, p *prediction)
}

// A prediction is what a difference may go by.
type prediction struct {
	door     adapter.Source
	sent     request
	plain    exchange        // with net/http
	patient  func() exchange // with net/http, where that refuses what it can be told to take
	through  exchange        // through the front door, of which refusals, ids and times are taken
	body     string          // of the request, as it arrives
	answered exchange        // with net/http, for what arrives
}

// Pages of AWS's documentation.
const (
	restPage        = "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html"
	restIssuesPage  = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"
	restCodingPage  = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html"
	restQuotasPage  = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
	httpAPIPage     = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"
	functionURLPage = "https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"
	albPage         = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"
	albHeadersPage  = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html"
	lambdaLimits    = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
	messagesRFC     = "https://www.rfc-editor.org/rfc/rfc9112.html"
	jsonRFC         = "https://www.rfc-editor.org/rfc/rfc8259.html#section-8.1"
	manyHeadersRFC  = "https://www.rfc-editor.org/rfc/rfc6585.html#section-5"
	hopByHopRFC     = "https://www.rfc-editor.org/rfc/rfc9110.html#section-7.6.1"
)

// differences lists all that are allowed, in the order in which they come about: a
// front door's refusals, which end an exchange, what becomes of the request, and
// what becomes of the answer.
func differences() []difference {
	return slices.Concat(refusals(), requestDifferences(), answerDifferences())
}

func allBut(sources ...adapter.Source) []adapter.Source {
	return slices.DeleteFunc(doors(), func(s adapter.Source) bool { return slices.Contains(sources, s) })
}

func only(sources ...adapter.Source) []adapter.Source { return sources }

// refusals are the requests that a front door answers by itself.
func refusals() []difference {
	return []difference{
		{
			name: "upgrades", row: "requests to upgrade to another protocol", doors: only(adapter.ALB, adapter.ALBMulti),
			reason: "a load balancer answers a request to upgrade with status 400 where the target is a function", link: albPage,
			predict: func(x *exchange, p *prediction) {
				if x.Seen == nil {
					return
				}
				for _, protocol := range strings.Split(strings.Join(x.Seen.Header["Upgrade"], ","), ",") {
					if protocol = strings.TrimSpace(protocol); protocol != "" && !strings.EqualFold(protocol, "h2c") {
						refused(x, p, http.StatusBadRequest)
						return
					}
				}
			},
		},
		{
			name: "many headers", row: "status 431 for more than 500 header lines", doors: doors(),
			reason: "an event has as many headers as the front door has let pass, and nothing counts them again", link: manyHeadersRFC,
			predict: func(x *exchange, p *prediction) {
				if x.Seen == nil && statusOf(x.Got) == http.StatusRequestHeaderFieldsTooLarge {
					p.plain = p.patient()
					*x = p.plain.clone()
				}
			},
		},
		{
			name: "large headers", row: "request headers over 10 KB", doors: only(adapter.REST, adapter.HTTPv1, adapter.HTTPv2),
			reason: "API Gateway allows 10,240 bytes for the header, of HTTP APIs with the request line", link: restQuotasPage,
			predict: func(x *exchange, p *prediction) {
				if x.Seen == nil {
					return
				}
				size := len("Host: \r\n") + len(x.Seen.Host)
				for name, values := range x.Seen.Header {
					for _, value := range values {
						size += len(name) + len(value) + len(": \r\n")
					}
				}
				if p.door != adapter.REST {
					size += len(x.Seen.Method) + len(x.Seen.RequestURI) + len("  HTTP/1.1\r\n")
				}
				if size > 10240 {
					refused(x, p, http.StatusRequestHeaderFieldsTooLarge)
				}
			},
		},
		{
			name: "targets without a path", doors: doors(),
			reason: "a front door has a route for a path; the asterisk stands for the server, and no other method than OPTIONS has a use for it",
			link:   messagesRFC + "#section-3.2.4",
			predict: func(x *exchange, p *prediction) {
				if x.Seen != nil && x.Seen.Path == "*" {
					refused(x, p, http.StatusBadRequest)
				}
			},
		},
		{
			name: "methods", row: "methods such as PROPFIND", doors: only(adapter.REST),
			reason: "ANY stands for seven methods, there is no route for others", link: restPage,
			predict: func(x *exchange, p *prediction) {
				if x.Seen != nil && !slices.Contains(restMethods(), x.Seen.Method) {
					refused(x, p, http.StatusForbidden)
				}
			},
		},
		{
			name: "long paths", doors: only(adapter.REST),
			reason: "the ARN that a request is authorized by, which ends in its method and path, may have 1,600 bytes", link: restQuotasPage,
			predict: func(x *exchange, p *prediction) {
				if x.Seen == nil {
					return
				}
				path := cmp.Or(pathSent(x.Seen), "/")
				if x.Seen.Authority != "" {
					path = cmp.Or((&url.URL{Path: x.Seen.Path, RawPath: x.Seen.RawPath}).EscapedPath(), "/")
				}
				arn := "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/test/" + x.Seen.Method + "/" + strings.TrimLeft(path, "/")
				if len(arn) > 1600 {
					refused(x, p, http.StatusRequestURITooLong)
				}
			},
		},
		{
			name: "large uploads", doors: doors(),
			reason: "a load balancer takes 1 MB for the body, Lambda 6 MB for the whole event", link: lambdaLimits,
			predict: func(x *exchange, p *prediction) {
				limit := 4 << 20 // as much as base64 leaves of 6 MB, and the corpus is not near it
				if isALB(p.door) {
					limit = 1 << 20
				}
				if x.Seen != nil && len(p.sent.body) > limit {
					refused(x, p, http.StatusRequestEntityTooLarge)
				}
			},
		},
		{
			name: "undecodable uploads", doors: only(adapter.REST),
			reason: "a REST API inflates a body ahead of the function, and takes none that it cannot inflate", link: restCodingPage,
			predict: func(x *exchange, p *prediction) {
				if x.Seen == nil || brokeOff(x.Seen) {
					return
				}
				if _, ok := inflated(x.Seen.Header, p.sent.body); !ok {
					refused(x, p, http.StatusUnsupportedMediaType)
				}
			},
		},
		{
			name: "broken uploads", doors: doors(),
			reason: "an event is made of the whole body: one that breaks off makes none", link: messagesRFC + "#section-8",
			predict: func(x *exchange, p *prediction) {
				if x.Seen != nil && brokeOff(x.Seen) && p.through.Seen == nil {
					refused(x, p, http.StatusBadRequest)
				}
			},
		},
	}
}

// brokeOff reports whether the client's body ended before its end, as far as the handler
// has read. That the handler has closed it is no fault of the client.
func brokeOff(s *seen) bool {
	return !slices.Contains([]string{"", "EOF", http.ErrBodyReadAfterClose.Error()}, s.BodyEnd)
}

// restMethods are those that a method of a REST API can be for.
func restMethods() []string {
	return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
}

// refused makes x an exchange in which the function is not invoked. What exactly
// the front door says is held to the recordings by the tests of package gateway.
func refused(x *exchange, p *prediction, status int) {
	*x = p.through.clone()
	x.Seen = nil
	x.Got.Status = strconv.Itoa(status) + " " + http.StatusText(status)
}

func isALB(s adapter.Source) bool { return s == adapter.ALB || s == adapter.ALBMulti }

// hasListener reports whether the port that clients connect to is the user's choice,
// and with it HTTP or HTTPS.
func hasListener(s adapter.Source) bool {
	return isALB(s) || s == adapter.LatticeV1 || s == adapter.LatticeV2
}

// take copies a field that nothing predicts, such as an id. A value that does not have
// the given form is not copied, so that the exchange then differs.
func take(to, from http.Header, name, form string) {
	if values := from[name]; len(values) == 1 && regexp.MustCompile(form).MatchString(values[0]) {
		to[name] = values
	} else {
		to[name] = []string{"something like " + form}
	}
}

// jsonText is what is left of a string in JSON.
func jsonText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
