package inspector

import (
	"net/http"
	"net/url"
	"time"
)

// serveHAR gives all that is kept as an HTTP archive, which browsers' tools read.
//
// http://www.softwareishard.com/blog/har-12-spec/
func (i *Inspector) serveHAR(w http.ResponseWriter, r *http.Request) {
	first, last := i.store.kept()
	entries := []harEntry{}
	for id := first; id <= last; id++ {
		if e := i.store.entry(id); e != nil && e.door != nil {
			entries = append(entries, harOf(i.store.detail(e, !showsSecrets(r)), e.exchange.Start))
		}
	}
	w.Header().Set("Content-Disposition", `attachment; filename="lambridge.har"`)
	writeJSON(w, map[string]any{"log": map[string]any{
		"version": "1.2", "creator": map[string]string{"name": "lambridge", "version": "local"}, "entries": entries,
	}})
}

type harEntry struct {
	Started  string      `json:"startedDateTime"`
	Time     float64     `json:"time"`
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`
	Comment  string      `json:"comment,omitempty"`
}

type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harBody struct {
	Size     int64  `json:"size"`
	MIMEType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

type harMessage struct {
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []harPair `json:"cookies"`
	Headers     []harPair `json:"headers"`
	HeadersSize int       `json:"headersSize"`
	BodySize    int64     `json:"bodySize"`
}

type harRequest struct {
	harMessage
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	QueryString []harPair `json:"queryString"`
	PostData    *harBody  `json:"postData,omitempty"`
}

type harResponse struct {
	harMessage
	Status      int     `json:"status"`
	StatusText  string  `json:"statusText"`
	RedirectURL string  `json:"redirectURL"`
	Content     harBody `json:"content"`
}

func harOf(d detail, start time.Time) harEntry {
	e := harEntry{Started: start.Format(time.RFC3339Nano), Time: d.Duration, Timings: harTimings{Wait: d.Duration}, Comment: d.Error}
	e.Request = harRequest{harMessage: harMessageOf(d.Request), Method: d.Method, URL: d.Request.URL, QueryString: []harPair{}}
	if u, err := url.Parse(d.Request.URL); err == nil {
		for name, values := range u.Query() {
			for _, value := range values {
				e.Request.QueryString = append(e.Request.QueryString, harPair{name, value})
			}
		}
	}
	if d.Request.Body.Size > 0 {
		e.Request.PostData = new(harBodyOf(d.Request))
	}
	e.Response = harResponse{
		harMessage: harMessageOf(d.Answer), Status: d.Status, StatusText: http.StatusText(d.Status),
		RedirectURL: d.Answer.field("Location"), Content: harBodyOf(d.Answer),
	}
	return e
}

func harMessageOf(m *message) harMessage {
	h := harMessage{HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: []harPair{}, HeadersSize: -1, BodySize: m.Body.Size}
	for _, field := range m.Header {
		h.Headers = append(h.Headers, harPair{field[0], field[1]})
	}
	return h
}

func harBodyOf(m *message) harBody {
	b := harBody{Size: m.Body.Size, MIMEType: m.field("Content-Type"), Text: m.Body.Text}
	if m.Body.Base64 {
		b.Encoding = "base64"
	}
	if !m.Body.Whole {
		b.Comment = "the body is kept in part"
	}
	return b
}

// field is the first value of a field, or "".
func (m *message) field(name string) string {
	for _, field := range m.Header {
		if http.CanonicalHeaderKey(field[0]) == name {
			return field[1]
		}
	}
	return ""
}
