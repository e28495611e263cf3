package lambdatest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// What a test says of a caller is what the application hears of it, at every front
// door that knows such callers. The others skip.
func TestWithCaller(t *testing.T) {
	const ip = "203.0.113.9"
	claims := adapter.Attributes(`{"sub":"ann","exp":1794000000,"groups":["a","b"]}`)
	arn := adapter.IAMIdentity{AccessKey: "AKIA", AccountID: "1", UserID: "AIDA", ARN: "arn:aws:iam::1:user/ann"}
	for _, row := range []struct {
		name  string
		given adapter.Caller
		want  map[lambdatest.Source]adapter.Caller
	}{
		{"a token", adapter.Caller{Claims: claims, Scopes: []string{"read"}, SourceIP: ip}, map[lambdatest.Source]adapter.Caller{
			lambdatest.REST:   {Claims: adapter.Attributes(`{"exp":"1794000000","groups":"a,b","sub":"ann"}`), SourceIP: ip},
			lambdatest.HTTPv1: {Claims: adapter.Attributes(`{"exp":"1794000000","groups":"[a b]","sub":"ann"}`), Scopes: []string{"read"}, SourceIP: ip},
			lambdatest.HTTPv2: {Claims: adapter.Attributes(`{"exp":"1794000000","groups":"[a b]","sub":"ann"}`), Scopes: []string{"read"}, SourceIP: ip},
		}},
		{"a Lambda authorizer", adapter.Caller{PrincipalID: "p1", Context: adapter.Attributes(`{"n":1}`), SourceIP: ip}, map[lambdatest.Source]adapter.Caller{
			lambdatest.REST:   {PrincipalID: "p1", Context: adapter.Attributes(`{"n":"1","principalId":"p1","integrationLatency":0}`), SourceIP: ip},
			lambdatest.HTTPv1: {PrincipalID: "p1", Context: adapter.Attributes(`{"n":"1","principalId":"p1"}`), SourceIP: ip},
			lambdatest.HTTPv2: {Context: adapter.Attributes(`{"n":1}`), SourceIP: ip},
		}},
		{"IAM", adapter.Caller{IAM: &arn, SourceIP: ip}, map[lambdatest.Source]adapter.Caller{
			lambdatest.REST:        {IAM: &arn, SourceIP: ip},
			lambdatest.HTTPv1:      {IAM: &arn, SourceIP: ip},
			lambdatest.HTTPv2:      {IAM: &arn, SourceIP: ip},
			lambdatest.FunctionURL: {IAM: &arn, SourceIP: ip},
			lambdatest.LatticeV2:   {IAM: &adapter.IAMIdentity{ARN: arn.ARN}, SourceIP: ip},
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			asked := map[lambdatest.Source]adapter.Caller{}
			lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
				app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					caller, ok := adapter.CallerFrom(r.Context())
					assert.True(t, ok)
					asked[source] = caller
				}))
				resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil), lambdatest.WithCaller(row.given))
				assert.Equal(t, 200, resp.StatusCode)
			})
			assert.Equal(t, row.want, asked)
		})
	}
	t.Run("a certificate and an API key", func(t *testing.T) {
		certificate := selfSigned()
		app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			caller, ok := adapter.CallerFrom(r.Context())
			assert.True(t, ok)
			assert.Equal(t, "id1", caller.APIKeyID)
			assert.Equal(t, certificate.Raw, caller.Certificate.Raw)
		}))
		lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/", nil), lambdatest.WithCaller(adapter.Caller{APIKeyID: "id1", Certificate: certificate}))
	})
	t.Run("NewEvent and NewServer skip, too", func(t *testing.T) {
		skipped := 0
		for name, f := range map[string]func(t *testing.T){
			"NewEvent": func(t *testing.T) {
				lambdatest.NewEvent(t, lambdatest.ALB, httptest.NewRequest("GET", "/", nil), lambdatest.WithCaller(adapter.Caller{IAM: &arn}))
			},
			"NewServer": func(t *testing.T) {
				lambdatest.NewServer(t, adapter.Wrap(http.NotFoundHandler()), lambdatest.FunctionURL, lambdatest.WithCaller(adapter.Caller{Claims: claims}))
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Cleanup(func() {
					if t.Skipped() {
						skipped++
					}
				})
				f(t)
			})
		}
		assert.Equal(t, 2, skipped)
	})
	t.Run("claims that are no JSON are misuse", func(t *testing.T) {
		client := http.Client{Transport: lambdatest.Transport(adapter.Wrap(http.NotFoundHandler()), lambdatest.REST, lambdatest.WithCaller(adapter.Caller{Claims: adapter.Attributes(`{`)}))}
		_, err := client.Get("http://api.example.com/")
		assert.ErrorContains(t, err, "WithCaller: Claims: ")
	})
}
