package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/invoke"
)

func TestInvoke(t *testing.T) {
	t.Parallel()
	// It stands for the Invoke API, whose function answers with its event and fails if that
	// is about failing.
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.EscapedPath() != "/2015-03-31/functions/notes/invocations" || r.Header.Get("X-Lambridge-Token") != "secret" {
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"Type":"User","Message":"Function not found: \u001b[31m"}`)
			return
		}
		event, _ := io.ReadAll(r.Body)
		if bytes.Contains(event, []byte("fail")) {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
		}
		if bytes.Contains(event, []byte("endless")) {
			event = bytes.Repeat([]byte("x"), invoke.MaxPayload+1)
		}
		w.Write(event)
	}))
	t.Cleanup(api.Close)
	file := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"from":"a file"}`), 0o600))
	endless := filepath.Join(t.TempDir(), "endless.json")
	require.NoError(t, os.WriteFile(endless, []byte(`"endless"`), 0o600))
	for name, test := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"an empty event":          {[]string{"notes"}, 0, "{}\n", ""},
		"an event in a file":      {[]string{"notes", "--event", file}, 0, "{\n  \"from\": \"a file\"\n}\n", ""},
		"an event that is piped":  {[]string{"notes", "--event", "-"}, 0, "{\n  \"from\": \"a pipe\"\n}\n", ""},
		"a sample":                {[]string{"notes", "--event", "sqs"}, 0, `"eventSource": "aws:sqs"`, ""},
		"a function that fails":   {[]string{"notes", "--event", "-"}, 1, `"fail"`, "local: invoke: the function failed"},
		"a reply without end":     {[]string{"notes", "--event", endless}, 1, "", "local: invoke: the reply is over the 6291556 bytes that Lambda allows"},
		"a function that is not":  {[]string{"other"}, 1, "", `local: invoke: 404 Not Found: "Function not found: \x1b[31m"`},
		"no such event":           {[]string{"notes", "--event", "gopher"}, 1, "", "which is no sample (sqs, "},
		"an endpoint that is not": {[]string{"notes", "--endpoint", "127.0.0.1:4000"}, 2, "", "is not a URL such as http://127.0.0.1:4000"},
		"no function":             {nil, 2, "", `expected "<name>"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdin := `{"from":"a pipe"}`
			if test.code == 1 {
				stdin = `{"please":"fail"}`
			}
			var stdout, stderr bytes.Buffer
			environ := []string{"LAMBRIDGE_TOKEN=secret", "LAMBRIDGE_ENDPOINT=" + api.URL}
			assert.Equal(t, test.code, run(append([]string{"invoke"}, test.args...), environ, strings.NewReader(stdin), &stdout, &stderr))
			assert.Contains(t, stdout.String(), test.stdout)
			assert.Contains(t, stderr.String(), test.stderr)
			assert.Equal(t, test.stderr == "", stderr.Len() == 0)
		})
	}
}
