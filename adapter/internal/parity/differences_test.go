package parity_test

import (
	"cmp"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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

	// predict makes of an exchange that is right but for this difference one that is
	// right.
	predict func(x *exchange, p *prediction)
}

// A prediction is what a difference may go by.
type prediction struct {
	door     adapter.Source
	sent     request
	plain    exchange // with net/http
	through  exchange // through the front door, of which refusals, ids and times are taken
	body     string   // of the request, as it arrives
	answered exchange // with net/http, for what arrives
}

// Pages of AWS's documentation.
const (
	restPage        = "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html"
	restIssuesPage  = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"
	restQuotasPage  = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
	httpAPIPage     = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"
	functionURLPage = "https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"
	albPage         = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"
	albHeadersPage  = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html"
	latticePage     = "https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html"
	lambdaLimits    = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
	messagesRFC     = "https://www.rfc-editor.org/rfc/rfc9112.html"
	jsonRFC         = "https://www.rfc-editor.org/rfc/rfc8259.html#section-8.1"
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
				if x.Seen != nil && x.Seen.Header.Get("Upgrade") != "" {
					refused(x, p, http.StatusBadRequest)
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
				known := []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
				if x.Seen != nil && !slices.Contains(known, x.Seen.Method) {
					refused(x, p, http.StatusForbidden)
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
			name: "broken uploads", doors: doors(),
			reason: "an event is made of the whole body: one that breaks off makes none", link: messagesRFC + "#section-8",
			predict: func(x *exchange, p *prediction) {
				if x.Seen != nil && x.Seen.BodyEnd != "" && x.Seen.BodyEnd != "EOF" && p.through.Seen == nil {
					refused(x, p, http.StatusBadRequest)
				}
			},
		},
	}
}

// refused makes x an exchange in which the function is not invoked. What exactly
// the front door says is held to the recordings by the tests of package gateway.
func refused(x *exchange, p *prediction, status int) {
	*x = p.through.clone()
	x.Seen = nil
	x.Got.Status = strconv.Itoa(status) + " " + http.StatusText(status)
}

