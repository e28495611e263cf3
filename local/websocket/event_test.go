package websocket

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The connection of the captures that AWS's aws-lambda-go holds, of 20 January 2024.
func recordedWebSocket() *connection {
	return &connection{
		ID:          "R1kmxc2VNjMCFIA=",
		APIID:       "dl7ptocha9",
		DomainName:  "dl7ptocha9.execute-api.ap-northeast-1.amazonaws.com",
		Stage:       "prod",
		SourceIP:    "49.105.91.154",
		UserAgent:   "Mozilla/5.0 (Macintosh)",
		ConnectedAt: time.UnixMilli(1705751697419),
	}
}

func TestConnectEvent(t *testing.T) {
	c := recordedWebSocket()
	header := http.Header{"Host": {c.DomainName}, "Sec-WebSocket-Version": {"13"}, "Cookie": {"a=1", "b=2"}}

	t.Run("a handshake with a query (E1)", func(t *testing.T) {
		r := request{of: c, kind: Connect, route: "$connect", id: "R1kmxF8cNjMFe7w=", time: c.ConnectedAt, header: header, query: url.Values{"room": {"one", "two & three"}}}
		got, err := r.event()
		require.NoError(t, err)
		assert.JSONEq(t, `{
			"headers": {"Host": "dl7ptocha9.execute-api.ap-northeast-1.amazonaws.com", "Sec-WebSocket-Version": "13", "Cookie": "b=2"},
			"multiValueHeaders": {"Host": ["dl7ptocha9.execute-api.ap-northeast-1.amazonaws.com"], "Sec-WebSocket-Version": ["13"], "Cookie": ["a=1", "b=2"]},
			"queryStringParameters": {"room": "two & three"},
			"multiValueQueryStringParameters": {"room": ["one", "two & three"]},
			"requestContext": {
				"routeKey": "$connect", "eventType": "CONNECT", "extendedRequestId": "R1kmxF8cNjMFe7w=",
				"requestTime": "20/Jan/2024:11:54:57 +0000", "messageDirection": "IN", "stage": "prod",
				"connectedAt": 1705751697419, "requestTimeEpoch": 1705751697419,
				"identity": {"userAgent": "Mozilla/5.0 (Macintosh)", "sourceIp": "49.105.91.154"},
				"requestId": "R1kmxF8cNjMFe7w=", "domainName": "dl7ptocha9.execute-api.ap-northeast-1.amazonaws.com",
				"connectionId": "R1kmxc2VNjMCFIA=", "apiId": "dl7ptocha9"
			},
			"isBase64Encoded": false
		}`, string(got))
		assert.Contains(t, string(got), "two & three", "text is not escaped for HTML")
	})

	t.Run("no query, no user agent: absent, not null (E1)", func(t *testing.T) {
		c := recordedWebSocket()
		c.UserAgent = ""
		r := request{of: c, kind: Connect, route: "$connect", id: "R1kmxF8cNjMFe7w=", time: c.ConnectedAt, header: header}
		got, err := r.event()
		require.NoError(t, err)
		assert.NotContains(t, string(got), "null")
		assert.NotContains(t, string(got), "ueryStringParameters")
		assert.Contains(t, string(got), `"identity":{"sourceIp":"49.105.91.154"}`)
	})
}

