package adapter_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

func TestCallerFrom(t *testing.T) {
	const ip = "203.0.113.9"
	nobody := adapter.Caller{SourceIP: ip}
	for _, row := range []struct {
		name, event, change string
		want                adapter.Caller
		ok                  bool
	}{
		{"REST API: nobody", restEvent, `{}`, nobody, false},
		{"REST API: a user pool's token, claims as text (documented)", restEvent,
			`{"requestContext": {"authorizer": {"claims": {"sub": "u1", "exp": "1794000000"}}}}`,
			adapter.Caller{SourceIP: ip, Claims: adapter.Attributes(`{"exp":"1794000000","sub":"u1"}`)}, true},
		{"REST API: a JWT authorizer's token, claims with their types (documented)", restEvent,
			`{"requestContext": {"authorizer": {"claims": {"sub": "Zo\u00EB", "exp": 1794000000, "admin": true, "none": null,
				"roles": ["user", "editor"], "address": {"city": "Seattle"}}}}}`,
			adapter.Caller{SourceIP: ip, Claims: adapter.Attributes(
				`{"address":{"city":"Seattle"},"admin":true,"exp":1794000000,"none":null,"roles":["user","editor"],"sub":"Zoë"}`)}, true},
		{"REST API: a Lambda authorizer (recorded: strings)", restEvent,
			`{"requestContext": {"authorizer": {"principalId": "p1", "integrationLatency": 12, "n": "42", "admin": "true"}}}`,
			adapter.Caller{SourceIP: ip, PrincipalID: "p1", Context: adapter.Attributes(`{"admin":"true","integrationLatency":12,"n":"42","principalId":"p1"}`)}, true},
		{"REST API: IAM", restEvent,
			`{"requestContext": {"identity": {"accessKey": "AKIA", "accountId": "123456789012", "caller": "AIDA", "user": "AIDA",
				"userArn": "arn:aws:iam::123456789012:user/ann", "principalOrgId": "o-1", "cognitoIdentityId": "i", "cognitoIdentityPoolId": "p"}}}`,
			adapter.Caller{SourceIP: ip, IAM: &adapter.IAMIdentity{AccessKey: "AKIA", AccountID: "123456789012", UserID: "AIDA",
				ARN: "arn:aws:iam::123456789012:user/ann", PrincipalOrgID: "o-1", CognitoIdentityID: "i", CognitoIdentityPoolID: "p"}}, true},
		{"REST API: an API key is no proof", restEvent, `{"requestContext": {"identity": {"apiKey": "k", "apiKeyId": "id1"}}}`,
			adapter.Caller{SourceIP: ip, APIKeyID: "id1"}, false},
		{"HTTP API 1.0: nobody (claims and scopes are null)", httpV1Event, `{"requestContext": {"authorizer": {"claims": null, "scopes": null}}}`, nobody, false},
		{"HTTP API 1.0: a token", httpV1Event,
			`{"requestContext": {"authorizer": {"claims": {"sub": "u1", "groups": "[a b]"}, "scopes": ["read", "write"]}}}`,
			adapter.Caller{SourceIP: ip, Claims: adapter.Attributes(`{"groups":"[a b]","sub":"u1"}`), Scopes: []string{"read", "write"}}, true},
		{"HTTP API 1.0: a Lambda authorizer without a principal", httpV1Event, `{"requestContext": {"authorizer": {"foo": "bar"}}}`,
			adapter.Caller{SourceIP: ip, Context: adapter.Attributes(`{"foo":"bar"}`)}, true},
		{"HTTP API 2.0: nobody", httpV2Event, `{}`, nobody, false},
		{"HTTP API 2.0: a token, scopes null", httpV2Event,
			`{"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "u1", "quoted\"": "a\"b"}, "scopes": null}}}}`,
			adapter.Caller{SourceIP: ip, Claims: adapter.Attributes(`{"quoted\"":"a\"b","sub":"u1"}`)}, true},
		{"HTTP API 2.0: a Lambda authorizer, types kept (recorded)", httpV2Event,
			`{"requestContext": {"authorizer": {"lambda": {"n": 42, "admin": true, "deep": {"a": [1]}}}}}`,
			adapter.Caller{SourceIP: ip, Context: adapter.Attributes(`{"admin":true,"deep":{"a":[1]},"n":42}`)}, true},
		{"HTTP API 2.0: a Lambda authorizer that says only yes", httpV2Event, `{"requestContext": {"authorizer": {"lambda": null}}}`,
			adapter.Caller{SourceIP: ip, Context: adapter.Attributes(`{}`)}, true},
		{"HTTP API 2.0: IAM", httpV2Event,
			`{"requestContext": {"authorizer": {"iam": {"accessKey": "AKIA", "accountId": "1", "callerId": "AIDA", "userId": "AIDA",
				"userArn": "arn:aws:iam::1:user/ann", "principalOrgId": "o-1", "cognitoIdentity": {"amr": ["x"], "identityId": "i", "identityPoolId": "p"}}}}}`,
			adapter.Caller{SourceIP: ip, IAM: &adapter.IAMIdentity{AccessKey: "AKIA", AccountID: "1", UserID: "AIDA", ARN: "arn:aws:iam::1:user/ann",
				PrincipalOrgID: "o-1", CognitoIdentityID: "i", CognitoIdentityPoolID: "p"}}, true},
		{"function URL: nobody (authorizer is null)", functionURLEvent, `{}`, nobody, false},
		{"function URL: IAM without an identity pool", functionURLEvent,
			`{"requestContext": {"authorizer": {"iam": {"accessKey": "AKIA", "userArn": "arn:aws:iam::1:user/ann", "cognitoIdentity": null}}}}`,
			adapter.Caller{SourceIP: ip, IAM: &adapter.IAMIdentity{AccessKey: "AKIA", ARN: "arn:aws:iam::1:user/ann"}}, true},
		{"load balancer: headers are no proof", albEvent, `{"headers": {"x-amzn-oidc-identity": "u1", "x-amzn-oidc-data": "a.b.c"}}`, nobody, false},
		{"load balancer: an authorizer that events of its cannot have", albMultiEvent,
			`{"requestContext": {"authorizer": {"principalId": "p1"}}}`, nobody, false},
		{"VPC Lattice 1: nobody", latticeV1Event, `{}`, nobody, false},
		{"VPC Lattice 2: nobody, from a known VPC", latticeV2Event, `{}`, nobody, false},
		{"VPC Lattice 2: IAM", latticeV2Event,
			`{"requestContext": {"identity": {"type": "AWS_IAM", "principal": "arn:aws:sts::1:assumed-role/r/s", "principalOrgID": "o-1"}}}`,
			adapter.Caller{SourceIP: ip, IAM: &adapter.IAMIdentity{ARN: "arn:aws:sts::1:assumed-role/r/s", PrincipalOrgID: "o-1"}}, true},
		{"WebSocket API: a Lambda authorizer at $connect", connectEvent,
			`{"requestContext": {"authorizer": {"principalId": "p1", "integrationLatency": 3, "room": "a"}}}`,
			adapter.Caller{SourceIP: ip, PrincipalID: "p1", Context: adapter.Attributes(`{"integrationLatency":3,"principalId":"p1","room":"a"}`)}, true},
		{"WebSocket API: the same with a message", messageEvent, `{"requestContext": {"authorizer": {"principalId": "p1"}}}`,
			adapter.Caller{SourceIP: ip, PrincipalID: "p1", Context: adapter.Attributes(`{"principalId":"p1"}`)}, true},
		{"WebSocket API: an authorizer that is a string (pitfall 105)", messageEvent, `{"requestContext": {"authorizer": "p1"}}`,
			adapter.Caller{SourceIP: ip, PrincipalID: "p1"}, true},
		{"a client that sends the name of the context", httpV2Event,
			`{"headers": {"requestContext": "{\"authorizer\":{\"jwt\":{\"claims\":{\"sub\":\"u2\"}}}}"}, "rawPath": "/\"requestContext\":{\"authorizer\":{\"lambda\":{}}}",
				"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "u1"}}}}}`,
			adapter.Caller{SourceIP: ip, Claims: adapter.Attributes(`{"sub":"u1"}`)}, true},
		{"what is no block of an authorizer is nobody", httpV2Event, `{"requestContext": {"authorizer": [1]}}`, nobody, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			asked := false
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				asked = true
				caller, ok := adapter.CallerFrom(r.Context())
				assert.Equal(t, row.want, caller)
				assert.Equal(t, row.ok, ok)
			}, edit(t, row.event, row.change))
			require.True(t, asked)
		})
	}
}