// requestDifferences are what handlers see.
func requestDifferences() []difference {
	return []difference{
		seenBy(difference{
			name: "route", doors: only(adapter.REST),
			reason: "every request comes by a resource, which is known before a mux is asked", link: restPage,
		}, func(s *seen, p *prediction) {
			if s.Pattern = "/{proxy+}"; strings.Trim(pathSent(s), "/") == "" {
				s.Pattern = "/"
			}
		}),
		seenBy(difference{
			name: "leading slashes", row: "several slashes at the start of a path", doors: only(adapter.REST),
			reason: "extra slashes at the start of a path are removed", link: restPage,
		}, func(s *seen, p *prediction) {
			if s.Authority == "" && strings.HasPrefix(s.RequestURI, "//") {
				path := "/" + strings.TrimLeft(pathSent(s), "/")
				setPath(s, path)
			}
		}),
		seenBy(difference{
			name: "absolute targets", doors: doors(),
			reason: "a front door is no proxy: events have a path and no authority", link: messagesRFC + "#section-3.2.2",
		}, func(s *seen, p *prediction) {
			if s.Authority != "" || s.Path == "" {
				s.Authority = ""
				setPath(s, cmp.Or((&url.URL{Path: s.Path, RawPath: s.RawPath}).EscapedPath(), "/"))
			}
		}),
		seenBy(difference{
			name: "invalid paths", doors: allBut(adapter.HTTPv2),
			reason: "a path with bytes that RFC 3986 does not allow, which net/http lets pass, has no form that every URL parser takes but the escaped one",
			link:   "https://www.rfc-editor.org/rfc/rfc3986.html#section-3.3",
		}, func(s *seen, p *prediction) {
			if path := pathSent(s); !isEncodedPath(path) {
				decoded, _ := url.PathUnescape(jsonText(path)) // net/http has decoded it, too
				setPath(s, likelyPath(decoded))
			}
		}),
		seenBy(difference{
			name: "decoded paths", row: "a path as it was sent: %2F, %20, %3F", doors: only(adapter.HTTPv2),
			reason: "rawPath is decoded, and ends at a question mark that was escaped", link: httpAPIPage,
		}, func(s *seen, p *prediction) {
			decoded, _, _ := strings.Cut(s.Path, "?")
			setPath(s, likelyPath(jsonText(decoded)))
		}),
		seenBy(difference{
			name: "bare question marks", doors: doors(),
			reason: "an event cannot tell an empty query from none", link: restPage,
		}, func(s *seen, p *prediction) {
			s.ForceQuery = false
			s.RequestURI = strings.TrimSuffix(s.RequestURI, "?")
		}),
		seenBy(difference{
			name: "decoded queries", row: "a query as it was sent: order, encoding",
			doors:  only(adapter.REST, adapter.HTTPv1, adapter.LatticeV1, adapter.LatticeV2),
			reason: "the query arrives as a map of decoded values: order and encoding are lost, and what cannot be decoded", link: restPage,
		}, func(s *seen, p *prediction) {
			query, _ := url.ParseQuery(s.RawQuery)
			valid := url.Values{}
			for name, values := range query {
				for _, value := range values {
					valid.Add(jsonText(name), jsonText(value))
				}
			}
			setQuery(s, valid.Encode())
		}),
		seenBy(difference{
			name: "split queries", row: "a query as it was sent: order, encoding", doors: only(adapter.ALB, adapter.ALBMulti),
			reason: "the query arrives as a map, encoded: the order of names is lost", link: albPage,
		}, func(s *seen, p *prediction) {
			var pairs []string
			for pair := range strings.SplitSeq(jsonText(s.RawQuery), "&") {
				if pair != "" {
					name, value, _ := strings.Cut(pair, "=")
					pairs = append(pairs, name+"="+value)
				}
			}
			slices.SortStableFunc(pairs, func(a, b string) int {
				a, _, _ = strings.Cut(a, "=")
				b, _, _ = strings.Cut(b, "=")
				return strings.Compare(a, b)
			})
			for i, pair := range pairs {
				pairs[i] = validQuery(pair)
			}
			setQuery(s, strings.Join(pairs, "&"))
		}),
		seenBy(difference{
			name: "repeated parameters", row: "a query parameter twice", doors: only(adapter.ALB, adapter.LatticeV1),
			reason: "the map of parameters has one value for a name, the last", link: albPage,
		}, func(s *seen, p *prediction) {
			var last []string
			name := func(pair string) string { name, _, _ := strings.Cut(pair, "="); return name }
			for pair := range strings.SplitSeq(s.RawQuery, "&") {
				if n := len(last); n > 0 && name(last[n-1]) == name(pair) {
					last[n-1] = pair
				} else {
					last = append(last, pair)
				}
			}
			setQuery(s, strings.Join(last, "&"))
		}),
		seenBy(difference{
			name: "bytes that are no text", doors: doors(),
			reason: "an event is JSON, which has no way to write bytes that are not UTF-8", link: jsonRFC,
		}, func(s *seen, p *prediction) {
			for _, values := range s.Header {
				for i, value := range values {
					values[i] = jsonText(value)
				}
			}
			s.Host = jsonText(s.Host)
			setQuery(s, jsonText(s.RawQuery))
		}),
		seenBy(difference{
			name: "invalid text bodies", row: "a text body that is not UTF-8", doors: allBut(adapter.REST),
			reason: "whether a body is base64 follows from its type alone: what is declared text arrives as JSON text", link: albPage,
		}, func(s *seen, p *prediction) {
			if p.body = p.sent.body; !isTextual(p.door, s.Header) || s.NoBody {
				return
			}
			if p.body = jsonText(p.body); p.body == p.sent.body {
				return
			}
			if s.ContentLength >= 0 {
				s.ContentLength = int64(len(p.body))
			}
			if s.Header["Content-Length"] != nil {
				s.Header.Set("Content-Length", strconv.Itoa(len(p.body)))
			}
		}),
		seenBy(difference{
			name: "connection headers", doors: doors(),
			reason: "what concerns the client's connection ends at the front door, and so does what Connection names", link: hopByHopRFC,
		}, func(s *seen, p *prediction) {
			for _, line := range s.Header["Connection"] {
				for name := range strings.SplitSeq(line, ",") {
					delete(s.Header, textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)))
				}
			}
			for _, name := range []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
				delete(s.Header, name)
			}
			s.Close = false
		}),
		seenBy(difference{
			name: "uploads of unknown length", doors: doors(),
			reason: "the event has the whole body: its length is known, and there is no room for trailers", link: functionURLPage,
		}, func(s *seen, p *prediction) {
			if s.ContentLength < 0 {
				s.ContentLength, s.NoBody = int64(len(p.body)), p.body == ""
			}
			s.TransferEncoding, s.Trailer = nil, nil
		}),
		seenBy(difference{
			name: "full duplex", doors: doors(),
			reason: "net/http stops reading a body once the answer goes out over HTTP/1.1, lest client and server wait for each other; " +
				"an event has the whole body, which can be read as it can over HTTP/2", link: functionURLPage,
		}, func(s *seen, p *prediction) { s.FullDuplex = true }),
		seenBy(difference{
			name: "lengths of nothing", doors: allBut(adapter.REST),
			reason: "an empty POST, PUT or PATCH arrives with Content-Length: 0 even where the client has left it out", link: httpAPIPage,
		}, func(s *seen, p *prediction) {
			if slices.Contains([]string{"POST", "PUT", "PATCH"}, s.Method) && s.Header["Content-Length"] == nil && p.plain.Seen.ContentLength == 0 {
				s.Header.Set("Content-Length", "0")
			}
		}),
		seenBy(difference{
			name: "dropped headers", row: "Content-Length and Expect of a request", doors: only(adapter.REST),
			reason: "these never reach a function; what Content-Length says, Request.ContentLength knows from the body", link: restIssuesPage,
		}, func(s *seen, p *prediction) {
			for _, name := range []string{"Content-Length", "Content-Md5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "Www-Authenticate"} {
				delete(s.Header, name)
			}
		}),
		seenBy(difference{
			name: "forwarding headers", doors: doors(),
			reason: "the front door says who sent the request, and by which protocol and port", link: albHeadersPage,
		}, func(s *seen, p *prediction) {
			s.Header["X-Forwarded-For"] = []string{strings.Join(append(s.Header["X-Forwarded-For"], s.RemoteAddr), ", ")}
			s.Header["X-Forwarded-Proto"], s.Header["X-Forwarded-Port"] = []string{"https"}, []string{"443"}
			if hasListener(p.door) {
				s.Header["X-Forwarded-Proto"] = []string{"http"}
				take(s.Header, p.through.Seen.Header, "X-Forwarded-Port", `^\d+$`)
			}
		}),
		seenBy(difference{
			name: "trace headers", doors: doors(),
			reason: "every request belongs to a trace of X-Ray: the client's, or else a new one",
			link:   "https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader",
		}, func(s *seen, p *prediction) {
			const root = `1-[0-9a-f]{8}-[0-9a-f]{24}`
			sent := strings.Join(s.Header["X-Amzn-Trace-Id"], ";")
			switch {
			case !regexp.MustCompile(`(^|;)\s*Root=[^;\s]`).MatchString(sent):
				take(s.Header, p.through.Seen.Header, "X-Amzn-Trace-Id", "^Root="+root+"$")
			case isALB(p.door):
				take(s.Header, p.through.Seen.Header, "X-Amzn-Trace-Id", "^Self="+root+";"+regexp.QuoteMeta(sent)+"$")
			default:
				s.Header["X-Amzn-Trace-Id"] = []string{sent}
			}
		}),
		seenBy(difference{
			name: "headers of TLS", doors: only(adapter.FunctionURL),
			reason: "Lambda tells the version and the cipher suite of the client's connection", link: functionURLPage,
		}, func(s *seen, p *prediction) {
			s.Header["X-Amzn-Tls-Version"] = []string{"TLSv1.3"}
			s.Header["X-Amzn-Tls-Cipher-Suite"] = []string{"TLS_AES_128_GCM_SHA256"}
		}),
		seenBy(difference{
			name: "pieces of cookies", doors: allBut(adapter.ALB, adapter.LatticeV1),
			reason: "clients that speak HTTP/2 to the front door send the Cookie header in pieces, which belong together again in HTTP/1.1",
			link:   "https://www.rfc-editor.org/rfc/rfc9113.html#section-8.2.3",
		}, func(s *seen, p *prediction) {
			if lines := s.Header["Cookie"]; len(lines) > 1 {
				s.Header["Cookie"] = []string{strings.Join(lines, "; ")}
			}
		}),
		seenBy(difference{
			name: "lists of cookies", doors: only(adapter.HTTPv2, adapter.FunctionURL),
			reason: "cookies arrive in a list of their own, without the spaces between them", link: httpAPIPage,
		}, func(s *seen, p *prediction) {
			var cookies []string
			for _, line := range s.Header["Cookie"] {
				for cookie := range strings.SplitSeq(line, ";") {
					if cookie = strings.TrimSpace(cookie); cookie != "" {
						cookies = append(cookies, cookie)
					}
				}
			}
			switch {
			case len(cookies) > 0:
				s.Header["Cookie"] = []string{strings.Join(cookies, "; ")}
			case p.door == adapter.HTTPv2: // a function URL has the header, too
				delete(s.Header, "Cookie")
			}
		}),
		seenBy(difference{
			name: "joined headers", row: "repeated request headers, line by line",
			doors:  only(adapter.HTTPv2, adapter.FunctionURL, adapter.LatticeV1),
			reason: "the map of headers has one value for a name: several are joined by commas", link: httpAPIPage,
		}, func(s *seen, p *prediction) {
			separator := ","
			if p.door == adapter.LatticeV1 {
				separator = ", "
			}
			for name, values := range s.Header {
				s.Header[name] = []string{strings.Join(values, separator)}
			}
		}),
		seenBy(difference{
			name: "repeated headers", row: "repeated request headers, line by line", doors: only(adapter.ALB),
			reason: "the map of headers has one value for a name, the last", link: albPage,
		}, func(s *seen, p *prediction) {
			for name, values := range s.Header {
				s.Header[name] = values[len(values)-1:]
			}
		}),
		seenBy(difference{
			name: "requests without a host", doors: only(adapter.REST, adapter.HTTPv1, adapter.HTTPv2, adapter.FunctionURL),
			reason: "an API is found by its domain name, which the event tells", link: httpAPIPage,
		}, func(s *seen, p *prediction) {
			if s.Host == "" {
				s.Host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
				if p.door == adapter.FunctionURL {
					s.Host = "a1b2c3d4e5.lambda-url.us-east-1.on.aws"
				}
			}
		}),
		seenBy(difference{
			name: "versions of HTTP", doors: doors(),
			reason: "the front door speaks for the client, in HTTP/1.1", link: httpAPIPage,
		}, func(s *seen, p *prediction) { s.Proto = "HTTP/1.1" }),
		seenBy(difference{
			name: "TLS everywhere", doors: only(adapter.REST, adapter.HTTPv1, adapter.HTTPv2, adapter.FunctionURL),
			reason: "there is no way to reach these but HTTPS", link: functionURLPage,
		}, func(s *seen, p *prediction) { s.TLS = true }),
		seenBy(difference{
			name: "hijacking", row: "a connection to hijack", doors: doors(),
			reason: "a function has no connection to hand out", link: functionURLPage,
		}, func(s *seen, p *prediction) { s.Hijacker = false }),
		seenBy(difference{
			name: "servers", doors: doors(),
			reason: "no http.Server runs in a function, and each start of one would pay for what it links; something else is behind http.ServerContextKey, for those who ask whether they run in a server",
			link:   functionURLPage,
		}, func(s *seen, p *prediction) { s.Server = false }),
	}
}

