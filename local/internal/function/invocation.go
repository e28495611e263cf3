package function

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// An invocation is one event on its way through a process. The pool's mutex
// guards its lower half.
type invocation struct {
	id      string
	payload []byte // the caller's: a process may read it after the caller has left
	info    invoke.Info
	streams bool // the caller takes the reply as it arrives
	tail    *LogTail
	watcher Watcher // or nil

	settled chan outcome // holds one: what the caller gets

	isSettled bool
	isReplied bool           // the process has begun its reply; whoever reads it settles
	abandoned bool           // the caller has left
	expired   bool           // the timeout passed
	started   time.Time      // handed to a process
	deadline  time.Time      // what the process is told
	streaming *io.PipeWriter // the reply on its way to the caller
}

// A reply is what the function answered: whole, or on its way.
type reply struct {
	payload []byte
	stream  *invoke.Stream
}

type outcome struct {
	reply reply
	err   error
}

func newInvocation(ctx context.Context, payload []byte, streams bool) *invocation {
	inv := &invocation{
		payload: payload,
		info:    invoke.InfoFrom(ctx),
		streams: streams,
		settled: make(chan outcome, 1),
	}
	inv.tail, _ = ctx.Value(tailKey{}).(*LogTail)
	if inv.id = inv.info.RequestID; inv.id == "" {
		inv.id = NewRequestID()
	}
	if inv.info.TraceID == "" {
		inv.info.TraceID = newTraceID()
	}
	if inv.watcher = WatcherFrom(ctx); inv.watcher != nil {
		inv.watcher.Began(inv.id)
	}
	return inv
}

// settle gives the caller its outcome, the first one only.
func (inv *invocation) settle(o outcome) {
	if !inv.isSettled {
		inv.isSettled = true
		inv.settled <- o
	}
}

func (inv *invocation) fail(err error) { inv.settle(outcome{err: err}) }

// runtimeError is an error in the words of Lambda, which begin with the request
// id where the platform and not the function noticed the failure.
func runtimeError(errorType, requestID, format string, args ...any) *invoke.Error {
	message := fmt.Sprintf(format, args...)
	if requestID != "" {
		message = "RequestId: " + requestID + " Error: " + message
	}
	return newError(errorType, message)
}

func newError(errorType, message string) *invoke.Error {
	return &invoke.Error{
		Type:    errorType,
		Message: message,
		Payload: marshalError(errorType, message),
	}
}

// NewRequestID returns a new request id, a random UUID (RFC 9562, version 4).
func NewRequestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// newTraceID returns an X-Ray trace header that asks for no sampling.
//
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func newTraceID() string {
	var b [20]byte
	rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", time.Now().Unix(), b[:12], b[12:])
}
