// The tests of package adapter hold it to what AWS was recorded to do and to what
// net/http does, from the outside: the JSON of an event goes in, the JSON of a
// reply comes out. Their rows cite what they hold, a rule of docs/rules.md or a pitfall of docs/pitfalls.md.
//
// What a gateway makes of a reply, or how one is set up, no row here can hold: most of
// rules 97 to 100, 112 to 116, 155 and 167, and of pitfalls 79, 83, 84, 112 and 128.
// The rows hold what the adapter contributes: text that stays text, one place for
// each header, a status that is always there, no header of its own.
package adapter_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// A door is a front door and a plain event of it: GET /notes/1 without a query, from
// 203.0.113.9, over HTTPS. The rows of the tables edit it.
type door struct {
	source adapter.Source
	event  string
}

// httpDoors are the front doors for HTTP. The WebSocket API's events differ too much
// from theirs.
func httpDoors() []door {
	return []door{
		{adapter.REST, restEvent}, {adapter.HTTPv1, httpV1Event}, {adapter.HTTPv2, httpV2Event},
		{adapter.FunctionURL, functionURLEvent}, {adapter.ALB, albEvent}, {adapter.ALBMulti, albMultiEvent},
		{adapter.LatticeV1, latticeV1Event}, {adapter.LatticeV2, latticeV2Event},
	}
}

const restEvent = `{
	"resource": "/{proxy+}", "path": "/notes/1", "httpMethod": "GET",
	"headers": {"Host": "api.example.com", "accept": "*/*"},
	"multiValueHeaders": {"Host": ["api.example.com"], "accept": ["*/*"]},
	"queryStringParameters": null, "multiValueQueryStringParameters": null,
	"pathParameters": {"proxy": "notes/1"}, "stageVariables": null,
	"requestContext": {
		"resourceId": "u0x5wr", "resourcePath": "/{proxy+}", "httpMethod": "GET", "path": "/prod/notes/1",
		"extendedRequestId": "JCJmXjUAPHcEP4w=", "requestId": "8d3d3a4e-0a3c-4d0e-9d7d-1f6a7b0c9e11",
		"requestTime": "10/Jul/2026:19:19:04 +0000", "requestTimeEpoch": 1783711144000,
		"accountId": "123456789012", "apiId": "r3st", "deploymentId": "k2l3m4", "protocol": "HTTP/1.1", "stage": "prod",
		"domainName": "r3st.execute-api.us-west-2.amazonaws.com", "domainPrefix": "r3st",
		"identity": {
			"accessKey": null, "accountId": null, "apiKey": null, "caller": null, "cognitoIdentityId": null,
			"sourceIp": "203.0.113.9", "user": null, "userAgent": null, "userArn": null
		}
	},
	"body": null, "isBase64Encoded": false
}`

const httpV1Event = `{
	"version": "1.0", "resource": "$default", "path": "/notes/1", "httpMethod": "GET",
	"headers": {"Content-Length": "0", "Host": "api.example.com", "accept": "*/*"},
	"multiValueHeaders": {"Content-Length": ["0"], "Host": ["api.example.com"], "accept": ["*/*"]},
	"queryStringParameters": null, "multiValueQueryStringParameters": null,
	"pathParameters": null, "stageVariables": null,
	"requestContext": {
		"resourceId": "$default", "resourcePath": "$default", "httpMethod": "GET", "path": "/notes/1",
		"extendedRequestId": "JCJmXjUAPHcEP4w=", "requestId": "JCJmXjUAPHcEP4w=",
		"requestTime": "10/Jul/2026:19:19:04 +0000", "requestTimeEpoch": 1783711144000,
		"accountId": "123456789012", "apiId": "h77p", "protocol": "HTTP/1.1", "stage": "$default",
		"domainName": "h77p.execute-api.us-west-2.amazonaws.com", "domainPrefix": "h77p",
		"identity": {"cognitoAmr": null, "sourceIp": "203.0.113.9", "userAgent": ""}
	},
	"body": null, "isBase64Encoded": false
}`

const httpV2Event = `{
	"version": "2.0", "routeKey": "$default", "rawPath": "/notes/1", "rawQueryString": "",
	"headers": {"accept": "*/*", "content-length": "0", "host": "api.example.com"},
	"requestContext": {
		"accountId": "123456789012", "apiId": "h77p", "routeKey": "$default", "stage": "$default",
		"domainName": "h77p.execute-api.us-west-2.amazonaws.com", "domainPrefix": "h77p",
		"http": {"method": "GET", "path": "/notes/1", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "curl/8"},
		"requestId": "JCJmXjUAPHcEP4w=", "time": "10/Jul/2026:19:19:04 +0000", "timeEpoch": 1783711144000
	},
	"isBase64Encoded": false
}`

