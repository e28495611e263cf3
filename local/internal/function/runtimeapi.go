package function

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/guard"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// maxStream is how much Lambda lets a function stream.
//
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxStream = 200 << 20

// runtimeAPI is the Runtime API and the Extensions API as one process sees them.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (i *instance) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+nextPath, i.next)
	mux.HandleFunc("POST "+invocationPath+"{id}"+responsePath, func(w http.ResponseWriter, r *http.Request) { i.response(w, r, r.PathValue("id")) })
	mux.HandleFunc("POST "+invocationPath+"{id}/error", i.fail)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", i.initFailed)
	i.extensionsAPI(mux)
	return guard.Runtime(i.often(mux), i.pool.config.AllowHosts)
}

// Where the two calls of an ordinary invocation go.
const (
	nextPath       = "/2018-06-01/runtime/invocation/next"
	invocationPath = "/2018-06-01/runtime/invocation/"
	responsePath   = "/response" // behind the id
)

// often finds the two calls of an ordinary invocation without the many steps that it takes
// to find any, and leaves the others to rest.
func (i *instance) often(rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawPath == "" { // nothing is escaped
			if r.Method == http.MethodGet && r.URL.Path == nextPath {
				i.next(w, r)
				return
			}
			id, isInvocation := strings.CutPrefix(r.URL.Path, invocationPath)
			id, isResponse := strings.CutSuffix(id, responsePath)
			if r.Method == http.MethodPost && isInvocation && isResponse && id != "" && !strings.ContainsAny(id, "/.") {
				i.response(w, r, id)
				return
			}
		}
		rest.ServeHTTP(w, r)
	})
}

// next answers with an event as soon as there is one.
func (i *instance) next(w http.ResponseWriter, _ *http.Request) {
	asking := nextCall{i, w.(*call)}
	if !i.pool.ask(asking) {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "next is already being waited for")
		return
	}
	asking.call.park(func() { i.pool.leave(asking) })
}

// setInvocation makes of c the answer to a call of next.
func (c *call) setInvocation(inv *invocation, arn string) {
	if inv.info.Qualifier != "" {
		arn += ":" + inv.info.Qualifier
	}
	c.fields = make([]byte, 0, 512)
	c.field("Content-Type", "application/json")
	c.field("Lambda-Runtime-Aws-Request-Id", inv.id)
	c.field("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	c.field("Lambda-Runtime-Invoked-Function-Arn", arn)
	c.field("Lambda-Runtime-Trace-Id", inv.info.TraceID)
	for _, given := range []struct{ name, value string }{
		{"Lambda-Runtime-Client-Context", string(inv.info.ClientContext)},
		{"Lambda-Runtime-Cognito-Identity", string(inv.info.CognitoIdentity)},
		{"Lambda-Runtime-Aws-Tenant-Id", inv.info.TenantID},
	} {
		if given.value != "" {
			c.field(given.name, given.value)
		}
	}
	c.body = inv.payload
}

// response takes the reply of an invocation: in one piece, or as it comes if the
// caller wants it so. How the function sends it makes no difference, since
// aws-lambda-go sends every reply in chunks.
func (i *instance) response(w http.ResponseWriter, r *http.Request, id string) {
	if mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode"); mode != "" &&
		!strings.EqualFold(mode, "streaming") && !strings.EqualFold(mode, "buffered") {
		refuse(w, http.StatusBadRequest, "InvalidFunctionResponseMode", fmt.Sprintf("%q is neither streaming nor buffered", mode))
		return
	}
	inv := i.beginReply(w, id)
	if inv == nil {
		return
	}
	if inv.streams {
		i.stream(w, r, inv)
	} else {
		i.collect(w, r, inv)
	}
}

// collect reads a reply to its end.
func (i *instance) collect(w http.ResponseWriter, r *http.Request, inv *invocation) {
	body, err := io.ReadAll(io.LimitReader(r.Body, invoke.MaxPayload+1))
	switch {
	case err != nil:
		i.pool.finish(i, inv, outcome{err: brokenOff(inv, err)})
		refuseTruncated(w)
	case len(body) > invoke.MaxPayload:
		message := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", invoke.MaxPayload)
		i.pool.finish(i, inv, outcome{err: newError(invoke.TypeSize, message)})
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
			fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", invoke.MaxPayload))
	default:
		o := outcome{reply: reply{payload: body}}
		if failure := trailerError(r.Trailer); failure != nil {
			o = outcome{err: failure}
		}
		if i.pool.finish(i, inv, o) {
			// A client waits for what the caller makes of the reply, and the process has
			// nothing to do but to ask for more.
			runtime.Gosched()
			accept(w)
		} else {
			refuseLate(w)
		}
	}
}

// stream hands a reply on as it arrives, no faster than the caller reads it. A
// caller that closes early leaves the function to write to its end.
func (i *instance) stream(w http.ResponseWriter, r *http.Request, inv *invocation) {
	body, pipe := io.Pipe()
	if !i.pool.beginStream(inv, &invoke.Stream{ContentType: r.Header.Get("Content-Type"), Body: body}, pipe) {
		i.collect(w, r, inv)
		return
	}
	sent, err := copyStream(pipe, r.Body)
	if errors.Is(err, errCallerLeft) {
		_, err = io.Copy(io.Discard, io.LimitReader(r.Body, maxStream))
	}
	var o outcome
	switch {
	case err != nil:
		o.err = brokenOff(inv, err)
	case sent > maxStream:
		o.err = newError(invoke.TypeSize, fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxStream))
	default:
		if failure := trailerError(r.Trailer); failure != nil {
			o.err = failure
		}
	}
	// The end of the stream is the end of the invocation: the caller may send the
	// next one as soon as it sees it.
	i.pool.finish(i, inv, o)
	pipe.CloseWithError(o.err)
	if err != nil {
		refuseTruncated(w)
		return
	}
	accept(w)
}

