package lambdatest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambridge-go/lambridge/internal/record"
)

// A Recording is one invocation as a JSON file holds it: the client's request, the
// event that the front door made of it, the function's reply and the client's response.
//
//	{
//	  "source": "http",
//	  "request": {"method": "GET", "url": "https://example.com/notes?page=2", "header": {"Accept": ["*/*"]}},
//	  "event": {"version": "2.0", ...},
//	  "reply": {"statusCode": 200, ...},
//	  "response": {"status": 200, "header": {"Content-Type": ["text/plain"]}, "body": "..."}
//	}
//
// Only source and event are needed to begin with, such as an event that the function
// has logged in AWS; [Replay] fills in the rest when it is asked to update. The inspector
// of the command local writes whole ones. A recorded value "(masked)" is equal to any.
type Recording = record.Recording

// A RecordedRequest is a client's request: its method, its url with the host, its header
// and its body, which is text, or base64 if isBase64Encoded says so.
type RecordedRequest = record.Request

// A RecordedResponse is what the client got: status, header and body, as of a request.
// The fields that are new with every response, such as Date and request ids, are not
// compared.
type RecordedResponse = record.Response

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
		if response, err = respond(&t, recorded.Request, reply); err != nil {
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
	r, err := record.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("lambdatest: %s: %w", file, err)
	}
	return r, nil
}

func writeRecording(file string, r *Recording) error {
	content, err := r.Encode()
	if err != nil {
		return fmt.Errorf("lambdatest: write %s: %w", file, err)
	}
	return write(file, content)
}

// respond returns what the front door makes of a reply to a recorded request.
func respond(t *transport, r *RecordedRequest, reply []byte) (*RecordedResponse, error) {
	body, err := r.Content()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(r.Method, r.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	w := &recorder{method: req.Method}
	t.gateway.Respond(w, req.WithContext(t.tell(req.Context(), nil)), reply)
	resp, err := w.response(req)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	response := &RecordedResponse{Status: resp.StatusCode, Header: resp.Header}
	response.Body, response.IsBase64Encoded = record.Body(got)
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

// compareJSON compares two documents by their values, of which those that are masked
// equal any, and shows them line by line if they differ.
func compareJSON(what string, want, got []byte) error {
	w, err := decoded(want)
	if err != nil {
		return fmt.Errorf("lambdatest: %s as recorded is not JSON: %w", what, err)
	}
	g, err := decoded(got)
	if err != nil {
		return fmt.Errorf("lambdatest: %s is not JSON: %w", what, err)
	}
	wanted, found := lines(w), lines(masked(g, w))
	if wanted == found {
		return nil
	}
	return fmt.Errorf("lambdatest: %s is not the recorded one (-want +got):\n%s", what, diffLines(wanted, found))
}

func decoded(document []byte) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

// masked returns a value that is masked wherever the recorded one is.
func masked(v, recorded any) any {
	switch recorded := recorded.(type) {
	case string:
		if recorded == record.Masked {
			return recorded
		}
	case []any:
		if all, ok := v.([]any); ok && len(all) == len(recorded) {
			for n := range all {
				all[n] = masked(all[n], recorded[n])
			}
		}
	case map[string]any:
		if all, ok := v.(map[string]any); ok {
			for name, member := range all {
				all[name] = masked(member, recorded[name])
			}
		}
	}
	return v
}

// lines writes a value with its members in order, one to a line.
func lines(v any) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // which was decoded from JSON
	return out.String()
}
