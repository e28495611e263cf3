package inspector

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/record"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// An update is what pages are told of when something changes.
type update struct {
	// Epoch is another one once everything was cleared, and First the oldest row that is
	// kept.
	Epoch int       `json:"epoch"`
	First int       `json:"first"`
	Rows  []row     `json:"rows"`
	Talks []talkRow `json:"talks"`
	Plot  []point   `json:"plot"`

	version int
}

// A row is an exchange in the list. Times are milliseconds, since 1970 or as they are.
type row struct {
	ID       int     `json:"id"`
	Time     int64   `json:"time"`
	Door     string  `json:"door"`
	API      string  `json:"api"`
	Source   string  `json:"source"`
	Function string  `json:"function"`
	Method   string  `json:"method"`
	Target   string  `json:"target"`
	Route    string  `json:"route"`
	Status   int     `json:"status"`
	Duration float64 `json:"duration"`
	Init     float64 `json:"init"` // of a cold start
	Size     int64   `json:"size"` // of the answer
	Warns    bool    `json:"warns"`
	Failed   bool    `json:"failed"`
	ReplayOf int     `json:"replayOf,omitempty"`
}

// maxTarget is how much of a path the list shows.
const maxTarget = 2 << 10

// row returns the entry's. The caller holds the store's mutex.
func (e *entry) row() row {
	x := &e.exchange
	r := row{
		ID: e.id, Time: x.Start.UnixMilli(), Door: string(x.Kind), API: x.API, Source: string(x.Source),
		Method: x.Method, Target: shown(x.URI[:min(len(x.URI), maxTarget)]), Route: x.Route,
		Status: x.Status, Duration: milliseconds(x.Duration), Size: e.answer.size,
		Warns: len(x.Warnings) > 0, Failed: x.Err != nil, ReplayOf: e.replayOf,
	}
	if facts, ok := gateway.Facts(x.Source); ok {
		r.Door = facts.Name
	}
	if e.door == nil {
		r.Size = e.reply.size
	}
	for _, inv := range e.invocations {
		r.Function = inv.function // the last is the route's own, those before authorizers
		r.Init += milliseconds(inv.report.Init)
	}
	return r
}

// A detail is all there is to tell of an exchange.
type detail struct {
	row
	Host      string      `json:"host"`
	RequestID string      `json:"requestId"`
	Origin    string      `json:"origin"`
	Leads     string      `json:"integration"`
	Principal string      `json:"principal"`
	Masked    bool        `json:"masked"`
	Error     string      `json:"error"`
	Warnings  []string    `json:"warnings"`
	Request   *message    `json:"request,omitempty"` // nil of a direct invocation
	Event     *content    `json:"event,omitempty"`
	Reply     *content    `json:"reply,omitempty"`
	Answer    *message    `json:"answer,omitempty"`
	Sent      *message    `json:"sent,omitempty"` // to a backend
	Got       *message    `json:"got,omitempty"`
	Ran       []ran       `json:"invocations"`
	Phases    []phase     `json:"phases"`
	Doors     []namedDoor `json:"doors"` // to send it through
	Alone     bool        `json:"alone"` // they know nothing of the API's routes and settings
}

// A message is a request or a response.
type message struct {
	Line   string      `json:"line"`
	URL    string      `json:"url,omitempty"`
	Status int         `json:"status,omitempty"`
	Header [][2]string `json:"header"`
	Body   content     `json:"body"`
}

// A content is a body: text, or what is not as base64.
type content struct {
	Text   string `json:"text"`
	Base64 bool   `json:"base64"`
	Size   int64  `json:"size"`
	Whole  bool   `json:"whole"`
}

// ran is an invocation.
type ran struct {
	RequestID string   `json:"requestId"`
	Function  string   `json:"function"`
	Error     string   `json:"error"`
	Lines     []string `json:"lines"`
	Dropped   int      `json:"dropped"`
	Duration  float64  `json:"duration"`
	Init      float64  `json:"init"`
	MaxMemory int64    `json:"maxMemory"`
}

// A phase is a bar of the timeline, in milliseconds.
type phase struct {
	Name     string  `json:"name"`
	Start    float64 `json:"start"`
	Duration float64 `json:"duration"`
}

// A namedDoor is a front door that an exchange can be sent through.
type namedDoor struct {
	Source string `json:"source"`
	Name   string `json:"name"`
}

// detail returns the entry's, with or without its secrets.
func (s *store) detail(e *entry, masked bool) detail {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := &e.exchange
	d := detail{
		row: e.row(), Host: shown(x.Host), RequestID: x.RequestID, Origin: x.Origin, Leads: x.Integration, Principal: x.Principal,
		Masked: masked, Warnings: append([]string{}, x.Warnings...), Ran: []ran{}, Phases: e.phases(),
	}
	if x.Err != nil {
		d.Error = x.Err.Error()
	}
	if e.event.size > 0 {
		d.Event = new(document(e.event, masked))
	}
	if e.hasReply {
		d.Reply = new(document(e.reply, masked))
	}
	if e.door != nil {
		d.Request = &message{Line: x.Method + " " + shown(x.URI), URL: shown(e.url()), Header: fields(x.RequestHeader, masked), Body: contentOf(e.request)}
		d.Answer = answered(x.Status, x.Header, e.answer, masked)
	}
	if m := x.Mapped; m != nil {
		d.Sent = &message{Line: strings.TrimSpace(m.Method + " " + shown(m.URL)), URL: shown(m.URL), Header: fields(m.Header, masked), Body: document(e.sent, masked)}
		if m.Status > 0 || e.got.size > 0 {
			d.Got = answered(m.Status, m.AnswerHeader, e.got, masked)
		}
	}
	for _, inv := range e.invocations {
		d.Ran = append(d.Ran, inv.ran())
	}
	return d
}

