// Package invokeapi serves Lambda's Invoke API for the functions that run here, so
// that the AWS CLI, the AWS SDKs and whatever else invokes functions by name can
// invoke them.
package invokeapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// Config says which functions to serve.
type Config struct {
	// Functions are called by their names and ARNs, with or without the version
	// $LATEST. New copies them; see [API.SetFunctions].
	Functions []Function
	// Logger hears of asynchronous invocations that fail. nil means silence.
	Logger *slog.Logger

	_ struct{}
}

// A Function is one that is invoked. All fields but Alias are required.
type Function struct {
	Invoker invoke.Streamer
	// Name and ARN are what callers may call it by. Alias is one name more, such as
	// what a template calls it.
	Name, ARN, Alias string
}

// An API is the Invoke API of functions. It is an http.Handler and safe for
// concurrent use. Signatures are not checked.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
// https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
type API struct {
	config    Config
	functions atomic.Pointer[[]Function]
	mux       *http.ServeMux

	events     context.Context // of asynchronous invocations
	stopEvents context.CancelFunc
	queued     chan struct{} // one for each asynchronous invocation
	running    sync.WaitGroup
}

const (
	maxEvent      = 1 << 20 // of an asynchronous invocation
	maxQueued     = 1000
	maxCounted    = 64 << 20  // of a payload that is too large
	latest        = "$LATEST" // the one version there is
	retryInterval = 100 * time.Millisecond
)

// New returns the API. The caller must Close it.
func New(config Config) *API {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	a := &API{config: config, mux: http.NewServeMux(), queued: make(chan struct{}, maxQueued)}
	a.SetFunctions(config.Functions)
	a.events, a.stopEvents = context.WithCancel(context.Background())
	a.mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", a.invoke)
	a.mux.HandleFunc("POST /2021-11-15/functions/{name}/response-streaming-invocations", a.stream)
	return a
}

// SetFunctions replaces the functions.
func (a *API) SetFunctions(functions []Function) {
	functions = slices.Clone(functions)
	a.functions.Store(&functions)
}

// Close gives up what waits to be invoked asynchronously, and waits for the rest
// of the API's work.
func (a *API) Close() {
	a.stopEvents()
	a.running.Wait()
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := function.NewRequestID() // which every answer has, whatever becomes of the request
	w.Header().Set("X-Amzn-Requestid", id)
	a.mux.ServeHTTP(w, r.WithContext(invoke.WithInfo(r.Context(), invoke.Info{RequestID: id})))
}

func (a *API) invoke(w http.ResponseWriter, r *http.Request) {
	call, failure := a.read(r)
	if failure != nil {
		failure.write(w)
		return
	}
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
		a.requestResponse(w, r, call)
	case "Event":
		if failure := a.enqueue(call); failure != nil {
			failure.write(w)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
	default:
		invalid("InvocationType %q is neither RequestResponse nor Event nor DryRun", kind).write(w)
	}
}

func (a *API) requestResponse(w http.ResponseWriter, r *http.Request, call call) {
	ctx, tail := call.context(r.Context())
	reply, err := call.function.Invoke(ctx, call.payload)
	failed := (*invoke.Error)(nil)
	if err != nil && !errors.As(err, &failed) {
		refusal(err, call.size).write(w)
		return
	}
	header := w.Header()
	if failed != nil {
		header.Set("X-Amz-Function-Error", "Unhandled")
		reply = failed.Payload
	}
	if tail != nil {
		header.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(tail.Wait(ctx)))
	}
	header.Set("X-Amz-Executed-Version", "$LATEST")
	header.Set("Content-Type", "application/json")
	w.Write(reply)
}

// enqueue invokes the function later. Lambda would try twice more after a
// failure, minutes later; here the failure is logged and that is all.
func (a *API) enqueue(call call) *apiError {
	if call.size > maxEvent {
		return tooLarge(call.size, "Event", maxEvent)
	}
	select {
	case a.queued <- struct{}{}:
	default:
		return throttled()
	}
	a.running.Go(func() {
		defer func() { <-a.queued }()
		ctx := invoke.WithInfo(a.events, call.info)
		for {
			_, err := call.function.Invoke(ctx, call.payload)
			if errors.Is(err, invoke.ErrThrottled) {
				select {
				case <-time.After(retryInterval):
					continue
				case <-ctx.Done():
				}
			}
			if err != nil && ctx.Err() == nil {
				a.config.Logger.Error("asynchronous invocation failed", "requestId", call.info.RequestID, "error", err)
			}
			return
		}
	})
	return nil
}

// A call is one request to invoke the function.
type call struct {
	function invoke.Streamer
	payload  []byte
	size     int64 // of the payload as it was sent, of which payload may be the beginning
	info     invoke.Info
	tail     bool
}

