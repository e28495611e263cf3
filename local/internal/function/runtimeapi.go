package function

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", i.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", i.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", i.fail)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", i.initFailed)
	i.extensionsAPI(mux)
	return guard.Runtime(mux, i.pool.config.AllowHosts)
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
	h := c.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Lambda-Runtime-Aws-Request-Id"] = []string{inv.id}
	h["Lambda-Runtime-Deadline-Ms"] = []string{strconv.FormatInt(inv.deadline.UnixMilli(), 10)}
	if inv.info.Qualifier != "" {
		arn += ":" + inv.info.Qualifier
	}
	h["Lambda-Runtime-Invoked-Function-Arn"] = []string{arn}
	h["Lambda-Runtime-Trace-Id"] = []string{inv.info.TraceID}
	setUnlessEmpty(h, "Lambda-Runtime-Client-Context", string(inv.info.ClientContext))
	setUnlessEmpty(h, "Lambda-Runtime-Cognito-Identity", string(inv.info.CognitoIdentity))
	setUnlessEmpty(h, "Lambda-Runtime-Aws-Tenant-Id", inv.info.TenantID)
	c.body = inv.payload
}

func setUnlessEmpty(h http.Header, name, value string) {
	if value != "" {
		h[name] = []string{value}
	}
}

// response takes the reply of an invocation: in one piece, or as it comes if the
// caller wants it so. How the function sends it makes no difference, since
// aws-lambda-go sends every reply in chunks.
func (i *instance) response(w http.ResponseWriter, r *http.Request) {
	if mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode"); mode != "" &&
		!strings.EqualFold(mode, "streaming") && !strings.EqualFold(mode, "buffered") {
		refuse(w, http.StatusBadRequest, "InvalidFunctionResponseMode", fmt.Sprintf("%q is neither streaming nor buffered", mode))
		return
	}
	inv := i.beginReply(w, r)
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
	inv := i.beginReply(w, r)
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
func (i *instance) beginReply(w http.ResponseWriter, r *http.Request) *invocation {
	id := r.PathValue("id")
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
