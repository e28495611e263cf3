package parity_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/headercount"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// A request is what a client sends, to the byte.
type request struct {
	line    string   // "GET /path?query", of HTTP/1.1 unless it says otherwise
	header  []string // lines such as "Accept: */*"; a Host is added unless one is here
	body    string   // sent with its length, unless there is none
	chunked bool     // sends the body in pieces instead, without its length
	trailer string   // a line behind the pieces
}

func get(target string, header ...string) request {
	return request{line: "GET " + target, header: header}
}

func post(target, contentType, body string, header ...string) request {
	return request{line: "POST " + target, header: append([]string{"Content-Type: " + contentType}, header...), body: body}
}

func send(method, target string, header ...string) request {
	return request{line: method + " " + target, header: header}
}

func (r request) method() string {
	method, _, _ := strings.Cut(r.line, " ")
	return method
}

func (r request) bytes() []byte {
	var b strings.Builder
	b.WriteString(r.line)
	if !strings.Contains(r.line, " HTTP/") {
		b.WriteString(" HTTP/1.1")
	}
	if !slices.ContainsFunc(r.header, func(line string) bool { return strings.HasPrefix(line, "Host:") }) {
		b.WriteString("\r\nHost: app.example.com")
	}
	for _, line := range r.header {
		b.WriteString("\r\n" + line)
	}
	switch {
	case r.chunked:
		b.WriteString("\r\nTransfer-Encoding: chunked\r\n\r\n")
		for piece := range slices.Chunk([]byte(r.body), 1000) {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", len(piece), piece)
		}
		b.WriteString("0\r\n")
		if r.trailer != "" {
			b.WriteString(r.trailer + "\r\n")
		}
		b.WriteString("\r\n")
	case r.body != "":
		fmt.Fprintf(&b, "\r\nContent-Length: %d\r\n\r\n%s", len(r.body), r.body)
	default:
		b.WriteString("\r\n\r\n")
	}
	return []byte(b.String())
}

// An exchange is all that can be told of a request and its answer: what the handler
// saw, if it ran, and what the client got.
type exchange struct {
	Seen *seen
	Got  got
}

// seen is what a handler saw of its request, and what came of it.
type seen struct {
	arrival
	Body    string   // what the handler read of it
	BodyEnd string   // the error that ended the reading
	Calls   []string // what the calls of a program returned
	Panic   string
	CORS    http.Header // of the headers in force at a panic, those that an answer in their place keeps
}

// An arrival is a request as it arrives at a handler. Query and cookies are not
// here because they are read from RawQuery and Header.
type arrival struct {
	Method           string
	Path             string
	RawPath          string
	RequestURI       string
	RawQuery         string
	ForceQuery       bool
	Authority        string // scheme and host of the URL
	Pattern          string
	Proto            string
	Header           http.Header
	Host             string
	RemoteAddr       string // without the port
	TLS              bool
	ContentLength    int64
	TransferEncoding []string
	Trailer          http.Header // as announced
	NoBody           bool
	Close            bool
	Hijacker         bool // of the ResponseWriter
	Server           bool // an *http.Server is behind http.ServerContextKey
	FullDuplex       bool // the body can be read when the answer has begun
}

// got is what a client got.
type got struct {
	Early            []string // informational answers ahead of the answer
	Status           string
	Proto            string
	Header           http.Header // with "now" for the current date, and a known boundary for a random one
	ContentLength    int64
	TransferEncoding []string
	Close            bool
	Body             string
	BodyEnd          string // the error that ended the reading
	Trailer          http.Header
	Failure          string // why there is no answer
}

func (x exchange) clone() exchange {
	if x.Seen != nil {
		s := *x.Seen
		s.Header, s.Trailer = s.Header.Clone(), s.Trailer.Clone()
		x.Seen = &s
	}
	x.Got.Header, x.Got.Trailer = x.Got.Header.Clone(), x.Got.Trailer.Clone()
	return x
}

// A site serves a handler, by net/http alone or through a front door, and is its
// own client. It takes one request at a time.
type site struct {
	handler http.Handler
	behind  bool     // a front door
	posing  *arrival // what requests are made to look like, if they are
	server  *httptest.Server
	saw     chan *seen // what the handler saw, once it has returned

	mu      sync.Mutex
	running int      // handlers that have begun and not been waited for
	files   []string // temporary ones, of all forms that the handler has read
}

// newSite serves h.
func newSite(tb testing.TB, source adapter.Source, h http.Handler) *site {
	s := unstartedSite(tb, source, h)
	if s.behind {
		headercount.Unlimit(s.server.Config) // as the command and lambdatest do
	} else {
		limitHeaders(s.server.Config)
	}
	s.server.Start()
	return s
}

