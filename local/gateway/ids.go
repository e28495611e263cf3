package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"
)

// newUUID returns a random id as AWS gives requests: RFC 9562, section 5.4.
func newUUID() string {
	var id [16]byte
	rand.Read(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// newExtendedID returns an id of the shape of API Gateway's: "JCJmXjUAPHcEP4w=".
func newExtendedID() string {
	var id [11]byte
	rand.Read(id[:])
	return base64.URLEncoding.EncodeToString(id[:])
}

// newTraceRoot returns the id of a trace: "1-5759e988-bd862e3fe1be46a994272793".
func newTraceRoot(now time.Time) string {
	var id [12]byte
	rand.Read(id[:])
	return fmt.Sprintf("1-%08x-%x", uint32(now.Unix()), id[:])
}

// newSegmentID returns the id of a part of a trace: "53995c3f42cd8ad8".
func newSegmentID() string {
	var id [8]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}
