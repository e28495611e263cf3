package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A ready record tells a program where everything is. It is what --log json logs and
// what --ready-file holds once all of it is served.
type ready struct {
	// Function is left out of a definition's.
	Function string `json:"function,omitempty"`
	// FrontDoor and URL are the first front door's; URLs are those of all, by the
	// names that --api knows, or by the names of a definition's APIs.
	FrontDoor string            `json:"frontDoor"`
	URL       string            `json:"url"`
	URLs      map[string]string `json:"urls"`
	WebSocket string            `json:"webSocket,omitempty"`
	// Invoke and Token are the Invoke API's, RuntimeAPI is where an attached function
	// finds its own. Each is left out if there is none.
	Invoke     string `json:"invoke,omitempty"`
	Token      string `json:"token,omitempty"`
	RuntimeAPI string `json:"runtimeApi,omitempty"`
}

func (b banner) ready() ready {
	r := ready{
		Function: b.function.Name(), URLs: map[string]string{},
		WebSocket: b.flags.scheme("ws") + "://" + b.webSocketURL, Invoke: b.invokeURL, Token: b.token, RuntimeAPI: b.function.Addr(),
	}
	for _, door := range b.doors {
		url := door.url + b.path()
		if r.URL == "" {
			r.FrontDoor, r.URL = string(door.Source), url
		}
		r.URLs[string(door.Source)] = url
	}
	return r
}

// ready is that of a definition.
func (p *planServer) ready() ready {
	r := ready{URLs: map[string]string{}, Invoke: p.invokeURL, Token: p.token}
	for _, door := range p.doors {
		switch {
		case door.Kind == gateway.WebSocketAPI && r.WebSocket == "":
			r.WebSocket = door.url(p.flags)
		case door.Kind != gateway.WebSocketAPI && r.URL == "":
			r.FrontDoor, r.URL = string(door.Kind), door.url(p.flags)
		}
		r.URLs[door.Name] = door.url(p.flags)
	}
	return r
}

// announce tells in the ways that are asked for that everything is served: log is the
// one for programs, print the one for people. withdraw takes back what would be wrong
// afterwards.
func (f *flags) announce(r ready, log, print func()) (withdraw func(), err error) {
	switch {
	case f.Log == "json":
		log()
	case !f.Quiet:
		print()
	}
	if f.ReadyFile == "" {
		return func() {}, nil
	}
	if err := r.write(f.ReadyFile); err != nil {
		return nil, err
	}
	return func() { os.Remove(f.ReadyFile) }, nil
}

// attrs are the record's, for a log.
func (r ready) attrs() []any {
	attrs := []any{"frontDoor", r.FrontDoor, "url", r.URL, "urls", r.URLs}
	for _, more := range []struct{ name, value string }{{"function", r.Function}, {"webSocket", r.WebSocket}, {"invoke", r.Invoke}, {"token", r.Token}, {"runtimeApi", r.RuntimeAPI}} {
		if more.value != "" {
			attrs = append(attrs, more.name, more.value)
		}
	}
	return attrs
}

// write writes the record to a file, which is there only when it is whole. Nobody
// else is to read it, as it may hold the token.
func (r ready) write(name string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("local: write --ready-file: %w", err)
	}
	part, err := os.CreateTemp(filepath.Dir(name), ".ready-*")
	if err != nil {
		return fmt.Errorf("local: write --ready-file: %w", err)
	}
	defer os.Remove(part.Name()) // unless it has its name
	if _, err := part.Write(append(text, '\n')); err != nil {
		part.Close()
		return fmt.Errorf("local: write --ready-file: %w", err)
	}
	if err := part.Close(); err != nil {
		return fmt.Errorf("local: write --ready-file: %w", err)
	}
	if err := os.Rename(part.Name(), name); err != nil {
		return fmt.Errorf("local: write --ready-file: %w", err)
	}
	return nil
}
