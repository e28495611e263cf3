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

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/format"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// LambdaOptions say how a function is invoked. The zero value is what AWS does by
// default.
type LambdaOptions struct {
	_ struct{}

	// Format is what the function is sent and may return.
	Format Format

	// Stream lets the function answer while it still runs: a function URL's
	// invoke mode RESPONSE_STREAM, a REST API's response transfer mode STREAM. It
	// needs a function that is an invoke.Streamer.
	Stream bool

	// Either leaves it to each reply whether it streams, where Stream is set: one that
	// does not is taken as if Stream were not. AWS has to be told beforehand; a test of a
	// function may not know.
	Either bool

	// Pace passes streams on no faster than AWS does: 2 MB a second, once a
	// function URL has passed on 6 MB and a REST API 10 MB. false does not pace them.
	Pace bool

	// Timeout is how long an API waits for the function. 0 is as long as AWS does
	// by default: 29 s for REST APIs, 15 minutes if they stream, 30 s for HTTP APIs,
	// where that is the most. Other front doors wait for as long as the function
	// may run. A negative value waits for ever at any front door, for a function in
	// a debugger.
	Timeout time.Duration

	// Parameters change the event of an HTTP API, and its answers. REST APIs ignore them,
	// as AWS does of a Lambda proxy, but for those that make every request fail.
	Parameters ParameterMapping
}

// Lambda invokes a function with the event of the request, and takes its reply for the
// answer: Lambda proxy integration. Of an API that is only checked or asked for events,
// f may be nil.
func Lambda(f invoke.Invoker, o LambdaOptions) Integration { return &lambda{f, o} }

// A lambda is what Lambda returns.
type lambda struct {
	f invoke.Invoker
	LambdaOptions
}

func (l *lambda) bind(b *binding) endpoint {
	facts := b.facts
	p, ok := pairOf(b.api.Kind, l.Format)
	if !ok {
		b.fail("%s have no payload format %q", facts.Plural, l.Format)
		return nil
	}
	b.route.pair = p
	bound := &lambdaEndpoint{
		function: integration.Function{Invoker: l.f, Timeout: l.Timeout},
		format:   p.format, door: b.door, facts: facts, stream: l.Stream, either: l.Either, pace: l.Pace,
	}
	if l.Timeout >= 0 {
		bound.idle = facts.Waits.Idle
	}
	if l.Timeout == 0 {
		bound.function.Timeout = facts.Waits.Timeout
		if l.Stream {
			bound.function.Timeout = facts.Waits.Stream
		}
		if l.Either {
			bound.function.Begin = facts.Waits.Timeout
		}
	}
	switch {
	case l.Timeout > 0 && facts.Waits.Max == 0:
		b.fail("%s have no Timeout, they wait for the function's own", facts.Plural)
	case l.Timeout > facts.Waits.Max:
		b.fail("Timeout %v is more than the %v that %s allow", l.Timeout, facts.Waits.Max, facts.Plural)
	}
	if l.Stream && !facts.Has.Streams {
		b.fail("%s do not stream", facts.Plural)
	}
	if _, streams := l.f.(invoke.Streamer); l.Stream && l.f != nil && !streams {
		b.fail("Stream is set and the function %T cannot stream", l.f)
	}
	if l.Either && !l.Stream {
		b.fail("Either is for functions that stream: set Stream or leave it out")
	}
	if l.Pace && !l.Stream {
		b.fail("Pace is for streams: set Stream or leave it out")
	}
	if l.f == nil && b.complete {
		b.fail("the function is missing")
	}
	switch {
	case b.api.Kind == HTTPAPI:
		bound.mapping = bindHTTPMapping(b, l.Parameters)
	case b.api.Kind == RESTAPI:
		bound.refused = bindRESTMapping(b, l.Parameters.Request, nil, true).refused
	case !l.Parameters.empty():
		b.fail("%s map no parameters", facts.Plural)
	}
	return bound
}

// A lambdaEndpoint is a function behind a route.
type lambdaEndpoint struct {
	function integration.Function
	format   format.Format
	door     door.Door
	facts    door.Facts
	stream   bool
	either   bool
	pace     bool
	idle     time.Duration // of a stream
	mapping  *httpMapping  // of HTTP APIs, or nil
	refused  error         // of every request
}

func (*lambdaEndpoint) name() string { return "lambda" }

func (l *lambdaEndpoint) serve(ctx context.Context, x *exchange) error {
	payload, err := l.event(x)
	if err != nil {
		return err
	}
	if l.stream {
		return l.serveStream(ctx, x, payload)
	}
	reply, err := l.function.Invoke(ctx, payload)
	x.phase("function")
	if err != nil {
		return err
	}
	return l.reply(x, reply)
}

