package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// A streamed reply is metadata, a delimiter and the body:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
const (
	delimiter = "\x00\x00\x00\x00\x00\x00\x00\x00"

	// maxPrelude is where the delimiter must have ended.
	maxPrelude = 16 << 10

	// maxStream is how much of a streamed reply Lambda passes on:
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	maxStream = 200 << 20

	// paceAfterBurst is how many bytes a second Lambda and API Gateway pass on of a
	// reply once its beginning has gone through as fast as it came.
	paceAfterBurst = 2_000_000
)

// stream passes the reply on while the function writes it.
func (x *exchange) stream(ctx context.Context, payload []byte) {
	stream, err := x.g.streamer.InvokeStream(ctx, payload)
	if err != nil {
		x.refuse(x.failure(ctx, err))
		return
	}
	defer stream.Body.Close()
	limited := &io.LimitedReader{R: stream.Body, N: maxStream}
	body := bufio.NewReaderSize(limited, maxPrelude)

	answer, err := x.beginning(stream.ContentType, body)
	if err != nil {
		if answer == nil {
			x.refuse(err)
			return
		}
		x.seen.Err = err
		x.send(answer)
		return
	}
	x.head(answer)
	x.w.WriteHeader(answer.Status)
	x.seen.Err = x.pass(ctx, body)
	if x.seen.Err == nil && limited.N == 0 {
		if n, _ := io.ReadFull(stream.Body, make([]byte, 1)); n > 0 {
			x.seen.Err = fmt.Errorf("gateway: the stream is cut at Lambda's limit of %d bytes", maxStream)
		}
	}
}

// beginning reads what the response's head is made of.
func (x *exchange) beginning(contentType string, body *bufio.Reader) (*event.Answer, error) {
	media, _, _ := mime.ParseMediaType(contentType)
	if media != invoke.IntegrationResponse && x.g.profile.PassesPlain {
		answer := &event.Answer{
			Status: http.StatusOK,
			Header: http.Header{"Content-Type": {orElse(contentType, "application/octet-stream")}},
			Warnings: []string{
				"the reply does not stream and reaches the client as it is: start the function with adapter.Stream, or leave the invoke mode at BUFFERED",
			},
		}
		x.g.door.Stamp(x.arrival, answer)
		return answer, nil
	}
	prelude, err := readPrelude(body)
	if err != nil {
		return nil, err
	}
	x.seen.Reply = prelude
	return x.g.door.DecodePrelude(x.arrival, prelude)
}

// readPrelude reads up to and over the delimiter.
func readPrelude(body *bufio.Reader) ([]byte, error) {
	for size := 1; ; size++ {
		// Peeking for one byte more than is there waits for the function.
		seen, err := body.Peek(min(max(size, body.Buffered()), maxPrelude))
		if at := bytes.Index(seen, []byte(delimiter)); at >= 0 {
			prelude := bytes.Clone(seen[:at])
			_, _ = body.Discard(at + len(delimiter))
			return prelude, nil
		}
		var failed *invoke.Error
		switch {
		case errors.As(err, &failed):
			return nil, refusal(event.FunctionFailed, "%v", failed)
		case err != nil:
			return nil, refusal(event.BadStream, "the streamed reply ends after %d bytes without metadata and 8 NUL bytes: %v", len(seen), err)
		case len(seen) >= maxPrelude:
			return nil, refusal(event.BadStream, "the streamed reply has no 8 NUL bytes within its first %d bytes", maxPrelude)
		}
		size = len(seen)
	}
}

// errClientLeft ends a stream early, and is nobody's fault: a page with an EventSource
// was closed.
var errClientLeft = errors.New("gateway: the client went away")

// pass copies the body to the client, each piece as soon as it is there. The end
// looks the same to the client if the function fails: a body that is cut short.
func (x *exchange) pass(ctx context.Context, body io.Reader) error {
	to := http.NewResponseController(x.w)
	// The head need not wait for the body.
	_ = to.Flush()
	pace := pace{burst: x.g.burst}
	piece := make([]byte, 32<<10)
	for {
		n, err := body.Read(piece)
		if n > 0 {
			if x.g.throttle {
				pace.wait(ctx, n)
			}
			if room := MaxObserved - len(x.seen.Body); room > 0 && x.g.observe != nil {
				x.seen.Body = append(x.seen.Body, piece[:min(n, room)]...)
			}
			if _, err := x.w.Write(piece[:n]); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
				return fmt.Errorf("%w: %w", errClientLeft, err)
			}
			_ = to.Flush()
		}
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(context.Cause(ctx), errTimeout):
			return fmt.Errorf("gateway: the stream is cut after %v", x.g.timeout)
		case err != nil:
			return fmt.Errorf("gateway: the stream is cut, the function failed: %w", err)
		}
	}
}

// A pace slows a stream down to paceAfterBurst.
type pace struct {
	burst int       // how many bytes still pass freely
	free  time.Time // when those that passed since have taken their time
}

// wait takes the time that n bytes take.
func (p *pace) wait(ctx context.Context, n int) {
	free := min(n, p.burst)
	p.burst -= free
	if n -= free; n == 0 {
		return
	}
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(n) * time.Second / paceAfterBurst)
	timer := time.NewTimer(p.free.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
