// Package format holds the formats in which the front doors of AWS Lambda speak to a
// function: how the event of a request reads, and how the function's reply is read.
//
// It is the counterpart of internal/event, which does the reverse inside a function.
// The two share no code: a misunderstanding they shared would pass every round trip.
package format

import (
	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
)

// A Format is one way to speak to a function. It is safe for concurrent use.
type Format interface {
	// Encode writes the event of a request. Its errors are those of reading the body,
	// and a *door.Refusal.
	Encode(a *arrival.Arrival) ([]byte, error)

	// Decode makes an answer of what the function returned, as the function meant it:
	// what may not pass is the front door's to drop. Its error is a *door.Refusal. The
	// answer shares no memory with reply.
	Decode(a *arrival.Arrival, reply []byte) (*door.Answer, error)
}

// A StreamFormat is one in which a function can answer while it still runs.
type StreamFormat interface {
	Format

	// DecodePrelude makes the head of an answer of the metadata that a streamed reply
	// begins with. Its error is a *door.Refusal.
	DecodePrelude(a *arrival.Arrival, prelude []byte) (*door.Answer, error)
}
