package lambdatest_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

func TestReplay(t *testing.T) {
	t.Chdir(t.TempDir())
	event := lambdatest.NewEvent(t, lambdatest.HTTPv2, httptest.NewRequest("GET", "/?name=ana", nil))
	recording := lambdatest.Recording{
		Source:  lambdatest.HTTPv2,
		Request: &lambdatest.RecordedRequest{Method: "GET", URL: "https://example.com/?name=ana"},
		Event:   event,
	}
	content, err := json.Marshal(recording)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("greet.json", content, 0o644))

	app := adapter.Wrap(greeting)
	update(t, func() { lambdatest.Replay(t, app, "*.json") })
	var written lambdatest.Recording
	content, err = os.ReadFile("greet.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &written))
	assert.Equal(t, 200, written.Response.Status)
	assert.Equal(t, "hello, ana\n", written.Response.Body)
	assert.Equal(t, lambdatest.HTTPv2, written.Source)
	lambdatest.Replay(t, app, "*.json")
}

// What a recording does not tell may be anything.
func TestReplayMasked(t *testing.T) {
	event := string(lambdatest.NewEvent(t, lambdatest.HTTPv2, httptest.NewRequest("GET", "/", nil)))
	signIn := func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: rand.Text()})
		fmt.Fprint(w, "welcome")
	}
	recording := func(body string) string {
		return `{"source":"http","request":{"method":"GET","url":"https://example.com/"},"event":` + event + `,
			"reply":{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"cookies":["(masked)"],"body":"` + body + `","isBase64Encoded":false},
			"response":{"status":200,"header":{"Connection":["keep-alive"],"Content-Type":["text/plain; charset=utf-8"],"Content-Length":["7"],"Set-Cookie":["(masked)"]},"body":"` + body + `"}}`
	}
	file := filepath.Join(t.TempDir(), "sign-in.json")
	require.NoError(t, os.WriteFile(file, []byte(recording("welcome")), 0o644))
	require.NoError(t, lambdatest.ReplayFile(adapter.Wrap(http.HandlerFunc(signIn)), file))
	require.NoError(t, os.WriteFile(file, []byte(recording("goodbye")), 0o644))
	require.Error(t, lambdatest.ReplayFile(adapter.Wrap(http.HandlerFunc(signIn)), file), "the rest is compared")
}

// TestReplayDifferences looks at what fails without failing.
func TestReplayDifferences(t *testing.T) {
	event := string(lambdatest.NewEvent(t, lambdatest.HTTPv2, httptest.NewRequest("GET", "/?name=ana", nil)))
	const reply = `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"hello, ana\n"}`
	tests := []struct{ name, recording, want string }{
		{"another reply", `{"source":"http","event":` + event + `,"reply":{"statusCode":418}}`, `-   "statusCode": 418`},
		{"another response", `{"source":"http","request":{"method":"GET","url":"https://example.com/"},"event":` + event + `,"reply":` + reply + `,"response":{"status":418}}`, `-   "status": 418`},
		{"no event", `{"source":"http"}`, "has no event to replay"},
		{"an unknown member", `{"sauce":"http"}`, `unknown field "sauce"`},
		{"an unknown front door", `{"source":"grpc","event":{},"reply":{}}`, "is no front door"},
		{"a response without its request", `{"source":"http","event":` + event + `,"reply":` + reply + `,"response":{"status":200}}`, "the recording has no request"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "recording.json")
			require.NoError(t, os.WriteFile(file, []byte(test.recording), 0o644))
			err := lambdatest.ReplayFile(adapter.Wrap(greeting), file)
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
		})
	}
}
