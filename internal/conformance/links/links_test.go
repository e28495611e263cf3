// Package links_test follows the links of an application that does not stand at the root
// of its host, as a client does: through the front door.
package links_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// A redirect of ServeMux and one of http.Redirect, behind a stage and behind a base path,
// lead where the application meant them to, and its cookies come along.
func TestLinksAreFollowed(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/tree/", func(w http.ResponseWriter, r *http.Request) {
		name := "none"
		if c, err := r.Cookie("name"); err == nil {
			name = c.Value
		}
		fmt.Fprintf(w, "%s below %q, cookie %s", r.URL.Path, adapter.PrefixFrom(r.Context()), name)
	})
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "name", Value: "ada", Path: "/tree"})
		http.Redirect(w, r, "tree/home", http.StatusSeeOther)
	})
	for _, source := range []lambdatest.Source{lambdatest.REST, lambdatest.HTTPv1, lambdatest.HTTPv2} {
		for _, mount := range []struct {
			name    string
			prefix  string
			adapter adapter.Option
			door    lambdatest.Option
		}{
			{"stage", "/prod", adapter.WithoutStage(), lambdatest.WithStage("prod")},
			{"base path", "/shop", adapter.WithBasePath("/shop"), lambdatest.WithBasePath("/shop")},
		} {
			t.Run(string(source)+", "+mount.name, func(t *testing.T) {
				app := adapter.Wrap(mux, mount.adapter, adapter.WithPrefixedLinks())
				server := lambdatest.NewServer(t, app, source, mount.door)
				jar, err := cookiejar.New(nil)
				require.NoError(t, err)
				get := func(path string) string {
					resp, err := (&http.Client{Jar: jar}).Get(server.URL + path)
					require.NoError(t, err)
					defer resp.Body.Close()
					body, err := io.ReadAll(resp.Body)
					require.NoError(t, err)
					require.Equal(t, http.StatusOK, resp.StatusCode, "%s", body)
					return string(body)
				}
				assert.Equal(t, `/tree/ below "`+mount.prefix+`", cookie none`, get(mount.prefix+"/tree"))
				assert.Equal(t, `/tree/home below "`+mount.prefix+`", cookie ada`, get(mount.prefix+"/login"))
			})
		}
	}
}
