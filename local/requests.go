package main

import (
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/logs"
)

// observer shows each request, and through which front door it came if there are
// several.
func observer(printer *logs.Printer, every bool) func(gateway.Exchange) {
	return func(e gateway.Exchange) {
		r := logs.Request{Method: e.Method, URI: e.Shown(), Status: e.Status, Duration: e.Duration}
		if every {
			r.FrontDoor = string(e.Source)
		}
		printer.Request(r)
	}
}

// observe shows each request, and to which API it went if there are several.
func (p *planServer) observe(e gateway.Exchange) {
	if p.flags.Quiet {
		return
	}
	r := logs.Request{Method: e.Method, URI: e.Shown(), Status: e.Status, Duration: e.Duration}
	if p.several.Load() {
		r.FrontDoor = e.API
	}
	if e.Mapped != nil {
		r.Sent, r.Got = mapped(e)
	}
	p.printer.Request(r)
}

// maxShown is how many bytes of a body a line shows.
const maxShown = 500

// mapped tells what an integration was sent and what it gave back: of a proxy, which passes
// bodies as they are, without them.
func mapped(e gateway.Exchange) (sent, got string) {
	m := e.Mapped
	bodies := e.Integration != "http_proxy"
	show := func(head string, body []byte) string {
		if bodies && len(body) > 0 {
			head = strings.TrimSpace(head + " " + string(body[:min(len(body), maxShown)]))
		}
		return head
	}
	sent = show(strings.TrimSpace(m.Method+" "+m.URL), m.Body)
	switch {
	case m.Status != 0:
		got = show(strconv.Itoa(m.Status), m.Answer)
	case m.Answer != nil:
		got = show("", m.Answer)
	default:
		got = "nothing"
	}
	return sent, got
}