// seenBy completes a difference that shows in what handlers see.
func seenBy(d difference, predict func(s *seen, p *prediction)) difference {
	d.predict = func(x *exchange, p *prediction) {
		predict(x.Seen, p)
	}
	return d
}

// answerDifferences are what clients get.
func answerDifferences() []difference {
	return []difference{
		gotBy(difference{
			name: "panics", doors: doors(),
			reason: "a function cannot break the client's connection: it answers 500, with the headers that let a browser show it", link: functionURLPage,
		}, func(g *got, p *prediction) {
			if s := p.answered.Seen; s.Panic != "" {
				const text = "Internal Server Error"
				*g = got{Status: "500 " + text, Proto: "HTTP/1.1", Header: s.CORS.Clone(), Body: text + "\n"}
				if g.Header == nil {
					g.Header = http.Header{}
				}
				g.Header.Set("Content-Type", "text/plain; charset=utf-8")
				g.Header.Set("X-Content-Type-Options", "nosniff")
				g.Header.Set("Date", "now")
				if strings.HasSuffix(p.sent.line, " HTTP/1.0") {
					g.Proto = "HTTP/1.0"
				}
			}
		}),
		gotBy(difference{
			name: "lengths that are no numbers", doors: doors(),
			reason: "the front door measures the body: what the handler says of it never gets as far as to make an answer that no client can read", link: restPage,
		}, func(g *got, p *prediction) {
			if strings.Contains(g.Failure, "Content-Length") {
				*g = p.through.clone().Got
			}
		}),
		gotBy(difference{
			name: "statuses", row: "statuses 101 and 600 to 999", doors: doors(),
			reason: "the status of a reply must be between 200 and 599", link: functionURLPage,
		}, func(g *got, p *prediction) {
			if code := statusOf(*g); code < 200 || code > 599 {
				status := http.StatusBadGateway
				if !slices.Contains(only(adapter.REST, adapter.FunctionURL, adapter.ALB, adapter.ALBMulti), p.door) {
					status = http.StatusInternalServerError
				}
				*g = p.through.clone().Got
				g.Status = strconv.Itoa(status) + " " + http.StatusText(status)
			}
		}),
		gotBy(difference{
			name: "large replies", row: "replies over 1 MB", doors: only(adapter.ALB, adapter.ALBMulti),
			reason: "the reply may have 1 MB, the JSON around it included", link: albPage,
		}, tooLarge(1<<20)),
		gotBy(difference{
			name: "huge replies", doors: allBut(adapter.ALB, adapter.ALBMulti),
			reason: "the reply may have 6 MB, the JSON around it included", link: lambdaLimits,
		}, tooLarge(6<<20)),
		gotBy(difference{
			name: "early answers", row: "informational answers (1xx)", doors: doors(),
			reason: "a reply has one status; only 100 (Continue) comes, from the front door as it reads the body", link: functionURLPage,
		}, func(g *got, p *prediction) {
			if g.Early = nil; p.plain.Seen.Header.Get("Expect") != "" && p.sent.body != "" {
				g.Early = []string{"100 Continue"}
			}
		}),
		gotBy(difference{
			name: "trailers", row: "trailers", doors: doors(),
			reason: "a reply has no place for them", link: functionURLPage,
		}, func(g *got, p *prediction) {
			g.Trailer = nil
			delete(g.Header, "Trailer")
		}),
		gotBy(difference{
			name: "short answers", doors: doors(),
			reason: "a reply cannot break off: a body shorter than its Content-Length arrives as it is", link: functionURLPage,
		}, func(g *got, p *prediction) { g.BodyEnd = "" }),
		gotBy(difference{
			name: "lengths", doors: doors(),
			reason: "the body arrives whole, and the front door measures it: nothing is chunked, and an answer to HEAD has no body to measure", link: restPage,
		}, func(g *got, p *prediction) {
			g.TransferEncoding = nil
			if code := statusOf(*g); code == http.StatusNoContent || code == http.StatusNotModified || p.refusedAnswer() {
				return
			}
			g.ContentLength = int64(len(g.Body))
			g.Header.Set("Content-Length", strconv.Itoa(len(g.Body)))
			if p.sent.method() == http.MethodHead {
				g.Body = ""
			}
		}),
		gotBy(difference{
			name: "connections", doors: doors(),
			reason: "the connection to the client is the front door's", link: hopByHopRFC,
		}, func(g *got, p *prediction) {
			for _, name := range []string{"Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"} {
				delete(g.Header, name)
			}
			delete(g.Header, "Connection")
			g.Close = clientCloses(p)
			if !g.Close && (p.door == adapter.REST || strings.HasSuffix(p.sent.line, " HTTP/1.0")) {
				g.Header["Connection"] = []string{"keep-alive"}
			}
		}),
		gotBy(difference{
			name: "TE", doors: allBut(adapter.REST),
			reason: "TE belongs to a connection", link: hopByHopRFC,
		}, func(g *got, p *prediction) { delete(g.Header, "Te") }),
		gotBy(difference{
			name: "renamed headers", row: "WWW-Authenticate in a reply, by its name", doors: only(adapter.REST, adapter.FunctionURL),
			reason: "headers that belong to the front door arrive as x-amzn-Remapped-*", link: restIssuesPage,
		}, func(g *got, p *prediction) {
			names := []string{"Server", "Www-Authenticate"}
			if p.door == adapter.REST {
				names = append(names, "Authorization", "Content-Md5", "Expect", "Host", "Max-Forwards", "Proxy-Authenticate", "User-Agent")
			}
			for _, name := range names {
				if values, ok := g.Header[name]; ok {
					g.Header["X-Amzn-Remapped-"+name] = values
					delete(g.Header, name)
				}
			}
		}),
		gotBy(difference{
			name: "dates", doors: doors(),
			reason: "the date is the front door's", link: restIssuesPage,
		}, func(g *got, p *prediction) {
			renamed := p.through.Got.Header.Get("X-Amzn-Remapped-Date")
			if date := g.Header.Get("Date"); slices.Contains(only(adapter.REST, adapter.FunctionURL), p.door) {
				switch sent, err := http.ParseTime(renamed); {
				case date != "now":
					g.Header["X-Amzn-Remapped-Date"] = g.Header["Date"]
				case err == nil && time.Since(sent).Abs() < time.Minute: // a date that happens to be now
					g.Header["X-Amzn-Remapped-Date"] = []string{renamed}
				}
			}
			g.Header["Date"] = []string{"now"}
		}),
		gotBy(difference{
			name: "default types", row: "a reply without Content-Type", doors: only(adapter.REST, adapter.HTTPv1, adapter.HTTPv2, adapter.FunctionURL),
			reason: "a reply without a Content-Type is given one", link: restPage,
		}, func(g *got, p *prediction) {
			if g.Header["Content-Type"] != nil || statusOf(*g) == http.StatusNotModified {
				return
			}
			g.Header.Set("Content-Type", "application/json")
			if p.door == adapter.HTTPv1 || p.door == adapter.HTTPv2 {
				g.Header.Set("Content-Type", "text/plain; charset=utf-8")
			}
		}),
		gotBy(difference{
			name: "single cookies", row: "several cookies in a reply", doors: only(adapter.ALB, adapter.LatticeV1, adapter.LatticeV2),
			reason: "a reply has one value for a name, and cookies cannot be joined: the last is kept, and a warning logged", link: albPage,
		}, func(g *got, p *prediction) {
			if cookies := g.Header["Set-Cookie"]; len(cookies) > 1 {
				g.Header["Set-Cookie"] = cookies[len(cookies)-1:]
			}
		}),
		gotBy(difference{
			name: "joined values", row: "repeated reply headers, line by line",
			doors:  only(adapter.HTTPv2, adapter.FunctionURL, adapter.ALB, adapter.LatticeV1, adapter.LatticeV2),
			reason: "a reply has one value for a name: several are joined, which means the same", link: httpAPIPage,
		}, func(g *got, p *prediction) {
			for name, values := range g.Header {
				if name != "Set-Cookie" {
					g.Header[name] = []string{strings.TrimSpace(strings.Join(values, ", "))}
				}
			}
		}),
		gotBy(difference{
			name: "text of replies", doors: doors(),
			reason: "a reply is JSON, which has no way to write header values that are not UTF-8", link: jsonRFC,
		}, func(g *got, p *prediction) {
			for _, values := range g.Header {
				for i, value := range values {
					values[i] = jsonText(value)
				}
			}
		}),
		gotBy(difference{
			name: "ids in replies", doors: allBut(adapter.LatticeV1, adapter.LatticeV2),
			reason: "the front door marks its replies", link: restPage,
		}, func(g *got, p *prediction) {
			stamp := func(name, form string) { take(g.Header, p.through.Got.Header, name, form) }
			switch p.door {
			case adapter.REST:
				stamp("X-Amz-Apigw-Id", `^[\w-]+=$`)
				fallthrough
			case adapter.FunctionURL:
				stamp("X-Amzn-Requestid", `^[0-9a-f-]{36}$`)
				if !p.refusedAnswer() {
					stamp("X-Amzn-Trace-Id", `^Root=[^;]+;Parent=[^;]+;Sampled=[^;]+;Lineage=1:[0-9a-f]{8}:0$`)
				}
			case adapter.HTTPv1, adapter.HTTPv2:
				stamp("Apigw-Requestid", `^[\w-]+=$`)
			default:
				g.Header["Server"] = []string{"awselb/2.0"}
			}
		}),
	}
}

