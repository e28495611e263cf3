package lambdatest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// functionOf makes an Invoker of whatever lambda.Start would run. It is an
// invoke.Streamer if the function may answer with a stream.
func functionOf(h any) (invoke.Invoker, error) {
	v := reflect.ValueOf(h)
	if h == nil || v.Kind() == reflect.Pointer && v.IsNil() || v.Kind() == reflect.Func && v.IsNil() {
		return nil, errors.New("lambdatest: the function is nil: pass adapter.Wrap(yourHandler)")
	}
	switch h := h.(type) {
	case invoke.Invoker:
		return function{h}, nil
	case http.Handler:
		return nil, fmt.Errorf("lambdatest: a %T serves HTTP and is not a Lambda function yet: pass adapter.Wrap(it)", h)
	}
	if v.Kind() != reflect.Func {
		return nil, fmt.Errorf("lambdatest: a %T is not a Lambda function: pass adapter.Wrap(yourHandler), or what lambda.Start takes", h)
	}
	if err := checkSignature(v.Type()); err != nil {
		return nil, err
	}
	called := function{lambda.NewHandler(h)}
	if mayStream(v.Type()) {
		return streamed{called, v}, nil
	}
	return called, nil
}

// mayStream reports whether a func's replies can be readers, which is what streams. As in
// aws-lambda-go's loop it is the reply itself that decides: a func around adapter.Stream's,
// as tracing and metrics put one, has any for its result.
func mayStream(f reflect.Type) bool {
	if f.NumOut() != 2 {
		return false
	}
	reply := f.Out(0)
	return reply.Kind() == reflect.Interface || reply.Implements(reflect.TypeFor[io.Reader]())
}

// checkSignature reports what aws-lambda-go would report at the first invocation:
// https://docs.aws.amazon.com/lambda/latest/dg/golang-handler.html
func checkSignature(f reflect.Type) error {
	isError := func(i int) bool { return f.Out(i).Implements(reflect.TypeFor[error]()) }
	switch in, out := f.NumIn(), f.NumOut(); {
	case in > 0 && f.In(in-1) == reflect.TypeFor[[]byte]():
		return fmt.Errorf("lambdatest: a %v takes an event that is a JSON string in base64, which none is: pass the handler itself, as in adapter.Wrap(yourHandler), and not its method Invoke", f)
	case in > 2 || in == 2 && !isContext(f.In(0)):
	case out > 2 || out > 0 && !isError(out-1):
	default:
		return nil
	}
	return fmt.Errorf("lambdatest: a %v is not a Lambda function: write func(context.Context, Event) (Reply, error), or a part of it", f)
}

func isContext(t reflect.Type) bool { return t == reflect.TypeFor[context.Context]() }

// function is an Invoker in the circumstances that the Lambda runtime gives it.
type function struct{ invoker invoke.Invoker }

// Invoke implements invoke.Invoker. Like the runtime it uses the event's memory again when
// the function is done, so that a test sees what a function should not have kept.
func (f function) Invoke(ctx context.Context, event []byte) (reply []byte, err error) {
	defer recovered(&err)
	memory := bytes.Clone(event)
	reply, err = f.invoker.Invoke(inLambda(ctx), memory)
	reply = bytes.Clone(reply)
	overwrite(memory)
	return reply, err
}

// overwrite leaves nothing of what memory held: "#" in its place.
func overwrite(memory []byte) {
	const most = "################################################################"
	for done := copy(memory, most); done < len(memory); done *= 2 {
		copy(memory[done:], memory[:done])
	}
}

// streamed is a func that may stream.
type streamed struct {
	function
	f reflect.Value
}

// InvokeStream implements invoke.Streamer.
func (s streamed) InvokeStream(ctx context.Context, event []byte) (_ *invoke.Stream, err error) {
	defer recovered(&err)
	args, err := argumentsOf(untilEnd(inLambda(ctx)), s.f.Type(), event)
	if err != nil {
		return nil, err
	}
	results, err := s.call(args)
	if err != nil {
		return nil, err
	}
	if err, _ := reflect.TypeAssert[error](results[1]); err != nil {
		return nil, err
	}
	return streamOf(results[0].Interface())
}