func TestAttributes(t *testing.T) {
	attributes := adapter.Attributes(`{"text": "a\"b", "n": 1.50, "yes": true, "null": null, "list": ["a", 1], "deep": {"a": {"b": {"c": {"d": 1}}}}}`)
	for name, want := range map[string]string{
		"text": `a"b`, "n": "1.50", "yes": "true", "null": "", "absent": "", "list": `["a", 1]`, "deep": `{"a": {"b": {"c": {"d": 1}}}}`,
	} {
		assert.Equal(t, want, attributes.Get(name), name)
	}
	var decoded struct {
		N    float64
		List []any
	}
	require.NoError(t, attributes.Decode(&decoded))
	assert.Equal(t, 1.5, decoded.N)
	assert.Equal(t, []any{"a", 1.0}, decoded.List)
	assert.ErrorContains(t, attributes.Decode(&[]int{}), "adapter: decoding the attributes of the caller: json: ")

	none := adapter.Attributes(nil)
	assert.Empty(t, none.Get("sub"))
	require.NoError(t, none.Decode(&decoded))

	text, err := json.Marshal(adapter.Caller{Claims: adapter.Attributes(`{"sub":"u1"}`)})
	require.NoError(t, err)
	var again adapter.Caller
	require.NoError(t, json.Unmarshal(text, &again))
	assert.Equal(t, adapter.Caller{Claims: adapter.Attributes(`{"sub":"u1"}`), Context: adapter.Attributes("null")}, again)
}

