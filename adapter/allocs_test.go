package adapter_test

import (
	"context"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/stretchr/testify/assert"
)

// What an invocation allocates is a budget: more needs a reason, less is to be
// written down here.
func TestAllocations(t *testing.T) {
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector allocates, too")
	}
	h := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"text/plain"}
		io.WriteString(w, "hi")
	}))
	budgets := map[adapter.Source]float64{
		adapter.REST: 12, adapter.HTTPv1: 10, adapter.HTTPv2: 11, adapter.FunctionURL: 11,
		adapter.ALB: 10, adapter.ALBMulti: 10, adapter.LatticeV1: 10, adapter.LatticeV2: 10, adapter.WebSocketAPI: 14,
	}
	for _, d := range append(httpDoors(), door{adapter.WebSocketAPI, messageEvent}) {
		payload := []byte(d.event)
		allocs := testing.AllocsPerRun(1000, func() {
			if _, err := h.Invoke(context.Background(), payload); err != nil {
				t.Fatal(err)
			}
		})
		assert.LessOrEqual(t, allocs, budgets[d.source], d.source)
	}
}
