package lambdatest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// What Do returns is what a client reads off the wire.
func TestResponsesAreThoseOfTheWire(t *testing.T) {
	for _, row := range []struct {
		name, method string
		answer       http.HandlerFunc
	}{
		{"a small text", "GET", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }},
		{"no body", "GET", func(http.ResponseWriter, *http.Request) {}},
		{"names that are spelled otherwise", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["x-lower"], w.Header()["X-UPPER"] = []string{"a"}, []string{"b"}
		}},
		{"several values, and empty ones", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Many"], w.Header()["X-Empty"], w.Header()["X-None"] = []string{"a", "b", "a"}, []string{""}, nil
		}},
		{"values with space around, and beyond ASCII", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Space"], w.Header()["X-Far"] = []string{"  a\tb  "}, []string{"Łódź"}
		}},
		{"cookies", "GET", func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		}},
		{"Pragma, which clients take for Cache-Control", "GET", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Pragma", "no-cache") }},
		{"HEAD", "HEAD", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "5") }},
		{"204", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }},
		{"a status without a name", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }},
		{"a failure", "GET", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			app := adapter.Wrap(row.answer)
			lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
				server := lambdatest.NewServer(t, app, source)
				req, err := http.NewRequestWithContext(t.Context(), row.method, server.URL, nil)
				require.NoError(t, err)
				wire, err := http.DefaultClient.Do(req)
				require.NoError(t, err)
				got := lambdatest.Do(t, app, source, httptest.NewRequest(row.method, server.URL, nil))
				assert.Equal(t, shape(t, wire), shape(t, got))
			})
		})
	}
}

// shape is what of two responses to the same request is equal.
func shape(t *testing.T, resp *http.Response) http.Response {
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	header := resp.Header.Clone()
	header.Del("Date") // is the server's
	for _, each := range []string{"X-Amzn-Requestid", "X-Amz-Apigw-Id", "Apigw-Requestid", "X-Amzn-Trace-Id"} {
		if header.Get(each) != "" {
			header.Set(each, "each has its own")
		}
	}
	header.Set("Body", string(body))
	return http.Response{
		Status: resp.Status, StatusCode: resp.StatusCode, Proto: resp.Proto, ProtoMajor: resp.ProtoMajor, ProtoMinor: resp.ProtoMinor,
		Header: header, ContentLength: resp.ContentLength, TransferEncoding: resp.TransferEncoding, Close: resp.Close, Trailer: resp.Trailer,
	}
}
