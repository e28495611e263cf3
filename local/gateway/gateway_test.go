package gateway_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// sources are all the front doors.
func sources() []gateway.Source {
	return []gateway.Source{
		gateway.REST, gateway.HTTPv1, gateway.HTTPv2, gateway.FunctionURL,
		gateway.ALB, gateway.ALBMulti, gateway.LatticeV1, gateway.LatticeV2,
	}
}

// A lambdaFunc is an Invoker made of a func.
type lambdaFunc func(ctx context.Context, payload []byte) ([]byte, error)

func (f lambdaFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// replies is a function that always returns the same.
func replies(reply string) lambdaFunc {
	return func(context.Context, []byte) ([]byte, error) { return []byte(reply), nil }
}

// fails is a function that always fails.
func fails(err error) lambdaFunc {
	return func(context.Context, []byte) ([]byte, error) { return nil, err }
}

// clock is what all gateways in the tests tell the time by.
func clock() time.Time { return time.Date(2026, time.July, 10, 19, 19, 4, 123456789, time.UTC) }

// A response is one as it was on the wire: names in their case, fields sorted,
// ids masked, without Date.
type response struct {
	Status string
	Header []string
	Body   string
}

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// get is the shortest request.
const get = "GET / HTTP/1.1\r\nHost: api\r\n\r\n"

// converse sends bytes to a server in front of g and returns the response.
func converse(t *testing.T, g http.Handler, request string) response {
	t.Helper()
	server := httptest.NewServer(g)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	return read(t, bufio.NewReader(conn), strings.HasPrefix(request, "HEAD "))
}

// read reads one response.
func read(t *testing.T, from *bufio.Reader, head bool) response {
	t.Helper()
	lines := textproto.NewReader(from)
	status, err := lines.ReadLine()
	require.NoError(t, err)
	got := response{Status: strings.TrimPrefix(status, "HTTP/1.1 "), Header: []string{}}
	length, chunked := 0, false
	for {
		line, err := lines.ReadLine()
		require.NoError(t, err)
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case name == "Date":
			_, err := time.Parse(http.TimeFormat, value)
			require.NoError(t, err)
			continue
		case strings.EqualFold(name, "Content-Length"):
			length, err = strconv.Atoi(value)
			require.NoError(t, err)
		case strings.EqualFold(line, "Transfer-Encoding: chunked"):
			chunked = true
		}
		got.Header = append(got.Header, mask(line))
	}
	slices.Sort(got.Header)
	var body []byte
	switch {
	case head:
	case chunked:
		body, err = io.ReadAll(chunks(from))
	default:
		body = make([]byte, length)
		_, err = io.ReadFull(from, body)
	}
	require.NoError(t, err)
	got.Body = string(body)
	return got
}

// chunks reads a chunked body.
func chunks(from *bufio.Reader) io.Reader {
	response, err := http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), from)), nil)
	if err != nil {
		return io.MultiReader()
	}
	return response.Body
}

// mask replaces ids by their names.
func mask(text string) string {
	for _, m := range []struct{ pattern, name string }{
		{`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`, "UUID"},
		{`(^|[\s"])[0-9A-Za-z_-]{15}=(["\s]|$)`, "${1}EXTENDED$2"},
		{`1-[0-9a-f]{8}-[0-9a-f]{24}`, "ROOT"},
		{`Parent=[0-9a-f]{16};`, "Parent=SEGMENT;"},
		{`Lineage=1:[0-9a-f]{8}:0`, "Lineage=LINEAGE"},
	} {
		text = regexp.MustCompile(m.pattern).ReplaceAllString(text, m.name)
	}
	return text
}