// call calls the func in a goroutine of its own, which a func may end by runtime.Goexit,
// as a failing require does.
func (s streamed) call(args []reflect.Value) (results []reflect.Value, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer recovered(&err)
		err = errExited
		results = s.f.Call(args)
		err = nil
	}()
	<-done
	return results, err
}

// errExited fails the invocation of a func that neither returned nor panicked.
var errExited error = &invoke.Error{Type: "runtime.Goexit", Message: "the function has ended its goroutine with runtime.Goexit, as FailNow and Skip of a test do"}

// argumentsOf returns what a func of type f is called with: a context, the event
// decoded into whatever it takes, both or neither.
func argumentsOf(ctx context.Context, f reflect.Type, event []byte) ([]reflect.Value, error) {
	var args []reflect.Value
	for in := range f.Ins() {
		if isContext(in) {
			args = append(args, reflect.ValueOf(ctx))
			continue
		}
		arg := reflect.New(in)
		if err := json.Unmarshal(event, arg.Interface()); err != nil {
			return nil, err
		}
		args = append(args, arg.Elem())
	}
	return args, nil
}

// streamOf returns what the runtime sends for a reply: what a reader reads, or JSON.
func streamOf(reply any) (*invoke.Stream, error) {
	reader, ok := reply.(io.Reader)
	if !ok {
		document, err := json.Marshal(reply)
		if err != nil {
			return nil, err
		}
		return &invoke.Stream{ContentType: "application/json", Body: io.NopCloser(bytes.NewReader(document))}, nil
	}
	stream := &invoke.Stream{ContentType: "application/octet-stream", Body: io.NopCloser(reader)}
	if typed, ok := reader.(interface{ ContentType() string }); ok {
		stream.ContentType = typed.ContentType()
	}
	if body, ok := reader.(io.ReadCloser); ok {
		stream.Body = body
	}
	return stream, nil
}

// lifeKey finds the context that lives as long as a stream: longer than the call that
// begins it.
type lifeKey struct{}

// withLife returns ctx with a life for untilEnd to find.
func withLife(ctx, life context.Context) context.Context {
	return context.WithValue(ctx, lifeKey{}, life)
}

// untilEnd returns a context that ends with the life of the stream too.
func untilEnd(ctx context.Context) context.Context {
	life, ok := ctx.Value(lifeKey{}).(context.Context)
	if !ok {
		return ctx
	}
	ctx, stop := context.WithCancel(ctx)
	context.AfterFunc(life, stop)
	return ctx
}

// inLambda adds what the runtime puts into every invocation's context.
func inLambda(ctx context.Context) context.Context {
	info := invoke.InfoFrom(ctx)
	run := &invocation{Context: ctx, traceID: info.TraceID, told: lambdacontext.LambdaContext{
		AwsRequestID:       info.RequestID,
		InvokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:lambdatest",
	}}
	if info.RequestID == "" {
		run.told.AwsRequestID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
	}
	return lambdacontext.NewContext(run, &run.told)
}

// An invocation is the context of one, but for the LambdaContext that it has room for.
type invocation struct {
	context.Context
	traceID string // "" is none
	told    lambdacontext.LambdaContext
}

// Value is part of context.Context. The trace's key is the one that aws-lambda-go has, and
// X-Ray's SDK reads.
func (i *invocation) Value(key any) any {
	if key == "x-amzn-trace-id" && i.traceID != "" {
		return i.traceID
	}
	return i.Context.Value(key)
}

// recovered makes of a panic the failed invocation that the runtime makes of it.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &invoke.Error{Type: strings.TrimPrefix(fmt.Sprintf("%T", v), "*"), Message: fmt.Sprintf("the function panicked: %v", v)}
	}
}
