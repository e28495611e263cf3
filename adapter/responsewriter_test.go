package adapter_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// An answer is what a client gets of a response, and what the handler noted on its
// way. Two servers that give the same answers cannot be told apart.
type answer struct {
	Status int
	Header http.Header
	Body   string
	Notes  []string
}

// A noting handler notes what net/http's interfaces tell it.
type noting func(w http.ResponseWriter, r *http.Request, note func(...any))

// responses are handlers whose answers net/http decides.
var responses = []struct {
	name    string
	method  string // "" for GET
	handler noting
}{
	{"nothing (pitfall 46)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {}},
	{"only a header (pitfall 46)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) { w.Header().Set("X-A", "1") }},
	{"the first status counts (pitfall 47)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.WriteHeader(404)
		w.WriteHeader(500)
		note(io.WriteString(w, "x"))
	}},
	{"a status after a write (pitfall 47)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(io.WriteString(w, "x"))
		w.WriteHeader(500)
	}},
	{"informational statuses are not final (pitfall 48)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(103)
		w.WriteHeader(102)
		w.WriteHeader(201)
		note(io.WriteString(w, "x"))
	}},
	{"statuses that are none (pitfall 49)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		for _, status := range []int{-1, 0, 99, 1000} {
			func() {
				defer func() { note(recover()) }()
				w.WriteHeader(status)
			}()
		}
		w.WriteHeader(299)
	}},
	{"a header set too late (pitfall 50)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("X-A", "before")
		w.WriteHeader(200)
		w.Header().Set("X-A", "late")
		w.Header().Set("X-Late", "1")
		note(w.Header().Get("X-A"))
	}},
	{"values changed too late (pitfall 50)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		values := []string{"before"}
		w.Header()["X-A"] = values
		w.WriteHeader(200)
		values[0] = "late"
	}},
	{"sniffed over several writes (pitfall 51)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(io.WriteString(w, "<ht"))
		note(io.WriteString(w, "ml><body>"))
	}},
	{"sniffed from 512 bytes (pitfall 51)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(w.Write(bytes.Repeat([]byte(" "), 512)))
		note(io.WriteString(w, "<html>"))
	}},
	{"an image (pitfall 51)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(io.WriteString(w, "\x89PNG\r\n\x1a\n\x00\xff"))
	}},
	{"sniffed after WriteHeader (pitfalls 52 and 55)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.WriteHeader(200)
		note(io.WriteString(w, "<html>"))
	}},
	{"sniffed at a flush, from what is there (pitfall 52)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(io.WriteString(w, "plain"))
		w.(http.Flusher).Flush()
		note(io.WriteString(w, "<html>"))
	}},
	{"a flush before anything (pitfall 52)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.(http.Flusher).Flush()
		w.Header().Set("X-Late", "1")
		note(io.WriteString(w, "<html>"))
	}},
	{"the handler's type (pitfall 53)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Type", "application/json")
		note(io.WriteString(w, "<html>"))
	}},
	{"no type, on purpose (pitfall 54)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header()["Content-Type"] = nil
		note(io.WriteString(w, "<html>"))
	}},
	{"coded content is not sniffed (pitfall 54)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Encoding", "br")
		note(io.WriteString(w, "<html>"))
	}},
	{"an empty type (pitfall 54)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Type", "")
		note(io.WriteString(w, "<html>"))
	}},
	{"HEAD (pitfall 56)", "HEAD", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(io.WriteString(w, "<html>"))
	}},
	{"HEAD with a length (pitfall 56)", "HEAD", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Length", "10")
		note(io.WriteString(w, "0123456789"))
	}},
	{"204 (pitfall 56)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("X-A", "1")
		w.WriteHeader(204)
		note(io.WriteString(w, "x"))
		note(w.Write(nil))
	}},
	{"304 (pitfall 56)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Type", "text/css")
		w.Header().Set("Etag", `"1"`)
		w.WriteHeader(304)
		note(io.Copy(w, strings.NewReader("x")))
	}},
	{"a length that is true (pitfall 57)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Length", "2")
		note(io.WriteString(w, "hi"))
		note(io.WriteString(w, "!"))
	}},
	{"a length that is none (pitfall 57)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Length", "two")
		note(io.WriteString(w, "hi"))
	}},
	{"line breaks in values, names that are none (pitfall 59)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("X-A", "a\r\nb: c")
		w.Header().Set("X-B", "  padded\t")
		w.Header()["bad name"] = []string{"x"}
		w.Header()[""] = []string{"x"}
		w.Header()["X-Ünïcode"] = []string{"x"}
		w.Header()["X-None"] = nil
	}},
	{"names that differ in case (pitfall 60)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header()["X-Lower"] = []string{"1"}
		w.Header()["x-lower"] = []string{"2"}
	}},
	{"trailers are no headers (pitfall 61)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Trailer", "X-One")
		note(io.WriteString(w, "x"))
		w.Header().Set("X-One", "1")
		w.Header().Set(http.TrailerPrefix+"X-Two", "2")
	}},
	{"several values (pitfall 66)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header()["Vary"] = []string{"Origin", "Accept-Encoding"}
		w.Header().Add("Www-Authenticate", `Basic realm="a"`)
		w.Header().Add("Www-Authenticate", "Bearer")
	}},
	{"Latin-1 (pitfall 77)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Type", "text/plain; charset=iso-8859-1")
		note(w.Write([]byte("caf\xe9")))
	}},
	{"the controller (pitfall 87)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		c := http.NewResponseController(w)
		note(c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Now().Add(time.Hour)), c.EnableFullDuplex(), c.Flush())
	}},
	{"interfaces (pitfall 85)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		_, flusher := w.(http.Flusher)
		_, readerFrom := w.(io.ReaderFrom)
		_, stringWriter := w.(io.StringWriter)
		//lint:ignore SA1019 gin needs it
		_, closeNotifier := w.(http.CloseNotifier)
		note(flusher, readerFrom, stringWriter, closeNotifier)
	}},
	{"copied, one byte at a time (pitfall 51)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(io.Copy(w, iotest.OneByteReader(strings.NewReader("<html>"))))
	}},
	{"copied from a source that fails (pitfall 51)", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(io.Copy(w, io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(errors.New("torn")))))
	}},
	{"http.Error", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Etag", "x")
		http.Error(w, "gone", http.StatusGone)
	}},
	{"http.Redirect", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		http.Redirect(w, r, "../elsewhere?a=1&b=<2>", http.StatusFound)
	}},
	{"http.ServeContent, a range", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		r.Header.Set("Range", "bytes=2-4")
		http.ServeContent(w, r, "x.txt", time.Unix(1e9, 0), strings.NewReader("0123456789"))
	}},
	{"http.MaxBytesReader", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		r.Body = http.MaxBytesReader(w, io.NopCloser(strings.NewReader("too long")), 3)
		data, err := io.ReadAll(r.Body)
		note(string(data), err)
	}},
	{"the request's context", "", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(r.Context().Value(http.ServerContextKey) != nil, r.Context().Value(http.LocalAddrContextKey) != nil, r.Context().Err())
	}},
}

