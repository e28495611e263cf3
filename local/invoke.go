package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/logs"
	"github.com/lambridge-go/lambridge/local/internal/sample"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// invokeFlags are those of the command invoke.
type invokeFlags struct {
	Name     string `arg:"" help:"The function, by its name or ARN, or by its logical id in a definition."`
	Event    string `default:"{}" placeholder:"FILE|-|SAMPLE" help:"The event: a file, - for the standard input, or a sample: ${samples}. Default: an empty one."`
	Endpoint string `default:"http://127.0.0.1:4000" placeholder:"URL" help:"Where the Invoke API is that a running local has printed. Default: ${default}."`
	Token    string `placeholder:"TOKEN" help:"The token that it asks for, if others reach it."`
}

// check refuses what cannot be asked.
func (f *invokeFlags) check() error {
	if u, err := url.Parse(f.Endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("local: invoke: --endpoint %q is not a URL such as http://127.0.0.1:4000", f.Endpoint)
	}
	return nil
}

// sampleNames are the names that --event knows.
func sampleNames() string {
	var names []string
	for _, s := range sample.All() {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// event returns what the function is invoked with. A file has precedence over a sample.
func (f *invokeFlags) event(stdin io.Reader) ([]byte, error) {
	switch f.Event {
	case "{}":
		return []byte(f.Event), nil
	case "-":
		content, err := io.ReadAll(io.LimitReader(stdin, invoke.MaxPayload+1))
		if err != nil {
			return nil, fmt.Errorf("local: invoke: read the event: %w", err)
		}
		return content, nil
	}
	content, err := os.ReadFile(f.Event)
	if s, ok := sample.Named(f.Event); ok && errors.Is(err, os.ErrNotExist) {
		return []byte(s.Event), nil
	}
	if err != nil {
		return nil, fmt.Errorf("local: invoke: read --event, which is no sample (%s): %w", sampleNames(), err)
	}
	return content, nil
}

// invokeFunction invokes a function that a running local serves, and prints its reply.
// A function that fails is an error.
func invokeFunction(ctx context.Context, f invokeFlags, stdin io.Reader, stdout io.Writer) error {
	event, err := f.event(stdin)
	if err != nil {
		return err
	}
	target := strings.TrimSuffix(f.Endpoint, "/") + "/2015-03-31/functions/" + url.PathEscape(f.Name) + "/invocations"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(event))
	if err != nil {
		return fmt.Errorf("local: invoke: %w", err)
	}
	if f.Token != "" {
		r.Header.Set("X-Lambridge-Token", f.Token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("local: invoke: no Invoke API answers, is local running? %w", err)
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, invoke.MaxPayload+1))
	if err == nil && len(reply) > invoke.MaxPayload {
		err = fmt.Errorf("the reply is over the %d bytes that Lambda allows", invoke.MaxPayload)
	}
	if err != nil {
		return fmt.Errorf("local: invoke: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("local: invoke: %s: %s", resp.Status, logs.Quote(messageOf(reply)))
	}
	var laidOut bytes.Buffer
	if json.Indent(&laidOut, reply, "", "  ") != nil {
		laidOut.Reset()
		laidOut.Write(reply)
	}
	if _, err := fmt.Fprintln(stdout, shown(stdout, laidOut.String())); err != nil {
		return err
	}
	if resp.Header.Get("X-Amz-Function-Error") != "" {
		return fmt.Errorf("local: invoke: the function failed")
	}
	return nil
}

// shown is what w is to show of text that a function or an event has a say in: lines
// that a terminal would obey are quoted for one.
func shown(w io.Writer, text string) string {
	if !isTerminal(w) {
		return text
	}
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		lines[n] = logs.Quote(line)
	}
	return strings.Join(lines, "\n")
}

// messageOf is what an error of the Invoke API says.
func messageOf(reply []byte) string {
	var said struct{ Message string }
	if json.Unmarshal(reply, &said) == nil && said.Message != "" {
		return said.Message
	}
	return strings.TrimSpace(string(reply))
}