const functionURLEvent = `{
	"version": "2.0", "routeKey": "$default", "rawPath": "/notes/1", "rawQueryString": "",
	"headers": {
		"accept": "*/*", "host": "url1d.lambda-url.us-west-2.on.aws",
		"x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256", "x-amzn-tls-version": "TLSv1.3", "x-forwarded-proto": "https"
	},
	"requestContext": {
		"accountId": "anonymous", "apiId": "url1d", "authorizer": null, "routeKey": "$default", "stage": "$default",
		"domainName": "url1d.lambda-url.us-west-2.on.aws", "domainPrefix": "url1d",
		"http": {"method": "GET", "path": "/notes/1", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "curl/8"},
		"requestId": "8d3d3a4e-0a3c-4d0e-9d7d-1f6a7b0c9e11", "time": "10/Jul/2026:19:19:04 +0000", "timeEpoch": 1783711144000
	},
	"isBase64Encoded": false
}`

const albEvent = `{
	"requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/fn/0123456789abcdef"}},
	"httpMethod": "GET", "path": "/notes/1", "queryStringParameters": {},
	"headers": {"accept": "*/*", "host": "alb.example.com", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"},
	"body": "", "isBase64Encoded": false
}`

const albMultiEvent = `{
	"requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/fn/0123456789abcdef"}},
	"httpMethod": "GET", "path": "/notes/1", "multiValueQueryStringParameters": {},
	"multiValueHeaders": {"accept": ["*/*"], "host": ["alb.example.com"], "x-forwarded-for": ["203.0.113.9"], "x-forwarded-proto": ["https"]},
	"body": "", "isBase64Encoded": false
}`

const latticeV1Event = `{
	"raw_path": "/notes/1", "method": "GET",
	"headers": {"accept": "*/*", "host": "lattice.example.com", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"},
	"query_string_parameters": {}, "body": "", "is_base64_encoded": false
}`

const latticeV2Event = `{
	"version": "2.0", "path": "/notes/1", "method": "GET",
	"headers": {"accept": ["*/*"], "host": ["lattice.example.com"], "x-forwarded-for": ["203.0.113.9"], "x-forwarded-proto": ["https"]},
	"queryStringParameters": {}, "body": "",
	"requestContext": {
		"serviceNetworkArn": "arn:aws:vpc-lattice:us-west-2:123456789012:servicenetwork/sn-0", "region": "us-west-2",
		"serviceArn": "arn:aws:vpc-lattice:us-west-2:123456789012:service/svc-0",
		"targetGroupArn": "arn:aws:vpc-lattice:us-west-2:123456789012:targetgroup/tg-0",
		"identity": {"sourceVpcArn": "arn:aws:ec2:us-west-2:123456789012:vpc/vpc-0"}, "timeEpoch": "1696331543569073"
	}
}`

// edit applies changes, each a JSON object, to an event. Objects are merged, all else
// is replaced: null stays null. A key that begins with "=" replaces an object whole,
// one that begins with "-" removes a member.
func edit(t testing.TB, event string, changes ...string) []byte {
	t.Helper()
	var e map[string]any
	require.NoError(t, json.Unmarshal([]byte(event), &e))
	for _, change := range changes {
		if change == "" {
			continue
		}
		var c map[string]any
		require.NoError(t, json.Unmarshal([]byte(change), &c), change)
		merge(e, c)
	}
	out, err := json.Marshal(e)
	require.NoError(t, err)
	return out
}

func merge(into, change map[string]any) {
	for key, value := range change {
		object, isObject := value.(map[string]any)
		old, wasObject := into[key].(map[string]any)
		switch {
		case strings.HasPrefix(key, "="):
			into[key[1:]] = value
		case strings.HasPrefix(key, "-"):
			delete(into, key[1:])
		case isObject && wasObject:
			merge(old, object)
		default:
			into[key] = value
		}
	}
}

// invoke runs h for one event and returns the reply's JSON. It fails the test if h is
// not called, so that what h asserts is asserted.
func invoke(t testing.TB, h http.HandlerFunc, event []byte, opts ...adapter.Option) []byte {
	t.Helper()
	called := false
	out, err := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called = true
		h(w, r)
	}), opts...).Invoke(context.Background(), event)
	require.NoError(t, err)
	require.True(t, called, "the handler was not called, the reply is %s", out)
	return out
}

// decode reads a reply into the shape that encoding/json gives any JSON.
func decode(t testing.TB, reply []byte) map[string]any {
	t.Helper()
	var r map[string]any
	require.NoError(t, json.Unmarshal(reply, &r), "%s", reply)
	return r
}