func TestCallerFromElsewhere(t *testing.T) {
	_, ok := adapter.CallerFrom(context.Background())
	assert.False(t, ok, "a context of nobody's")

	var kept context.Context
	invoke(t, func(_ http.ResponseWriter, r *http.Request) { kept = r.Context() },
		edit(t, restEvent, `{"requestContext": {"authorizer": {"principalId": "p1"}}}`))
	caller, ok := adapter.CallerFrom(kept)
	assert.False(t, ok, "after the handler has returned")
	assert.Zero(t, caller)
}

// Middleware that trusts a header sets the request's address to what a client claims. The
// caller stays who the front door says it is.
func TestCallerFromHeedsNoChangeOfTheRequest(t *testing.T) {
	pem, err := json.Marshal(certificatePEM("client"))
	require.NoError(t, err)
	invoke(t, func(_ http.ResponseWriter, r *http.Request) {
		before, ok := adapter.CallerFrom(r.Context())
		require.True(t, ok)
		require.NotNil(t, before.Certificate)
		r.RemoteAddr, r.TLS = "192.0.2.66:0", nil
		after, ok := adapter.CallerFrom(r.Context())
		assert.True(t, ok)
		assert.Equal(t, before, after)
	}, edit(t, restEvent, `{"requestContext": {"identity": {"clientCert": {"clientCertPem": `+string(pem)+`}}}}`))
}

