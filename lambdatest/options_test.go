package lambdatest_test

import (
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// TestOptions holds that each option shows in the event, where the front door has it.
func TestOptions(t *testing.T) {
	certificate := selfSigned()
	tests := []struct {
		name   string
		source lambdatest.Source
		path   string
		opt    lambdatest.Option
		at     []string // where in the event
		want   any
	}{
		{"a stage is in an HTTP API's path (rule 52)", lambdatest.HTTPv2, "/dev/notes", lambdatest.WithStage("dev"), []string{"rawPath"}, "/dev/notes"},
		{"a stage is not in a REST API's path", lambdatest.REST, "/dev/notes", lambdatest.WithStage("dev"), []string{"path"}, "/notes"},
		{"stage variables", lambdatest.REST, "/", lambdatest.WithStageVariables(map[string]string{"table": "notes"}), []string{"stageVariables", "table"}, "notes"},
		{"a base path", lambdatest.REST, "/shop/notes", lambdatest.WithBasePath("/shop"), []string{"pathParameters", "proxy"}, "notes"},
		{"a route", lambdatest.REST, "/notes/1", lambdatest.WithRoute("GET /notes/{id}", map[string]string{"id": "1"}), []string{"resource"}, "/notes/{id}"},
		{"its parameters", lambdatest.HTTPv2, "/notes/1", lambdatest.WithRoute("GET /notes/{id}", map[string]string{"id": "1"}), []string{"pathParameters", "id"}, "1"},
		{"an authorizer", lambdatest.HTTPv2, "/", lambdatest.WithAuthorizer(map[string]any{"lambda": map[string]any{"tenant": 7}}), []string{"requestContext", "authorizer", "lambda", "tenant"}, 7.0},
		{"claims on a REST API", lambdatest.REST, "/", lambdatest.WithClaims(map[string]string{"sub": "ana"}), []string{"requestContext", "authorizer", "claims", "sub"}, "ana"},
		{"claims in format 1.0", lambdatest.HTTPv1, "/", lambdatest.WithClaims(map[string]string{"sub": "ana"}), []string{"requestContext", "authorizer", "claims", "sub"}, "ana"},
		{"claims in format 2.0", lambdatest.HTTPv2, "/", lambdatest.WithClaims(map[string]string{"sub": "ana"}), []string{"requestContext", "authorizer", "jwt", "claims", "sub"}, "ana"},
		{"a certificate", lambdatest.REST, "/", lambdatest.WithClientCertificate(certificate), []string{"requestContext", "identity", "clientCert", "serialNumber"}, certificate.SerialNumber.String()},
		{"a source address", lambdatest.FunctionURL, "/", lambdatest.WithSourceIP("203.0.113.9"), []string{"requestContext", "http", "sourceIp"}, "203.0.113.9"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got any
			require.NoError(t, json.Unmarshal(lambdatest.NewEvent(t, test.source, httptest.NewRequest("GET", test.path, nil), test.opt), &got))
			for _, name := range test.at {
				m, ok := got.(map[string]any)
				require.True(t, ok, "nothing at %v", test.at)
				got = m[name]
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestWithBinaryMediaTypes(t *testing.T) {
	app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Write([]byte{0xff, 0x00})
	}))
	tests := []struct {
		name string
		opts []lambdatest.Option
		want string
	}{
		{"everything, by default (rule 115)", nil, "\xff\x00"},
		{"nothing, as AWS has it (rule 112)", []lambdatest.Option{lambdatest.WithBinaryMediaTypes()}, "/wA="},
		{"what the client accepts (rule 113)", []lambdatest.Option{lambdatest.WithBinaryMediaTypes("image/png")}, "\xff\x00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := httptest.NewRequest("GET", "/", nil)
			req.Header.Set("Accept", "image/png")
			assert.Equal(t, test.want, text(t, lambdatest.Do(t, app, lambdatest.REST, req, test.opts...)))
		})
	}
}

func TestWithDeadline(t *testing.T) {
	want := time.Now().Add(3 * time.Second)
	var got time.Time
	app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = r.Context().Deadline() }))
	lambdatest.Do(t, app, lambdatest.ALB, httptest.NewRequest("GET", "/", nil), lambdatest.WithDeadline(want))
	assert.WithinDuration(t, want, got, 0)
}

// selfSigned returns the certificate of a TLS server of httptest's.
func selfSigned() *x509.Certificate {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	return server.Certificate()
}
