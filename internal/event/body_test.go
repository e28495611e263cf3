package event_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/event"
)

// The body is what the client sent, and Content-Length says how much of it there is.
func TestBodies(t *testing.T) {
	rest := func(members string) string {
		return `{"resource":"/","path":"/","httpMethod":"POST","requestContext":{},` + members + `}`
	}
	for name, row := range map[string]struct {
		payload, body string
		want          http.Header
	}{
		"text":                            {rest(`"body":"a\"\u00e9"`), `a"é`, http.Header{}},
		"base64":                          {rest(`"body":"aGk=","isBase64Encoded":true`), "hi", http.Header{}},
		"nothing, said to be base64":      {rest(`"body":"","isBase64Encoded":true`), "", http.Header{}},
		"null":                            {rest(`"body":null`), "", http.Header{}},
		"base64 through Lattice 1.0":      {`{"raw_path":"/","method":"POST","body":"aGk=","is_base64_encoded":true}`, "hi", http.Header{}},
		"base64 through Lattice 2.0":      {`{"version":"2.0","path":"/","method":"POST","body":"aGk=","isBase64Encoded":true,"requestContext":{"serviceArn":"arn:x"}}`, "hi", http.Header{}},
		"base64 of a WebSocket message":   {`{"requestContext":{"connectionId":"c","eventType":"MESSAGE","routeKey":"a"},"body":"aGk=","isBase64Encoded":true}`, "hi", http.Header{}},
		"a length that is not the body's": {rest(`"headers":{"content-length":"9"},"body":"hi"`), "hi", http.Header{"Content-Length": {"2"}}},
		"a length that is said twice":     {rest(`"multiValueHeaders":{"content-length":["2","2"]},"body":"hi"`), "hi", http.Header{"Content-Length": {"2"}}},

		"REST inflated it: gzip":               {rest(`"headers":{"content-encoding":"gzip"},"body":"hi"`), "hi", http.Header{}},
		"REST inflated it: x-gzip":             {rest(`"headers":{"content-encoding":"X-GZIP"},"body":"hi"`), "hi", http.Header{}},
		"REST inflated it: deflate":            {rest(`"headers":{"content-encoding":"deflate"},"body":"hi"`), "hi", http.Header{}},
		"REST did not: it begins as gzip does": {rest(`"headers":{"content-encoding":"gzip"},"body":"H4s=","isBase64Encoded":true`), "\x1f\x8b", http.Header{"Content-Encoding": {"gzip"}}},
		"REST did not: it begins as zlib does": {rest(`"headers":{"content-encoding":"deflate"},"body":"eJw=","isBase64Encoded":true`), "\x78\x9c", http.Header{"Content-Encoding": {"deflate"}}},
		"REST inflates one coding, not two":    {rest(`"multiValueHeaders":{"content-encoding":["gzip","gzip"]},"body":"hi"`), "hi", http.Header{"Content-Encoding": {"gzip", "gzip"}}},
		"REST knows no other coding":           {rest(`"headers":{"content-encoding":"br"},"body":"hi"`), "hi", http.Header{"Content-Encoding": {"br"}}},
		"an HTTP API does not inflate":         {`{"version":"2.0","rawPath":"/","headers":{"content-encoding":"gzip"},"body":"hi","requestContext":{"http":{"method":"POST"}}}`, "hi", http.Header{"Content-Encoding": {"gzip"}}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := decode(t, row.payload)
			require.NoError(t, err)
			assert.Equal(t, row.body, drain(t, r.Content, 512))
			assert.Equal(t, row.want, r.Header)
		})
	}
	for name, row := range map[string]struct{ payload, want string }{
		"an object":     {rest(`"body":{}`), "the event's body is an object, not a string"},
		"broken base64": {rest(`"body":"a","isBase64Encoded":true`), "the event's body is not base64: illegal base64 data at input byte 0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(t, row.payload)
			assert.Equal(t, &event.RequestError{Reason: row.want}, err)
		})
	}
}