// event returns the event of the request, with its parameters mapped.
func (l *lambdaEndpoint) event(x *exchange) ([]byte, error) {
	if l.refused != nil {
		return nil, l.refused
	}
	if _, err := l.mapping.change(x); err != nil {
		return nil, err
	}
	return x.event(l.format)
}

// reply sends what the front door makes of the function's reply.
func (l *lambdaEndpoint) reply(x *exchange, reply []byte) error {
	x.seen.Reply = reply
	limit := invoke.MaxPayload
	if l.facts.Limits.Reply > 0 {
		limit = l.facts.Limits.Reply
	}
	if len(reply) > limit {
		return door.Refusef(door.FunctionFailed, "the reply has %d bytes, the limit is %d", len(reply), limit)
	}
	answer, err := l.format.Decode(x.arrival, reply)
	if err != nil {
		return err
	}
	x.finish(answer, false)
	if err := l.mapping.answer(x, answer); err != nil {
		return err
	}
	if err := x.g.checkAnswer(answer); err != nil {
		return err
	}
	x.send(answer)
	return nil
}

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

// serveStream passes the reply on while the function writes it.
func (l *lambdaEndpoint) serveStream(ctx context.Context, x *exchange, payload []byte) error {
	ctx, idle, stop := endIdle(ctx, l.idle)
	defer stop()
	stream, err := l.function.Stream(ctx, payload)
	if err != nil {
		return err
	}
	defer stream.Body.Close()
	if l.either && stream.ContentType == "application/json" {
		return l.whole(x, stream.Body)
	}
	limited := &io.LimitedReader{R: idle.reader(stream.Body), N: maxStream}
	body := bufio.NewReaderSize(limited, maxPrelude)
	answer, err := l.beginning(x, stream.ContentType, body)
	x.phase("function")
	if err != nil {
		return err
	}
	wait := func(int) {}
	if l.pace {
		pace := pace{burst: l.facts.Limits.Burst}
		wait = func(n int) { pace.wait(ctx, n) }
	}
	x.seen.Err = idle.err(l.cut(x.pass(answer, body, wait)))
	if x.seen.Err == nil && limited.N == 0 {
		if n, _ := io.ReadFull(stream.Body, make([]byte, 1)); n > 0 {
			x.seen.Err = fmt.Errorf("gateway: the stream is cut at Lambda's limit of %d bytes", maxStream)
		}
	}
	return nil
}

// whole sends what the front door makes of a reply that does not stream.
func (l *lambdaEndpoint) whole(x *exchange, from io.Reader) error {
	reply, err := io.ReadAll(io.LimitReader(from, invoke.MaxPayload+1))
	x.phase("function")
	if err != nil {
		return err
	}
	return l.reply(x, reply)
}

// beginning reads what the response's head is made of.
func (l *lambdaEndpoint) beginning(x *exchange, contentType string, body *bufio.Reader) (*door.Answer, error) {
	media, _, _ := mime.ParseMediaType(contentType)
	if media != invoke.IntegrationResponse && l.facts.Has.PlainStreams {
		answer := &door.Answer{
			Status: http.StatusOK,
			Header: http.Header{"Content-Type": {orElse(contentType, "application/octet-stream")}},
			Warnings: []string{
				"the reply does not stream and reaches the client as it is: start the function with adapter.Stream, or leave the invoke mode at BUFFERED",
			},
		}
		l.door.Stamp(x.arrival, answer, false)
		return answer, nil
	}
	prelude, err := readPrelude(body)
	if err != nil {
		return nil, err
	}
	x.seen.Reply = prelude
	answer, err := l.format.(format.StreamFormat).DecodePrelude(x.arrival, prelude)
	if err != nil {
		return nil, err
	}
	x.finish(answer, true)
	return answer, nil
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
			return nil, door.Refusef(door.FunctionFailed, "%v", failed)
		case err != nil:
			return nil, door.Refusef(door.BadStream, "the streamed reply ends after %d bytes without metadata and 8 NUL bytes: %v", len(seen), err)
		case len(seen) >= maxPrelude:
			return nil, door.Refusef(door.BadStream, "the streamed reply has no 8 NUL bytes within its first %d bytes", maxPrelude)
		}
		size = len(seen)
	}
}

// cut says why a stream ended early, if it did.
func (l *lambdaEndpoint) cut(err error) error {
	failed, ok := errors.AsType[*integration.Error](err)
	switch {
	case !ok:
		return err
	case failed.Kind == integration.TimedOut:
		return fmt.Errorf("gateway: the stream is cut after %v", l.function.Timeout)
	}
	return fmt.Errorf("gateway: the stream is cut, the function failed: %w", failed.Err)
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
