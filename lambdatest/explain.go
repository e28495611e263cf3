package lambdatest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/record"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// maxExplained is how much of each part Explain shows, in bytes.
const maxExplained = 8 << 10

// Explain returns what lies behind a response of [Do] or [Transport]: the request,
// the event that the front door made of it, the function's reply and the response.
// It suits the message of an assertion:
//
//	assert.Equal(t, 200, resp.StatusCode, lambdatest.Explain(resp))
//
// What a log should not hold reads "(masked)" in it: the header fields Authorization,
// Cookie, Set-Cookie and X-Api-Key, and what the event and the reply have of them.
func Explain(resp *http.Response) string {
	x, ended := exchangeOf(resp)
	switch {
	case ended:
		return explain(x)
	case resp != nil && outcomeOf(resp) != nil:
		return "lambdatest: the function still streams: read the body to its end first"
	default:
		return "lambdatest: this response is not one of Do's"
	}
}

// An outcome is the context of a response's request, and has the exchange behind the
// response once that has ended.
type outcome struct {
	context.Context
	function invoke.Invoker // of a plain front door, nil of others

	exchange gateway.Exchange
	ended    atomic.Bool // exchange is there, and stays as it is
}

// observe is told of the exchange.
func (o *outcome) observe(x gateway.Exchange) {
	o.exchange = x
	o.ended.Store(true)
}

type outcomeKey struct{}

// Value is part of context.Context.
func (o *outcome) Value(key any) any {
	switch key.(type) {
	case outcomeKey:
		return o
	case functionKey:
		if o.function != nil {
			return o.function
		}
	}
	return o.Context.Value(key)
}

func outcomeOf(resp *http.Response) *outcome {
	if resp.Request == nil {
		return nil
	}
	o, _ := resp.Request.Context().Value(outcomeKey{}).(*outcome)
	return o
}

// exchangeOf returns the exchange behind a response, once that has ended.
func exchangeOf(resp *http.Response) (x *gateway.Exchange, ended bool) {
	if resp == nil {
		return nil, false
	}
	if o := outcomeOf(resp); o != nil && o.ended.Load() {
		return &o.exchange, true
	}
	return nil, false
}

// isTrouble reports whether there is anything that logTrouble tells.
func isTrouble(x *gateway.Exchange) bool {
	return x.Err != nil || len(x.Warnings) > 0 || isMangled(x)
}

// logTrouble tells the test's log what the front door would tell its own.
func logTrouble(tb testing.TB, x *gateway.Exchange) {
	tb.Helper()
	switch {
	case x.Err != nil:
		tb.Logf("lambdatest: %s %s, answered with %d: %v\n%s", x.Method, x.Shown(), x.Status, x.Err, explain(x))
	case len(x.Warnings) > 0:
		tb.Logf("lambdatest: %s %s: %s", x.Method, x.Shown(), strings.Join(x.Warnings, "; "))
	}
	if isMangled(x) {
		tb.Logf("lambdatest: %s %s: the request's body is not UTF-8, and the front door %q takes its type for text: the function sees U+FFFD in its place", x.Method, x.Shown(), x.Source)
	}
}

// isMangled reports whether the event has lost bytes of the request's body.
func isMangled(x *gateway.Exchange) bool {
	if utf8.Valid(x.RequestBody) || bytes.Contains(x.RequestBody, []byte("\uFFFD")) {
		return false
	}
	var e struct {
		Body    string
		Encoded bool `json:"isBase64Encoded"`
		Lattice bool `json:"is_base64_encoded"`
	}
	return json.Unmarshal(x.Event, &e) == nil && !e.Encoded && !e.Lattice && strings.Contains(e.Body, "\uFFFD")
}

func explain(x *gateway.Exchange) string {
	var out strings.Builder
	part := func(name, content string) {
		if len(content) > maxExplained {
			content = fmt.Sprintf("%s… (%d bytes)", content[:maxExplained], len(content))
		}
		fmt.Fprintf(&out, "--- %s\n%s\n", name, strings.TrimRight(content, "\n"))
	}
	part("request", fmt.Sprintf("%s %s\nHost: %s\n%s", x.Method, x.Shown(), x.Host, headerText(x.RequestHeader)))
	part(fmt.Sprintf("event (%s)", x.Source), indented(x.Event))
	part("reply", indented(x.Reply))
	part("response", fmt.Sprintf("%d %s\n%s\n%s", x.Status, http.StatusText(x.Status), headerText(x.Header), bodyText(x.Body)))
	if x.Err != nil {
		part("trouble", x.Err.Error())
	}
	for _, warning := range x.Warnings {
		part("warning", warning)
	}
	return out.String()
}

// headerText writes a header with its names in order, and its secrets masked.
func headerText(h http.Header) string {
	var out strings.Builder
	h = record.MaskHeader(h)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	return out.String()
}

// bodyText returns a body as it is, or as a quoted string if it is not text.
func bodyText(body []byte) string {
	if utf8.Valid(body) && !bytes.ContainsRune(body, 0) {
		return string(body)
	}
	return fmt.Sprintf("%q", body)
}

// indented writes a document in lines, with its secrets masked, and what is no JSON as it
// is.
func indented(document []byte) string {
	if document == nil {
		return "(none)"
	}
	var out bytes.Buffer
	if json.Indent(&out, document, "", "  ") != nil {
		return bodyText(document)
	}
	return string(record.MaskJSON(out.Bytes()))
}