// newPatientSite serves h by net/http alone, which takes any number of headers.
func newPatientSite(tb testing.TB, h http.Handler) *site {
	s := unstartedSite(tb, netHTTP, h)
	headercount.Unlimit(s.server.Config)
	s.server.Start()
	return s
}

func unstartedSite(tb testing.TB, source adapter.Source, h http.Handler) *site {
	s := &site{handler: h, behind: source != netHTTP, saw: make(chan *seen, 8)}
	var served http.Handler = http.HandlerFunc(s.record)
	if s.behind {
		facts, ok := gateway.Facts(source)
		require.True(tb, ok)
		function := adapter.Wrap(served, adapter.WithLogger(slog.New(slog.DiscardHandler)))
		api := gateway.API{Kind: facts.Kind, Default: gateway.Lambda(function, gateway.LambdaOptions{Format: facts.Format})}
		if facts.BinaryMediaTypes {
			api.BinaryMediaTypes = []string{"*/*"} // as every API with images or uploads is set up
		}
		g, err := gateway.New(api, gateway.Options{})
		require.NoError(tb, err)
		served = g
	}
	s.server = httptest.NewUnstartedServer(served)
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	tb.Cleanup(s.server.Close)
	return s
}

// left ends the site, and returns which of its temporary files are still there when all
// is done that comes after its handlers.
func (s *site) left() []string {
	s.server.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(s.files, func(name string) bool {
		_, err := os.Stat(name)
		return errors.Is(err, fs.ErrNotExist)
	})
}

// keep notes the files of a form that are on disk.
func (s *site) keep(form *multipart.Form) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, headers := range form.File {
		for _, header := range headers {
			opened, err := header.Open()
			if err != nil {
				continue
			}
			if file, ok := opened.(*os.File); ok {
				s.files = append(s.files, file.Name())
			}
			opened.Close()
		}
	}
}

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// do sends a request and waits for its answer and its handler.
func (s *site) do(tb testing.TB, r request) exchange {
	answer, hangUp := s.roundTrip(tb, r)
	defer hangUp() // not before the handler is done: what it still writes would fail
	x := exchange{Got: answer}
	s.mu.Lock()
	running := s.running
	s.running = 0
	s.mu.Unlock()
	require.LessOrEqual(tb, running, 1, "a handler ran more than once")
	if running > 0 {
		select {
		case x.Seen = <-s.saw:
		case <-time.After(patience):
			require.Fail(tb, "the handler does not return")
		}
	}
	return x
}

// doAs is do for a request that the handler is to see as another. Whatever it does
// then, it does with net/http.
func (s *site) doAs(tb testing.TB, r request, as arrival, body string) exchange {
	s.posing = &as
	defer func() { s.posing = nil }()
	r.chunked, r.body = false, body
	// The front door has asked for the body: the handler's answer does not keep it away, as
	// it does from a client that still waits for a 100 (Continue).
	r.header = slices.DeleteFunc(slices.Clone(r.header), func(line string) bool {
		name, _, _ := strings.Cut(line, ":")
		return strings.EqualFold(strings.TrimSpace(name), "Expect")
	})
	return s.do(tb, r)
}

func (s *site) roundTrip(tb testing.TB, r request) (answer got, hangUp func()) {
	// Each request has a connection of its own: after some answers net/http ends one
	// without a word.
	conn, err := net.Dial("tcp", s.server.Listener.Addr().String())
	require.NoError(tb, err)
	require.NoError(tb, conn.SetDeadline(time.Now().Add(patience)))
	require.NoError(tb, conn.(*net.TCPConn).SetLinger(0)) // a fuzzer would run out of ports

	// The server may answer before it has read everything.
	out, written := r.bytes(), make(chan struct{})
	write := func() {
		_, _ = conn.Write(out)
		close(written)
	}
	if len(out) <= 16<<10 {
		write()
	} else {
		go write()
	}
	return readAnswer(bufio.NewReader(conn), r.method()), func() {
		_ = conn.Close()
		<-written
	}
}

// readAnswer reads with net/http's client.
func readAnswer(from *bufio.Reader, method string) got {
	g := got{}
	for {
		answer, err := http.ReadResponse(from, &http.Request{Method: method})
		if err != nil {
			g.Failure = reason(err)
			return g
		}
		body, err := io.ReadAll(answer.Body)
		if answer.StatusCode < 200 && answer.StatusCode != http.StatusSwitchingProtocols {
			g.Early = append(g.Early, answer.Status)
			continue
		}
		g.Status, g.Proto, g.Header = answer.Status, answer.Proto, answer.Header
		g.ContentLength, g.TransferEncoding, g.Close = answer.ContentLength, answer.TransferEncoding, answer.Close
		g.Body, g.BodyEnd, g.Trailer = string(body), reason(err), answer.Trailer
		if date, err := http.ParseTime(g.Header.Get("Date")); err == nil && time.Since(date).Abs() < time.Minute {
			g.Header["Date"][0] = "now"
		}
		if _, boundary, ok := strings.Cut(g.Header.Get("Content-Type"), "multipart/byteranges; boundary="); ok {
			known := strings.Repeat("-", len(boundary))
			g.Header.Set("Content-Type", "multipart/byteranges; boundary="+known)
			g.Body = strings.ReplaceAll(g.Body, boundary, known)
		}
		return g
	}
}

