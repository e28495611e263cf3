package command_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Real clients talk to a real function through the real command, and a site of
// another origin shows a browser the page that does.
func TestRealClients(t *testing.T) {
	t.Parallel()
	s := &site{reports: make(chan map[string]pageReport, 1)}
	server := httptest.NewUnstartedServer(s)
	t.Cleanup(server.Close)
	origin := "http://" + server.Listener.Addr().String()
	s.doors = serveEvery(t, "./testdata/function", "PAGE_ORIGIN="+origin)
	server.Start()
	t.Run("curl", func(t *testing.T) {
		t.Parallel()
		curl := program(t, "curl")
		for name, address := range s.doors {
			t.Run(name, func(t *testing.T) { visitWithCurl(t, curl, address) })
		}
	})
	t.Run("browser", func(t *testing.T) {
		t.Parallel()
		visitWithBrowser(t, program(t, "chromium"), origin, s)
	})
}

func download() []byte {
	file := make([]byte, 100_000)
	for i := range file {
		file[i] = byte(i % 251)
	}
	return file
}

func visitWithCurl(t *testing.T, curl, address string) {
	jar := filepath.Join(t.TempDir(), "jar")
	run := func(stdin []byte, args ...string) string {
		cmd := exec.CommandContext(t.Context(), curl, append([]string{"--silent", "--show-error", "--max-time", "20", "--cookie", jar, "--cookie-jar", jar}, args...)...)
		cmd.Stdin = bytes.NewReader(stdin)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		output, err := cmd.Output()
		require.NoError(t, err, stderr.String())
		return string(output)
	}
	assert.Equal(t, "first", run(nil, address+"/cookie"))
	assert.Equal(t, "again 1", run(nil, address+"/cookie"))

	// Over a megabyte curl waits for "100 Continue".
	text := bytes.Repeat([]byte("lambridge\n"), 100_000)
	want := fmt.Sprintf("%d %x", len(text), sha256.Sum256(text))
	assert.Equal(t, want, run(text, "--upload-file", "-", "--header", "Content-Type: text/plain", address+"/upload"))
	assert.Equal(t, want, run(text, "--upload-file", "-", "--header", "Content-Type: text/plain", "--header", "Expect: 100-continue", address+"/upload"))
	assert.Equal(t, "413", run(make([]byte, 11<<20), "--request", "PUT", "--data-binary", "@-", "--output", os.DevNull, "--write-out", "%{http_code}", address+"/upload"))

	assert.Equal(t, string(download()), run(nil, address+"/download"))
	assert.Regexp(t, "^HTTP/1.1 200 OK\r\n", run(nil, "--head", address+"/download"))
	// ServeMux redirects from a path that arrives as it was sent.
	assert.Equal(t, "307 "+address+"/b/c", run(nil, "--path-as-is", "--output", os.DevNull, "--write-out", "%{http_code} %{redirect_url}", address+"/a/../b//c"))
}

// page is what a browser does at every front door: a request that needs a
// preflight, one for a cookie and one that sends it, an upload and a download.
const page = `<!doctype html><script>
const digest = async data => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", data)), b => b.toString(16).padStart(2, "0")).join("");
const ask = async (url, options) => (await fetch(url, {credentials: "include", ...options}));
const visit = async address => ({
	cookies: [await (await ask(address + "/cookie")).text(), await (await ask(address + "/cookie")).text()],
	upload: await (await ask(address + "/upload", {method: "PUT", headers: {"Content-Type": "text/plain", "X-Page": "1"}, body: "héllo".repeat(1000)})).text(),
	download: await digest(await (await ask(address + "/download")).arrayBuffer()),
});
(async () => {
	const report = {};
	for (const [name, address] of Object.entries(DOORS)) {
		await cookieStore.delete("visits");
		try { report[name] = await visit(address); } catch (err) { report[name] = {error: String(err)}; }
	}
	await fetch("/report", {method: "POST", body: JSON.stringify(report)});
})();
</script>`

// A pageReport is what the page reports of one front door.
type pageReport struct {
	Error            string
	Cookies          []string
	Upload, Download string
}

// A site serves the page and takes its report.
type site struct {
	doors   map[string]string
	reports chan map[string]pageReport
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		list, _ := json.Marshal(s.doors)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, strings.ReplaceAll(page, "DOORS", string(list)))
	case "/report":
		report := map[string]pageReport{}
		if json.NewDecoder(r.Body).Decode(&report) == nil {
			s.reports <- report
		}
	default:
		http.NotFound(w, r)
	}
}

func visitWithBrowser(t *testing.T, chromium, url string, s *site) {
	profile, err := os.MkdirTemp("", "chromium")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	browser := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
		"--user-data-dir="+profile, url)
	browser.Cancel = func() error { return browser.Process.Signal(syscall.SIGTERM) }
	browser.WaitDelay = patience
	require.NoError(t, browser.Start())
	t.Cleanup(func() {
		cancel()
		_ = browser.Wait()
		// Its helpers end a little later, and write until they do.
		assert.Eventually(t, func() bool { return os.RemoveAll(profile) == nil }, patience, 10*time.Millisecond)
	})
	var report map[string]pageReport
	select {
	case report = <-s.reports:
	case <-ctx.Done():
		t.Fatal("the browser has not reported in time")
	}
	text := strings.Repeat("héllo", 1000)
	for name := range s.doors {
		assert.Equal(t, pageReport{
			Cookies:  []string{"first", "again 1"},
			Upload:   fmt.Sprintf("%d %x", len(text), sha256.Sum256([]byte(text))),
			Download: fmt.Sprintf("%x", sha256.Sum256(download())),
		}, report[name], name)
	}
}
