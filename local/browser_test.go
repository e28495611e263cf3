package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// visit opens a page in a headless Chromium until the test ends.
func visit(t *testing.T, url string, flags ...string) {
	t.Helper()
	chromium := requireProgram(t, "chromium")
	// Not t.TempDir, which fails the test if one of the browser's processes still writes.
	profile, err := os.MkdirTemp("", "lambridge-browser-")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--user-data-dir=" + profile}, flags...)
	browser := exec.CommandContext(ctx, chromium, append(args, url)...)
	browser.Cancel = func() error { return browser.Process.Signal(syscall.SIGTERM) }
	browser.WaitDelay = patience
	require.NoError(t, browser.Start())
	t.Cleanup(func() {
		cancel()
		_ = browser.Wait()
		// Its helpers end a little later, and write until they do.
		assert.Eventually(t, func() bool { return os.RemoveAll(profile) == nil }, patience, 10*time.Millisecond)
	})
}

// requireProgram returns where a program is, or skips the test.
func requireProgram(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is missing, and LAMBRIDGE_REQUIRE_TOOLS asks for it", name)
	}
	if err != nil {
		t.Skipf("%s is missing", name)
	}
	return path
}

// A rebinding is the network of a browser in which names of a web site lead to this
// machine: a proxy that serves the site's own page and passes everything else on,
// whatever its host, as a name that resolves to 127.0.0.1 would.
type rebinding struct {
	pages map[string]string // by host
	done  chan string       // the host of each page that has tried everything

	mu      sync.Mutex
	answers map[string]int // what the tools answered, by host, method and path
}

func (n *rebinding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page, own := n.pages[r.URL.Hostname()]
	switch {
	case own && r.URL.Path == "/page":
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, page)
		return
	case own && r.URL.Path == "/done":
		n.done <- r.URL.Hostname()
		return
	case !strings.HasPrefix(r.URL.Path, "/20"): // as all of the tools' do, with a date
		http.NotFound(w, r) // the browser's own business
		return
	}
	out := r.Clone(r.Context())
	out.RequestURI = ""
	out.URL.Host = "127.0.0.1:" + r.URL.Port() // Host stays
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	response, err := http.DefaultTransport.RoundTrip(out.WithContext(ctx))
	status := 0 // no answer: it has got through to where one waits
	if err == nil {
		defer response.Body.Close()
		status = response.StatusCode
	}
	n.mu.Lock()
	n.answers[r.Host+" "+r.Method+" "+r.URL.Path] = status
	n.mu.Unlock()
	w.WriteHeader(max(status, 200))
}

// No page reaches the ports that are for tools, be it at a foreign origin or at a
// name that leads to this machine.
func TestPagesDoNotReachTheTools(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "127.0.0.1:0", "--attach", "--runtime-api", "127.0.0.1:0")
	invoke := c.find(`(http://127\.0\.0\.1:\d+) +Lambda Invoke API`)
	runtime := "http://" + c.find(`AWS_LAMBDA_RUNTIME_API=(\S+)`)
	rebound := func(tool string) string { return strings.Replace(tool, "127.0.0.1", "rebind.example", 1) }

	// What each page tries: the Invoke API with an event of its own, and the Runtime
	// API as if it were the function.
	page := func(invoke, runtime, mode, next string) string {
		return fmt.Sprintf(`<script>(async () => {
			const attempt = (url, options) => fetch(url, {mode: %q, credentials: "include", ...options}).then(r => r.text()).catch(String);
			await attempt(%q + "/2015-03-31/functions/function/invocations", {method: "POST", body: "{}"});
			await attempt(%[3]q + "/2018-06-01/runtime/invocation/next");
			await attempt(%[3]q + "/2020-01-01/extension/register", {method: "POST", body: "{}"});
			await fetch("/done", {method: "POST"});
			%s
		})()</script>`, mode, invoke, runtime, next)
	}
	reboundAt, err := url.Parse(rebound(invoke))
	require.NoError(t, err)
	network := &rebinding{
		pages: map[string]string{
			"evil.example":   page(invoke, runtime, "no-cors", fmt.Sprintf("location = %q", reboundAt.String()+"/page")),
			"rebind.example": page(rebound(invoke), rebound(runtime), "no-cors", ""),
		},
		done: make(chan string, 2), answers: map[string]int{},
	}
	proxy := httptest.NewServer(network)
	t.Cleanup(proxy.Close)
	visit(t, "http://evil.example/page", "--proxy-server="+proxy.Listener.Addr().String(), "--proxy-bypass-list=<-loopback>")
	for _, host := range []string{"evil.example", "rebind.example"} {
		select {
		case got := <-network.done:
			require.Equal(t, host, got)
		case <-time.After(patience):
			require.FailNow(t, "the page at "+host+" has not tried everything")
		}
	}

	network.mu.Lock()
	defer network.mu.Unlock()
	assert.Len(t, network.answers, 6)
	for request, status := range network.answers {
		assert.Equal(t, 403, status, request)
	}
}

// What a page makes a client say is quoted where it is logged: it neither obeys
// escape sequences nor forges lines.
func TestPagesDoNotWriteToTheTerminal(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--exec", os.Args[0], "--env", mirrorVariable+"=1", "--addr", "127.0.0.1:0", "--inspect", "off")
	door := strings.TrimPrefix(c.find(`(http://127\.0\.0\.1:\d+)/ `), "http://")
	done := make(chan struct{}, 1)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/done" {
			done <- struct{}{}
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<script>(async () => {
			const door = %q, evil = "%%1b%%5d0;X%%07%%0aFORGED%%c2%%9b%%e2%%80%%ae";
			const over = (socket, then) => new Promise(r => { socket.onclose = r; socket.onopen = then });
			await over(new WebSocket("ws://" + door + "/" + evil));
			const open = new WebSocket("ws://" + door + "/local");
			await over(open, () => open.close(3000, decodeURIComponent(evil)));
			const to = path => fetch("http://" + door + path, {mode: "no-cors", method: "POST", body: "x"}).catch(() => {});
			await to("/local/@connections/" + evil);
			await to("/local/@connections/" + evil + "?X-Amz-Signature=1");
			await to("/?" + evil + "\u009b\u202e");
			await fetch("/done", {method: "POST"});
		})()</script>`, door)
	}))
	t.Cleanup(site.Close)
	visit(t, site.URL)
	select {
	case <-done:
	case <-time.After(patience):
		require.FailNow(t, "the page has not said everything", c.text())
	}
	assert.Equal(t, 0, c.interrupt())
	text := c.text()
	assert.Contains(t, text, "FORGED", "something of it was logged")
	assert.NotContains(t, text, "\nFORGED")
	assert.Equal(t, -1, strings.IndexAny(text, "\x1b\x07\u009b\u202e"), "%q", text)
}
