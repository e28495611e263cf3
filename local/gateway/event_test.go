package gateway_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	neturl "net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// eventOf returns the event of a request, ids masked.
func eventOf(t *testing.T, cfg config, r *http.Request) string {
	t.Helper()
	event, err := open(t, cfg).Event(r)
	require.NoError(t, err)
	require.True(t, json.Valid(event), "%s", event)
	return mask(string(event))
}

// member returns a part of an event, by the names that lead to it: nil is JSON's
// null, and absent is a member that is not there.
func member(t *testing.T, event string, names ...string) any {
	t.Helper()
	var at any
	require.NoError(t, json.Unmarshal([]byte(event), &at))
	for _, name := range names {
		object, ok := at.(map[string]any)
		require.True(t, ok, "nothing has a member %q in %s", name, event)
		if at, ok = object[name]; !ok {
			return absent
		}
	}
	return at
}

const absent = "(absent)"

// visit is a request with something of everything in it. Its names are spelled as
// no HTTP/1.1 client of Go can, so that it shows what becomes of them.
func visit() *http.Request {
	r := httptest.NewRequest("POST", "/caf%C3%A9/a%2Fb?k=&a=1&a=b+c%2Bd", strings.NewReader(`{"say":"<héllo>"}`))
	r.Header = http.Header{
		"Accept":          {"text/html, application/json"},
		"Content-Type":    {"application/json"},
		"Cookie":          {"session=abc123; theme=dark"},
		"User-Agent":      {"curl/8"},
		"tEsT-HEADeR":     {"first", "second"},
		"X-Forwarded-For": {"198.51.100.7"},
		"Connection":      {"keep-alive, X-Hop"},
		"X-Hop":           {"1"},
		"Upgrade":         {"h2c"},
		"Via":             {"1.1 proxy"},
	}
	return r
}

func indented(text string) string {
	return strings.NewReplacer("\n", "", "\t", "").Replace(text)
}

