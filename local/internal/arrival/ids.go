package arrival

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"time"
)

// NewUUID returns a random id as AWS gives requests: RFC 9562, section 5.4.
func NewUUID() string {
	var id [16]byte
	random(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// NewExtendedID returns an id of the shape of API Gateway's: "JCJmXjUAPHcEP4w=".
func NewExtendedID() string {
	var id [11]byte
	random(id[:])
	var text [16]byte
	base64.URLEncoding.Encode(text[:], id[:])
	return string(text[:])
}

// NewTraceRoot returns the id of a trace: "1-5759e988-bd862e3fe1be46a994272793".
func NewTraceRoot(now time.Time) string { return newTrace("", now) }

// NewTraceHeader returns the X-Ray header of a trace that begins:
// "Root=1-5759e988-bd862e3fe1be46a994272793".
func NewTraceHeader(now time.Time) string { return newTrace("Root=", now) }

func newTrace(label string, now time.Time) string {
	var id [12]byte
	random(id[:])
	var text [48]byte
	b := append(append(text[:0], label...), "1-"...)
	b = hex.AppendEncode(b, binary.BigEndian.AppendUint32(nil, uint32(now.Unix())))
	b = hex.AppendEncode(append(b, '-'), id[:])
	return string(b)
}

// NewSegmentID returns the id of a part of a trace: "53995c3f42cd8ad8".
func NewSegmentID() string {
	var id [8]byte
	random(id[:])
	return hex.EncodeToString(id[:])
}

// random fills id. The system is asked for as many bytes at once as several ids need, which
// takes it hardly longer than one.
func random(id []byte) {
	s := supplies.Get().(*supply)
	defer supplies.Put(s)
	if len(s.left) < len(id) {
		rand.Read(s.bytes[:])
		s.left = s.bytes[:]
	}
	n := copy(id, s.left)
	clear(s.left[:n]) // no id is to be known from memory but those that are in use
	s.left = s.left[n:]
}

// A supply is random bytes, of which those left are yet to be used.
type supply struct {
	left  []byte
	bytes [512]byte
}

var supplies = sync.Pool{New: func() any { return new(supply) }}
