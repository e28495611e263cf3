package function

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// extensions are those that run inside the function's process and have registered
// with the Extensions API. The pool's mutex guards them.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
type extensions []*extension

type extension struct {
	id     string
	name   string
	events []string
	queue  []extensionEvent
	idle   []*call // of event/next
}

type extensionEvent struct {
	EventType  string            `json:"eventType"`
	DeadlineMs int64             `json:"deadlineMs"`
	RequestID  string            `json:"requestId,omitempty"`
	ARN        string            `json:"invokedFunctionArn,omitempty"`
	Tracing    map[string]string `json:"tracing,omitempty"`
	Reason     string            `json:"shutdownReason,omitempty"`
}

const (
	maxExtensions = 10 // as in Lambda

	// extensionBacklog is how many events wait for an extension that does not ask
	// for them. Lambda would hold up the function instead.
	extensionBacklog = 64
)

func (i *instance) extensionsAPI(mux *http.ServeMux) {
	mux.HandleFunc("POST /2020-01-01/extension/register", i.registerExtension)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", i.nextEvent)
	mux.HandleFunc("POST /2020-01-01/extension/init/error", i.extensionFailed)
	mux.HandleFunc("POST /2020-01-01/extension/exit/error", i.extensionFailed)
}

func (i *instance) registerExtension(w http.ResponseWriter, r *http.Request) {
	name := r.Header.Get("Lambda-Extension-Name")
	if name == "" {
		refuse(w, http.StatusBadRequest, "Extension.InvalidExtensionName", "the header Lambda-Extension-Name is missing")
		return
	}
	var wish struct {
		Events []string `json:"events"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&wish); err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequestFormat", err.Error())
		return
	}
	for _, event := range wish.Events {
		if event != "INVOKE" && event != "SHUTDOWN" {
			refuse(w, http.StatusBadRequest, "Extension.InvalidEventType", fmt.Sprintf("%q is neither INVOKE nor SHUTDOWN", event))
			return
		}
	}
	e := &extension{id: NewRequestID(), name: name, events: wish.Events}
	if !i.addExtension(e) {
		refuse(w, http.StatusForbidden, "Extension.TooManyExtensions", fmt.Sprintf("more than %d extensions", maxExtensions))
		return
	}
	w.Header().Set("Lambda-Extension-Identifier", e.id)
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{
		"functionName":    i.pool.config.Name,
		"functionVersion": functionVersion,
		"handler":         handlerName,
	})
}

func (i *instance) addExtension(e *extension) bool {
	i.pool.mu.Lock()
	defer i.pool.unlock()
	if len(i.extensions) == maxExtensions {
		return false
	}
	i.extensions = append(i.extensions, e)
	return true
}

func (i *instance) nextEvent(w http.ResponseWriter, r *http.Request) {
	e := i.extension(w, r)
	if e == nil {
		return
	}
	asking := w.(*call)
	i.pool.mu.Lock()
	e.idle = append(e.idle, asking)
	e.dispatch(i.pool)
	i.pool.unlock()
	asking.park(func() {
		i.pool.mu.Lock()
		defer i.pool.unlock()
		e.idle = slices.DeleteFunc(e.idle, func(c *call) bool { return c == asking })
	})
}

// dispatch gives the events that wait to the calls that do.
func (e *extension) dispatch(p *pool) {
	for len(e.queue) > 0 && len(e.idle) > 0 {
		c := e.idle[0]
		c.header.Set("Content-Type", "application/json")
		c.header.Set("Lambda-Extension-Event-Identifier", NewRequestID())
		json.NewEncoder(c).Encode(e.queue[0])
		p.answers = append(p.answers, c)
		e.queue, e.idle = e.queue[1:], e.idle[1:]
	}
}

// extensionFailed takes an extension's failure. Lambda then ends the environment.
func (i *instance) extensionFailed(w http.ResponseWriter, r *http.Request) {
	e := i.extension(w, r)
	if e == nil {
		return
	}
	i.pool.config.Logger.Error("extension failed", "extension", e.name, "error", r.Header.Get("Lambda-Extension-Function-Error-Type"))
	accept(w)
	i.pool.mu.Lock()
	defer i.pool.unlock()
	i.kill()
}

func (i *instance) extension(w http.ResponseWriter, r *http.Request) *extension {
	id := r.Header.Get("Lambda-Extension-Identifier")
	i.pool.mu.Lock()
	defer i.pool.unlock()
	for _, e := range i.extensions {
		if e.id == id {
			return e
		}
	}
	refuse(w, http.StatusForbidden, "Extension.UnknownExtensionIdentifier", fmt.Sprintf("no extension %q has registered", id))
	return nil
}

// invoke tells the extensions of an invocation.
func (all extensions) invoke(p *pool, inv *invocation) {
	if len(all) > 0 {
		all.tell(p, extensionEvent{
			EventType:  "INVOKE",
			DeadlineMs: inv.deadline.UnixMilli(),
			RequestID:  inv.id,
			ARN:        p.arn,
			Tracing:    map[string]string{"type": "X-Amzn-Trace-Id", "value": inv.info.TraceID},
		})
	}
}

// shutdown tells the extensions that the process is about to end.
func (all extensions) shutdown(p *pool, reason string) {
	deadline := time.Now().Add(p.config.StopGrace)
	all.tell(p, extensionEvent{EventType: "SHUTDOWN", DeadlineMs: deadline.UnixMilli(), Reason: reason})
}

func (all extensions) tell(p *pool, event extensionEvent) {
	for _, e := range all {
		if slices.Contains(e.events, event.EventType) && len(e.queue) < extensionBacklog {
			e.queue = append(e.queue, event)
			e.dispatch(p)
		}
	}
}
