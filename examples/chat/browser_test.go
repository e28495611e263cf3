package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/examples/internal/laptop"
)

// TestBrowsers runs the example as a developer does, and two people chat in real
// browsers while the function is edited. CHAT_SCREENSHOT=file keeps a picture.
func TestBrowsers(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	dir := installed(t, "puppeteer-core@25.16.0")
	chromium := installedChromium(t)

	// The function is a copy, so that it can be edited. It stays in the module, where
	// it is built, and in testdata, where ./... does not look.
	source, err := os.MkdirTemp("testdata", "edited-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(source) })
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		copyFile(t, name, source)
	}
	require.NoError(t, os.CopyFS(filepath.Join(source, "page"), os.DirFS("page")))

	served, stop, err := laptop.Serve(t.Context(), t.TempDir(), "./"+filepath.ToSlash(source))
	require.NoError(t, err)
	t.Cleanup(stop)
	reload := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		page := filepath.Join(source, "page.go")
		code, err := os.ReadFile(page)
		if err == nil {
			err = os.WriteFile(page, bytes.Replace(code, []byte(`"no-cache"`), []byte(`"no-store"`), 1), 0o600)
		}
		for deadline := time.Now().Add(2 * time.Minute); err == nil && time.Now().Before(deadline); {
			resp, getErr := http.Get(served)
			if getErr != nil {
				continue
			}
			resp.Body.Close()
			if resp.Header.Get("Cache-Control") == "no-store" {
				return
			}
		}
		http.Error(w, "the edited function does not serve", http.StatusInternalServerError)
	}))
	defer reload.Close()

	script, err := filepath.Abs("testdata/browser.mjs")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", script, served, chromium, reload.URL, os.Getenv("CHAT_SCREENSHOT"))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func copyFile(t *testing.T, name, dir string) {
	t.Helper()
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
}

func installedChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") == "1" {
		t.Fatal("no chromium, chromium-browser or google-chrome in PATH")
	}
	t.Skip("no chromium, chromium-browser or google-chrome in PATH")
	return ""
}