func TestResponseWriter(t *testing.T) {
	for _, row := range responses {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			method := row.method
			if method == "" {
				method = http.MethodGet
			}
			want := fromNetHTTP(t, method, row.handler)
			for _, d := range httpDoors() {
				t.Run(string(d.source), func(t *testing.T) {
					assert.Equal(t, joined(d.source, want), fromLambda(t, d, method, row.handler))
				})
			}
		})
	}
}

// fromNetHTTP is the answer of net/http's server.
func fromNetHTTP(t *testing.T, method string, h noting) answer {
	var notes []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h(w, r, func(values ...any) { notes = append(notes, fmt.Sprintln(values...)) })
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()
	req, err := http.NewRequest(method, server.URL+"/notes/1", nil)
	require.NoError(t, err)
	req.Header.Set("Accept-Encoding", "identity")
	res, err := server.Client().Transport.RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	for _, name := range []string{"Date", "Content-Length", "Connection"} {
		res.Header.Del(name) // the front doors' own affair
	}
	return answer{res.StatusCode, res.Header, string(body), notes}
}

// fromLambda is the answer that a client gets through a front door.
func fromLambda(t *testing.T, d door, method string, h noting) answer {
	var notes []string
	out := invoke(t, func(w http.ResponseWriter, r *http.Request) {
		h(w, r, func(values ...any) { notes = append(notes, fmt.Sprintln(values...)) })
	}, withMethod(t, d, method), adapter.WithLogger(quiet()))
	a := received(t, out)
	a.Notes = notes
	return a
}

func withMethod(t *testing.T, d door, method string) []byte {
	m := `"` + method + `"`
	switch d.source {
	case adapter.HTTPv2, adapter.FunctionURL:
		return edit(t, d.event, `{"requestContext": {"http": {"method": `+m+`}}}`)
	case adapter.LatticeV1, adapter.LatticeV2:
		return edit(t, d.event, `{"method": `+m+`}`)
	}
	return edit(t, d.event, `{"httpMethod": `+m+`}`)
}

