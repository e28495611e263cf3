package format_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/format"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An event is written as it was recorded, member by member, for the request that it was
// recorded of. What it may have beside that, and what is made up here, is listed.
func TestRecordedEvents(t *testing.T) {
	t.Parallel()
	const body = `{"message":"hello from the public internet","unicode":"lambda-λ"}`
	const query = "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty="
	account := func(region string) invoke.Account { return invoke.Account{ID: "123456789012", Region: region} }

	// capture is the request that four of the recordings are of, as it reaches a function:
	// the client's names came in lower case, since it spoke HTTP/2.
	capture := func(api arrival.API, trace, scheme, port string, own http.Header) *arrival.Arrival {
		header := http.Header{
			"Host": {api.Domain}, "User-Agent": {"curl/8.7.1"}, "X-Amzn-Trace-Id": {trace},
			"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Port": {port}, "X-Forwarded-Proto": {scheme},
			"accept": {"*/*"}, "content-type": {"application/json"}, "cookie": {"session=abc123; theme=dark"}, "x-probe": {"first", "second"},
		}
		maps.Copy(header, own)
		return &arrival.Arrival{
			API: &api, Method: "POST", Protocol: "HTTP/1.1", SourceIP: "203.0.113.9", Header: header,
			Path: "/capture/space%20value", RawPath: "/capture/space%20value", RawQuery: query,
			Route: arrival.Route{Path: "$default"}, Body: strings.NewReader(body), ContentLength: int64(len(body)), MaxEvent: 6 << 20,
			Time: time.UnixMilli(1783711144836),
		}
	}
	length := http.Header{"content-length": {"66"}}

	rest := capture(arrival.API{ID: "r3st", Account: account("us-west-2"), Domain: "r3st.execute-api.us-west-2.amazonaws.com", Stage: "live"},
		"Root=1-6a5145a8-536f3e792f6be9b44c1f46fa", "https", "443", nil)
	rest.RawPath = "/live/capture/space%20value"
	rest.Route = arrival.Route{Method: "ANY", Path: "/{proxy+}", Params: map[string]string{"proxy": "capture/space%20value"}}
	rest.RequestID, rest.ExtendedID = "7c2af7db-31f3-42b5-8a6d-9ffc74e3b9e0", "ATfSdF7nPHcErRA="

	httpV2 := capture(arrival.API{ID: "h77p", Account: account("us-west-2"), Domain: "h77p.execute-api.us-west-2.amazonaws.com", Stage: "$default"},
		"Root=1-6a5145a9-1bae89e2512ec92d5d9438a0", "https", "443", length)
	functionURL := capture(arrival.API{ID: "u7l", Account: account("us-west-2"), Domain: "u7l.lambda-url.us-west-2.on.aws", Stage: "$default"},
		"Root=1-6a5145a9-1bae89e2512ec92d5d9438a0", "https", "443", length)
	httpV2.Time, httpV2.ExtendedID = time.UnixMilli(1783711145766), "ATfSmjLgPHcESJw="
	functionURL.Time, functionURL.RequestID = httpV2.Time, "d16a6b55-dea9-4b23-8499-eb85c3d2d904"
	alb := func() *arrival.Arrival {
		return capture(arrival.API{ID: "a1b", Account: account("us-west-2"), Domain: "fn-1316758055.us-west-2.elb.amazonaws.com"},
			"Root=1-6a5145a7-5c3686ff7df3149177a89157", "http", "80", length)
	}

	pets := `{"id":"123","breed":"Datsun","name":"Donald"}`
	httpV1 := &arrival.Arrival{
		API:    &arrival.API{ID: "h0ne", Account: account("eu-west-3"), Domain: "h0ne.execute-api.eu-west-3.amazonaws.com", Stage: "$default"},
		Method: "POST", Protocol: "HTTP/1.1", SourceIP: "203.0.113.9", Path: "/pets", RawPath: "/pets", RawQuery: "foo=bar&abc=xyz&foo=baz",
		Header: http.Header{
			"Content-Length": {"45"}, "Content-Type": {"application/json"}, "Host": {"h0ne.execute-api.eu-west-3.amazonaws.com"}, "User-Agent": {"curl/7.79.1"},
			"X-Amzn-Trace-Id": {"Root=1-64087690-2151375b219d3ba3389ea84e"},
			"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Port": {"443"}, "X-Forwarded-Proto": {"https"}, "accept": {"*/*"},
		},
		Route: arrival.Route{Path: "$default"}, Body: strings.NewReader(pets), ContentLength: int64(len(pets)), MaxEvent: 6 << 20,
		Time: time.UnixMilli(1678276240455), ExtendedID: "Bdd2ngt5iGYEMIg=",
	}

	const service = "0123456789abcdef0"
	lattice := func(path, query, contentType, body string) *arrival.Arrival {
		return &arrival.Arrival{
			API: &arrival.API{ID: service, Account: account("us-east-2")}, Method: "GET", Path: path, RawQuery: query,
			Header: http.Header{
				"User_agent": {"curl/7.64.1"}, "X-Forwarded-For": {"10.213.229.10"}, "Accept": {"*/*"}, "Content-Type": {contentType},
				"Host": {"orders-" + service + ".7d67968.vpc-lattice-svcs.us-east-2.on.aws"},
			},
			Body: strings.NewReader(body), ContentLength: int64(len(body)), MaxEvent: 6 << 20, Time: time.UnixMicro(1690497599177430),
		}
	}

	for name, row := range map[string]struct {
		format format.Format
		a      *arrival.Arrival
		want   []string // in which the written event differs
	}{
		"rest": {format.REST{}, rest, []string{
			"+requestContext.deploymentId", "+requestContext.identity.cognitoAuthenticationProvider", "+requestContext.identity.cognitoAuthenticationType",
			"+requestContext.identity.cognitoIdentityId", "+requestContext.identity.cognitoIdentityPoolId", "+requestContext.identity.principalOrgId",
			"~requestContext.resourceId",
		}},
		"httpv1":      {format.HTTPv1{}, httpV1, nil},
		"httpv2":      {format.HTTPv2{}, httpV2, nil},
		"functionurl": {format.FunctionURL{}, functionURL, nil},
		"alb":         {format.ALB{}, alb(), []string{"~requestContext.elb.targetGroupArn"}},
		"albmulti":    {format.ALBMulti{}, alb(), []string{"~requestContext.elb.targetGroupArn"}},
		"latticev1": {format.LatticeV1{}, lattice("/testpath", "order-id=1", "application/octet-stream", `{"test": "event"}`), []string{
			"+headers.content-type",
		}},
		"latticev2": {format.LatticeV2{}, lattice("/newpath", "order-id=1&order-id=2", "application/json", `{"message": "Hello from Lambda!"}`), []string{
			"+headers.content-type",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorded, err := os.ReadFile("testdata/events/" + name + ".json")
			require.NoError(t, err)
			written, err := row.format.Encode(row.a)
			require.NoError(t, err)
			assert.Equal(t, row.want, differences(t, recorded, written), "%s", written)
		})
	}
}

// differences lists the members in which two events differ: "-name" is the first one's
// only, "+name" the second one's, "~name" has another value.
func differences(t *testing.T, first, second []byte) []string {
	t.Helper()
	var a, b any
	require.NoError(t, json.Unmarshal(first, &a))
	require.NoError(t, json.Unmarshal(second, &b))
	var found []string
	var compare func(path string, a, b any)
	compare = func(path string, a, b any) {
		left, ok := a.(map[string]any)
		right, ok2 := b.(map[string]any)
		if !ok || !ok2 {
			if !assert.ObjectsAreEqual(a, b) {
				found = append(found, "~"+path[1:])
			}
			return
		}
		for name, value := range left {
			if other, ok := right[name]; ok {
				compare(path+"."+name, value, other)
			} else {
				found = append(found, "-"+(path + "." + name)[1:])
			}
		}
		for name := range right {
			if _, ok := left[name]; !ok {
				found = append(found, "+"+(path + "." + name)[1:])
			}
		}
	}
	compare("", a, b)
	slices.Sort(found)
	return found
}
