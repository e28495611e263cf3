package clients

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// Handler returns h for servers of l's connections.
func (l *Limiter) Handler(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.admit(r.Context()) {
			return // the client is gone
		}
		v := &visit{ResponseWriter: w, of: l, r: r, deadlines: http.NewResponseController(w)}
		defer v.leave()
		if r.Body == nil || r.Body == http.NoBody {
			h.ServeHTTP(v, r)
			return
		}
		v.body = &body{ReadCloser: r.Body, v: v}
		with := *r
		with.Body = v.body
		h.ServeHTTP(v, &with)
	})
}

// A visit is a request that is served, with the client's side of it.
type visit struct {
	http.ResponseWriter
	of        *Limiter
	r         *http.Request
	deadlines *http.ResponseController
	body      *body // nil without one

	// These are guarded by of.mu.
	held  int64     // how many bytes wait for the client
	since time.Time // when it last moved on by a piece
}

// Unwrap is for http.ResponseController.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// Write implements http.ResponseWriter.
func (v *visit) Write(b []byte) (written int, err error) {
	if v.r.ProtoMajor == 2 {
		// There a connection can be written to while one stream's client does not read.
		// Between two writes there is no deadline: a stream may be quiet.
		defer v.deadlines.SetWriteDeadline(time.Time{})
	} else if len(b) <= piece {
		return v.ResponseWriter.Write(b) // the connection sets deadlines
	}
	defer v.of.hold(v, 0, false)
	for {
		v.of.hold(v, int64(len(b)), true)
		if v.r.ProtoMajor == 2 {
			_ = v.deadlines.SetWriteDeadline(time.Now().Add(v.of.limits.Patience))
		}
		n, err := v.ResponseWriter.Write(b[written:min(len(b), written+piece)])
		if written += n; err != nil || written == len(b) {
			v.told(err, "to read its answer")
			return written, err
		}
	}
}

// leave is the end of the handler. What the server itself still writes and reads is not
// waited for in vain.
func (v *visit) leave() {
	v.of.hold(v, 0, false)
	deadline := time.Now().Add(v.of.limits.Patience)
	if v.r.ProtoMajor == 2 {
		_ = v.deadlines.SetWriteDeadline(deadline)
	}
	if v.body != nil && !v.body.ended {
		_ = v.deadlines.SetReadDeadline(deadline)
	}
}

// breakOff ends a visit whose client is waited for.
func (v *visit) breakOff() {
	past := time.Unix(1, 0)
	_ = v.deadlines.SetReadDeadline(past)
	_ = v.deadlines.SetWriteDeadline(past)
}

// told logs that a client was too slow, if it was.
func (v *visit) told(err error, what string) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		v.of.logger.Warn("a client takes too long "+what+": its connection is ended", "request", v.r.Method+" "+v.r.URL.Path, "from", v.r.RemoteAddr)
	}
}

// A body is one that the client must send.
type body struct {
	io.ReadCloser
	v     *visit
	read  int64
	piece int64 // where the piece ends that is read
	ended bool  // by its end, or by an error
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	moves := b.read >= b.piece && !b.ended
	if moves {
		b.piece = b.read + piece
		_ = b.v.deadlines.SetReadDeadline(time.Now().Add(b.v.of.limits.Patience))
	}
	b.v.of.hold(b.v, b.read+1, moves)
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if err != nil {
		b.ended = true
		b.v.of.hold(b.v, 0, false)
		b.v.told(err, "to send its body")
	}
	if err == io.EOF {
		_ = b.v.deadlines.SetReadDeadline(time.Time{})
	}
	return n, err
}