// gotBy completes a difference that shows in what clients get.
func gotBy(d difference, predict func(g *got, p *prediction)) difference {
	d.predict = func(x *exchange, p *prediction) {
		predict(&x.Got, p)
	}
	return d
}

// tooLarge answers for a body that cannot pass. It goes by the size of the body: the
// corpus and the fuzzer stay clear of the few bytes that are the JSON's.
func tooLarge(limit int) func(*got, *prediction) {
	return func(g *got, p *prediction) {
		if len(g.Body) > limit {
			const text = "Internal Server Error"
			header := http.Header{
				"Content-Type":           {"text/plain; charset=utf-8"},
				"X-Content-Type-Options": {"nosniff"},
				"Date":                   {"now"},
			}
			for name, values := range g.Header {
				if isCORS(name) {
					header[name] = values
				}
			}
			*g = got{Status: "500 " + text, Proto: "HTTP/1.1", Header: header, Body: text + "\n"}
		}
	}
}

// refusedAnswer tells that the front door could not use the function's reply.
func (p *prediction) refusedAnswer() bool {
	code := statusOf(p.answered.Got)
	return p.answered.Seen.Panic == "" && (code < 200 || code > 599)
}

func isCORS(name string) bool {
	return name == "Vary" || strings.HasPrefix(name, "Access-Control-")
}