func (inv *invocation) ran() ran {
	r := ran{RequestID: inv.id, Function: inv.function, Lines: []string{}}
	if p := inv.printed; p != nil {
		r.Lines, r.Dropped = append(r.Lines, p.lines...), p.dropped
	}
	if inv.err != nil {
		r.Error = inv.err.Error()
	}
	if inv.ended {
		r.Duration, r.Init, r.MaxMemory = milliseconds(inv.report.Duration), milliseconds(inv.report.Init), inv.report.MaxMemory
	}
	return r
}

// url is where the request went, as the client sees it.
func (e *entry) url() string {
	base, err := url.Parse(e.door.url)
	if err != nil || base.Host == "" {
		base = &url.URL{Scheme: "http"}
	}
	host := e.exchange.Host
	if host == "" {
		host = base.Host
	}
	return base.Scheme + "://" + host + e.exchange.URI
}

// phases are the exchange's, of which the function's is divided into what it took to wait
// for a process, to start it, and the handler.
func (e *entry) phases() []phase {
	all := []phase{}
	for _, p := range e.exchange.Phases {
		if p.Name != "function" || len(e.invocations) == 0 || !e.invocations[len(e.invocations)-1].ended {
			all = append(all, phase{p.Name, milliseconds(p.Start), milliseconds(p.Duration)})
			continue
		}
		report := e.invocations[len(e.invocations)-1].report
		handler := min(report.Duration, p.Duration)
		initial := min(report.Init, p.Duration-handler)
		at := p.Start
		for _, part := range []struct {
			name string
			took time.Duration
		}{{"queue", p.Duration - initial - handler}, {"init", initial}, {"handler", handler}} {
			if part.took > 0 && (part.name != "init" || initial > 0) {
				all = append(all, phase{part.name, milliseconds(at), milliseconds(part.took)})
			}
			at += part.took
		}
	}
	return all
}

func answered(status int, header http.Header, b body, masked bool) *message {
	line := ""
	if status > 0 {
		line = strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	}
	return &message{Line: line, Status: status, Header: fields(header, masked), Body: contentOf(b)}
}

// fields are the fields of a header, by name.
func fields(h http.Header, masked bool) [][2]string {
	if masked {
		h = record.MaskHeader(h)
	}
	all := [][2]string{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			all = append(all, [2]string{name, shown(value)})
		}
	}
	return all
}

// document is a body that is JSON.
func document(b body, masked bool) content {
	shown := b.data
	if masked {
		shown = record.MaskJSON(shown)
	}
	c := contentOf(body{data: shown, size: int64(len(shown))})
	c.Size, c.Whole = b.size, b.whole()
	return c
}

func contentOf(b body) content {
	c := content{Size: b.size, Whole: b.whole()}
	if data := trimRune(b); utf8.Valid(data) {
		c.Text = string(data)
	} else {
		c.Text, c.Base64 = base64.StdEncoding.EncodeToString(b.data), true
	}
	return c
}

// trimRune leaves out a character that the end of a head has cut.
func trimRune(b body) []byte {
	if b.whole() {
		return b.data
	}
	for cut := range min(utf8.UTFMax, len(b.data)) {
		if utf8.RuneStart(b.data[len(b.data)-1-cut]) {
			if !utf8.FullRune(b.data[len(b.data)-1-cut:]) {
				return b.data[:len(b.data)-1-cut]
			}
			break
		}
	}
	return b.data
}

// A talkRow is a connection in the list.
type talkRow struct {
	ID       string `json:"id"`
	API      string `json:"api"`
	SourceIP string `json:"sourceIp"`
	Opened   int64  `json:"opened"`
	Last     int64  `json:"last"`
	Closed   bool   `json:"closed"`
	Received int64  `json:"received"`
	Sent     int64  `json:"sent"`
	Count    int    `json:"count"`
	Version  int    `json:"version"`
}

func (t *talk) row() talkRow {
	return talkRow{t.id, t.api, t.sourceIP, t.opened.UnixMilli(), t.last.UnixMilli(), t.closed, t.received, t.sent, t.count, t.version}
}

// A talkDetail is a conversation.
type talkDetail struct {
	talkRow
	Words []wordView `json:"words"`
}

// A wordView is an event of one.
type wordView struct {
	Type     string   `json:"type"`
	Time     int64    `json:"time"`
	Duration float64  `json:"duration"`
	Route    string   `json:"route"`
	Origin   string   `json:"origin"`
	Status   int      `json:"status"`
	Error    string   `json:"error"`
	Message  content  `json:"message"`
	Event    *content `json:"event,omitempty"`
	Reply    *content `json:"reply,omitempty"`
	Ran      *ran     `json:"invocation,omitempty"`
}

// talkDetail returns a conversation, or false if there is none.
func (s *store) talkDetail(id string, masked bool) (talkDetail, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.talks[id]
	if t == nil {
		return talkDetail{}, false
	}
	d := talkDetail{talkRow: t.row(), Words: []wordView{}}
	for _, w := range t.words {
		e := w.event
		v := wordView{
			Type: string(e.Type), Time: e.Start.UnixMilli(), Duration: milliseconds(e.Duration), Route: e.Route, Origin: e.Origin,
			Status: e.Status, Message: contentOf(w.message),
		}
		if e.Err != nil {
			v.Error = e.Err.Error()
		}
		if w.data.size > 0 {
			v.Event = new(document(w.data, masked))
		}
		if w.reply.size > 0 {
			v.Reply = new(document(w.reply, masked))
		}
		if w.invocation != nil {
			v.Ran = new(w.invocation.seen.ran())
		}
		d.Words = append(d.Words, v)
	}
	return d, true
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
