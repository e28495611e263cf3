package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// BenchmarkProxies compares an HTTP proxy with net/http's, behind one server each and in
// front of one: each step is a request to one and then the other, and the metrics are the
// medians of either and their ratio.
func BenchmarkProxies(b *testing.B) {
	body := strings.Repeat("x", 1<<10)
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, body)
	}))
	defer back.Close()
	target, err := url.Parse(back.URL)
	require.NoError(b, err)
	plain := httputil.NewSingleHostReverseProxy(target)
	plain.Transport = &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}
	handlers := map[gateway.Kind]http.Handler{}
	for _, kind := range []gateway.Kind{gateway.RESTAPI, gateway.HTTPAPI} {
		options := gateway.HTTPProxyOptions{}
		if kind == gateway.RESTAPI {
			options = mapping(map[string]string{"integration.request.path.proxy": "method.request.path.proxy"})
		}
		handlers[kind], err = gateway.New(gateway.API{Kind: kind, Routes: []gateway.Route{
			{Key: "ANY /{proxy+}", To: gateway.HTTPProxy(back.URL+"/{proxy}", options)},
		}}, gateway.Options{})
		require.NoError(b, err)
	}
	for kind, own := range handlers {
		fronts := [2]*httptest.Server{httptest.NewServer(own), httptest.NewServer(plain)}
		for _, sent := range []string{"", body} {
			b.Run(fmt.Sprintf("%s/%dB", kind, len(sent)), func(b *testing.B) {
				var spent [2][]time.Duration
				for b.Loop() {
					for i, front := range fronts {
						r, err := http.NewRequest("POST", front.URL+"/a/b?c=d", strings.NewReader(sent))
						require.NoError(b, err)
						r.Header.Set("Content-Type", "text/plain")
						start := time.Now()
						w, err := http.DefaultTransport.RoundTrip(r)
						require.NoError(b, err)
						_, err = io.Copy(io.Discard, w.Body)
						spent[i] = append(spent[i], time.Since(start))
						require.NoError(b, err)
						w.Body.Close()
						require.Equal(b, http.StatusOK, w.StatusCode)
					}
				}
				var median [2]float64
				for i := range spent {
					slices.Sort(spent[i])
					median[i] = float64(spent[i][len(spent[i])/2].Nanoseconds())
				}
				b.ReportMetric(median[0], "own-ns/op")
				b.ReportMetric(median[1], "ReverseProxy-ns/op")
				b.ReportMetric(median[0]/median[1], "ratio")
			})
		}
		for _, front := range fronts {
			front.Close()
		}
	}
}

// A streamed answer is never held: 64 MB pass with a few of memory.
func TestStreamsPassWithoutBeingHeld(t *testing.T) {
	const size = 64 << 20
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		piece := make([]byte, 64<<10)
		for range size / len(piece) {
			_, _ = w.Write(piece)
		}
	}))
	defer back.Close()
	g := oneRoute(t, gateway.RESTAPI, "GET /x", gateway.HTTPProxy(back.URL, gateway.HTTPProxyOptions{Stream: true}))
	before := heap()
	w := &tally{header: make(http.Header)}
	var most atomic.Int64
	w.each = func() { most.Store(max(most.Load(), heap())) }
	g.ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
	assert.Equal(t, int64(size), w.bytes)
	extra := most.Load() - before
	t.Logf("%d bytes passed with %d bytes more of memory", w.bytes, extra)
	assert.Less(t, extra, int64(5<<20))
	runtime.KeepAlive(g)
}

// A tally is a client that counts what it gets, and looks at the memory every 4 MB.
type tally struct {
	header http.Header
	bytes  int64
	each   func()
}

func (c *tally) Header() http.Header { return c.header }
func (c *tally) WriteHeader(int)     {}
func (c *tally) Flush()              {}
func (c *tally) Write(p []byte) (int, error) {
	const step = 4 << 20
	before := c.bytes / step
	if c.bytes += int64(len(p)); c.bytes/step != before {
		c.each()
	}
	return len(p), nil
}
