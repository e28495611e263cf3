package adapter_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// What an invocation allocates is a budget: more needs a reason, less is to be
// written down here.
func TestAllocations(t *testing.T) {
	skipUnderRace(t)
	h := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"text/plain"}
		io.WriteString(w, "hi")
	}))
	const runs, bytes = 1000, 2700
	budgets := map[adapter.Source]float64{
		adapter.REST: 9, adapter.HTTPv1: 8, adapter.HTTPv2: 8, adapter.FunctionURL: 8,
		adapter.ALB: 8, adapter.ALBMulti: 8, adapter.LatticeV1: 8, adapter.LatticeV2: 8,
		adapter.WebSocketAPI: 10, // its message is a body
	}
	for _, d := range append(httpDoors(), door{adapter.WebSocketAPI, messageEvent}) {
		payload := []byte(d.event)
		before := allocated()
		allocs := testing.AllocsPerRun(runs, func() {
			if _, err := h.Invoke(context.Background(), payload); err != nil {
				t.Fatal(err)
			}
		})
		assert.LessOrEqual(t, allocs, budgets[d.source], d.source)
		assert.LessOrEqual(t, (allocated()-before)/(runs+1), bytes, d.source)
	}
}

func allocated() int {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.TotalAlloc)
}

// The largest bodies are held as they travel, and a text that is received once more as it
// is.
func TestMemoryOfLargeBodies(t *testing.T) {
	skipUnderRace(t)
	text := strings.Repeat("a line of text, with a \"quoted\" word\n", 150_000)
	image := bytes.Repeat([]byte{0x89, 'P', 'N', 'G'}, 1_100_000)
	quoted, err := json.Marshal(text)
	require.NoError(t, err)

	for _, row := range []struct {
		name     string
		body     string // of the event, as JSON
		isBase64 bool
		handler  http.HandlerFunc
		all      int // bytes of the bodies in both forms
	}{
		{"a text is received", string(quoted), false, receive, len(quoted) + len(text)},
		{"an image is received", strconv.Quote(base64.StdEncoding.EncodeToString(image)), true, receive, base64Size(image)},
		{"a text is sent", `""`, false, send("text/plain", []byte(text)), len(quoted)},
		{"an image is sent", `""`, false, send("image/png", image), base64Size(image)},
		{"a text is sent by lines, and announced", `""`, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", strconv.Itoa(len(text)))
			for line := range strings.Lines(text) {
				io.WriteString(w, line)
			}
		}, len(quoted)},
	} {
		t.Run(row.name, func(t *testing.T) {
			payload := fmt.Appendf(nil, `{"resource": "/", "path": "/", "httpMethod": "POST", "requestContext": {}, "body": %s, "isBase64Encoded": %t}`, row.body, row.isBase64)
			before := allocated()
			reply, err := adapter.Wrap(row.handler).Invoke(context.Background(), payload)
			need := allocated() - before + len(payload)
			require.NoError(t, err)
			require.Contains(t, string(reply[:min(len(reply), 64)]), `"statusCode":200`)

			t.Logf("%d bytes, %.2f times those of the bodies", need, float64(need)/float64(row.all))
			assert.LessOrEqual(t, need, row.all+row.all/10)
		})
	}
}

func receive(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }

func send(contentType string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Write(body)
	}
}

func base64Size(body []byte) int { return base64.StdEncoding.EncodedLen(len(body)) }

// Nothing of a hundred thousand invocations is left.
func TestMemoryStaysFlat(t *testing.T) {
	skipUnderRace(t)
	h := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		adapter.RawEvent(r.Context())
		io.Copy(w, r.Body)
	}))
	visit := func(times int) {
		for i := range times {
			_, err := h.Invoke(context.Background(), []byte(httpDoors()[i%len(httpDoors())].event))
			require.NoError(t, err)
		}
	}
	visit(1000)
	before := heap()
	visit(100_000)
	kept := heap() - before
	t.Logf("100,000 invocations keep %d bytes", kept)
	assert.Less(t, kept, int64(128<<10))
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func skipUnderRace(t *testing.T) {
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector allocates, too")
	}
}
