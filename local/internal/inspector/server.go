package inspector

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"time"
)

//go:embed static
var static embed.FS

// routes are the page and what it asks. They take for granted that package guard stands
// in front of them.
func (i *Inspector) routes() *http.ServeMux {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /api/stream", i.stream)
	mux.HandleFunc("GET /api/exchanges/{id}", i.ofEntry(i.showEntry))
	mux.HandleFunc("DELETE /api/exchanges", func(w http.ResponseWriter, _ *http.Request) {
		i.store.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /api/exchanges/{id}/replay", i.ofEntry(i.serveReplay))
	mux.HandleFunc("POST /api/exchanges/{id}/fixture", i.ofEntry(i.serveFixture))
	mux.HandleFunc("GET /api/exchanges/{id}/copy/{form}", i.ofEntry(i.serveCopy))
	mux.HandleFunc("GET /api/har", i.serveHAR)
	mux.HandleFunc("GET /api/talks/{id}", i.showTalk)
	mux.HandleFunc("POST /api/talks/{id}", i.sendToTalk)
	mux.HandleFunc("DELETE /api/talks/{id}", i.closeTalk)
	mux.HandleFunc("GET /api/functions", i.showFunctions)
	mux.HandleFunc("POST /api/functions/{name}/invoke", i.invokeFunction)
	mux.HandleFunc("GET /api/apis", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, i.config.APIs()) })
	mux.HandleFunc("GET /api/samples", i.showSamples)
	return mux
}

// ServeHTTP serves the page and what it asks.
func (i *Inspector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxAsked)
	i.mux.ServeHTTP(w, r)
}

// maxAsked is how large what a page sends may be: an edited event and its escapes.
const maxAsked = 16 << 20

const (
	// pageInterval is how long a page is left alone after an update: it shows five a second
	// at most.
	pageInterval = 200 * time.Millisecond

	// gathering is how long a change is kept back for those that belong to it: the report of
	// an invocation comes right behind the answer, and would be an update of its own, which
	// holds up the next request's.
	gathering = 5 * time.Millisecond
)

// stream tells a page of all that is kept, and then of changes, as server-sent events.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (i *Inspector) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	changes, giveUp := i.store.wait()
	defer giveUp()
	to := http.NewResponseController(w)
	pause := time.NewTimer(0)
	defer pause.Stop()
	version, epoch := -1, -1
	var quiet time.Time // the end of the interval
	for {
		select {
		case <-pause.C:
		case <-r.Context().Done():
			return
		case <-i.closed:
			return
		}
		if u := i.store.changedSince(version, epoch); u.version != version {
			version, epoch = u.version, u.Epoch
			data, err := json.Marshal(u)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil {
				return
			}
			if to.Flush() != nil {
				return
			}
			quiet = time.Now().Add(pageInterval)
		}
		select {
		case <-changes:
			pause.Reset(max(time.Until(quiet), gathering))
		case <-r.Context().Done():
			return
		case <-i.closed:
			return
		}
	}
}

// ofEntry finds the exchange of a request.
func (i *Inspector) ofEntry(serve func(http.ResponseWriter, *http.Request, *entry) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.Atoi(r.PathValue("id"))
		e := i.store.entry(id)
		if e == nil {
			refuse(w, http.StatusNotFound, fmt.Errorf("the exchange %q is not kept any more", r.PathValue("id")))
			return
		}
		if err := serve(w, r, e); err != nil {
			refuse(w, http.StatusUnprocessableEntity, err)
		}
	}
}

// showsSecrets reports whether the page's reader asked for the values that are masked.
func showsSecrets(r *http.Request) bool { return r.URL.Query().Get("secrets") == "1" }

func (i *Inspector) showEntry(w http.ResponseWriter, r *http.Request, e *entry) error {
	d := i.store.detail(e, !showsSecrets(r))
	d.Doors, d.Alone = i.otherDoors(e), i.config.Through == nil
	writeJSON(w, d)
	return nil
}

func (i *Inspector) showTalk(w http.ResponseWriter, r *http.Request) {
	d, ok := i.store.talkDetail(r.PathValue("id"), !showsSecrets(r))
	if !ok {
		refuse(w, http.StatusNotFound, errNoTalk)
		return
	}
	writeJSON(w, d)
}

var errNoTalk = errors.New("the connection is not known any more")

// A functionView is a function as the page shows it.
type functionView struct {
	Name      string        `json:"name"`
	ARN       string        `json:"arn"`
	Dir       string        `json:"dir"`
	Memory    int           `json:"memory"`
	Timeout   float64       `json:"timeout"` // milliseconds
	Waiting   int           `json:"waiting"`
	Variables []string      `json:"variables"`
	Processes []processView `json:"processes"`
	Builds    []buildView   `json:"builds"`
}

type processView struct {
	PID        int    `json:"pid"`
	State      string `json:"state"`
	Since      int64  `json:"since"`
	MaxMemory  int64  `json:"maxMemory"`
	Generation int    `json:"generation"`
}

type buildView struct {
	Time  int64   `json:"time"`
	Took  float64 `json:"took"`
	Error string  `json:"error"`
}

func (i *Inspector) showFunctions(w http.ResponseWriter, _ *http.Request) {
	all := []functionView{}
	for _, f := range i.config.Functions() {
		v := functionView{
			Name: f.Name, ARN: f.ARN, Dir: f.Dir, Memory: f.Memory, Timeout: milliseconds(f.Timeout), Waiting: f.Waiting,
			Variables: append([]string{}, f.Variables...), Processes: []processView{}, Builds: []buildView{},
		}
		for _, p := range f.Processes {
			v.Processes = append(v.Processes, processView{p.PID, p.State, p.Since.UnixMilli(), p.MaxMemory, p.Generation})
		}
		for _, b := range f.Builds {
			build := buildView{Time: b.Start.UnixMilli(), Took: milliseconds(b.Took)}
			if b.Err != nil {
				build.Error = b.Err.Error()
			}
			v.Builds = append(v.Builds, build)
		}
		all = append(all, v)
	}
	writeJSON(w, all)
}

// read reads what a page sends.
func read(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("read what the page sent: %w", err)
	}
	return nil
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // to a page that may be gone
}

func refuse(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}