// record runs the handler and takes down what it sees. The ResponseWriter that the
// handler gets is the server's own, as of Go 1.27.
func (s *site) record(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.running++
	s.mu.Unlock()
	if !s.behind {
		w = asGo127(w, r)
	}

	// The handler has a copy of the request: the server looks at its own.
	copied := r.WithContext(r.Context())
	saw := &seen{arrival: arrivalOf(w, r, s.behind)}
	if s.posing != nil {
		saw.arrival = *s.posing
		pose(w, copied, saw.arrival)
	}
	body := &overheard{ReadCloser: copied.Body}
	if copied.Body != http.NoBody {
		copied.Body = body
	}
	defer func() {
		cause := recover()
		saw.Body, saw.BodyEnd = body.heard()
		if form := copied.MultipartForm; form != nil {
			s.keep(form)
			r.MultipartForm = form // the server's to do away with
		}
		p, programmed := s.handler.(*program)
		if programmed {
			saw.Calls = p.calls
		}
		if cause != nil {
			saw.Panic = fmt.Sprint(cause)
			saw.CORS = w.Header().Clone()
			if programmed && p.frozen != nil {
				saw.CORS = p.frozen
			}
			maps.DeleteFunc(saw.CORS, func(name string, values []string) bool { return !isCORS(name) || len(values) == 0 })
			for name, values := range saw.CORS {
				saw.CORS[name] = asSent(values)
			}
		}
		s.saw <- saw
		if cause != nil {
			panic(cause)
		}
	}()
	s.handler.ServeHTTP(w, copied)
}

// asSent is what net/http makes of a header's values on their way.
func asSent(values []string) []string {
	var sent []string
	for _, value := range values {
		value = strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
		sent = append(sent, textproto.TrimString(value))
	}
	return sent
}

func arrivalOf(w http.ResponseWriter, r *http.Request, behind bool) arrival {
	_, hijacker := w.(http.Hijacker)
	_, server := r.Context().Value(http.ServerContextKey).(*http.Server)
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = err.Error()
	}
	return arrival{
		Method: r.Method, Path: r.URL.Path, RawPath: r.URL.RawPath, RequestURI: r.RequestURI,
		RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery, Authority: r.URL.Scheme + r.URL.Host,
		Pattern: r.Pattern, Proto: r.Proto, Header: r.Header.Clone(), Host: r.Host, RemoteAddr: host, TLS: r.TLS != nil,
		ContentLength: r.ContentLength, TransferEncoding: slices.Clone(r.TransferEncoding), Trailer: r.Trailer.Clone(),
		NoBody: r.Body == http.NoBody, Close: r.Close, Hijacker: hijacker, Server: server, FullDuplex: behind,
	}
}

// pose makes a request look like a.
func pose(w http.ResponseWriter, r *http.Request, a arrival) {
	r.Method, r.Pattern, r.Host, r.RequestURI, r.Header = a.Method, a.Pattern, a.Host, a.RequestURI, a.Header.Clone()
	r.URL = &url.URL{Path: a.Path, RawPath: a.RawPath, RawQuery: a.RawQuery, ForceQuery: a.ForceQuery}
	r.Proto = a.Proto
	r.ProtoMajor, r.ProtoMinor, _ = http.ParseHTTPVersion(a.Proto)
	r.ContentLength, r.TransferEncoding, r.Trailer, r.Close = a.ContentLength, a.TransferEncoding, a.Trailer, a.Close
	r.RemoteAddr = net.JoinHostPort(a.RemoteAddr, "0")
	if r.TLS = nil; a.TLS {
		r.TLS = &tls.ConnectionState{}
	}
	if a.NoBody {
		r.Body = http.NoBody
	}
	if a.FullDuplex {
		_ = http.NewResponseController(w).EnableFullDuplex()
	}
}

// An overheard body remembers what was read of it.
type overheard struct {
	io.ReadCloser
	mu  sync.Mutex
	all []byte
	end error
}

func (o *overheard) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, p[:n]...)
	if err != nil && o.end == nil {
		o.end = err
	}
	return n, err
}

func (o *overheard) heard() (string, string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.all), reason(o.end)
}

// reason is the text of an error without what differs from run to run.
func reason(err error) string {
	var op *net.OpError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected EOF"
	case errors.Is(err, io.EOF):
		return "EOF"
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}
