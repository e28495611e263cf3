package inspector

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/record"
	"github.com/lambridge-go/lambridge/internal/source"
)

// serveCopy gives an exchange the form of a command or a piece of a test, to be pasted.
func (i *Inspector) serveCopy(w http.ResponseWriter, r *http.Request, e *entry) error {
	forms := map[string]func(*entry, bool) (string, error){"curl": curl, "aws": i.aws, "lambdatest": testOf}
	form, ok := forms[r.PathValue("form")]
	if !ok {
		return fmt.Errorf("%q is none of curl, aws and lambdatest", r.PathValue("form"))
	}
	text, err := form(e, !showsSecrets(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = io.WriteString(w, text)
	return err
}

var (
	errNoRequest = errors.New("no client's request led to this invocation")
	errBodyCut   = fmt.Errorf("the body is over %d KB and kept in part", maxBody>>10)
)

// ownFields are those that a client makes by itself.
var ownFields = []string{"Content-Length", "Connection", "Host", "Transfer-Encoding", "Accept-Encoding"}

// curlFields are those that curl sends unless it is told not to, Content-Type with a body.
var curlFields = []string{"Accept", "Content-Type", "User-Agent"}

// curl is the request as a command of a POSIX shell.
func curl(e *entry, masked bool) (string, error) {
	if e.door == nil {
		return "", errNoRequest
	}
	if !e.request.whole() {
		return "", errBodyCut
	}
	x := &e.exchange
	words := []string{"curl -i"}
	headWithBody := x.Method == http.MethodHead && e.request.size > 0
	switch {
	case x.Method == http.MethodHead && !headWithBody:
		words[0] = "curl --head"
	case x.Method != http.MethodGet || e.request.size > 0:
		words[0] += " -X " + shell(x.Method)
	}
	words[0] += " --path-as-is --globoff " + shell(strings.TrimRight(e.door.origin(), "/")+x.URI)
	if "http://"+x.Host != e.door.origin() && x.Host != "" {
		words = append(words, "-H "+shell("Host: "+x.Host))
	}
	h := x.RequestHeader
	if masked {
		h = record.MaskHeader(h)
	}
	for _, name := range curlFields {
		if h[name] == nil && (name != "Content-Type" || e.request.size > 0) {
			words = append(words, "-H "+shell(name+":"))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if slices.Contains(ownFields, name) {
			continue
		}
		for _, value := range h[name] {
			if value == "" {
				words = append(words, "-H "+shell(name+";"))
			} else {
				words = append(words, "-H "+shell(name+": "+value))
			}
		}
	}
	if headWithBody {
		// --head and a body exclude each other, and without --head curl waits for the body
		// that a Content-Length speaks of, until the connection is closed.
		words = append(words, "--ignore-content-length -H 'Connection: close'")
	}
	if e.request.size > 0 {
		// What a shell's word cannot hold goes through printf.
		if data := e.request.data; utf8.Valid(data) && !strings.Contains(string(data), "\x00") {
			words = append(words, "--data-raw "+shell(string(data))) // in which @ names no file
		} else {
			return "printf " + shell(octal(data)) + " | " + strings.Join(append(words, "--data-binary @-"), " \\\n  "), nil
		}
	}
	return strings.Join(words, " \\\n  "), nil
}

// aws is the invocation as a command of the AWS CLI.
func (i *Inspector) aws(e *entry, masked bool) (string, error) {
	if e.event.size == 0 {
		return "", errors.New("no function was invoked")
	}
	if !e.event.whole() {
		return "", errBodyCut
	}
	event := e.event.data
	if masked {
		event = record.MaskJSON(event)
	}
	name := "FUNCTION"
	if f := i.functionOf(e); f != nil {
		name = f.Name
	}
	return strings.Join([]string{
		"aws lambda invoke --endpoint-url " + shell(i.config.InvokeURL), "--function-name " + shell(name),
		"--cli-binary-format raw-in-base64-out", "--payload " + shell(string(event)), "/dev/stdout",
	}, " \\\n  "), nil
}

// testOf is the request as lines of a test with lambdatest.
func testOf(e *entry, masked bool) (string, error) {
	if e.door == nil {
		return "", errNoRequest
	}
	if !e.request.whole() {
		return "", errBodyCut
	}
	x := &e.exchange
	reader := "nil"
	if e.request.size > 0 {
		reader = "strings.NewReader(" + goString(string(e.request.data)) + ")"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "r := httptest.NewRequest(%s, %s, %s)\n", goString(x.Method), goString(e.url()), reader)
	h := x.RequestHeader
	if masked {
		h = record.MaskHeader(h)
	}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if slices.Contains(ownFields, name) {
			continue
		}
		for _, value := range h[name] {
			fmt.Fprintf(&b, "r.Header.Add(%s, %s)\n", goString(name), goString(value))
		}
	}
	fmt.Fprintf(&b, "resp := lambdatest.Do(t, app, lambdatest.%s, r)\nassert.Equal(t, %d, resp.StatusCode)\n", sourceName(x.Source), x.Status)
	return b.String(), nil
}

// sourceName is the name of a front door in Go.
func sourceName(s source.Source) string {
	names := map[source.Source]string{
		source.REST: "REST", source.HTTPv1: "HTTPv1", source.HTTPv2: "HTTPv2", source.FunctionURL: "FunctionURL",
		source.ALB: "ALB", source.ALBMulti: "ALBMulti", source.LatticeV1: "LatticeV1", source.LatticeV2: "LatticeV2",
	}
	if name := names[s]; name != "" {
		return name
	}
	return "HTTPv2"
}

// shell quotes a word for a POSIX shell. What is not text goes through printf.
func shell(word string) string {
	if !utf8.ValidString(word) {
		return `"$(printf '` + octal([]byte(word)) + `')"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// octal writes bytes so that printf writes them back.
func octal(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return b.String()
}

// goString quotes a string for Go, raw where that reads better.
func goString(s string) string {
	if strings.Contains(s, `"`) && strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}
