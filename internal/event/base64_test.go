package event_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/stretchr/testify/require"
)

// Bodies of all lengths around those that are coded many bytes at a time mean what
// encoding/base64 makes of them, and so do those with a byte that does not belong.
func TestBase64IsThatOfTheStandardLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for size := range 300 {
		body := make([]byte, size)
		for i := range body {
			body[i] = byte(random.Uint32())
		}
		encoded := base64.StdEncoding.EncodeToString(body)
		requireBase64(t, encoded)
		for range 20 {
			odd := []byte(encoded)
			if size > 0 {
				odd[random.IntN(len(odd))] = "\n\r=-_ *\x00A\x80"[random.IntN(10)]
			}
			requireBase64(t, string(odd))
			requireBase64(t, string(odd[:random.IntN(len(odd)+1)]))
		}

		var reply struct{ Body string }
		out, err := decoded(t, encoded).Encode(&event.Reply{
			Status: 200, Header: []event.Field{{Name: "Content-Type", Value: "image/png"}}, Body: body,
		})
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(out, &reply))
		require.Equal(t, encoded, reply.Body)
	}
}

func requireBase64(t *testing.T, encoded string) {
	t.Helper()
	want, err := base64.StdEncoding.DecodeString(textOf(encoded))
	var r event.Request
	got := event.DecodeRequest(bodyEvent(encoded), &r)
	if err != nil {
		require.EqualError(t, got, "the event's body is not base64", "%q", encoded)
		return
	}
	require.NoError(t, got, "%q", encoded)
	require.Equal(t, string(want), string(r.Body), "%q", encoded)
}

func decoded(t *testing.T, encoded string) *event.Request {
	var r event.Request
	require.NoError(t, event.DecodeRequest(bodyEvent(encoded), &r))
	return &r
}

func bodyEvent(encoded string) []byte {
	return fmt.Appendf(nil, `{"resource": "/", "path": "/", "httpMethod": "POST", "requestContext": {}, "body": %s, "isBase64Encoded": true}`, quoted(encoded))
}

// textOf is what text reads as once it has been JSON, which has no bytes but UTF-8.
func textOf(text string) (read string) {
	if err := json.Unmarshal(quoted(text), &read); err != nil {
		panic(err) // it has just been written
	}
	return read
}

func quoted(text string) []byte {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings always encode
	}
	return out
}
