package event_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/event"
)

// What travels as text and what as base64 is told by the type first: the same resource
// always travels alike, whatever its bytes happen to be.
func TestTextOrBytes(t *testing.T) {
	r := read(t, "recorded/rest")
	for contentType, binary := range map[string]bool{
		"":                                   false,
		"text/html":                          false,
		"TEXT/CSV; charset=utf-8":            false,
		"application/json":                   false,
		"application/problem+json":           false,
		"application/xml":                    false,
		"application/vnd.oai.openapi":        false,
		"application/vnd.apple.mpegurl":      false,
		"application/grpc-web-text":          false,
		"image/svg+xml":                      false,
		"image/png":                          true,
		"IMAGE/JPEG; q=1":                    true,
		"audio/ogg":                          true,
		"video/mp4":                          true,
		"font/woff2":                         true,
		"application/octet-stream":           true,
		"application/pdf":                    true,
		"application/zip":                    true,
		"application/vnd.ms-excel":           true,
		"application/senml+cbor":             true,
		"application/grpc-web+json":          true,
		"application/vnd.apache.thrift.json": false,
		"application/vnd.cups-ppd":           false,
		"model/gltf+json":                    false,
		"model/obj":                          false,
		"model/gltf-binary":                  true,
		"model/vnd.usdz+zip":                 true,
		"application/cwt":                    true,
		"application/cose-key-set":           true,
		"application/x-pkcs7-signature":      true,
		"application/x-amz-cbor-1.1":         true,
	} {
		t.Run(contentType, func(t *testing.T) {
			reply := &event.Reply{Status: 200, Body: []byte("hi")}
			if contentType != "" {
				reply.Header = []event.Field{{Name: "Content-Type", Value: contentType}}
			}
			got, err := r.Encode(reply)
			require.NoError(t, err)
			if binary {
				assert.Contains(t, string(got), `"body":"aGk=","isBase64Encoded":true`)
			} else {
				assert.Contains(t, string(got), `"body":"hi","isBase64Encoded":false`)
			}
		})
	}
}
