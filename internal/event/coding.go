package event

import (
	"bytes"
	"strings"
)

// dropFalseCoding takes the Content-Encoding off a request whose body does not have it
// any more. A REST API inflates what was sent with gzip or deflate and leaves the header
// as it was:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
//
// The header goes, as it goes from the responses that net/http's Transport inflates:
// what remains tells the truth. A body that is compressed after all, because whatever
// stands in for the REST API does not inflate, keeps its header.
func (r *Request) dropFalseCoding() {
	codings := r.Header["Content-Encoding"]
	if len(codings) != 1 {
		return
	}
	start := r.Content.beginning(make([]byte, 2))
	switch strings.ToLower(codings[0]) {
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(start, []byte{0x1f, 0x8b}) {
			delete(r.Header, "Content-Encoding")
		}
	case "deflate":
		if !isZlib(start) {
			delete(r.Header, "Content-Encoding")
		}
	}
}

// isZlib reports whether data begins as the zlib format does, which is what the coding
// deflate means: RFC 1950, section 2.2.
func isZlib(data []byte) bool {
	return len(data) >= 2 && data[0]&0x0f == 8 && (uint(data[0])<<8|uint(data[1]))%31 == 0
}