func statusOf(g got) int {
	code, _ := strconv.Atoi(g.Status[:min(3, len(g.Status))])
	return code
}

// clientCloses reports whether the client has asked for its connection to end.
func clientCloses(p *prediction) bool {
	tokens := strings.FieldsFunc(strings.Join(p.plain.Seen.Header["Connection"], ","), func(c rune) bool { return strings.ContainsRune(" \t,", c) })
	return p.plain.Seen.Close || slices.ContainsFunc(tokens, func(token string) bool { return strings.EqualFold(token, "close") })
}

func isALB(s adapter.Source) bool { return s == adapter.ALB || s == adapter.ALBMulti }

func hasListener(s adapter.Source) bool {
	return isALB(s) || s == adapter.LatticeV1 || s == adapter.LatticeV2
}

// take copies a field whose value has the given form.
func take(to, from http.Header, name, form string) {
	if values := from[name]; len(values) == 1 && regexp.MustCompile(form).MatchString(values[0]) {
		to[name] = values
	} else {
		to[name] = []string{"something like " + form}
	}
}

// isTextual reports whether a front door passes a body on as text.
func isTextual(door adapter.Source, header http.Header) bool {
	if door == adapter.REST {
		return false
	}
	last := func(name string) string {
		if values := header[name]; len(values) > 0 {
			return values[len(values)-1]
		}
		return ""
	}
	media, params, err := mime.ParseMediaType(last("Content-Type"))
	if err != nil || isALB(door) && last("Content-Encoding") != "" {
		return false
	}
	switch media {
	case "application/json", "application/xml", "application/javascript":
	case "application/graphql":
		if isALB(door) {
			return false
		}
	default:
		if !strings.HasPrefix(media, "text/") {
			return false
		}
	}
	charset, given := params["charset"]
	return isALB(door) || !given || strings.EqualFold(charset, "utf-8")
}

