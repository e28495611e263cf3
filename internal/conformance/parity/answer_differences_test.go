package parity_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/adapter"
)

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
			code := statusOf(*g)
			if code == http.StatusNoContent || code == http.StatusNotModified || p.refusedAnswer() {
				return
			}
			if p.sent.method() == http.MethodConnect && code < 300 && connectEnds {
				return // what follows is not of HTTP any more
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
			http10 := strings.HasSuffix(p.sent.line, " HTTP/1.0")
			if p.sent.method() == http.MethodConnect && connectEnds {
				// A tunnel's connection ends without a word of it, and clients tell only by an
				// answer that has no other end.
				g.Close = statusOf(*g) != http.StatusNoContent || http10
				return
			}
			g.Close = clientCloses(p)
			if !g.Close && (slices.Contains([]adapter.Source{adapter.REST, adapter.HTTPv1, adapter.HTTPv2}, p.door) || http10) {
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
			names := []string{"Www-Authenticate"}
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
			name: "own servers", row: "Server in a reply", doors: only(adapter.REST, adapter.FunctionURL, adapter.ALB, adapter.ALBMulti),
			reason: "the header is the front door's", link: restIssuesPage,
		}, func(g *got, p *prediction) { delete(g.Header, "Server") }),
		gotBy(difference{
			name: "dates", row: "Date in a reply", doors: doors(),
			reason: "the date is the front door's", link: restIssuesPage,
		}, func(g *got, p *prediction) { g.Header["Date"] = []string{"now"} }),
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
			name: "text of replies", row: "header values that are not UTF-8", doors: doors(),
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

// clientCloses reports whether the client has asked for its connection to end, or spoken
// HTTP/1.0 and not asked for more. The front door's server, which is net/http's, takes blanks
// for commas there.
func clientCloses(p *prediction) bool {
	lines := p.plain.Seen.Header["Connection"]
	asks := func(lines []string, what string) bool {
		tokens := strings.FieldsFunc(strings.Join(lines, ","), func(c rune) bool { return strings.ContainsRune(" \t,", c) })
		return slices.ContainsFunc(tokens, func(token string) bool { return strings.EqualFold(token, what) })
	}
	if strings.HasSuffix(p.sent.line, " HTTP/1.0") {
		return !asks(lines[:min(1, len(lines))], "keep-alive")
	}
	return p.plain.Seen.Close || asks(lines, "close")
}