func TestMessageEvent(t *testing.T) {
	r := request{
		of: recordedWebSocket(), kind: Message, route: "$default", id: "R1knPH17NjMFftw=", time: time.UnixMilli(1705751700453),
		messageID: "R1knPc2ntjMCFIA=", message: "{\r\n\t\"a\": 1\r\n}",
	}
	got, err := r.event()
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"requestContext": {
			"routeKey": "$default", "messageId": "R1knPc2ntjMCFIA=", "eventType": "MESSAGE", "extendedRequestId": "R1knPH17NjMFftw=",
			"requestTime": "20/Jan/2024:11:55:00 +0000", "messageDirection": "IN", "stage": "prod",
			"connectedAt": 1705751697419, "requestTimeEpoch": 1705751700453,
			"identity": {"userAgent": "Mozilla/5.0 (Macintosh)", "sourceIp": "49.105.91.154"},
			"requestId": "R1knPH17NjMFftw=", "domainName": "dl7ptocha9.execute-api.ap-northeast-1.amazonaws.com",
			"connectionId": "R1kmxc2VNjMCFIA=", "apiId": "dl7ptocha9"
		},
		"body": "{\r\n\t\"a\": 1\r\n}",
		"isBase64Encoded": false
	}`, string(got), "no headers (E1)")
}

func TestDisconnectEvent(t *testing.T) {
	r := request{
		of: recordedWebSocket(), kind: Disconnect, route: "$disconnect", id: "R1koeHsUtjMFbRw=", time: time.UnixMilli(1705751708326),
		status: closeStatus{1001, ""},
	}
	got, err := r.event()
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"headers": {"Host": "dl7ptocha9.execute-api.ap-northeast-1.amazonaws.com", "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""},
		"multiValueHeaders": {"Host": ["dl7ptocha9.execute-api.ap-northeast-1.amazonaws.com"], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""]},
		"requestContext": {
			"routeKey": "$disconnect", "disconnectStatusCode": 1001, "disconnectReason": "", "eventType": "DISCONNECT",
			"extendedRequestId": "R1koeHsUtjMFbRw=", "requestTime": "20/Jan/2024:11:55:08 +0000", "messageDirection": "IN", "stage": "prod",
			"connectedAt": 1705751697419, "requestTimeEpoch": 1705751708326,
			"identity": {"userAgent": "Mozilla/5.0 (Macintosh)", "sourceIp": "49.105.91.154"},
			"requestId": "R1koeHsUtjMFbRw=", "domainName": "dl7ptocha9.execute-api.ap-northeast-1.amazonaws.com",
			"connectionId": "R1kmxc2VNjMCFIA=", "apiId": "dl7ptocha9"
		},
		"isBase64Encoded": false
	}`, string(got), "four headers, and a reason even when it is empty (E1)")
}

func TestDecodeReply(t *testing.T) {
	tests := []struct {
		name string
		data string
		want reply
		err  string
	}{
		{"status", `{"statusCode":200}`, reply{StatusCode: 200}, ""},
		{"status in a string", `{"statusCode":"401"}`, reply{StatusCode: 401}, ""},
		{"body", `{"statusCode":200,"body":"hello"}`, reply{StatusCode: 200, Body: []byte("hello")}, ""},
		{"body in base64", `{"statusCode":200,"body":"aGVsbG8=","isBase64Encoded":true}`, reply{StatusCode: 200, Body: []byte("hello")}, ""},
		{"subprotocol (E2)", `{"statusCode":200,"headers":{"sec-websocket-protocol":"chat","x":"y"}}`, reply{StatusCode: 200, Subprotocol: "chat"}, ""},
		{"subprotocol among multi-value headers (E2)", `{"statusCode":200,"multiValueHeaders":{"Sec-WebSocket-Protocol":["chat"]}}`, reply{StatusCode: 200, Subprotocol: "chat"}, ""},
		{"other headers may be numbers", `{"statusCode":200,"headers":{"x":1}}`, reply{StatusCode: 200}, ""},
		{"no status", `{"body":"hello"}`, reply{}, "statusCode is"},
		{"null", `null`, reply{}, "the reply is null, not an object"},
		{"status out of range", `{"statusCode":99}`, reply{}, "statusCode 99 is not between 100 and 599"},
		{"a status that cannot be one", `{"statusCode":101}`, reply{}, "statusCode 101 announces a response"},
		{"fraction", `{"statusCode":200.5}`, reply{}, "not a whole number"},
		{"not an object", `"ok"`, reply{}, "the reply is a string, not an object"},
		{"not JSON", `{`, reply{}, "the reply is not JSON"},
		{"bad base64", `{"statusCode":200,"body":"%","isBase64Encoded":true}`, reply{}, "not base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decodeReply([]byte(tt.data), Connect)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}
