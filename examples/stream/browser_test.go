package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/examples/internal/laptop"
)

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// The page of the example shows events as they come.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") != "1" {
		t.Skip("chromium is missing")
	}
	require.NoError(t, err)
	served, stop, err := laptop.Serve(t.Context(), t.TempDir(), "--no-watch", "--api", "url", "--stream", ".")
	require.NoError(t, err)
	t.Cleanup(stop)
	address, err := url.Parse(served)
	require.NoError(t, err)

	// Between the browser and the command there is only what adds a line to the page,
	// and hears from it.
	const spy = `<script>setInterval(() => fetch("/seen", {method: "POST", body: JSON.stringify({
		state: document.getElementById("state").textContent, story: document.getElementById("story").textContent})}), 200)</script>`
	type sight struct{ State, Story string }
	seen := make(chan sight, 1000)
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(address); r.Out.Header.Del("Accept-Encoding") },
		ModifyResponse: func(resp *http.Response) error {
			if resp.Request.URL.Path != "/" {
				return nil
			}
			page, err := io.ReadAll(resp.Body)
			page = append(page, spy...)
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(page)), int64(len(page))
			resp.Header.Set("Content-Length", strconv.Itoa(len(page)))
			return err
		},
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/seen" {
			proxy.ServeHTTP(w, r)
			return
		}
		var s sight
		if assert.NoError(t, json.NewDecoder(r.Body).Decode(&s)) {
			seen <- s
		}
	}))
	t.Cleanup(site.Close)

	// Not t.TempDir, which fails the test if one of the browser's processes still writes.
	profile, err := os.MkdirTemp("", "lambridge-browser-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(profile) })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	browser := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
		"--user-data-dir="+profile, site.URL)
	browser.Cancel = func() error { return browser.Process.Signal(syscall.SIGTERM) }
	browser.WaitDelay = patience
	require.NoError(t, browser.Start())
	t.Cleanup(func() {
		cancel()
		_ = browser.Wait()
		// Its helpers end a little later, and write until they do.
		assert.Eventually(t, func() bool { return os.RemoveAll(profile) == nil }, patience, 10*time.Millisecond)
	})
	beginning, ticks, whole := false, false, false
	for !beginning || !ticks || !whole {
		select {
		case s := <-seen:
			beginning = beginning || s.Story != "" && !strings.HasSuffix(s.Story, "last one. ")
			ticks = ticks || strings.HasPrefix(s.State, "3 events on one connection")
			whole = whole || strings.HasPrefix(s.Story, "A browser asked") && strings.HasSuffix(s.Story, "the last one. ")
		case <-ctx.Done():
			t.Fatalf("the page has not shown it in time: the story's beginning %t, its end %t, three ticks %t", beginning, whole, ticks)
		}
	}
}