func TestCallerFromCertificate(t *testing.T) {
	pem, err := json.Marshal(certificatePEM("client"))
	require.NoError(t, err)
	for _, row := range []struct{ name, event, change string }{
		{"REST API", restEvent, `{"requestContext": {"identity": {"clientCert": {"clientCertPem": ` + string(pem) + `}}}}`},
		{"HTTP API 2.0", httpV2Event, `{"requestContext": {"authentication": {"clientCert": {"clientCertPem": ` + string(pem) + `}}}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				caller, ok := adapter.CallerFrom(r.Context())
				assert.True(t, ok)
				require.NotNil(t, caller.Certificate)
				assert.Equal(t, "CN=client", caller.Certificate.Subject.String())
				assert.Same(t, r.TLS.PeerCertificates[0], caller.Certificate)
			}, edit(t, row.event, row.change))
		})
	}
}

// BenchmarkCallerFrom measures the question beside what it spares one: decoding the
// event into the struct that aws-lambda-go has for it.
func BenchmarkCallerFrom(b *testing.B) {
	const claims = `{"sub": "5be86359-073c-434b-ad2d-a3932222dabe", "iss": "https://id.example.com/", "aud": "notes", "exp": "1794000000",
		"iat": "1793996400", "scope": "notes:read notes:write", "email": "ann@example.com", "groups": "[admin poweruser]"}`
	const who = `{"principalId": "u1", "integrationLatency": 3, "plan": "pro", "admin": "true"}`
	const identity = `{"accessKey": "AKIAIOSFODNN7EXAMPLE", "accountId": "123456789012", "user": "AIDA", "userArn": "arn:aws:iam::123456789012:user/ann"}`
	browser := `{"headers": {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-encoding": "gzip, deflate, br", "accept-language": "en-US,en;q=0.5",
		"cookie": "session=0123456789abcdef; theme=dark", "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
		"x-forwarded-for": "203.0.113.9", "x-forwarded-port": "443", "x-forwarded-proto": "https", "authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}}`
	for _, row := range []struct {
		name, event, change string
		decode              func([]byte) error
	}{
		{"REST API token", restEvent, `{"requestContext": {"authorizer": {"claims": ` + claims + `}}}`, decodeInto[events.APIGatewayProxyRequest]},
		{"REST API authorizer", restEvent, `{"requestContext": {"authorizer": ` + who + `}}`, decodeInto[events.APIGatewayProxyRequest]},
		{"REST API IAM", restEvent, `{"requestContext": {"identity": ` + identity + `}}`, decodeInto[events.APIGatewayProxyRequest]},
		{"HTTP API 1.0 token", httpV1Event, `{"requestContext": {"authorizer": {"claims": ` + claims + `, "scopes": null}}}`, decodeInto[events.APIGatewayProxyRequest]},
		{"HTTP API 2.0 token", httpV2Event, `{"requestContext": {"authorizer": {"jwt": {"claims": ` + claims + `, "scopes": null}}}}`, decodeInto[events.APIGatewayV2HTTPRequest]},
		{"HTTP API 2.0 authorizer", httpV2Event, `{"requestContext": {"authorizer": {"lambda": ` + who + `}}}`, decodeInto[events.APIGatewayV2HTTPRequest]},
		{"function URL IAM", functionURLEvent, `{"requestContext": {"authorizer": {"iam": {"accessKey": "AKIA", "userArn": "arn:aws:iam::1:user/ann"}}}}`, decodeInto[events.LambdaFunctionURLRequest]},
		{"WebSocket API", messageEvent, `{"requestContext": {"authorizer": ` + who + `}}`, decodeInto[events.APIGatewayWebsocketProxyRequest]},
		{"REST API nobody", restEvent, `{}`, decodeInto[events.APIGatewayProxyRequest]},
		{"HTTP API 2.0 nobody", httpV2Event, `{}`, decodeInto[events.APIGatewayV2HTTPRequest]},
		{"load balancer", albEvent, `{}`, decodeInto[events.ALBTargetGroupRequest]},
	} {
		event := edit(b, row.event, row.change)
		if row.name != "WebSocket API" {
			event = edit(b, string(event), browser)
		}
		b.Run(row.name+"/CallerFrom", func(b *testing.B) {
			invoke(b, func(_ http.ResponseWriter, r *http.Request) {
				b.ReportAllocs()
				for b.Loop() {
					adapter.CallerFrom(r.Context())
				}
			}, event)
		})
		b.Run(row.name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, row.decode(event))
			}
		})
	}
}

func decodeInto[T any](event []byte) error {
	var v T
	return json.Unmarshal(event, &v)
}
