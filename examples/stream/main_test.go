package main

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

func TestRoutes(t *testing.T) {
	for _, row := range []struct {
		name, path, bytes string
		status            int
		contentType       string
		want              string // the beginning of the body
		size              int
	}{
		{"page", "/", "", 200, "text/html; charset=utf-8", "<!doctype html>", len(page)},
		{"a story, to its end", "/story", "", 200, "text/event-stream", "event: word\ndata: A\n\nevent: word\ndata: browser\n\n", len(tale) + 37*len("event: word\ndata: \n") + len("\nevent: end\ndata: \n\n")},
		{"an export", "/orders.csv?rows=2", "", 200, "text/csv; charset=utf-8", "id,customer,cents\n0,customer 0,0\n1,customer 1,7919\n", 51},
		{"an export of what", "/orders.csv?rows=many", "", 400, "text/plain; charset=utf-8", "rows is not a number of rows\n", 29},
		{"a part of a file", "/film.bin", "bytes=250-259", 206, "application/octet-stream", "\xfa\x00\x01\x02\x03\x04\x05\x06\x07\x08", 10},
		{"past its end", "/film.bin", "bytes=200000000-", 416, "text/plain; charset=utf-8", "invalid range", 33},
	} {
		t.Run(row.name, func(t *testing.T) {
			// Every front door that has HTTP can serve this; two of them stream it.
			lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
				req := httptest.NewRequest("GET", row.path, nil)
				if row.bytes != "" {
					req.Header.Set("Range", row.bytes)
				}
				resp := lambdatest.Do(t, adapter.Stream(newApp(time.Millisecond)), source, req)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				assert.Equal(t, row.status, resp.StatusCode)
				assert.Equal(t, row.contentType, resp.Header.Get("Content-Type"))
				assert.Equal(t, row.want, string(body[:min(len(body), len(row.want))]))
				assert.Len(t, body, row.size)
			})
		})
	}
}

// Each tick arrives at the moment of the tick. In a bubble of synctest, a clock that
// ticks every second is tested in no time.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		resp := lambdatest.Do(t, adapter.Stream(newApp(time.Second)), lambdatest.FunctionURL, httptest.NewRequest("GET", "/clock", nil))
		lines := bufio.NewScanner(resp.Body)
		for n := range 5 {
			want := start.Add(time.Duration(n) * time.Second)
			for _, line := range []string{"event: tick", "data: " + want.UTC().Format(time.RFC3339Nano), ""} {
				require.True(t, lines.Scan())
				assert.Equal(t, line, lines.Text())
			}
			assert.Equal(t, want, time.Now())
		}
	})
}

// Front doors that stream let more through than a reply in one piece may have.
func TestLarge(t *testing.T) {
	for _, row := range []struct {
		path, bytes string
		want        int64
	}{
		{"/orders.csv?rows=300000", "", 7_622_578},
		{"/film.bin", "bytes=100-20000099", 20_000_000},
	} {
		for _, source := range []lambdatest.Source{lambdatest.FunctionURL, lambdatest.REST} {
			req := httptest.NewRequest("GET", row.path, nil)
			req.Header.Set("Range", row.bytes)
			resp := lambdatest.Do(t, adapter.Stream(newApp(time.Second)), source, req)
			n, err := io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			assert.Equal(t, row.want, n, "%s through %s", row.path, source)
		}
	}
}

// Behind a front door that takes replies in one piece a large one is an error, and the
// log says why.
func TestLargeWhereNothingStreams(t *testing.T) {
	var logged bytes.Buffer
	app := adapter.Stream(newApp(time.Second), adapter.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))))
	resp := lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/orders.csv", nil))
	assert.Equal(t, http.StatusInternalServerError, resp.StatusCode)
	assert.Contains(t, logged.String(), "answered 500 to GET /orders.csv: the reply has ")
}

// TestTemplate streams more than a reply in one piece may have, through the URL that
// the template deploys.
func TestTemplate(t *testing.T) {
	api := lambdatest.NewAPI(t, "template.yaml", lambdatest.Functions{"Streams": adapter.Stream(newApp(time.Second))})
	resp := api.Do(httptest.NewRequest("GET", "/orders.csv?rows=300000", nil))
	n, err := io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	assert.Equal(t, int64(7_622_578), n)
}
