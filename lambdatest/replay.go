package lambdatest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// A Recording is one invocation as a JSON file holds it: the client's request, the
// event that the front door made of it, the function's reply and the client's response.
//
// Only Source and Event are needed to begin with, such as an event that the function
// has logged in AWS. [Replay] fills in the rest when it is asked to update.
type Recording struct {
	_ struct{}

	// Source is the front door, such as "http".
	Source Source `json:"source"`

	// Request is what the client sent. Without it there is no Response.
	Request *RecordedRequest `json:"request,omitempty"`

	// Event is what the function is invoked with.
	Event json.RawMessage `json:"event"`

	// Reply is what the function answered.
	Reply json.RawMessage `json:"reply"`

	// Response is what the client got.
	Response *RecordedResponse `json:"response,omitempty"`
}

// A RecordedRequest is a client's request.
type RecordedRequest struct {
	_ struct{}

	Method string      `json:"method"`
	URL    string      `json:"url"` // with the host: "https://example.com/notes?page=2"
	Header http.Header `json:"header,omitempty"`
	// Body is text, or base64 if IsBase64Encoded says so.
	Body            string `json:"body,omitempty"`
	IsBase64Encoded bool   `json:"isBase64Encoded,omitempty"`
}

// A RecordedResponse is what the client got. The fields that are new with every
// response, such as Date and request ids, are not compared.
type RecordedResponse struct {
	_ struct{}

	Status          int         `json:"status"`
	Header          http.Header `json:"header,omitempty"`
	Body            string      `json:"body,omitempty"`
	IsBase64Encoded bool        `json:"isBase64Encoded,omitempty"`
}

// Replay invokes the function h with recorded events. Each file that pattern matches
// holds one, in the format of [Recording], and becomes a subtest named after it. The
// function's reply is compared with the recorded one as JSON, whatever the order of its
// members, and what the front door makes of that reply with the recorded response. opts
// set up the front door as it was when the recording was made.
//
//	lambdatest.Replay(t, adapter.Wrap(newApp()), "testdata/*.json")
//
// The flag -lambdatest.update writes replies and responses instead of comparing them.
func Replay(t *testing.T, h any, pattern string, opts ...Option) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatalf("lambdatest: pattern %q: %v", pattern, err)
	}
	if len(files) == 0 {
		t.Fatalf("lambdatest: no file matches %q", pattern)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		t.Run(name, func(t *testing.T) {
			if err := replay(h, file, opts); err != nil {
				t.Error(err)
			}
		})
	}
}

func replay(h any, file string, opts []Option) error {
	recorded, err := readRecording(file)
	if err != nil {
		return err
	}
	set, err := setUp(recorded.Source, opts)
	if err != nil {
		return err
	}
	function, err := functionOf(h)
	if err != nil {
		return err
	}
	// A recorded reply is whole, even if it was streamed: the front door takes it as such.
	t := set.transport(function, false)
	if t.err != nil {
		return t.err
	}
	reply, err := function.Invoke(context.Background(), recorded.Event)
	if err != nil {
		return fmt.Errorf("lambdatest: the function fails on the event of %s: %w", file, err)
	}
	var response *RecordedResponse
	if recorded.Request != nil {
		if response, err = respond(t, recorded.Request, reply); err != nil {
			return fmt.Errorf("lambdatest: %s: %w", file, err)
		}
	}
	if updating() {
		recorded.Reply, recorded.Response = reply, response
		return writeRecording(file, recorded)
	}
	return errors.Join(
		compareJSON(file+": the reply", recorded.Reply, reply),
		compareResponses(file+": the response", recorded.Response, response),
	)
}

func readRecording(file string) (*Recording, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("lambdatest: read a recording: %w", err)
	}
	var r Recording
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("lambdatest: %s is not a recording: %w", file, err)
	}
	if len(r.Event) == 0 {
		return nil, fmt.Errorf("lambdatest: %s has no event to replay", file)
	}
	return &r, nil
}

func writeRecording(file string, r *Recording) error {
	content, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("lambdatest: write %s: %w", file, err)
	}
	return write(file, append(content, '\n'))
}

// respond returns what the front door makes of a reply to a recorded request.
func respond(t *transport, r *RecordedRequest, reply []byte) (*RecordedResponse, error) {
	body := []byte(r.Body)
	if r.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(r.Body); err != nil {
			return nil, fmt.Errorf("the request's body is not base64: %w", err)
		}
	}
	req, err := http.NewRequest(r.Method, r.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	w := newRecorder(req.Method)
	t.gateway.Respond(w, t.tell(req, nil), reply)
	resp, err := w.response(req)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	response := &RecordedResponse{Status: resp.StatusCode, Header: resp.Header, Body: string(got)}
	if !utf8.Valid(got) {
		response.Body, response.IsBase64Encoded = base64.StdEncoding.EncodeToString(got), true
	}
	return response, nil
}

func compareResponses(what string, want, got *RecordedResponse) error {
	if want == nil {
		return nil
	}
	if got == nil {
		return fmt.Errorf("lambdatest: %s cannot be compared: the recording has no request", what)
	}
	comparable := func(r *RecordedResponse) ([]byte, error) {
		c := *r
		c.Header = http.Header{}
		for name, values := range r.Header {
			c.Header[http.CanonicalHeaderKey(name)] = values
		}
		c.Header = lasting(c.Header)
		return json.Marshal(&c)
	}
	w, err := comparable(want)
	if err != nil {
		return err
	}
	g, err := comparable(got)
	if err != nil {
		return err
	}
	return compareJSON(what, w, g)
}

// compareJSON compares two documents by their values, and shows them line by line if they differ.
func compareJSON(what string, want, got []byte) error {
	w, err := normalised(want)
	if err != nil {
		return fmt.Errorf("lambdatest: %s as recorded is not JSON: %w", what, err)
	}
	g, err := normalised(got)
	if err != nil {
		return fmt.Errorf("lambdatest: %s is not JSON: %w", what, err)
	}
	if w == g {
		return nil
	}
	return fmt.Errorf("lambdatest: %s is not the recorded one (-want +got):\n%s", what, diffLines(w, g))
}

// normalised writes a document with its members in order, one to a line.
func normalised(document []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", err
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return out.String(), err
}
