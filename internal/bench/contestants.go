package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/akrylysov/algnhsa"
	apexv1 "github.com/apex/gateway"
	apexv2 "github.com/apex/gateway/v2"
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdaurl"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/lambridge-go/lambridge/adapter"
)

// ours is the contestant that the others are compared with, and lastRelease what it was then,
// which only plays if it is linked (baseline.go).
const (
	ours        = "lambridge"
	lastRelease = "last release"
)

// A contestant takes an event to the application and the answer back.
type contestant struct {
	name  string
	doors []string // the front doors it serves; nil means all
	// start returns the function for one task; what happens before it returns is not measured.
	start func(h http.Handler, t task) invoke
}

// invoke is what is measured: the bytes of an event in, the bytes of a reply out.
type invoke func(ctx context.Context, event []byte) ([]byte, error)

// contestants lists everybody, floors first. A peer is built as its README says.
func contestants() []contestant {
	proxy := func(typed any) invoke { return lambda.NewHandler(typed).Invoke }
	all := []contestant{
		{"memcpy", nil, floorCopy},
		{"handler", nil, floorHandler},
		{"recorder", nil, floorRecorder},
		{"encoding/json", []string{"rest", "http-v1", "http", "url", "alb", "alb-multi"}, floorJSON},
		{ours, nil, func(h http.Handler, _ task) invoke { return adapter.Wrap(h).Invoke }},
		{"api-proxy", []string{"rest", "http-v1"}, func(h http.Handler, _ task) invoke { return proxy(httpadapter.New(h).ProxyWithContext) }},
		{"api-proxy", []string{"http", "url"}, func(h http.Handler, _ task) invoke { return proxy(httpadapter.NewV2(h).ProxyWithContext) }},
		{"api-proxy", []string{"alb", "alb-multi"}, func(h http.Handler, _ task) invoke { return proxy(httpadapter.NewALB(h).ProxyWithContext) }},
		{"algnhsa", []string{"rest", "http-v1", "http", "url", "alb-multi"}, func(h http.Handler, _ task) invoke {
			return algnhsa.New(h, &algnhsa.Options{BinaryContentTypes: []string{"image/png"}}).Invoke
		}},
		{"apex/gateway", []string{"rest", "http-v1"}, func(h http.Handler, _ task) invoke { return apexv1.NewGateway(h).Invoke }},
		{"apex/gateway", []string{"http", "url"}, func(h http.Handler, _ task) invoke { return apexv2.NewGateway(h).Invoke }},
		{"lambdaurl", []string{"url"}, func(h http.Handler, _ task) invoke { return proxy(lambdaurl.Wrap(h)) }},
	}
	if baseline == nil {
		return all
	}
	next := 1 + slices.IndexFunc(all, func(c contestant) bool { return c.name == ours }) // in turns with ours
	return slices.Insert(all, next, contestant{lastRelease, nil, func(h http.Handler, _ task) invoke { return baseline.wrap(h) }})
}

func (c contestant) serves(door string) bool { return c.doors == nil || slices.Contains(c.doors, door) }

// floorCopy does what nobody can avoid: touch every byte of the event and of the answer's body.
func floorCopy(h http.Handler, t task) invoke {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, t.request())
	reply := w.Body.Bytes()
	to := make([]byte, max(len(t.event), len(reply)))
	return func(_ context.Context, event []byte) ([]byte, error) {
		copy(to, event)
		return to[:copy(to, reply)], nil
	}
}

// floorHandler calls the application and throws its answer away.
func floorHandler(h http.Handler, t task) invoke {
	req, body := t.request(), bytes.NewReader(t.body)
	return func(context.Context, []byte) ([]byte, error) {
		body.Reset(t.body)
		req.Body = io.NopCloser(body)
		h.ServeHTTP(discard{header: http.Header{}}, req)
		return nil, nil
	}
}

// floorRecorder is the handler test everybody writes: a request that is there already, an answer that is kept.
func floorRecorder(h http.Handler, t task) invoke {
	req, body := t.request(), bytes.NewReader(t.body)
	return func(context.Context, []byte) ([]byte, error) {
		body.Reset(t.body)
		req.Body = io.NopCloser(body)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return w.Body.Bytes(), nil
	}
}

// floorJSON decodes the event and encodes an empty reply, with no HTTP between: what
// lambda.Start spends on a typed function that does nothing.
func floorJSON(_ http.Handler, t task) invoke {
	switch t.door {
	case "rest", "http-v1":
		return lambda.NewHandler(func(events.APIGatewayProxyRequest) (r events.APIGatewayProxyResponse, err error) { return }).Invoke
	case "http":
		return lambda.NewHandler(func(events.APIGatewayV2HTTPRequest) (r events.APIGatewayV2HTTPResponse, err error) { return }).Invoke
	case "url":
		return lambda.NewHandler(func(events.LambdaFunctionURLRequest) (r events.LambdaFunctionURLResponse, err error) { return }).Invoke
	default:
		return lambda.NewHandler(func(events.ALBTargetGroupRequest) (r events.ALBTargetGroupResponse, err error) { return }).Invoke
	}
}

// discard is a ResponseWriter that keeps nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// answered reports whether reply is the success that the application gave, in whatever envelope.
func answered(reply []byte) bool {
	metadata, _, streamed := bytes.Cut(reply, make([]byte, 8))
	if streamed {
		reply = metadata
	}
	var r struct{ StatusCode int }
	return json.Unmarshal(reply, &r) == nil && r.StatusCode == http.StatusOK
}
