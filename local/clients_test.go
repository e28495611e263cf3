package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// curl returns what curl prints for a URL.
func curl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), requireProgram(t, "curl"), append([]string{"--silent", "--show-error", "--max-time", "20"}, args...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// headersSeen reads the headers of the event that the mirror has shown.
func headersSeen(t *testing.T, body string) map[string]string {
	t.Helper()
	var m mirrored
	require.NoError(t, json.Unmarshal([]byte(body), &m), body)
	var event struct{ Headers map[string]string }
	require.NoError(t, json.Unmarshal(m.Event, &event))
	return event.Headers
}

// Names arrive as a client has spelled them, and over HTTP/2 in lower case, but for
// those that API Gateway spells itself.
func TestSpellingOfHeaders(t *testing.T) {
	t.Parallel()
	certificates := t.TempDir()
	for _, door := range []string{"rest", "http-v1"} {
		t.Run(door, func(t *testing.T) {
			t.Parallel()
			url := startMirror(t, "--api", door)
			secure := startTLS(t, certificates, "--api", door)
			for _, test := range []struct {
				name string
				args []string
				want map[string]string
			}{
				{"HTTP/1.1", []string{"--http1.1", url}, map[string]string{"x-FooBar": "1", "x-api-key": "2", "Authorization": "3", "Accept": "*/*"}},
				{"HTTP/1.0", []string{"--http1.0", url}, map[string]string{"x-FooBar": "1", "x-api-key": "2", "Authorization": "3", "Accept": "*/*"}},
				{"HTTP/2", []string{"--http2-prior-knowledge", url}, map[string]string{"x-foobar": "1", "x-api-key": "2", "Authorization": "3", "accept": "*/*"}},
				{"HTTP/1.1 over TLS", []string{"--insecure", "--http1.1", secure}, map[string]string{"x-FooBar": "1", "x-api-key": "2", "Authorization": "3", "Accept": "*/*"}},
				{"HTTP/2 over TLS", []string{"--insecure", "--http2", secure}, map[string]string{"x-foobar": "1", "x-api-key": "2", "Authorization": "3", "accept": "*/*"}},
			} {
				headers := headersSeen(t, curl(t, append(test.args, "-H", "x-FooBar: 1", "-H", "x-api-key: 2", "-H", "aUThorization: 3")...))
				for name, want := range test.want {
					assert.Equal(t, want, headers[name], "%s: %s in %v", test.name, name, headers)
				}
				for _, name := range []string{"Host", "User-Agent", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Amzn-Trace-Id"} {
					assert.NotEmpty(t, headers[name], "%s: %s", test.name, name)
				}
			}
		})
	}
	t.Run("WebSocket API", func(t *testing.T) {
		t.Parallel()
		c := startCommand(t, t.TempDir(), "--exec", os.Args[0], "--env", mirrorVariable+"=1", "--addr", "127.0.0.1:0", "--inspect", "off")
		url := c.find(`(ws://\S+)`)
		connection, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: map[string][]string{"x-FooBar": {"1"}}})
		require.NoError(t, err)
		connection.CloseNow()
		c.find(`(connect headers .*x-FooBar)`)
	})
}

// startTLS serves the mirror over HTTPS with a certificate that lies in dir.
func startTLS(t *testing.T, dir string, args ...string) (url string) {
	t.Helper()
	args = append([]string{"--exec", os.Args[0], "--env", mirrorVariable + "=1", "--addr", "127.0.0.1:0", "--inspect", "off", "--tls"}, args...)
	c := startCommandWith(t, t.TempDir(), []string{"XDG_CONFIG_HOME=" + dir, "HOME=" + dir}, args...)
	return strings.TrimSuffix(c.find(`(https://\S+)/ `), "/")
}

// Clients offer HTTP/2 on every plain connection, which they would not do over TLS:
// they are answered, and one that speaks it from the start is too.
func TestClientsThatPreferHTTP2(t *testing.T) {
	t.Parallel()
	url := startMirror(t, "--api", "alb")
	t.Run("curl", func(t *testing.T) {
		t.Parallel()
		for _, how := range []string{"--http2", "--http2-prior-knowledge"} {
			headers := headersSeen(t, curl(t, how, url))
			for _, name := range []string{"upgrade", "connection", "http2-settings"} {
				assert.NotContains(t, headers, name, how)
			}
		}
	})
	t.Run("Java's HttpClient", func(t *testing.T) {
		t.Parallel()
		java, err := exec.LookPath("java")
		if err != nil {
			t.Skip("java is missing, and a JDK is too large to install for this")
		}
		if modules, _ := exec.Command(java, "--list-modules").Output(); !strings.Contains(string(modules), "jdk.compiler@") {
			t.Skip("java is not of a JDK, which runs a source file")
		}
		source := filepath.Join(t.TempDir(), "Get.java")
		require.NoError(t, os.WriteFile(source, []byte(`import java.net.URI;
import java.net.http.*;

class Get {
	public static void main(String[] args) throws Exception {
		var client = HttpClient.newHttpClient();
		for (int i = 0; i < 2; i++) {
			var request = HttpRequest.newBuilder(URI.create(args[0])).POST(HttpRequest.BodyPublishers.ofString("body")).build();
			var response = client.send(request, HttpResponse.BodyHandlers.ofString());
			System.out.println(response.statusCode() + " " + response.body().contains("ELB"));
		}
	}
}
`), 0o644))
		out, err := exec.CommandContext(t.Context(), java, source, url).CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Equal(t, "200 false\n200 false\n", string(out))
	})
}
