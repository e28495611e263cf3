package gateway_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// Requests leave nothing behind: ten thousand of them, through every front door in
// turn.
func TestMemoryStaysFlat(t *testing.T) {
	var doors []*gateway.Gateway
	for _, source := range sources() {
		doors = append(doors, open(t, config{Source: source, Observe: func(gateway.Exchange) {}}))
	}
	visit := func(times int) {
		for i := range times {
			r := httptest.NewRequest("POST", "/items/1?a=b", strings.NewReader(strings.Repeat("x", 1000)))
			doors[i%len(doors)].ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	visit(1000)
	before := heap()
	visit(10_000)
	kept := heap() - before
	t.Logf("10,000 requests keep %d bytes", kept)
	assert.Less(t, kept, int64(256<<10))
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// A body is held once: in the event, at the size it has there. One that is too
// large is not held at all.
func TestBodiesAreHeldOnce(t *testing.T) {
	const overhead = 128 << 10
	for name, test := range map[string]struct {
		size int64
		most int64
	}{
		"4.5 MB, the most that fits":   {4_500_000, 6_000_000 + overhead},
		"10 MB, too much for Lambda":   {10 << 20, 6<<20 + overhead},
		"10 MB and a byte, over limit": {10<<20 + 1, overhead},
	} {
		t.Run(name, func(t *testing.T) {
			g := open(t, config{Source: gateway.HTTPv2})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			g.ServeHTTP(httptest.NewRecorder(), upload(test.size))
			runtime.ReadMemStats(&after)
			allocated := int64(after.TotalAlloc - before.TotalAlloc)
			t.Logf("a body of %d bytes allocates %d", test.size, allocated)
			assert.Less(t, allocated, test.most)
		})
	}
}

// What an upload allocates, with somebody who looks on, is little more than its event, be it
// text or not and of whatever size the client says it is.
func TestUploadsAllocateTheirEvent(t *testing.T) {
	const size = 4_500_000
	for _, source := range sources() {
		if facts, _ := gateway.Facts(source); facts.Kind == gateway.LoadBalancer {
			continue // takes 1 MB
		}
		for media, text := range map[string]string{
			"text/plain": "x", "application/octet-stream": "x", "application/json": `{"id":4711,"name":"a name that is long","tags":["a","b"],"price":12.50}`,
		} {
			t.Run(string(source)+" "+media, func(t *testing.T) {
				var event int
				g := open(t, config{Source: source, Observe: func(x gateway.Exchange) { event = len(x.Event) }})
				r := upload(size)
				r.Body = io.NopCloser(io.LimitReader(repeated(text), size))
				r.Header.Set("Content-Type", media)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				g.ServeHTTP(httptest.NewRecorder(), r)
				runtime.ReadMemStats(&after)
				allocated := float64(after.TotalAlloc-before.TotalAlloc) / float64(event)
				t.Logf("an event of %d bytes allocates %.3f times as much", event, allocated)
				assert.GreaterOrEqual(t, event, size)
				assert.Less(t, allocated, 1.15)
			})
		}
	}
}

// repeated is text without an end.
type repeated string

func (r repeated) Read(p []byte) (int, error) {
	n := 0
	for n+len(r) <= len(p) {
		n += copy(p[n:], r)
	}
	if n == 0 { // the end of a limit
		n = copy(p, r)
	}
	return n, nil
}

func upload(size int64) *http.Request {
	r := httptest.NewRequest("POST", "/", io.LimitReader(zeros{}, size))
	r.ContentLength = size
	return r
}

func BenchmarkRequest(b *testing.B) {
	for _, source := range sources() {
		b.Run(string(source), func(b *testing.B) {
			g, err := config{Source: source, Function: lambdaFunc(func(context.Context, []byte) ([]byte, error) {
				return []byte(`{"statusCode":200,"headers":{"content-type":"application/json","x-a":"b"},"body":"{\"hello\":\"world\"}"}`), nil
			})}.new()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("GET", "/items/1?a=b", nil)
				g.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

// BenchmarkReply measures what becomes of a small reply.
func BenchmarkReply(b *testing.B) {
	const reply = `{"statusCode":200,"headers":{"content-type":"application/json","x-a":"b"},"body":"{\"hello\":\"world\"}"}`
	for _, source := range sources() {
		b.Run(string(source), func(b *testing.B) {
			g, err := config{Source: source, Function: replies("")}.new()
			if err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequest("GET", "/", nil)
			b.ReportAllocs()
			for b.Loop() {
				g.Respond(httptest.NewRecorder(), r, []byte(reply))
			}
		})
	}
}