var errCallerLeft = io.ErrClosedPipe

// copyStream is io.Copy, except that it tells apart which side failed: errors of
// the reader as they are, any of the writer as errCallerLeft.
func copyStream(w io.Writer, r io.Reader) (int64, error) {
	buffer := make([]byte, 32<<10)
	var sent int64
	for sent <= maxStream {
		n, err := r.Read(buffer)
		sent += int64(n)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return sent, errCallerLeft
			}
		}
		if err == io.EOF {
			return sent, nil
		}
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// fail takes the failure of an invocation.
func (i *instance) fail(w http.ResponseWriter, r *http.Request) {
	inv := i.beginReply(w, r.PathValue("id"))
	if inv == nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, invoke.MaxPayload))
	if err != nil {
		i.pool.finish(i, inv, outcome{err: brokenOff(inv, err)})
		refuseTruncated(w)
		return
	}
	if i.pool.finish(i, inv, outcome{err: reportedError(r.Header.Get("Lambda-Runtime-Function-Error-Type"), body)}) {
		accept(w)
	} else {
		refuseLate(w)
	}
}

// initFailed takes the failure of a process to get ready.
func (i *instance) initFailed(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, invoke.MaxPayload))
	if !i.pool.initError(i, reportedError(r.Header.Get("Lambda-Runtime-Function-Error-Type"), body)) {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "init/error is only for a function that has not called next")
		return
	}
	accept(w)
}

// beginReply finds the invocation that a reply is for, or refuses the reply.
func (i *instance) beginReply(w http.ResponseWriter, id string) *invocation {
	inv, repeated := i.pool.beginReply(i, id)
	switch {
	case inv != nil:
		return inv
	case repeated:
		refuse(w, http.StatusForbidden, "InvalidStateTransition", fmt.Sprintf("invocation %q has been answered", id))
	default:
		refuse(w, http.StatusBadRequest, "InvalidRequestID", fmt.Sprintf("no invocation %q is running in this process", id))
	}
	return nil
}

// reportedError reads the document that a runtime describes a failure with.
func reportedError(errorType string, body []byte) *invoke.Error {
	var document struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &document) != nil {
		document.Message = string(body)
		body = nil
	}
	failure := &invoke.Error{Type: document.Type, Message: document.Message, Payload: body}
	if failure.Type == "" {
		failure.Type = errorType
	}
	if failure.Type == "" {
		failure.Type = "Runtime.Unknown"
	}
	if len(failure.Payload) == 0 {
		failure.Payload = marshalError(failure.Type, failure.Message)
	}
	return failure
}

// trailerError reads the failure of a function that had begun to stream. The
// trailers are sent in any case, and empty after a success.
func trailerError(trailer http.Header) *invoke.Error {
	errorType := trailer.Get("Lambda-Runtime-Function-Error-Type")
	encoded := trailer.Get("Lambda-Runtime-Function-Error-Body")
	if errorType == "" && encoded == "" {
		return nil
	}
	body, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		body = []byte(encoded)
	}
	return reportedError(errorType, body)
}

func marshalError(errorType, message string) []byte {
	document, _ := json.Marshal(struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}{message, errorType})
	return document
}

func accept(w http.ResponseWriter) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`+"\n")
}

func refuse(w http.ResponseWriter, status int, errorType, message string) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(status)
	w.Write(marshalError(errorType, message))
}

// brokenOff is the failure of an invocation whose reply ended in the middle,
// which it does when its process does.
func brokenOff(inv *invocation, err error) *invoke.Error {
	return exitError(inv.id, fmt.Errorf("the reply broke off: %w", err))
}

func refuseTruncated(w http.ResponseWriter) {
	refuse(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
}

func refuseLate(w http.ResponseWriter) {
	refuse(w, http.StatusGone, "InvokeTimeout", "the invocation has timed out")
}