// context returns the context to invoke with, and the tail of the log if it is
// wanted.
func (c call) context(ctx context.Context) (context.Context, *function.LogTail) {
	ctx = invoke.WithInfo(ctx, c.info)
	if !c.tail {
		return ctx, nil
	}
	return function.CaptureLog(ctx)
}

func (a *API) read(r *http.Request) (call, *apiError) {
	c := call{info: invoke.Info{
		RequestID: invoke.InfoFrom(r.Context()).RequestID,
		TraceID:   r.Header.Get("X-Amzn-Trace-Id"),
		TenantID:  r.Header.Get("X-Amz-Tenant-Id"),
	}}
	name, qualifier := r.PathValue("name"), r.URL.Query().Get("Qualifier")
	if c.function = a.called(name, qualifier); c.function == nil {
		return c, a.notFound(name)
	}
	if c.info.Qualifier = qualifier; strings.HasSuffix(name, ":"+latest) {
		c.info.Qualifier = latest
	}
	switch kind := r.Header.Get("X-Amz-Log-Type"); kind {
	case "", "None":
	case "Tail":
		c.tail = true
	default:
		return c, invalid("LogType %q is neither None nor Tail", kind)
	}
	if encoded := r.Header.Get("X-Amz-Client-Context"); encoded != "" {
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || !json.Valid(decoded) {
			return c, &apiError{http.StatusBadRequest, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."}
		}
		c.info.ClientContext = decoded
	}
	var err error
	if c.payload, err = io.ReadAll(io.LimitReader(r.Body, invoke.MaxPayload+1)); err != nil {
		return c, invalid("the payload broke off: %v", err)
	}
	// Who is still sending when it is refused does not hear why; it also is to hear how
	// much it sent.
	rest, _ := io.CopyN(io.Discard, r.Body, maxCounted)
	c.size = int64(len(c.payload)) + rest
	if len(c.payload) == 0 {
		c.payload = []byte("{}") // what a function then gets in Lambda
	}
	if len(c.payload) <= invoke.MaxPayload && !json.Valid(c.payload) {
		return c, &apiError{http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json: the payload is not a JSON document"}
	}
	return c, nil
}

// called returns the function that name, which may be an ARN, whole or in part, and
// qualifier mean, or nil.
func (a *API) called(name, qualifier string) invoke.Streamer {
	if qualifier != "" && qualifier != latest {
		return nil
	}
	for _, f := range *a.functions.Load() {
		if f.isCalled(strings.TrimSuffix(name, ":"+latest)) {
			return f.Invoker
		}
	}
	return nil
}

func (f *Function) isCalled(name string) bool {
	return name == f.Name || name == f.ARN || f.Alias != "" && name == f.Alias ||
		strings.HasSuffix(name, ":function:"+f.Name) || strings.HasSuffix(f.ARN, ":"+name)
}

func (a *API) notFound(name string) *apiError {
	var arns []string
	for _, f := range *a.functions.Load() {
		arns = append(arns, f.ARN)
	}
	here := "the function here is "
	if len(arns) != 1 {
		here = "the functions here are "
	}
	return &apiError{http.StatusNotFound, "ResourceNotFoundException",
		fmt.Sprintf("Function not found: %s (%s%s)", name, here, strings.Join(arns, ", "))}
}

// An apiError is an error of the API itself, the function having no part in it.
type apiError struct {
	status    int
	errorType string
	message   string
}

func (e *apiError) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", e.errorType)
	w.WriteHeader(e.status)
	body := map[string]string{"Type": "User", "message": e.message}
	switch e.errorType { // which members there are differs by error, their case included
	case "ResourceNotFoundException", "ServiceException":
		delete(body, "message")
		body["Message"] = e.message
	case "TooManyRequestsException":
		body["Reason"] = "ReservedFunctionConcurrentInvocationLimitExceeded"
	}
	json.NewEncoder(w).Encode(body)
}

// refusal is what the API makes of an error that is none of the function's.
func refusal(err error, size int64) *apiError {
	switch {
	case errors.Is(err, invoke.ErrThrottled):
		return throttled()
	case errors.Is(err, invoke.ErrTooLarge):
		return tooLarge(size, "RequestResponse", 6<<20)
	}
	return &apiError{http.StatusInternalServerError, "ServiceException", err.Error()}
}

func throttled() *apiError {
	return &apiError{http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded."}
}

func tooLarge(size int64, kind string, limit int) *apiError {
	return &apiError{http.StatusRequestEntityTooLarge, "RequestTooLargeException",
		fmt.Sprintf("%d byte payload is too large for the %s invocation type (limit %d bytes)", size, kind, limit)}
}

func invalid(format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, "InvalidParameterValueException", fmt.Sprintf(format, args...)}
}
