package adapter_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// A body that is copied into the answer is the same there, however long it is and whatever
// of it has been read before.
func TestEcho(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 511, 512, 513, 514, 2049, 32 * 1024, 40_000, 100_000} {
		body := strings.Repeat("0123456789abcde\n", size/16+1)[:size]
		for _, isBase64 := range []bool{false, true} {
			for _, read := range []int{0, 1, 2, 512} {
				if read > size {
					continue
				}
				t.Run(fmt.Sprintf("%d bytes, base64 %t, %d read", size, isBase64, read), func(t *testing.T) {
					out := invoke(t, func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Content-Type", "text/plain")
						begin := make([]byte, read)
						_, err := io.ReadFull(r.Body, begin)
						require.NoError(t, err)
						w.Write(begin)
						n, err := io.Copy(w, r.Body)
						assert.Equal(t, int64(size-read), n)
						assert.NoError(t, err)
					}, echoEvent(t, body, isBase64))
					assert.Equal(t, body, decode(t, out)["body"])
				})
			}
		}
	}
}

// The copy of a small body takes no more room than the body.
func TestMemoryOfAnEcho(t *testing.T) {
	skipUnderRace(t)
	h := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"text/plain"}
		io.Copy(w, r.Body)
	}))
	const runs, more = 1000, 350 // bytes: the body, what reads it, and the reply
	perInvocation := func(body string) int {
		payload := echoEvent(t, body, false)
		before := allocated()
		for range runs {
			_, err := h.Invoke(context.Background(), payload)
			require.NoError(t, err)
		}
		return (allocated() - before) / runs
	}
	assert.LessOrEqual(t, perInvocation("ten bytes."), perInvocation("")+more)
}

func echoEvent(t *testing.T, body string, isBase64 bool) []byte {
	t.Helper()
	if isBase64 {
		body = base64.StdEncoding.EncodeToString([]byte(body))
	}
	return edit(t, httpV2Event, fmt.Sprintf(`{"body": %q, "isBase64Encoded": %t}`, body, isBase64))
}