// jsonText is what is left of a string in JSON.
func jsonText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// pathSent is the path of the request target.
func pathSent(s *seen) string {
	path, _, _ := strings.Cut(s.RequestURI, "?")
	return path
}

// setPath makes a handler see an encoded path, as net/http does.
func setPath(s *seen, path string) {
	_, query, asked := strings.Cut(s.RequestURI, "?")
	if s.RequestURI = path; asked {
		s.RequestURI += "?" + query
	}
	s.Path, _ = url.PathUnescape(path)
	if s.RawPath = path; (&url.URL{Path: s.Path}).EscapedPath() == path {
		s.RawPath = ""
	}
}

// setQuery makes a handler see a query.
func setQuery(s *seen, query string) {
	asked := s.ForceQuery && query == ""
	s.RawQuery = query
	if s.RequestURI = pathSent(s); query != "" || asked {
		s.RequestURI += "?" + query
	}
}

// pchar are the bytes of a path segment besides letters, digits and escapes (RFC
// 3986, section 3.3), and the slash, and the brackets that net/url lets pass.
const pchar = "-._~!$&'()*+,;=:@/[]"

func isEncodedPath(path string) bool {
	return !strings.ContainsFunc(path, func(c rune) bool {
		return c != '%' && !isAlphanumeric(c) && !strings.ContainsRune(pchar, c)
	})
}

// likelyPath escapes what a client must have escaped, and nothing else.
func likelyPath(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(path) {
		if isAlphanumeric(rune(c)) || strings.IndexByte(pchar, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
		}
	}
	return b.String()
}

// validQuery escapes what cannot stand in a query, and leaves what is escaped.
func validQuery(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		if c > ' ' && c < 0x7f && c != '"' && c != '#' {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
		}
	}
	return b.String()
}

func isAlphanumeric(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
