package arrival

import (
	secret "crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
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

// random fills an id that nobody else is to have, and that may be guessed, in a fraction of
// the time that secret takes.
func random(id []byte) {
	for len(id) > 0 {
		var some [8]byte
		binary.LittleEndian.PutUint64(some[:], rand.Uint64())
		id = id[copy(id, some[:]):]
	}
}
