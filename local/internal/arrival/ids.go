package arrival

import (
	secret "crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// IDs are those that a front door gives a request. They are random.
type IDs struct {
	Request  string // a UUID
	Extended string // the shorter id of API Gateway

	// Trace is the X-Ray header of a trace that begins, Invocation what the invocation has
	// of it.
	Trace, Invocation string
}

// NewIDs returns those of a request that comes now, all in one piece of memory.
func NewIDs(now time.Time) IDs {
	var chance [16 + 11 + 12 + 8 + 4]byte
	random(chance[:])
	uuid, extended, root, parent, lineage := chance[:16], chance[16:27], chance[27:39], chance[39:47], chance[47:]

	var room [192]byte
	b := appendRoot(append(room[:0], "Root="...), now, root)
	trace := len(b)
	b = hex.AppendEncode(append(b, ";Parent="...), parent)
	b = hex.AppendEncode(append(b, ";Sampled=0;Lineage=1:"...), lineage)
	b = append(b, ":0"...)
	invocation := len(b)
	b = appendUUID(b, uuid)
	request := len(b)
	b = base64.URLEncoding.AppendEncode(b, extended)
	text := string(b)
	return IDs{Request: text[invocation:request], Extended: text[request:], Trace: text[:trace], Invocation: text[:invocation]}
}

// NewMessageIDs returns those of what a WebSocket tells now, likewise: the request's and the
// message's have the shape of API Gateway's, trace is the X-Ray header of a trace that begins.
func NewMessageIDs(now time.Time) (request, message, trace string) {
	var chance [11 + 11 + 12]byte
	random(chance[:])
	var room [80]byte
	b := base64.URLEncoding.AppendEncode(room[:0], chance[:11])
	b = base64.URLEncoding.AppendEncode(b, chance[11:22])
	text := string(appendRoot(append(b, "Root="...), now, chance[22:]))
	return text[:16], text[16:32], text[32:]
}

// NewUUID returns a random id as AWS gives requests: RFC 9562, section 5.4.
func NewUUID() string {
	var id [16]byte
	random(id[:])
	return string(appendUUID(nil, id[:]))
}

// appendUUID writes 16 random bytes as a UUID.
func appendUUID(b, id []byte) []byte {
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	b = hex.AppendEncode(b, id[:4])
	for _, part := range [...][]byte{id[4:6], id[6:8], id[8:10], id[10:]} {
		b = hex.AppendEncode(append(b, '-'), part)
	}
	return b
}

// NewExtendedID returns an id of the shape of API Gateway's: "JCJmXjUAPHcEP4w=".
func NewExtendedID() string {
	var id [11]byte
	random(id[:])
	return extended(id)
}

// NewConnectionID returns one that cannot be guessed: whoever knows it may write to the
// connection's client.
func NewConnectionID() string {
	var id [11]byte
	secret.Read(id[:])
	return extended(id)
}

func extended(id [11]byte) string {
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
	var room [48]byte
	return string(appendRoot(append(room[:0], label...), now, id[:]))
}

// appendRoot writes the id of a trace of 12 random bytes.
func appendRoot(b []byte, now time.Time, id []byte) []byte {
	var second [4]byte
	binary.BigEndian.PutUint32(second[:], uint32(now.Unix()))
	b = hex.AppendEncode(append(b, "1-"...), second[:])
	return hex.AppendEncode(append(b, '-'), id)
}

// NewSegmentID returns the id of a part of a trace: "53995c3f42cd8ad8".
func NewSegmentID() string {
	var id [8]byte
	random(id[:])
	return hex.EncodeToString(id[:])
}

// random fills an id that nobody else is to have, and that may be guessed, in a fraction of
// the time that secret takes.
func random(id []byte) {
	for len(id) > 0 {
		var some [8]byte
		binary.LittleEndian.PutUint64(some[:], rand.Uint64())
		id = id[copy(id, some[:]):]
	}
}
