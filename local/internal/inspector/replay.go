package inspector

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/lambridge-go/lambridge/internal/record"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/sample"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An edited request is what a page wants sent in place of the one that is kept.
type edited struct {
	Method string      `json:"method"`
	Target string      `json:"target"` // "/notes?page=2"
	Host   string      `json:"host"`
	Header [][2]string `json:"header"` // a masked value is the one that was sent
	Body   string      `json:"body"`
	Base64 bool        `json:"base64"`
}

// serveReplay sends a request again: as it was, edited, or through another front door,
// and then through its own as well.
func (i *Inspector) serveReplay(w http.ResponseWriter, r *http.Request, e *entry) error {
	var ask struct {
		Request *edited        `json:"request"`
		Through gateway.Source `json:"through"`
	}
	if err := read(r, &ask); err != nil {
		return err
	}
	if e.door == nil {
		return errors.New("no front door led to this invocation: edit its event and invoke the function")
	}
	request, err := e.again(r.Context(), ask.Request)
	if err != nil {
		return err
	}
	answer := replayed{}
	if ask.Through == "" {
		answer.ID, _, err = i.send(request, e, e.door)
		if err == nil {
			writeJSON(w, answer)
		}
		return err
	}
	other, err := i.through(e, ask.Through)
	if err != nil {
		return err
	}
	var own, theirs *recorder
	if answer.ID, own, err = i.send(request, e, e.door); err != nil {
		return err
	}
	if request, err = e.again(r.Context(), ask.Request); err != nil {
		return err
	}
	if answer.Other, theirs, err = i.send(request, e, other); err != nil {
		return err
	}
	answer.Own, answer.Theirs = own.message(!showsSecrets(r)), theirs.message(!showsSecrets(r))
	answer.Differences = differences(own, theirs)
	writeJSON(w, answer)
	return nil
}

// replayed tells what became of a request that was sent again: the ids of the exchanges,
// and of two answers where they differ.
type replayed struct {
	ID          int      `json:"id"`
	Other       int      `json:"other,omitempty"`
	Own         *message `json:"own,omitempty"`
	Theirs      *message `json:"theirs,omitempty"`
	Differences []string `json:"differences"` // "status", "body" or a header's name
}

// again makes the request once more, as it was or as it is edited.
func (e *entry) again(ctx context.Context, with *edited) (*http.Request, error) {
	x := &e.exchange
	method, target, host, header, content := x.Method, x.URI, x.Host, x.RequestHeader.Clone(), e.request.data
	if with == nil && !e.request.whole() {
		return nil, fmt.Errorf("of the request's body %d bytes are kept, of %d: it cannot be sent again as it was", len(content), e.request.size)
	}
	if with != nil {
		method, target, host = with.Method, meant(with.Target, x.URI), meant(with.Host, x.Host)
		header, content = http.Header{}, []byte(with.Body)
		if with.Base64 {
			var err error
			if content, err = base64.StdEncoding.DecodeString(with.Body); err != nil {
				return nil, fmt.Errorf("the body is not base64: %w", err)
			}
		}
		for _, field := range with.Header {
			name := http.CanonicalHeaderKey(field[0])
			header[name] = append(header[name], meant(field[1], x.RequestHeader[name]...))
		}
		record.UnmaskHeader(header, x.RequestHeader)
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, fmt.Errorf("the path: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	for _, own := range []string{"Content-Length", "Connection", "Transfer-Encoding"} {
		header.Del(own)
	}
	if len(content) > 0 {
		header.Set("Content-Length", fmt.Sprint(len(content)))
	}
	request.URL, request.RequestURI, request.Host, request.Header = u, target, host, header
	request.RemoteAddr = "127.0.0.1:0"
	return request, nil
}

// send serves a request in a front door and returns the id of the exchange.
func (i *Inspector) send(r *http.Request, e *entry, d *Door) (int, *recorder, error) {
	t := &trace{replayOf: e.id}
	to := &recorder{header: http.Header{}, isHead: r.Method == http.MethodHead}
	d.serve(to, r, t)
	i.store.mu.Lock()
	defer i.store.mu.Unlock()
	if t.id == 0 {
		return 0, nil, fmt.Errorf("no front door took the request: the answer was %d", to.status)
	}
	return t.id, to, nil
}

// through returns another front door in front of the function that answered.
func (i *Inspector) through(e *entry, source gateway.Source) (*Door, error) {
	f := i.functionOf(e)
	if f == nil {
		return nil, errors.New("no function that runs has answered")
	}
	facts, ok := gateway.Facts(source)
	if !ok {
		return nil, fmt.Errorf("%q is no front door", source)
	}
	watched := i.Watch(f.Name, f.Invoker)
	var h http.Handler
	var err error
	if i.config.Through != nil {
		h, err = i.config.Through(source, watched)
	} else {
		api := gateway.API{Kind: facts.Kind, Default: gateway.Lambda(watched, gateway.LambdaOptions{Format: facts.Format})}
		if facts.BinaryMediaTypes {
			api.BinaryMediaTypes = []string{"*/*"}
		}
		h, err = gateway.New(api, gateway.Options{})
	}
	if err != nil {
		return nil, err
	}
	return &Door{store: i.store, name: facts.Name, url: e.door.url, front: h}, nil
}

// otherDoors are those that an exchange can be sent through beside its own.
func (i *Inspector) otherDoors(e *entry) []namedDoor {
	all := []namedDoor{}
	if e.door == nil || i.functionOf(e) == nil {
		return all
	}
	for _, source := range gateway.Sources() {
		if facts, _ := gateway.Facts(source); source != e.exchange.Source {
			all = append(all, namedDoor{string(source), facts.Name})
		}
	}
	return all
}

// functionOf returns the function that answered, or nil if none did or it is gone. One that
// was only asked whether the request may pass has not.
func (i *Inspector) functionOf(e *entry) *Function {
	if e.event.size == 0 {
		return nil
	}
	i.store.mu.Lock()
	name := ""
	if n := len(e.invocations); n > 0 {
		name = e.invocations[n-1].function
	}
	i.store.mu.Unlock()
	return i.function(name)
}

func (i *Inspector) function(name string) *Function {
	for _, f := range i.config.Functions() {
		if f.Name == name {
			return &f
		}
	}
	return nil
}

// invokeFunction invokes a function with an event that a page sends. In one that was
// made of an exchange's, masked values are those of that exchange.
func (i *Inspector) invokeFunction(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Event string `json:"event"`
		Of    int    `json:"of"`
	}
	if err := read(r, &ask); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	f := i.function(r.PathValue("name"))
	if f == nil {
		refuse(w, http.StatusNotFound, fmt.Errorf("no function %q runs", r.PathValue("name")))
		return
	}
	event := []byte(ask.Event)
	if err := json.Unmarshal(event, new(any)); err != nil {
		refuse(w, http.StatusUnprocessableEntity, fmt.Errorf("the event is not JSON: %w", err))
		return
	}
	t := &trace{Context: r.Context()}
	if e := i.store.entry(ask.Of); e != nil {
		t.replayOf = e.id
		if e.event.whole() {
			event = record.UnmaskJSON(event, e.event.data)
		}
	}
	_, err := i.Direct(f.Name, f.Invoker).Invoke(t, event)
	if err != nil && !errors.As(err, new(*invoke.Error)) {
		refuse(w, http.StatusUnprocessableEntity, err)
		return
	}
	i.store.mu.Lock()
	defer i.store.mu.Unlock()
	writeJSON(w, replayed{ID: t.id})
}

