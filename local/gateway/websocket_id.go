package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"
)

// newWebSocketID returns an id as API Gateway makes them, for connections,
// requests and messages alike: 11 bytes in base64, 16 characters that end with
// an equals sign. The sign is why ids must be escaped in URLs.
func newWebSocketID() string {
	var b [11]byte
	rand.Read(b[:]) // never fails
	return base64.URLEncoding.EncodeToString(b[:])
}

// isWebSocketID reports whether id could be one of API Gateway's.
func isWebSocketID(id string) bool {
	if len(id) != 16 {
		return false
	}
	for _, alphabet := range []*base64.Encoding{base64.URLEncoding, base64.StdEncoding} {
		if b, err := alphabet.DecodeString(id); err == nil && len(b) == 11 {
			return true
		}
	}
	return false
}

// newWebSocketTraceID returns a trace header as X-Ray has them.
//
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func newWebSocketTraceID(now time.Time) string {
	var b [12]byte
	rand.Read(b[:])
	return "Root=1-" + strconv.FormatInt(now.Unix(), 16) + "-" + fmt.Sprintf("%x", b)
}

// newWebSocketUUID returns a random UUID, as in x-amzn-RequestId.
func newWebSocketUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
