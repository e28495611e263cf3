package inspector

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/lambridge-go/lambridge/internal/record"
)

// slug is what a fixture may be called.
var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+){0,20}$`)

// fixtures is the folder of them, below the function's own.
const fixtures = "testdata"

// serveFixture writes an exchange to a file that lambdatest.Replay reads.
func (i *Inspector) serveFixture(w http.ResponseWriter, r *http.Request, e *entry) error {
	var ask struct {
		Name    string `json:"name"`
		Secrets bool   `json:"secrets"`
	}
	if err := read(r, &ask); err != nil {
		return err
	}
	if len(ask.Name) > 64 || !slug.MatchString(ask.Name) {
		return fmt.Errorf("the name %q is not like %q: small letters and digits, with hyphens between them", ask.Name, "list-notes-page-2")
	}
	recording, err := e.recording(!ask.Secrets)
	if err != nil {
		return err
	}
	f := i.functionOf(e)
	if f == nil || !f.IsPackage {
		return errors.New("the function's sources are not known: fixtures are kept beside them, so serve it as a package")
	}
	content, err := recording.Encode()
	if err != nil {
		return err
	}
	file := path.Join(fixtures, ask.Name+".json")
	if err := writeBelow(f.Dir, file, content); err != nil {
		return err
	}
	writeJSON(w, map[string]string{
		"file": filepath.Join(f.Dir, file),
		"test": fmt.Sprintf("lambdatest.Replay(t, adapter.Wrap(newApp()), %q)", path.Join(fixtures, "*.json")),
	})
	return nil
}

// recording returns the exchange in the format of its file.
func (e *entry) recording(masked bool) (*record.Recording, error) {
	x := &e.exchange
	switch {
	case e.door == nil || x.Source == "" || e.event.size == 0:
		return nil, errors.New("a fixture is an HTTP request that has reached a function: this is none")
	case !e.request.whole() || !e.event.whole() || !e.reply.whole() || !e.answer.whole():
		return nil, fmt.Errorf("the bodies are kept in part only: they are over %d KB", maxBody>>10)
	case !json.Valid(e.reply.data):
		return nil, errors.New("the function has not replied with JSON: there is nothing to compare with")
	case e.isStreamed():
		return nil, errors.New("the reply was streamed, and of that only the beginning is kept")
	}
	header, answer, event, reply := x.RequestHeader, x.Header.Clone(), e.event.data, e.reply.data
	if x.Status != http.StatusNoContent && x.Status != http.StatusNotModified {
		answer.Set("Content-Length", strconv.FormatInt(e.answer.size, 10)) // as it was sent
	}
	if masked {
		header, answer, event, reply = record.MaskHeader(header), record.MaskHeader(answer), record.MaskJSON(event), record.MaskJSON(reply)
	}
	recording := &record.Recording{
		Source: x.Source, Event: event, Reply: reply,
		Request:  &record.Request{Method: x.Method, URL: e.url(), Header: header},
		Response: &record.Response{Status: x.Status, Header: answer},
	}
	recording.Request.Body, recording.Request.IsBase64Encoded = record.Body(e.request.data)
	recording.Response.Body, recording.Response.IsBase64Encoded = record.Body(e.answer.data)
	return recording, nil
}

// isStreamed reports whether the reply that is kept has a body that is not kept with it.
func (e *entry) isStreamed() bool {
	var reply map[string]json.RawMessage
	if json.Unmarshal(e.reply.data, &reply) != nil {
		return false
	}
	return reply["statusCode"] != nil && reply["body"] == nil && e.answer.size > 0
}

// writeBelow writes a new file below a folder, whatever symbolic links there are.
func writeBelow(folder, file string, content []byte) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("open the function's folder: %w", err)
	}
	defer root.Close()
	if err := root.Mkdir(path.Dir(file), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := root.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: choose another name", file)
	}
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
