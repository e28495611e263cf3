package parity_test

import (
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/adapter"
)

// requestDifferences are what handlers see.
func requestDifferences() []difference {
	return []difference{
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
			name: "bytes that are no text", row: "header values that are not UTF-8", doors: doors(),
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
			name: "inflated bodies", row: "a compressed request body, as it was sent", doors: only(adapter.REST),
			reason: "a REST API inflates gzip and deflate and leaves the header, which a body that is plain belies", link: restCodingPage,
		}, func(s *seen, p *prediction) {
			p.body, _ = inflated(s.Header, p.sent.body) // what cannot be is refused
			if coding := s.Header["Content-Encoding"]; len(coding) == 1 && belies(p.body, coding[0]) {
				delete(s.Header, "Content-Encoding")
			}
			if p.body == p.sent.body {
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
			name: "method overrides", doors: only(adapter.REST),
			reason: "a POST may say that it is for another method, and the API keeps the header to itself", link: restIssuesPage,
		}, func(s *seen, p *prediction) {
			const name = "X-Http-Method-Override"
			values := s.Header[name]
			if s.Method == http.MethodPost && len(values) > 0 && slices.Contains(restMethods(), values[len(values)-1]) {
				s.Method = values[len(values)-1]
				delete(s.Header, name)
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
			case !regexp.MustCompile(`(^|;)\s*Root=\s*[^;\s]`).MatchString(sent):
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

// inflated is a body without the coding that its header names. ok is false where a REST
// API knows no such coding, or the body does not have it.
func inflated(header http.Header, body string) (plain string, ok bool) {
	coding := strings.ToLower(strings.TrimSpace(strings.Join(header["Content-Encoding"], ",")))
	if body == "" || coding == "" || coding == "identity" {
		return body, true
	}
	var from io.Reader
	var err error
	switch coding {
	case "gzip", "x-gzip":
		from, err = gzip.NewReader(strings.NewReader(body))
	case "deflate":
		from, err = zlib.NewReader(strings.NewReader(body))
	default:
		return "", false
	}
	if err != nil {
		return "", false
	}
	all, err := io.ReadAll(from)
	return string(all), err == nil
}

// belies reports whether a body does not begin as one of a coding does that REST APIs undo
// (RFC 1952, section 2.3.1; RFC 1950, section 2.2). One that was compressed twice does.
func belies(body, coding string) bool {
	switch strings.ToLower(coding) {
	case "gzip", "x-gzip":
		return !strings.HasPrefix(body, "\x1f\x8b")
	case "deflate":
		return len(body) < 2 || body[0]&0x0f != 8 || (int(body[0])<<8|int(body[1]))%31 != 0
	}
	return false
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
	return escape(path, func(c byte) bool { return isAlphanumeric(rune(c)) || strings.IndexByte(pchar, c) >= 0 })
}

// validQuery escapes what cannot stand in a query, and leaves what is escaped.
func validQuery(query string) string {
	return escape(query, func(c byte) bool { return c > ' ' && c < 0x7f && c != '"' && c != '#' })
}

// escape percent-encodes the bytes that may not stay.
func escape(s string, stays func(c byte) bool) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if stays(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func isAlphanumeric(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