// received reads a reply as AWS does, as far as all front doors agree.
func received(t *testing.T, reply []byte) answer {
	t.Helper()
	r := decode(t, reply)
	a := answer{Status: int(r["statusCode"].(float64)), Header: http.Header{}, Body: r["body"].(string)}
	if r["isBase64Encoded"].(bool) {
		body, err := base64.StdEncoding.DecodeString(a.Body)
		require.NoError(t, err)
		a.Body = string(body)
	}
	single, _ := r["headers"].(map[string]any)
	for name, value := range single {
		a.Header.Add(name, value.(string))
	}
	multi, _ := r["multiValueHeaders"].(map[string]any)
	for name, values := range multi {
		for _, value := range values.([]any) {
			a.Header.Add(name, value.(string))
		}
	}
	cookies, _ := r["cookies"].([]any)
	for _, cookie := range cookies {
		a.Header.Add("Set-Cookie", cookie.(string))
	}
	return a
}

// joined is the answer with several values of a header in one, where a front door
// has no other way.
func joined(source adapter.Source, a answer) answer {
	if slices.Contains([]adapter.Source{adapter.REST, adapter.HTTPv1, adapter.ALBMulti}, source) {
		return a
	}
	a.Header = maps.Clone(a.Header)
	for name, values := range a.Header {
		a.Header[name] = []string{strings.Join(values, ", ")}
	}
	return a
}

// What net/http does to the connection has no counterpart; what it tells the handler
// has.
func TestResponseWriterErrors(t *testing.T) {
	for _, row := range []struct {
		name    string
		handler noting
	}{
		{"more than declared (pitfall 57)", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
			w.Header().Set("Content-Length", "3")
			note(io.WriteString(w, "hello"))
		}},
		{"more than declared, in two writes (pitfall 57)", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
			w.Header().Set("Content-Length", "3")
			note(w.Write([]byte("he")))
			note(w.Write([]byte("llo")))
		}},
		{"a write deadline that has passed (pitfall 87)", func(w http.ResponseWriter, r *http.Request, note func(...any)) {
			note(http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var want []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				row.handler(w, r, func(values ...any) { want = append(want, fmt.Sprintln(values...)) })
			}))
			defer server.Close()
			if res, err := server.Client().Get(server.URL); err == nil {
				res.Body.Close()
			}
			server.Close() // waits for the handler
			for _, d := range httpDoors() {
				assert.Equal(t, want, fromLambda(t, d, "GET", row.handler).Notes, d.source)
			}
		})
	}
	t.Run("there is nothing to hijack (pitfall 88)", func(t *testing.T) {
		invoke(t, func(w http.ResponseWriter, r *http.Request) {
			_, ok := w.(http.Hijacker)
			assert.False(t, ok)
			_, _, err := http.NewResponseController(w).Hijack()
			assert.ErrorIs(t, err, http.ErrNotSupported)
		}, []byte(restEvent))
	})
	t.Run("a goroutine that is left behind (pitfall 95)", func(t *testing.T) {
		returned, wrote := make(chan struct{}), make(chan struct{})
		out := invoke(t, func(w http.ResponseWriter, r *http.Request) {
			header := w.Header()
			io.WriteString(w, "hi")
			go func() {
				defer close(wrote)
				<-returned
				header.Set("X-Late", "1")
				w.WriteHeader(500)
				_, err := io.WriteString(w, "late")
				assert.Error(t, err)
				_, err = w.Write([]byte("late"))
				assert.Error(t, err)
				_, err = io.Copy(w, strings.NewReader("late"))
				assert.Error(t, err)
				assert.Error(t, http.NewResponseController(w).Flush())
			}()
		}, []byte(restEvent))
		reply := string(out)
		close(returned)
		<-wrote
		assert.Equal(t, reply, string(out))
		assert.Equal(t, "hi", decode(t, out)["body"])
	})
	t.Run("a client that leaves is noticed through CloseNotify (pitfall 88)", func(t *testing.T) {
		gone := make(chan (<-chan bool), 1)
		invoke(t, func(w http.ResponseWriter, r *http.Request) {
			//lint:ignore SA1019 gin needs it
			gone <- w.(http.CloseNotifier).CloseNotify()
		}, []byte(restEvent))
		select {
		case <-<-gone:
		case <-time.After(patience):
			t.Error("not told that the request is over")
		}
	})
}
