package invokeapi

import (
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/lambridge-go/lambridge/local/internal/function"
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
	reply, err := call.function.InvokeStream(ctx, call.payload)
	failed := (*invoke.Error)(nil)
	if err != nil && !errors.As(err, &failed) {
		refusal(err, call.size).write(w)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	frames := eventStream{w: w, flush: http.NewResponseController(w).Flush}
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
