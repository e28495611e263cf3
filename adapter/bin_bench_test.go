package adapter_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"testing"

	"github.com/lambridge-go/lambridge/adapter"
)

func BenchmarkBin(b *testing.B) {
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i * 7 >> 3)
	}
	ev := []byte(`{"httpMethod":"POST","resource":"/{proxy+}","path":"/x","headers":{},"requestContext":{},"body":"` + base64.StdEncoding.EncodeToString(data) + `","isBase64Encoded":true}`)
	h := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		io.Copy(io.Discard, r.Body)
		w.Write(data)
	}))
	b.Run("1MB", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.Invoke(context.Background(), ev); err != nil {
				b.Fatal(err)
			}
		}
	})
	dst := make([]byte, 2<<20)
	b.Run("decode", func(b *testing.B) {
		e := base64.StdEncoding.EncodeToString(data)
		for b.Loop() {
			base64.StdEncoding.Decode(dst, []byte(e))
		}
	})
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			base64.StdEncoding.Encode(dst, data)
		}
	})
}