func (i *Inspector) showSamples(w http.ResponseWriter, _ *http.Request) {
	type view struct {
		Name  string `json:"name"`
		Title string `json:"title"`
		Event string `json:"event"`
	}
	all := []view{}
	for _, s := range sample.All() {
		all = append(all, view{s.Name, s.Title, s.Event})
	}
	writeJSON(w, all)
}

// A recorder is a ResponseWriter that keeps the beginning of what is written.
type recorder struct {
	header, sent http.Header
	status       int
	isHead       bool
	content      body
}

// Header implements http.ResponseWriter.
func (rec *recorder) Header() http.Header { return rec.header }

// WriteHeader implements http.ResponseWriter.
func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= 200 {
		rec.status, rec.sent = status, rec.header.Clone()
	}
}

// Write implements http.ResponseWriter.
func (rec *recorder) Write(p []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	if rec.isHead {
		return len(p), nil
	}
	rec.content.size += int64(len(p))
	if room := maxBody - len(rec.content.data); room > 0 {
		rec.content.data = append(rec.content.data, p[:min(len(p), room)]...)
	}
	return len(p), nil
}

// Flush implements http.Flusher.
func (rec *recorder) Flush() { rec.WriteHeader(http.StatusOK) }

func (rec *recorder) message(masked bool) *message {
	return answered(rec.status, rec.sent, rec.content, masked)
}

// differences are the parts in which two answers differ that a function has a say in.
func differences(a, b *recorder) []string {
	found := []string{}
	if a.status != b.status {
		found = append(found, "status")
	}
	// Each front door has its own of these, and the length is the body's.
	own := []string{
		"Apigw-Requestid", "Connection", "Content-Length", "Date", "Server", "X-Amz-Apigw-Id",
		"X-Amzn-Errortype", "X-Amzn-Requestid", "X-Amzn-Trace-Id",
	}
	names := slices.Concat(slices.Collect(maps.Keys(a.sent)), slices.Collect(maps.Keys(b.sent)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if !slices.Contains(own, http.CanonicalHeaderKey(name)) && !slices.Equal(a.sent[name], b.sent[name]) {
			found = append(found, name)
		}
	}
	if a.content.size != b.content.size || !bytes.Equal(a.content.data, b.content.data) {
		found = append(found, "body")
	}
	return found
}
