package event_test

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever the event, it becomes a request that net/http's server could have made,
// or an error of one of two kinds; and whatever became of it can be answered.
func FuzzDecodeRequest(f *testing.F) {
	for _, seed := range []string{
		`{"resource": "/{proxy+}", "path": "/a%2Fb", "httpMethod": "GET", "multiValueHeaders": {"Host": ["x"]}, "multiValueQueryStringParameters": {"a": ["1", "2"]}, "pathParameters": {"proxy": "a%2Fb"}, "requestContext": {"identity": {"sourceIp": "::1"}}, "body": "aGk=", "isBase64Encoded": true}`,
		`{"version": "1.0", "resource": "$default", "path": "/dev/a", "httpMethod": "PUT", "headers": {"cookie": "a=1"}, "requestContext": {"stage": "dev"}, "body": "x"}`,
		`{"version": "2.0", "rawPath": "/a b?c#d%", "rawQueryString": "q=1&q=%zz", "cookies": ["a=1", "b=2"], "headers": {"x": "1,2"}, "requestContext": {"http": {"method": "GET", "protocol": "HTTP/2.0", "sourceIp": "1.2.3.4"}}}`,
		`{"version": "2.0", "rawPath": "/a%20b", "requestContext": {"domainName": "x.lambda-url.us-east-1.on.aws", "http": {"method": "GET"}}}`,
		`{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/", "headers": {"x-forwarded-for": "a, [::1]:3", "x-forwarded-proto": "https"}, "queryStringParameters": {"a b": "#|"}}`,
		`{"raw_path": "/a?b=c", "method": "GET", "headers": {}}`,
		`{"version": "2.0", "path": "/", "method": "GET", "requestContext": {"serviceArn": "x"}, "headers": {"a": ["1"]}}`,
		`{"requestContext": {"connectionId": "c", "eventType": "MESSAGE", "routeKey": "a b", "connectedAt": 1}, "body": "hi"}`,
		`{"path": "/x", "httpMethod": "GET", "headers": {"host": "x.netlify.app", "content-encoding": "gzip"}, "body": "", "isBase64Encoded": true}`,
		`{"path": "\ud800", "\u0000": [[[[]]]]}`, `[]`, `{`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var r event.Request
		if err := event.DecodeRequest(payload, &r); err != nil {
			var bad *event.RequestError
			var stranger *event.NotHTTPError
			require.True(t, errors.As(err, &bad) || errors.As(err, &stranger), "%v", err)
			assert.Equal(t, errors.As(err, &bad), r.Source() != "", "a bad request has a front door that can be answered")
			return
		}
		assert.True(t, event.IsToken(r.Method), "method %q", r.Method)
		_, _, err := net.SplitHostPort(r.RemoteAddr)
		assert.NoError(t, err)
		assert.Equal(t, byte('/'), r.URL.Path[0])

		parsed, err := url.ParseRequestURI(r.RequestURI)
		require.NoError(t, err, "target %q", r.RequestURI)
		if r.RequestURI[:min(2, len(r.RequestURI))] != "//" { // which ParseRequestURI takes for a host
			assert.Equal(t, r.URL.Path, parsed.Path)
			assert.Equal(t, r.URL.RawPath, parsed.RawPath)
			assert.Equal(t, r.URL.RawQuery, parsed.RawQuery)
		}

		for name, values := range r.Header {
			assert.True(t, event.IsToken(name), "name %q", name)
			assert.Equal(t, http.CanonicalHeaderKey(name), name)
			assert.NotEmpty(t, values)
		}
		assert.NotContains(t, r.Header, "Host")
		assert.LessOrEqual(t, len(r.Header["Cookie"]), 1)

		size := r.Content.Len()
		body := drain(t, r.Content, 7)
		assert.Len(t, body, size)
		r.Content.Close()
		_, err = r.Encode(&event.Reply{Status: 200, Body: []byte(body)})
		assert.NoError(t, err)
	})
}