func TestNewRefusesWhatTheFrontDoorDoesNotHave(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg  config
		want string
	}{
		"nothing":               {config{}, `gateway: Kind "" is no front door of HTTP's`},
		"function":              {config{Source: gateway.REST}, `gateway: the function is missing`},
		"stage of a URL":        {config{Source: gateway.FunctionURL, Stage: "dev"}, `gateway: function URLs have no stages: leave out Stage "dev" and StageVariables`},
		"stage with a slash":    {config{Source: gateway.REST, Stage: "a/b"}, `gateway: Stage "a/b" is not 1 to 128 letters, digits, hyphens and underscores`},
		"stage variables":       {config{Source: gateway.ALB, StageVariables: map[string]string{"a": "b"}}, `gateway: Application Load Balancers have no stages: leave out Stage "" and StageVariables`},
		"base path":             {config{Source: gateway.LatticeV2, BasePath: "/x"}, `gateway: VPC Lattice services have no base paths: leave out BasePath "/x"`},
		"binary media types":    {config{Source: gateway.HTTPv2, BinaryMediaTypes: []string{"image/png"}}, `gateway: HTTP APIs have no BinaryMediaTypes, they tell binary bodies by themselves`},
		"a binary media type":   {config{Source: gateway.REST, BinaryMediaTypes: []string{"png"}}, `gateway: BinaryMediaTypes has "png", which is not like "image/png"`},
		"routes":                {config{Source: gateway.FunctionURL, Routes: []string{"GET /"}}, `gateway: function URLs have no Routes`},
		"$default on REST":      {config{Source: gateway.REST, Routes: []string{"$default"}}, `gateway: route "$default": REST APIs have no $default route`},
		"a method":              {config{Source: gateway.REST, Routes: []string{"FETCH /"}}, `gateway: route "FETCH /": "FETCH" is not ANY or one of DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT`},
		"a path":                {config{Source: gateway.REST, Routes: []string{"GET items"}}, `gateway: route "GET items": the path must begin with a slash, like "GET /items/{id}"`},
		"a greedy path":         {config{Source: gateway.HTTPv2, Routes: []string{"GET /{a+}/b"}}, `gateway: route "GET /{a+}/b": nothing can follow {a+}`},
		"a parameter":           {config{Source: gateway.HTTPv2, Routes: []string{"GET /{}"}}, `gateway: route "GET /{}": "{}" is not a parameter like {id} or {proxy+}`},
		"half a segment":        {config{Source: gateway.HTTPv2, Routes: []string{"GET /a{id}"}}, `gateway: route "GET /a{id}": a parameter must be a whole segment, "a{id}" is not`},
		"the same route twice":  {config{Source: gateway.HTTPv2, Routes: []string{"GET /{a}", "GET /{b}"}}, `gateway: route "GET /{b}" serves the same requests as "GET /{a}"`},
		"CORS of REST":          {config{Source: gateway.REST, CORS: &gateway.CORS{AllowOrigins: []string{"*"}}}, `gateway: REST APIs have no CORS configuration, the function answers preflight requests`},
		"CORS for nobody":       {config{Source: gateway.HTTPv2, CORS: &gateway.CORS{}}, `gateway: CORS has no AllowOrigins: name some, or "*"`},
		"CORS with credentials": {config{Source: gateway.HTTPv2, CORS: &gateway.CORS{AllowOrigins: []string{"*"}, AllowCredentials: true}}, `gateway: CORS cannot have AllowCredentials and the origin "*"`},
		"CORS in the past":      {config{Source: gateway.HTTPv2, CORS: &gateway.CORS{AllowOrigins: []string{"*"}, MaxAge: -1}}, `gateway: CORS has the negative MaxAge -1ns`},
		"stream":                {config{Source: gateway.HTTPv2, Stream: true, Function: streams{}}, `gateway: HTTP APIs do not stream`},
		"a streamer":            {config{Source: gateway.REST, Stream: true, Function: replies("")}, `gateway: Stream is set and the function gateway_test.lambdaFunc cannot stream`},
		"stage $default, REST":  {config{Source: gateway.REST, Stage: "$default"}, `gateway: REST APIs have no stage "$default"`},
		"timeout of a URL":      {config{Source: gateway.FunctionURL, Timeout: 1}, `gateway: function URLs have no Timeout, they wait for the function's own`},
		"too long a timeout":    {config{Source: gateway.HTTPv2, Timeout: time.Minute}, `gateway: Timeout 1m0s is more than the 30s that HTTP APIs allow`},
		"authorizer":            {config{Source: gateway.ALB, Authorizer: func(*gateway.Arrival) (gateway.Authorization, error) { return gateway.Authorization{}, nil }}, `gateway: route "$default": Application Load Balancers have no authorizers in front of functions`},
		"two mistakes": {config{Source: gateway.ALB, BasePath: "x", Timeout: 1},
			"gateway: Application Load Balancers have no base paths: leave out BasePath \"x\"\ngateway: Application Load Balancers have no Timeout, they wait for the function's own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.cfg.Function == nil && name != "function" {
				test.cfg.Function = replies("")
			}
			_, err := test.cfg.new()
			assert.EqualError(t, err, test.want)
		})
	}
}

