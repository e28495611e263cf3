package main

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A task is one request through one front door.
type task struct {
	door string // the front door, in the names that local --api knows
	work string // one of works
	// The request, without what the events add to it, and the event of it.
	method, path, contentType string
	body                      []byte
	event                     []byte
}

func (t task) String() string { return t.door + " " + t.work }

// What is asked of the application.
const (
	get    = "GET"
	post   = "64 KB JSON in"
	export = "100 KB JSON out"
	binary = "1 MB binary in and out"
)

func works() []string { return []string{get, post, export, binary} }

//go:embed testdata/*.json
var testdata embed.FS

// doors lists the front doors; the events of a browser's GET through each are in testdata.
func doors() []string {
	return []string{"rest", "http-v1", "http", "url", "alb", "alb-multi", "lattice-v1", "lattice"}
}

// tasks returns every task: the GET through every front door, the heavier ones through
// those that all peers know.
func tasks() ([]task, error) {
	order := strings.Repeat(`{"sku":"A-4711","name":"blue \"suede\" shoes","quantity":2,"price":"129.90"},`, 840)
	text := []byte(`{"lines":[` + strings.TrimSuffix(order, ",") + `]}`)
	image := make([]byte, 1<<20)
	for i := range image {
		image[i] = byte(i * 57 >> 2)
	}

	var all []task
	for _, door := range doors() {
		all = append(all, task{door: door, work: get, method: "GET", path: "/api/orders/4711"})
	}
	for _, door := range []string{"rest", "http", "url", "alb-multi"} {
		all = append(all,
			task{door: door, work: post, method: "POST", path: "/api/orders", contentType: "application/json", body: text},
			task{door: door, work: export, method: "GET", path: "/api/export"},
		)
	}
	for _, door := range []string{"rest", "http", "url"} { // a load balancer takes 1 MB of base64, and no more
		all = append(all, task{door: door, work: binary, method: "POST", path: "/api/images", contentType: "image/png", body: image})
	}
	for i := range all {
		if err := all[i].writeEvent(); err != nil {
			return nil, fmt.Errorf("event of %s: %w", all[i], err)
		}
	}
	return all, nil
}

// writeEvent makes the task's event out of the one in testdata.
func (t *task) writeEvent() error {
	recorded, err := testdata.ReadFile("testdata/" + t.door + ".json")
	if err != nil {
		return err
	}
	if t.work == get {
		var compact bytes.Buffer
		err = json.Compact(&compact, recorded)
		t.event = compact.Bytes()
		return err
	}

	var event map[string]any
	if err := json.Unmarshal(recorded, &event); err != nil {
		return err
	}
	set(event, "path", t.path)
	set(event, "rawPath", t.path)
	set(event, "httpMethod", t.method)
	if context, ok := event["requestContext"].(map[string]any); ok {
		set(context, "httpMethod", t.method)
		if http, ok := context["http"].(map[string]any); ok {
			set(http, "method", t.method)
			set(http, "path", t.path)
		}
	}
	if t.body != nil {
		event["body"], event["isBase64Encoded"] = string(t.body), false
		if t.work == binary {
			event["body"], event["isBase64Encoded"] = base64.StdEncoding.EncodeToString(t.body), true
		}
		if h, ok := event["headers"].(map[string]any); ok {
			h["content-type"] = t.contentType
		}
		if h, ok := event["multiValueHeaders"].(map[string]any); ok {
			h["content-type"] = []string{t.contentType}
		}
	}
	t.event, err = json.Marshal(event)
	return err
}

// set changes what is there and adds nothing.
func set(m map[string]any, key string, value any) {
	if _, ok := m[key]; ok {
		m[key] = value
	}
}

// request returns the task's request as net/http would hand it to the application.
func (t task) request() *http.Request {
	req, err := http.NewRequest(t.method, "https://shop.example.com"+t.path+"?currency=EUR&expand=lines&expand=customer", io.NopCloser(bytes.NewReader(t.body)))
	if err != nil {
		panic(err) // tasks are constants
	}
	req.Header.Set("Accept-Language", "de-DE,de;q=0.8,en-US;q=0.5,en;q=0.3")
	req.Header.Set("Cookie", "session=9f8e7d6c5b4a39281706f5e4d3c2b1a0; theme=dark; consent=eyJhbmFseXRpY3MiOmZhbHNlfQ; cart=3; _ga=GA1.1.1203948576.1716239022")
	return req
}
