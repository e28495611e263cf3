package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// A ready record tells a program where everything is. It is what --log json logs and
// what --ready-file holds once all of it is served.
type ready struct {
	Function string `json:"function"`
	// FrontDoor and URL are the first front door's; URLs are those of all, by the
	// names that --api knows.
	FrontDoor string            `json:"frontDoor"`
	URL       string            `json:"url"`
	URLs      map[string]string `json:"urls"`
	WebSocket string            `json:"webSocket"`
	// Invoke and Token are the Invoke API's, RuntimeAPI is where an attached function
	// finds its own. Each is left out if there is none.
	Invoke     string `json:"invoke,omitempty"`
	Token      string `json:"token,omitempty"`
	RuntimeAPI string `json:"runtimeApi,omitempty"`
}

func (b banner) ready() ready {
	r := ready{
		Function: b.function.Name(), URLs: map[string]string{},
		WebSocket: "ws://" + b.webSocketURL, Invoke: b.invokeURL, Token: b.token, RuntimeAPI: b.function.Addr(),
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

func (r ready) log(logger *slog.Logger) {
	attrs := []any{"function", r.Function, "frontDoor", r.FrontDoor, "url", r.URL, "urls", r.URLs, "webSocket", r.WebSocket}
	for _, more := range []struct{ name, value string }{{"invoke", r.Invoke}, {"token", r.Token}, {"runtimeApi", r.RuntimeAPI}} {
		if more.value != "" {
			attrs = append(attrs, more.name, more.value)
		}
	}
	logger.Info("serving", attrs...)
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