// What goes wrong is said once, with what AWS makes of it and why.
func TestFailuresAreLogged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "requestId" {
			return slog.Attr{}
		}
		return a
	}}))
	g := open(t, config{Source: gateway.REST, Function: replies(`{"statusCode":200,"cookies":[]}`), Logger: logger})
	g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a?b", nil))
	g = open(t, config{Source: gateway.REST, Function: replies(`{"headers":{"Server":"mine"}}`), Logger: logger})
	g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, `level=ERROR msg="REST APIs answer 502" reason="the reply has the key \"cookies\", which REST APIs do not know" request="GET /a?b"
level=WARN msg="REST APIs change the reply" reason="the header \"Server\" reaches the client as \"x-amzn-Remapped-Server\"" request="GET /"
`, log.String())
}

func TestObserveSeesTheWholeExchange(t *testing.T) {
	t.Parallel()
	var seen []gateway.Exchange
	g := open(t, config{
		Source:   gateway.HTTPv2,
		Function: replies(`"hello"`),
		Observe:  func(x gateway.Exchange) { seen = append(seen, x) },
	})
	r := httptest.NewRequest("POST", "/a?b=c", strings.NewReader("x"))
	g.ServeHTTP(httptest.NewRecorder(), r)
	require.Len(t, seen, 1)
	assert.Contains(t, string(seen[0].Event), `"rawPath":"/a"`)
	assert.Regexp(t, "^[0-9a-f-]{36}$", seen[0].RequestID)
	seen[0].Event, seen[0].RequestID = nil, ""
	seen[0].Header.Set("Apigw-Requestid", "masked")
	var phases []string
	for _, phase := range seen[0].Phases {
		phases = append(phases, phase.Name)
	}
	assert.Equal(t, []string{"locate", "match", "event", "function", "answer"}, phases)
	seen[0].Phases = nil
	assert.Equal(t, gateway.Exchange{
		Kind: gateway.HTTPAPI, API: "HTTP API", Source: gateway.HTTPv2, Start: clock(),
		Method: "POST", URI: "/a?b=c", Host: "example.com", RequestHeader: http.Header{}, RequestBody: []byte("x"), RequestSize: 1,
		Route: "$default", Integration: "lambda",
		Reply:  []byte(`"hello"`),
		Status: 200, Header: http.Header{"Content-Type": {"application/json"}, "Connection": {"keep-alive"}, "Apigw-Requestid": {"masked"}}, Body: []byte("hello"), Size: 5,
	}, seen[0])
}

// Respond makes a response of a reply without invoking anything.
func TestRespond(t *testing.T) {
	t.Parallel()
	g := open(t, config{Source: gateway.FunctionURL, Function: fails(io.EOF)})
	w := httptest.NewRecorder()
	g.Respond(w, httptest.NewRequest("GET", "/", nil), []byte(`{"statusCode":"418","body":"i'm a teapot"}`))
	assert.Equal(t, 418, w.Code)
	assert.Equal(t, "i'm a teapot", w.Body.String())
}

// The invocation is told its trace, and a function URL's its id.
func TestInfoAccompaniesTheInvocation(t *testing.T) {
	t.Parallel()
	for _, source := range sources() {
		t.Run(string(source), func(t *testing.T) {
			t.Parallel()
			var info invoke.Info
			g := open(t, config{Source: source, Function: lambdaFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
				info = invoke.InfoFrom(ctx)
				return []byte(`{"statusCode":200}`), nil
			})})
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
			g.ServeHTTP(httptest.NewRecorder(), r)
			assert.Equal(t, "Root=ROOT;Parent=SEGMENT;Sampled=1;Lineage=LINEAGE", mask(info.TraceID))
			if source == gateway.FunctionURL {
				assert.Equal(t, "UUID", mask(info.RequestID))
			} else {
				assert.Empty(t, info.RequestID)
			}
		})
	}
}
