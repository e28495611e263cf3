package invokeapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/lambridge-go/lambridge/local/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// stream answers InvokeWithResponseStream: the reply as it comes, each piece an
// event, and one more event for how it ended.
func (a *API) stream(w http.ResponseWriter, r *http.Request) {
	call, failure := a.read(r)
	if failure != nil {
		failure.write(w)
		return
	}
	w.Header().Set("X-Amzn-Requestid", call.info.RequestID)
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		invalid("InvocationType %q is neither RequestResponse nor DryRun", kind).write(w)
		return
	}
	ctx, tail := call.context(r.Context())
	reply, err := a.config.Function.InvokeStream(ctx, call.payload)
	failed := (*invoke.Error)(nil)
	if err != nil && !errors.As(err, &failed) {
		refusal(err, len(call.payload)).write(w)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	frames := frameWriter{w: w, flush: http.NewResponseController(w).Flush, encoder: eventstream.NewEncoder()}
	if reply != nil {
		defer reply.Body.Close()
		err = frames.payload(reply.Body)
		if err != nil && !errors.As(err, &failed) {
			return // the caller has left
		}
	}
	frames.complete(failed, tailOf(tail, r))
}

func tailOf(tail *function.LogTail, r *http.Request) string {
	if tail == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(tail.Wait(r.Context()))
}

// A frameWriter writes events in the framing application/vnd.amazon.eventstream.
type frameWriter struct {
	w       io.Writer
	flush   func() error
	encoder *eventstream.Encoder
}

// payload sends what body gives, as it gives it.
func (f frameWriter) payload(body io.Reader) error {
	buffer := make([]byte, 32<<10)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if err := f.event("PayloadChunk", "application/octet-stream", buffer[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// complete sends how the invocation ended: well, if failed is nil.
func (f frameWriter) complete(failed *invoke.Error, log string) error {
	end := struct {
		ErrorCode    string `json:",omitempty"`
		ErrorDetails string `json:",omitempty"`
		LogResult    string `json:",omitempty"`
	}{LogResult: log}
	if failed != nil {
		end.ErrorCode, end.ErrorDetails = "Unhandled", string(failed.Payload)
	}
	document, err := json.Marshal(end)
	if err != nil {
		return err
	}
	return f.event("InvokeComplete", "application/json", document)
}

func (f frameWriter) event(name, contentType string, payload []byte) error {
	message := eventstream.Message{Payload: payload}
	message.Headers.Set(":message-type", eventstream.StringValue("event"))
	message.Headers.Set(":event-type", eventstream.StringValue(name))
	message.Headers.Set(":content-type", eventstream.StringValue(contentType))
	if err := f.encoder.Encode(f.w, message); err != nil {
		return err
	}
	return f.flush()
}