func TestEvents(t *testing.T) {
	t.Parallel()
	albVisit := func() *http.Request { // what asks a load balancer for an upgrade is refused
		r := visit()
		r.Header.Del("Upgrade")
		return r
	}
	for name, test := range map[string]struct {
		cfg     config
		request *http.Request
		want    string
	}{
		"REST (section 1.1, B2)": {config{Source: gateway.REST, StageVariables: map[string]string{"color": "blue"}}, visit(), `{
			"resource":"/{proxy+}",
			"path":"/caf%C3%A9/a%2Fb",
			"httpMethod":"POST",
			"headers":{"Accept":"text/html, application/json","Content-Type":"application/json","Cookie":"session=abc123; theme=dark","Host":"example.com","User-Agent":"curl/8","Via":"1.1 proxy","X-Amzn-Trace-Id":"Root=ROOT","X-Forwarded-For":"198.51.100.7, 192.0.2.1","X-Forwarded-Port":"443","X-Forwarded-Proto":"https","tEsT-HEADeR":"second"},
			"multiValueHeaders":{"Accept":["text/html, application/json"],"Content-Type":["application/json"],"Cookie":["session=abc123; theme=dark"],"Host":["example.com"],"User-Agent":["curl/8"],"Via":["1.1 proxy"],"X-Amzn-Trace-Id":["Root=ROOT"],"X-Forwarded-For":["198.51.100.7, 192.0.2.1"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"],"tEsT-HEADeR":["first","second"]},
			"queryStringParameters":{"a":"b c+d","k":""},
			"multiValueQueryStringParameters":{"a":["1","b c+d"],"k":[""]},
			"pathParameters":{"proxy":"caf%C3%A9/a%2Fb"},
			"stageVariables":{"color":"blue"},
			"requestContext":{
				"resourceId":"jkbtpf",
				"resourcePath":"/{proxy+}",
				"httpMethod":"POST",
				"extendedRequestId":"EXTENDED",
				"requestTime":"10/Jul/2026:19:19:04 +0000",
				"path":"/prod/caf%C3%A9/a%2Fb",
				"accountId":"123456789012",
				"protocol":"HTTP/1.1",
				"stage":"prod",
				"domainPrefix":"a1b2c3d4e5",
				"requestTimeEpoch":1783711144123,
				"requestId":"UUID",
				"identity":{"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"192.0.2.1","principalOrgId":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":null,"userAgent":"curl/8","user":null},
				"domainName":"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
				"deploymentId":"32xs6m",
				"apiId":"a1b2c3d4e5"},
			"body":"{\"say\":\"<héllo>\"}",
			"isBase64Encoded":false}`},

		"HTTP API 1.0 (section 2, B2)": {config{Source: gateway.HTTPv1}, visit(), `{
			"version":"1.0",
			"resource":"$default",
			"path":"/caf%C3%A9/a%2Fb",
			"httpMethod":"POST",
			"headers":{"Accept":"text/html, application/json","Content-Length":"18","Content-Type":"application/json","Cookie":"session=abc123; theme=dark","Host":"example.com","User-Agent":"curl/8","Via":"1.1 proxy","X-Amzn-Trace-Id":"Root=ROOT","X-Forwarded-For":"198.51.100.7, 192.0.2.1","X-Forwarded-Port":"443","X-Forwarded-Proto":"https","tEsT-HEADeR":"second"},
			"multiValueHeaders":{"Accept":["text/html, application/json"],"Content-Length":["18"],"Content-Type":["application/json"],"Cookie":["session=abc123; theme=dark"],"Host":["example.com"],"User-Agent":["curl/8"],"Via":["1.1 proxy"],"X-Amzn-Trace-Id":["Root=ROOT"],"X-Forwarded-For":["198.51.100.7, 192.0.2.1"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"],"tEsT-HEADeR":["first","second"]},
			"queryStringParameters":{"a":"b c+d","k":""},
			"multiValueQueryStringParameters":{"a":["1","b c+d"],"k":[""]},
			"requestContext":{
				"accountId":"123456789012",
				"apiId":"a1b2c3d4e5",
				"domainName":"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
				"domainPrefix":"a1b2c3d4e5",
				"extendedRequestId":"EXTENDED",
				"httpMethod":"POST",
				"identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"192.0.2.1","user":null,"userAgent":"curl/8","userArn":null},
				"path":"/café/a/b",
				"protocol":"HTTP/1.1",
				"requestId":"EXTENDED",
				"requestTime":"10/Jul/2026:19:19:04 +0000",
				"requestTimeEpoch":1783711144123,
				"resourceId":"$default",
				"resourcePath":"$default",
				"stage":"$default"},
			"pathParameters":null,
			"stageVariables":null,
			"body":"{\"say\":\"<héllo>\"}",
			"isBase64Encoded":false}`},

		"HTTP API 2.0 (section 3.1, B2)": {config{Source: gateway.HTTPv2}, visit(), `{
			"version":"2.0",
			"routeKey":"$default",
			"rawPath":"/café/a/b",
			"rawQueryString":"k=&a=1&a=b+c%2Bd",
			"cookies":["session=abc123","theme=dark"],
			"headers":{"accept":"text/html, application/json","content-length":"18","content-type":"application/json","host":"example.com","test-header":"first,second","user-agent":"curl/8","via":"1.1 proxy","x-amzn-trace-id":"Root=ROOT","x-forwarded-for":"198.51.100.7, 192.0.2.1","x-forwarded-port":"443","x-forwarded-proto":"https"},
			"queryStringParameters":{"a":"1,b c+d","k":""},
			"requestContext":{
				"accountId":"123456789012",
				"apiId":"a1b2c3d4e5",
				"domainName":"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
				"domainPrefix":"a1b2c3d4e5",
				"http":{"method":"POST","path":"/café/a/b","protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"curl/8"},
				"requestId":"EXTENDED",
				"routeKey":"$default",
				"stage":"$default",
				"time":"10/Jul/2026:19:19:04 +0000",
				"timeEpoch":1783711144123},
			"body":"{\"say\":\"<héllo>\"}",
			"isBase64Encoded":false}`},

		"function URL (section 4.1, B7)": {config{Source: gateway.FunctionURL}, visit(), `{
			"version":"2.0",
			"routeKey":"$default",
			"rawPath":"/caf%C3%A9/a%2Fb",
			"rawQueryString":"k=&a=1&a=b+c%2Bd",
			"cookies":["session=abc123","theme=dark"],
			"headers":{"accept":"text/html, application/json","content-length":"18","content-type":"application/json","cookie":"session=abc123; theme=dark","host":"example.com","test-header":"first,second","user-agent":"curl/8","via":"1.1 proxy","x-amzn-tls-cipher-suite":"TLS_AES_128_GCM_SHA256","x-amzn-tls-version":"TLSv1.3","x-amzn-trace-id":"Root=ROOT","x-forwarded-for":"198.51.100.7, 192.0.2.1","x-forwarded-port":"443","x-forwarded-proto":"https"},
			"queryStringParameters":{"a":"1,b c+d","k":""},
			"requestContext":{
				"accountId":"anonymous",
				"apiId":"a1b2c3d4e5",
				"domainName":"a1b2c3d4e5.lambda-url.us-east-1.on.aws",
				"domainPrefix":"a1b2c3d4e5",
				"http":{"method":"POST","path":"/café/a/b","protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"curl/8"},
				"requestId":"UUID",
				"routeKey":"$default",
				"stage":"$default",
				"time":"10/Jul/2026:19:19:04 +0000",
				"timeEpoch":1783711144123},
			"body":"{\"say\":\"<héllo>\"}",
			"isBase64Encoded":false}`},

		"ALB, single-value (section 5.1)": {config{Source: gateway.ALB}, albVisit(), `{
			"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/lambridge/a1b2c3d4e5"}},
			"httpMethod":"POST",
			"path":"/caf%C3%A9/a%2Fb",
			"queryStringParameters":{"a":"b+c%2Bd","k":""},
			"headers":{"accept":"text/html, application/json","content-length":"18","content-type":"application/json","cookie":"session=abc123; theme=dark","host":"example.com","test-header":"second","user-agent":"curl/8","via":"1.1 proxy","x-amzn-trace-id":"Root=ROOT","x-forwarded-for":"198.51.100.7, 192.0.2.1","x-forwarded-port":"80","x-forwarded-proto":"http"},
			"body":"{\"say\":\"<héllo>\"}",
			"isBase64Encoded":false}`},

		"ALB, multi-value (section 5.1)": {config{Source: gateway.ALBMulti}, albVisit(), `{
			"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/lambridge/a1b2c3d4e5"}},
			"httpMethod":"POST",
			"path":"/caf%C3%A9/a%2Fb",
			"multiValueQueryStringParameters":{"a":["1","b+c%2Bd"],"k":[""]},
			"multiValueHeaders":{"accept":["text/html, application/json"],"content-length":["18"],"content-type":["application/json"],"cookie":["session=abc123; theme=dark"],"host":["example.com"],"test-header":["first","second"],"user-agent":["curl/8"],"via":["1.1 proxy"],"x-amzn-trace-id":["Root=ROOT"],"x-forwarded-for":["198.51.100.7, 192.0.2.1"],"x-forwarded-port":["80"],"x-forwarded-proto":["http"]},
			"body":"{\"say\":\"<héllo>\"}",
			"isBase64Encoded":false}`},

		"Lattice, 1.0 (section 6)": {config{Source: gateway.LatticeV1}, visit(), `{
			"raw_path":"/caf%C3%A9/a%2Fb",
			"method":"POST",
			"headers":{"accept":"text/html, application/json","content-length":"18","content-type":"application/json","cookie":"session=abc123; theme=dark","host":"example.com","test-header":"first, second","user-agent":"curl/8","via":"1.1 proxy","x-amzn-trace-id":"Root=ROOT","x-forwarded-for":"198.51.100.7, 192.0.2.1","x-forwarded-port":"80","x-forwarded-proto":"http"},
			"query_string_parameters":{"a":"b c+d","k":""},
			"body":"{\"say\":\"<héllo>\"}",
			"is_base64_encoded":false}`},

		"Lattice, 2.0 (section 6, rule 83)": {config{Source: gateway.LatticeV2}, visit(), `{
			"version":"2.0",
			"path":"/caf%C3%A9/a%2Fb",
			"method":"POST",
			"headers":{"accept":["text/html, application/json"],"content-length":["18"],"content-type":["application/json"],"cookie":["session=abc123; theme=dark"],"host":["example.com"],"test-header":["first","second"],"user-agent":["curl/8"],"via":["1.1 proxy"],"x-amzn-trace-id":["Root=ROOT"],"x-forwarded-for":["198.51.100.7, 192.0.2.1"],"x-forwarded-port":["80"],"x-forwarded-proto":["http"]},
			"queryStringParameters":{"a":["1","b c+d"],"k":[""]},
			"requestContext":{
				"serviceNetworkArn":"arn:aws:vpc-lattice:us-east-1:123456789012:servicenetwork/sn-a1b2c3d4e5",
				"serviceArn":"arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-a1b2c3d4e5",
				"targetGroupArn":"arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-a1b2c3d4e5",
				"identity":{"sourceVpcArn":"arn:aws:ec2:us-east-1:123456789012:vpc/vpc-a1b2c3d4e5"},
				"region":"us-east-1",
				"timeEpoch":"1783711144123456"},
			"body":"{\"say\":\"<héllo>\"}"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, indented(test.want), eventOf(t, test.cfg, test.request))
		})
	}
}

// What a bare request lacks is null, empty or absent.
func TestEventsOfNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source gateway.Source
		names  []string
		want   any
	}{
		"REST has no version (rule 31)":                  {gateway.REST, []string{"version"}, absent},
		"REST query (section 1.1, B2)":                   {gateway.REST, []string{"queryStringParameters"}, nil},
		"REST multi query (section 1.1, B2)":             {gateway.REST, []string{"multiValueQueryStringParameters"}, nil},
		"REST path parameters (section 1.1, B2)":         {gateway.REST, []string{"pathParameters"}, nil},
		"REST stage variables (section 1.1, B2)":         {gateway.REST, []string{"stageVariables"}, nil},
		"REST body (section 1.1, B2)":                    {gateway.REST, []string{"body"}, nil},
		"REST user agent (section 1.1)":                  {gateway.REST, []string{"requestContext", "identity", "userAgent"}, nil},
		"REST authorizer (section 1.1)":                  {gateway.REST, []string{"requestContext", "authorizer"}, absent},
		"REST certificate (section 1.1)":                 {gateway.REST, []string{"requestContext", "identity", "clientCert"}, absent},
		"REST content length (section 1.2, B2)":          {gateway.REST, []string{"headers", "Content-Length"}, absent},
		"1.0 user agent (section 2)":                     {gateway.HTTPv1, []string{"requestContext", "identity", "userAgent"}, ""},
		"1.0 body (section 2)":                           {gateway.HTTPv1, []string{"body"}, nil},
		"1.0 query (section 2)":                          {gateway.HTTPv1, []string{"queryStringParameters"}, nil},
		"1.0 content length (section 2, B2)":             {gateway.HTTPv1, []string{"headers", "Content-Length"}, "0"},
		"2.0 body (rule 59)":                             {gateway.HTTPv2, []string{"body"}, absent},
		"2.0 encoding (rule 59)":                         {gateway.HTTPv2, []string{"isBase64Encoded"}, false},
		"2.0 query (section 3.1)":                        {gateway.HTTPv2, []string{"queryStringParameters"}, absent},
		"2.0 raw query (section 3.1, B2)":                {gateway.HTTPv2, []string{"rawQueryString"}, ""},
		"2.0 cookies (section 3.1)":                      {gateway.HTTPv2, []string{"cookies"}, absent},
		"2.0 path parameters (section 3.1)":              {gateway.HTTPv2, []string{"pathParameters"}, absent},
		"2.0 stage variables (section 3.1)":              {gateway.HTTPv2, []string{"stageVariables"}, absent},
		"2.0 authorizer (section 3.1)":                   {gateway.HTTPv2, []string{"requestContext", "authorizer"}, absent},
		"2.0 certificate (section 3.1)":                  {gateway.HTTPv2, []string{"requestContext", "authentication"}, absent},
		"2.0 content length (rule 61, B2)":               {gateway.HTTPv2, []string{"headers", "content-length"}, "0"},
		"URL body (B7)":                                  {gateway.FunctionURL, []string{"body"}, absent},
		"ALB body (section 5.1)":                         {gateway.ALB, []string{"body"}, ""},
		"ALB query (section 5.1)":                        {gateway.ALB, []string{"queryStringParameters"}, map[string]any{}},
		"ALB has one map of headers (section 5.1)":       {gateway.ALB, []string{"multiValueHeaders"}, absent},
		"ALB has one map of the query (section 5.1)":     {gateway.ALB, []string{"multiValueQueryStringParameters"}, absent},
		"ALB multi has one map of headers (section 5.1)": {gateway.ALBMulti, []string{"headers"}, absent},
		"ALB multi has one map of query (section 5.1)":   {gateway.ALBMulti, []string{"queryStringParameters"}, absent},
		"ALB multi query (section 5.1)":                  {gateway.ALBMulti, []string{"multiValueQueryStringParameters"}, map[string]any{}},
		"Lattice 1.0 body (section 6)":                   {gateway.LatticeV1, []string{"body"}, ""},
		"Lattice 2.0 without base64 (rule 82)":           {gateway.LatticeV2, []string{"isBase64Encoded"}, absent},
		"Lattice 2.0 has no body (section 6)":            {gateway.LatticeV2, []string{"body"}, absent},
		"URL accounts are anonymous (section 4.1)":       {gateway.FunctionURL, []string{"requestContext", "accountId"}, "anonymous"},
		"REST speaks HTTP/1.1 (rule 31)":                 {gateway.REST, []string{"requestContext", "protocol"}, "HTTP/1.1"},
		"REST ids are UUIDs (rule 31)":                   {gateway.REST, []string{"requestContext", "requestId"}, "UUID"},
		"1.0 ids are short (section 2, B2)":              {gateway.HTTPv1, []string{"requestContext", "requestId"}, "EXTENDED"},
		"2.0 ids are short (B2)":                         {gateway.HTTPv2, []string{"requestContext", "requestId"}, "EXTENDED"},
		"URL ids are the invocation's (section 4.1)":     {gateway.FunctionURL, []string{"requestContext", "requestId"}, "UUID"},
		"ALB names its target group (section 5.1)":       {gateway.ALB, []string{"requestContext", "elb", "targetGroupArn"}, "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/lambridge/a1b2c3d4e5"},
		"2.0 has no lists of query values (B2)":          {gateway.HTTPv2, []string{"multiValueQueryStringParameters"}, absent},
		"REST has a trace (section 1.2, B2)":             {gateway.REST, []string{"headers", "X-Amzn-Trace-Id"}, "Root=ROOT"},
		"URL has the version of TLS (section 4.1, B7)":   {gateway.FunctionURL, []string{"headers", "x-amzn-tls-version"}, "TLSv1.3"},
		"URL has the cipher suite (section 4.1, B7)":     {gateway.FunctionURL, []string{"headers", "x-amzn-tls-cipher-suite"}, "TLS_AES_128_GCM_SHA256"},
		"Lattice 1.0 without a query (section 6)":        {gateway.LatticeV1, []string{"query_string_parameters"}, map[string]any{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := eventOf(t, config{Source: test.source}, httptest.NewRequest("POST", "/", nil))
			assert.Equal(t, test.want, member(t, event, test.names...))
		})
	}
}

// request returns a GET, changed by a func that may be nil.
func request(target string, change func(*http.Request)) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	if change != nil {
		change(r)
	}
	return r
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg    config
		target string
		want   map[string]any // by names joined with dots
	}{
		"REST (rule 28)": {config{Source: gateway.REST, Stage: "stage"}, "/stage//a%2Fb/",
			map[string]any{"path": "/a%2Fb/", "requestContext.path": "/stage//a%2Fb/", "requestContext.stage": "stage"}},
		"REST, greedy (rule 29)": {config{Source: gateway.REST, Stage: "stage"}, "/stage//a%2Fb/",
			map[string]any{"resource": "/{proxy+}", "pathParameters": map[string]any{"proxy": "a%2Fb"}}},
		"REST, slashes before the stage (B1)": {config{Source: gateway.REST, Stage: "stage"}, "//stage/x",
			map[string]any{"path": "/x", "requestContext.path": "/stage/x"}},
		"REST, slashes after the stage (B1)": {config{Source: gateway.REST, Stage: "stage"}, "/stage//x",
			map[string]any{"path": "/x", "requestContext.path": "/stage//x"}},
		"REST, a slash at the end (B1)": {config{Source: gateway.REST}, "/proxy-value/",
			map[string]any{"path": "/proxy-value/", "pathParameters": map[string]any{"proxy": "proxy-value"}}},
		"REST, slashes in a greedy value (B1)": {config{Source: gateway.REST}, "/proxy-value//double-slash",
			map[string]any{"path": "/proxy-value//double-slash", "pathParameters": map[string]any{"proxy": "proxy-value//double-slash"}}},
		"REST, a plus and an escaped one (section 1.1)": {config{Source: gateway.REST}, "/user/test%2Balias@gmail.com/plus/test+alias@gmail.com",
			map[string]any{"path": "/user/test%2Balias@gmail.com/plus/test+alias@gmail.com", "pathParameters": map[string]any{"proxy": "user/test%2Balias@gmail.com/plus/test+alias@gmail.com"}}},
		"REST, bytes net/url would escape (section 1.1)": {config{Source: gateway.REST}, "/a|b%7c",
			map[string]any{"path": "/a|b%7c"}},
		"REST, query (rule 30)": {config{Source: gateway.REST}, "/?k=&a=1&a=2",
			map[string]any{"queryStringParameters": map[string]any{"k": "", "a": "2"}, "multiValueQueryStringParameters": map[string]any{"k": []any{""}, "a": []any{"1", "2"}}}},
		"REST, names that JSON cannot tell apart": {config{Source: gateway.REST}, "/?%99=1&%ff=2&a=3",
			map[string]any{"queryStringParameters": map[string]any{"\uFFFD": "2", "a": "3"}, "multiValueQueryStringParameters": map[string]any{"\uFFFD": []any{"1", "2"}, "a": []any{"3"}}}},
		"REST, domain without mapping (pitfall 98a)": {config{Source: gateway.REST}, "/your-path",
			map[string]any{"path": "/your-path", "requestContext.path": "/prod/your-path"}},
		"REST, base path (pitfall 98d)": {config{Source: gateway.REST, Stage: "dev", BasePath: "shop"}, "/shop/your-path",
			map[string]any{"path": "/shop/your-path", "requestContext.path": "/shop/your-path", "requestContext.stage": "dev"}},
		"REST, the root of a stage": {config{Source: gateway.REST, Stage: "dev"}, "/dev",
			map[string]any{"path": "/", "resource": "/", "requestContext.path": "/dev"}},
		"REST, the default stage by its name": {config{Source: gateway.REST, Stage: "prod"}, "/prod/x",
			map[string]any{"path": "/x", "requestContext.path": "/prod/x", "requestContext.stage": "prod"}},
		"2.0, the default stage by its name": {config{Source: gateway.HTTPv2, Stage: "$default"}, "/x",
			map[string]any{"rawPath": "/x", "requestContext.stage": "$default"}},
		"1.0, encoded and decoded (B2)": {config{Source: gateway.HTTPv1, Routes: []string{"GET /r/{x}"}}, "/r/%E2%98%95%20Coffee",
			map[string]any{"path": "/r/%E2%98%95%20Coffee", "requestContext.path": "/r/☕ Coffee", "pathParameters": map[string]any{"x": "☕ Coffee"},
				"resource": "/r/{x}", "requestContext.resourceId": "GET /r/{x}", "requestContext.resourcePath": "/r/{x}"}},
		"REST, encoded (B2)": {config{Source: gateway.REST, Routes: []string{"GET /r/{x}"}}, "/r/%E2%98%95%20Coffee",
			map[string]any{"path": "/r/%E2%98%95%20Coffee", "requestContext.path": "/prod/r/%E2%98%95%20Coffee", "pathParameters": map[string]any{"x": "%E2%98%95%20Coffee"},
				"resource": "/r/{x}", "requestContext.resourcePath": "/r/{x}"}},
		"2.0, decoded (B2)": {config{Source: gateway.HTTPv2, Routes: []string{"GET /r/{x}"}}, "/r/%E2%98%95%20Coffee",
			map[string]any{"rawPath": "/r/☕ Coffee", "requestContext.http.path": "/r/☕ Coffee", "pathParameters": map[string]any{"x": "☕ Coffee"}, "routeKey": "GET /r/{x}", "requestContext.routeKey": "GET /r/{x}"}},
		"2.0, raw query (B2)": {config{Source: gateway.HTTPv2}, "/?q=Hello%20World&tag=C%23%20Programming",
			map[string]any{"rawQueryString": "q=Hello%20World&tag=C%23%20Programming", "queryStringParameters": map[string]any{"q": "Hello World", "tag": "C# Programming"}}},
		"2.0, an escaped question mark (section 3.1)": {config{Source: gateway.HTTPv2}, "/a%3Fb/c",
			map[string]any{"rawPath": "/a", "requestContext.http.path": "/a"}},
		"2.0, a named stage (section 3.1)": {config{Source: gateway.HTTPv2, Stage: "dev"}, "/dev/testApi",
			map[string]any{"rawPath": "/dev/testApi", "requestContext.stage": "dev"}},
		"2.0, a trailing slash (section 3.1)": {config{Source: gateway.HTTPv2, Routes: []string{"GET /r/{x}"}}, "/r/a/",
			map[string]any{"rawPath": "/r/a/", "pathParameters": map[string]any{"x": "a"}}},
		"1.0, a base path (section 2)":  {config{Source: gateway.HTTPv1, BasePath: "/shop"}, "/shop/a", map[string]any{"path": "/shop/a"}},
		"2.0, no base path (section 2)": {config{Source: gateway.HTTPv2, BasePath: "/shop"}, "/shop/a", map[string]any{"rawPath": "/a"}},
		"URL, an escaped percent (section 4.1)": {config{Source: gateway.FunctionURL}, "/pa2%25Fth/1",
			map[string]any{"rawPath": "/pa2%25Fth/1", "requestContext.http.path": "/pa2%Fth/1"}},
		"URL, query (section 4.1, B7)": {config{Source: gateway.FunctionURL}, "/?multiQuery=foo&multiQuery=%2Fbar",
			map[string]any{"rawQueryString": "multiQuery=foo&multiQuery=%2Fbar", "queryStringParameters": map[string]any{"multiQuery": "foo,/bar"}}},
		"ALB, raw query (section 5.1)": {config{Source: gateway.ALBMulti}, "/?encodedPlus=a%2Bb&literalPlus=a+b&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb",
			map[string]any{"multiValueQueryStringParameters": map[string]any{"encodedPlus": []any{"a%2Bb"}, "literalPlus": []any{"a+b"}, "redirect": []any{"https%3A%2F%2Fexample.com%2Fa%2Fb"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := eventOf(t, test.cfg, request(test.target, nil))
			got := make(map[string]any)
			for names := range test.want {
				got[names] = member(t, event, strings.Split(names, ".")...)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	const root = "Root=1-5759e988-bd862e3fe1be46a994272793"
	for name, test := range map[string]struct {
		source gateway.Source
		sent   http.Header
		names  []string
		want   any
	}{
		"2.0 joins lines (rule 60)":                           {gateway.HTTPv2, http.Header{"X-A": {"v1", "v2"}}, []string{"headers", "x-a"}, "v1,v2"},
		"2.0 has no cookie header (rule 60)":                  {gateway.HTTPv2, http.Header{"Cookie": {"a=1; b=2"}}, []string{"headers", "cookie"}, absent},
		"2.0 splits cookies (rule 60)":                        {gateway.HTTPv2, http.Header{"Cookie": {"a=1; b=2", "c=3"}}, []string{"cookies"}, []any{"a=1", "b=2", "c=3"}},
		"URL has both (section 4.1)":                          {gateway.FunctionURL, http.Header{"Cookie": {"a=1; b=2"}}, []string{"headers", "cookie"}, "a=1; b=2"},
		"REST keeps a line with commas whole (section 1.1)":   {gateway.REST, http.Header{"Accept": {"a, b"}}, []string{"multiValueHeaders", "Accept"}, []any{"a, b"}},
		"REST keeps all lines (section 1.1)":                  {gateway.REST, http.Header{"X-A": {"v1", "v2"}}, []string{"multiValueHeaders", "X-A"}, []any{"v1", "v2"}},
		"REST keeps the last (section 1.1)":                   {gateway.REST, http.Header{"X-A": {"v1", "v2"}}, []string{"headers", "X-A"}, "v2"},
		"ALB keeps the last (section 5.1)":                    {gateway.ALB, http.Header{"X-A": {"v1", "v2"}}, []string{"headers", "x-a"}, "v2"},
		"Lattice 1.0 joins with a space (section 6)":          {gateway.LatticeV1, http.Header{"X-A": {"v1", "v2"}}, []string{"headers", "x-a"}, "v1, v2"},
		"REST continues a trace (section 1.2)":                {gateway.REST, http.Header{"X-Amzn-Trace-Id": {root + ";Parent=53995c3f42cd8ad8"}}, []string{"headers", "X-Amzn-Trace-Id"}, "Root=ROOT;Parent=53995c3f42cd8ad8"},
		"a trace without a root begins":                       {gateway.REST, http.Header{"X-Amzn-Trace-Id": {"nonsense"}}, []string{"headers", "X-Amzn-Trace-Id"}, "Root=ROOT"},
		"ALB adds itself to a trace (section 5.1)":            {gateway.ALB, http.Header{"X-Amzn-Trace-Id": {root}}, []string{"headers", "x-amzn-trace-id"}, "Self=ROOT;Root=ROOT"},
		"X-Forwarded-For is appended to":                      {gateway.ALB, http.Header{"X-Forwarded-For": {"1.1.1.1", "2.2.2.2"}}, []string{"headers", "x-forwarded-for"}, "1.1.1.1, 2.2.2.2, 192.0.2.1"},
		"X-Forwarded-Proto is overwritten":                    {gateway.HTTPv2, http.Header{"X-Forwarded-Proto": {"ftp"}, "x-forwarded-proto": {"ftp"}}, []string{"headers", "x-forwarded-proto"}, "https"},
		"what Connection names is dropped":                    {gateway.FunctionURL, http.Header{"Connection": {"close, X-A"}, "X-A": {"1"}}, []string{"headers", "x-a"}, absent},
		"URL keeps values and lowers names (section 4.1, B7)": {gateway.FunctionURL, http.Header{"Extra-Headers": {"With WeiRd CapS"}}, []string{"headers", "extra-headers"}, "With WeiRd CapS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := eventOf(t, config{Source: test.source}, request("/", func(r *http.Request) { r.Header = test.sent }))
			assert.Equal(t, test.want, member(t, event, test.names...))
		})
	}
}

// Rules 26 and 27, B2: what reaches a function through a REST API and what does not.
func TestHeadersOfREST(t *testing.T) {
	t.Parallel()
	kept := []string{
		"Accept", "Accept-Charset", "Accept-Encoding", "Age", "Authorization", "Content-Encoding", "Content-Type", "Date", "Host",
		"Pragma", "Range", "Referer", "User-Agent", "Via", "Warn", "X-Custom",
	}
	dropped := []string{
		"Connection", "Content-Length", "Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "TE", "Trailer",
		"Transfer-Encoding", "Upgrade", "WWW-Authenticate",
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader("x"))
	for _, name := range append(dropped, kept...) {
		r.Header[name] = []string{"x"}
	}
	delete(r.Header, "Host")
	r.Header.Set("Content-Encoding", "identity") // another is undone, or refused
	event := eventOf(t, config{Source: gateway.REST}, r)
	headers := member(t, event, "headers").(map[string]any)
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	assert.ElementsMatch(t, append(kept, "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"), names)
}

func TestBodies(t *testing.T) {
	t.Parallel()
	binary := config{Source: gateway.REST, BinaryMediaTypes: []string{"application/octet-stream", "image/*"}}
	v2 := config{Source: gateway.HTTPv2}
	text, base64 := []any{"hello", false}, []any{"aGVsbG8=", true}
	for name, test := range map[string]struct {
		cfg    config
		header http.Header
		want   []any // body and isBase64Encoded
	}{
		"REST, a listed type (rule 32)":        {binary, http.Header{"Content-Type": {"application/octet-stream"}}, base64},
		"REST, a type of a wildcard (rule 32)": {binary, http.Header{"Content-Type": {"image/png; q=1"}}, base64},
		"REST, a type not listed (rule 32)":    {binary, http.Header{"Content-Type": {"application/json"}}, text},
		"REST, no types (rule 32)":             {config{Source: gateway.REST}, http.Header{"Content-Type": {"application/octet-stream"}}, text},
		"REST, all types (section 1.3)":        {config{Source: gateway.REST, BinaryMediaTypes: []string{"*/*"}}, nil, base64},
		"2.0, a form (rule 54)":                {v2, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, base64},
		"2.0, no type (rule 55)":               {v2, nil, base64},
		"2.0, another charset (rule 56)":       {v2, http.Header{"Content-Type": {"text/plain; charset=iso-8859-1"}}, base64},
		"2.0, any case (rule 56)":              {v2, http.Header{"Content-Type": {"TEXT/PLAIN; CHARSET=UTF-8"}}, text},
		"2.0, JSON (rule 57)":                  {v2, http.Header{"Content-Type": {"application/json"}}, text},
		"2.0, JSON in UTF-8 (rule 57)":         {v2, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, text},
		"2.0, XML (rule 57)":                   {v2, http.Header{"Content-Type": {"application/xml"}}, text},
		"2.0, JavaScript (rule 57)":            {v2, http.Header{"Content-Type": {"application/javascript"}}, text},
		"2.0, HTML (rule 57)":                  {v2, http.Header{"Content-Type": {"text/html"}}, text},
		"2.0, CSV (rule 57)":                   {v2, http.Header{"Content-Type": {"text/csv"}}, text},
		"2.0, text/xml (rule 57)":              {v2, http.Header{"Content-Type": {"text/xml"}}, text},
		"2.0, GraphQL (section 3.3)":           {v2, http.Header{"Content-Type": {"application/graphql"}}, text},
		"2.0, multipart (rule 58)":             {v2, http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}, base64},
		"2.0, octets (section 3.3, B2)":        {v2, http.Header{"Content-Type": {"application/octet-stream"}}, base64},
		"2.0, an image (section 3.3)":          {v2, http.Header{"Content-Type": {"image/png"}}, base64},
		"2.0, something (section 3.3)":         {v2, http.Header{"Content-Type": {"weird/unknown"}}, base64},
		"1.0, octets (section 2, B2)":          {config{Source: gateway.HTTPv1}, http.Header{"Content-Type": {"application/octet-stream"}}, base64},
		"URL, text (section 4.1)":              {config{Source: gateway.FunctionURL}, http.Header{"Content-Type": {"text/plain"}}, text},
		"URL, JSON (section 4.1)":              {config{Source: gateway.FunctionURL}, http.Header{"Content-Type": {"application/json"}}, text},
		"URL, multipart (section 4.1, B7)":     {config{Source: gateway.FunctionURL}, http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}, base64},
		"ALB, text (section 5.1)":              {config{Source: gateway.ALB}, http.Header{"Content-Type": {"text/plain"}}, text},
		"ALB, JSON (section 5.1)":              {config{Source: gateway.ALB}, http.Header{"Content-Type": {"application/json"}}, text},
		"ALB, JavaScript (section 5.1)":        {config{Source: gateway.ALB}, http.Header{"Content-Type": {"application/javascript"}}, text},
		"ALB, XML (section 5.1)":               {config{Source: gateway.ALBMulti}, http.Header{"Content-Type": {"application/xml"}}, text},
		"ALB, encoded text (section 5.1)":      {config{Source: gateway.ALB}, http.Header{"Content-Type": {"text/plain"}, "Content-Encoding": {"gzip"}}, base64},
		"ALB, a form (section 5.1)":            {config{Source: gateway.ALB}, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, base64},
		"Lattice 2.0, octets (section 6)":      {config{Source: gateway.LatticeV2}, http.Header{"Content-Type": {"application/octet-stream"}}, base64},
		"Lattice 2.0, text (section 6)":        {config{Source: gateway.LatticeV2}, http.Header{"Content-Type": {"text/plain"}}, []any{"hello", absent}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, body := range []io.Reader{strings.NewReader("hello"), io.MultiReader(strings.NewReader("hello"))} {
				r := httptest.NewRequest("POST", "/", body)
				r.Header = test.header
				event := eventOf(t, test.cfg, r)
				assert.Equal(t, test.want, []any{member(t, event, "body"), member(t, event, "isBase64Encoded")})
			}
		})
	}
}

// Text reaches the function whole, however it is cut on its way, and what is not
// UTF-8 does not.
func TestTextBodies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, want string }{
		"characters":             {"<é\u2028☕\"\\/>", "<é\u2028☕\"\\/>"},
		"controls":               {"\x00\x01\b\t\n\r\x1f\x7f", "\x00\x01\b\t\n\r\x1f\x7f"},
		"bytes":                  {"a\xffb\xe2\x98", "a\uFFFDb\uFFFD\uFFFD"},
		"what looks like events": {`{"body":0,"isBase64Encoded":true}`, `{"body":0,"isBase64Encoded":true}`},
		"much":                   {strings.Repeat("☕é!", 20_000), strings.Repeat("☕é!", 20_000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", "/", oneByteReader{strings.NewReader(test.body)})
			r.Header.Set("Content-Type", "text/plain")
			assert.Equal(t, test.want, member(t, eventOf(t, config{Source: gateway.HTTPv2}, r), "body"))
		})
	}
}

// oneByteReader reads a byte at a time.
type oneByteReader struct{ io.Reader }

func (r oneByteReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(1, len(p))]) }

// The body has its place in every event, whatever else is in it.
func TestBodiesFindTheirPlace(t *testing.T) {
	t.Parallel()
	for _, source := range sources() {
		r := httptest.NewRequest("POST", `/{"body":0}?body=0&"body":0=1`, strings.NewReader("hello"))
		r.Header.Set("Body", `"body":0`)
		r.Header.Set("Content-Type", "text/plain")
		switch source {
		case gateway.REST, gateway.HTTPv1, gateway.HTTPv2, gateway.FunctionURL:
			r = r.WithContext(gateway.WithRequest(r.Context(), gateway.Request{
				Authorization: gateway.Authorization{Context: []byte(`{"body":0,"x":1}`)},
			}))
		}
		assert.Equal(t, "hello", member(t, eventOf(t, config{Source: source}, r), "body"), source)
	}
}

func certificate(t *testing.T) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711),
		Subject:      pkix.Name{CommonName: "client", Organization: []string{"Example"}},
		Issuer:       pkix.Name{CommonName: "client"},
		DNSNames:     []string{"client.example"},
		URIs:         []*neturl.URL{{Scheme: "spiffe", Host: "example", Path: "/client"}},
		NotBefore:    time.Date(2021, time.August, 5, 9, 36, 4, 0, time.UTC),
		NotAfter:     time.Date(2029, time.May, 28, 12, 30, 2, 0, time.UTC),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(raw)
	require.NoError(t, err)
	return c
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	block := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	want := map[string]any{
		"clientCertPem": block,
		"subjectDN":     "CN=client,O=Example",
		"issuerDN":      "CN=client,O=Example",
		"serialNumber":  "4711",
		"validity":      map[string]any{"notBefore": "Aug  5 09:36:04 2021 GMT", "notAfter": "May 28 12:30:02 2029 GMT"},
	}
	withTLS := func(r *http.Request) { r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{c}} }
	for name, test := range map[string]struct {
		source gateway.Source
		names  []string
		want   any
	}{
		"REST (section 1.1)":             {gateway.REST, []string{"requestContext", "identity", "clientCert"}, want},
		"HTTP API 1.0 (section 2)":       {gateway.HTTPv1, []string{"requestContext", "identity", "clientCert"}, want},
		"HTTP API 2.0 (section 3.1)":     {gateway.HTTPv2, []string{"requestContext", "authentication"}, map[string]any{"clientCert": want}},
		"URL never (section 4.1)":        {gateway.FunctionURL, []string{"requestContext", "authentication"}, absent},
		"Lattice 2.0, name (section 6)":  {gateway.LatticeV2, []string{"requestContext", "identity", "x509SubjectCn"}, "client"},
		"Lattice 2.0, names (section 6)": {gateway.LatticeV2, []string{"requestContext", "identity", "x509SanDns"}, "client.example"},
		"Lattice 2.0, URI (section 6)":   {gateway.LatticeV2, []string{"requestContext", "identity", "x509SanUri"}, "spiffe://example/client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, member(t, eventOf(t, config{Source: test.source}, request("/", withTLS)), test.names...), "of the connection")
			ctx := gateway.WithRequest(context.Background(), gateway.Request{ClientCertificate: c})
			assert.Equal(t, test.want, member(t, eventOf(t, config{Source: test.source}, request("/", nil).WithContext(ctx)), test.names...), "of the request")
		})
	}
	t.Run("ALB escapes it (section 5.1)", func(t *testing.T) {
		t.Parallel()
		header := member(t, eventOf(t, config{Source: gateway.ALB}, request("/", withTLS)), "headers", "x-amzn-mtls-clientcert").(string)
		assert.NotContains(t, header, "%2B")
		assert.NotContains(t, header, "%3D")
		assert.NotContains(t, header, "%2F")
		assert.Contains(t, header, "-----BEGIN%20CERTIFICATE-----%0A")
		plain, err := neturl.PathUnescape(header)
		require.NoError(t, err)
		assert.Equal(t, block, plain)
	})
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	jwt := gateway.Authorization{Context: []byte(`{"jwt":{"claims":{"sub":"1"},"scopes":null}}`)}
	iam := gateway.Authorization{Identity: []byte(`{"userArn":"arn:aws:iam::1:user/u","accessKey":"AKIA"}`)}
	claims := map[string]any{"jwt": map[string]any{"claims": map[string]any{"sub": "1"}, "scopes": nil}}
	for name, test := range map[string]struct {
		source gateway.Source
		given  gateway.Authorization
		names  []string
		want   any
	}{
		"REST (section 1.1)":                      {gateway.REST, jwt, []string{"requestContext", "authorizer"}, claims},
		"HTTP API 1.0 (section 2)":                {gateway.HTTPv1, jwt, []string{"requestContext", "authorizer"}, claims},
		"HTTP API 2.0 (section 3.1)":              {gateway.HTTPv2, jwt, []string{"requestContext", "authorizer"}, claims},
		"URL (section 4.1)":                       {gateway.FunctionURL, jwt, []string{"requestContext", "authorizer"}, claims},
		"URL shows the account (section 4.1)":     {gateway.FunctionURL, jwt, []string{"requestContext", "accountId"}, "123456789012"},
		"REST for an IAM user (section 1.1)":      {gateway.REST, iam, []string{"requestContext", "identity", "userArn"}, "arn:aws:iam::1:user/u"},
		"REST keeps the rest of it (section 1.1)": {gateway.REST, iam, []string{"requestContext", "identity", "sourceIp"}, "192.0.2.1"},
		"1.0 for an IAM user (section 2)":         {gateway.HTTPv1, iam, []string{"requestContext", "identity", "accessKey"}, "AKIA"},
		"Lattice's principals (section 6)":        {gateway.LatticeV2, gateway.Authorization{Identity: []byte(`{"principal":"p"}`)}, []string{"requestContext", "identity", "principal"}, "p"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config{Source: test.source, Authorizer: func(*gateway.Arrival) (gateway.Authorization, error) { return test.given, nil }}
			assert.Equal(t, test.want, member(t, eventOf(t, cfg, request("/", nil)), test.names...), "from the authorizer")
			ctx := gateway.WithRequest(context.Background(), gateway.Request{Authorization: test.given})
			cfg.Authorizer = func(*gateway.Arrival) (gateway.Authorization, error) {
				return gateway.Authorization{}, errors.New("asked")
			}
			assert.Equal(t, test.want, member(t, eventOf(t, cfg, request("/", nil).WithContext(ctx)), test.names...), "from the request")
		})
	}
	for source, given := range map[gateway.Source]gateway.Authorization{gateway.ALB: jwt, gateway.LatticeV1: iam, gateway.LatticeV2: jwt, gateway.HTTPv2: iam, gateway.FunctionURL: iam} {
		ctx := gateway.WithRequest(context.Background(), gateway.Request{Authorization: given})
		_, err := open(t, config{Source: source}).Event(request("/", nil).WithContext(ctx))
		assert.Error(t, err, source)
	}
}

func TestWithRequest(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	ctx := gateway.WithRequest(context.Background(), gateway.Request{
		SourceIP:          "2001:db8::1",
		ClientCertificate: c,
		RouteKey:          "GET /items/{id}",
		PathParameters:    map[string]string{"id": "a%20b"},
		StageVariables:    map[string]string{"color": "red"},
	})
	cfg := config{Source: gateway.HTTPv2, StageVariables: map[string]string{"color": "blue"}}
	event := eventOf(t, cfg, request("/", nil).WithContext(ctx))
	assert.Equal(t, "2001:db8::1", member(t, event, "requestContext", "http", "sourceIp"))
	assert.Equal(t, "2001:db8::1", member(t, event, "headers", "x-forwarded-for"))
	assert.Equal(t, "4711", member(t, event, "requestContext", "authentication", "clientCert", "serialNumber"))
	assert.Equal(t, "GET /items/{id}", member(t, event, "routeKey"))
	assert.Equal(t, map[string]any{"id": "a b"}, member(t, event, "pathParameters"))
	assert.Equal(t, map[string]any{"color": "red"}, member(t, event, "stageVariables"))

	_, err := open(t, config{Source: gateway.ALB}).Event(request("/", nil).WithContext(ctx))
	assert.EqualError(t, err, `gateway: Application Load Balancers have no routes, and the request has the RouteKey "GET /items/{id}"`)
}
