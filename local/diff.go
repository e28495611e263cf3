package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/logs"
)

// errDiffer is what diff ends with if the answers differ.
var errDiffer = errors.New("local: the answers differ")

// diff sends one request through each of the doors, one after another, and prints
// where the answers differ.
func diff(ctx context.Context, f flags, doors []servedDoor, out paint) error {
	request, err := f.diffRequest()
	if err != nil {
		return err
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true}, // which the function would see asked for
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	var answers []answer
	for _, door := range doors {
		a, err := ask(ctx, client, request, door)
		if err != nil {
			return fmt.Errorf("local: --diff through the %s: %w", door.Name, err)
		}
		answers = append(answers, a)
	}
	differences := compare(answers)
	if len(differences) == 0 {
		a := answers[0]
		fmt.Fprintf(out.w, "%s: all %d front doors answer %d with %d bytes\n", f.Diff, len(answers), a.status, len(a.body))
		return nil
	}
	fmt.Fprintf(out.w, "%s: %d front doors do not answer alike\n", f.Diff, len(answers))
	for _, d := range differences {
		d.print(out)
	}
	return errDiffer
}

// diffRequest is the request of --diff, but for the address. All front doors get
// the same Host, so that a function that answers with its own URL does not differ.
func (f *flags) diffRequest() (*http.Request, error) {
	method, target, _ := strings.Cut(f.Diff, " ")
	if !strings.HasPrefix(target, "/") {
		return nil, fmt.Errorf(`local: --diff %q is not like "GET /items?id=1"`, f.Diff)
	}
	r, err := http.NewRequest(method, "http://localhost"+target, strings.NewReader(f.DiffBody))
	if err != nil {
		return nil, fmt.Errorf("local: --diff %q: %w", f.Diff, err)
	}
	for n, field := range f.DiffHeader {
		name, value, ok := strings.Cut(field, ":")
		if !ok {
			// It is not shown: it may be a token.
			return nil, fmt.Errorf(`local: --diff-header number %d is not like "Accept: text/html"`, n+1)
		}
		value = strings.TrimSpace(value)
		if strings.EqualFold(name, "Host") {
			r.Host = value
		}
		r.Header.Add(name, value)
	}
	return r, nil
}

// An answer is what one front door made of the request.
type answer struct {
	door   string
	status int
	header http.Header
	body   []byte
}

func ask(ctx context.Context, client *http.Client, request *http.Request, door servedDoor) (answer, error) {
	r := request.Clone(ctx)
	r.URL.Host = strings.TrimPrefix(door.url, "http://")
	if request.GetBody != nil {
		r.Body, _ = request.GetBody() // of a string, which does not fail
	}
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if len(body) == 0 && r.Method != http.MethodHead {
		response.Header.Del("Content-Type") // some front doors give one to nothing, too
	}
	return answer{string(door.Source), response.StatusCode, response.Header, body}, err
}

// A difference is something that not all answers have in common.
type difference struct {
	what   string
	groups []group // the largest first
}

// A group is the front doors that agree, and what they answer: the values of a
// header, of which there may be none.
type group struct {
	doors  []string
	values []string
}

func compare(answers []answer) []difference {
	var found []difference
	add := func(what string, values func(answer) []string) {
		if groups := groupBy(answers, values); len(groups) > 1 {
			found = append(found, difference{what, groups})
		}
	}
	add("Status", func(a answer) []string { return []string{fmt.Sprintf("%d %s", a.status, http.StatusText(a.status))} })
	for _, name := range headerNames(answers) {
		add(name, func(a answer) []string { return a.header[name] })
	}
	add(theBody, func(a answer) []string { return []string{string(a.body)} })
	return found
}

// theBody is the name of the difference that is not shown whole.
const theBody = "Body"

// headerNames are those that a function has a say in.
func headerNames(answers []answer) []string {
	// Every front door has its own of these, and the length is the body's.
	own := []string{
		"Apigw-Requestid", "Connection", "Content-Length", "Date", "Server", "X-Amz-Apigw-Id",
		"X-Amzn-Errortype", "X-Amzn-Requestid", "X-Amzn-Trace-Id",
	}
	var names []string
	for _, a := range answers {
		for name := range a.header {
			if !slices.Contains(own, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func groupBy(answers []answer, values func(answer) []string) []group {
	var groups []group
	for _, a := range answers {
		v := values(a)
		n := slices.IndexFunc(groups, func(g group) bool { return slices.Equal(g.values, v) })
		if n < 0 {
			n = len(groups)
			groups = append(groups, group{values: v})
		}
		groups[n].doors = append(groups[n].doors, a.door)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(len(b.doors), len(a.doors)) })
	return groups
}

// print shows the differences. What most front doors answer is green, the rest
// is yellow.
func (d difference) print(out paint) {
	fmt.Fprintf(out.w, "\n%s\n", out.in(bold, logs.Quote(d.what)))
	for n, g := range d.groups {
		colour := yellow
		if n == 0 {
			colour = green
		}
		fmt.Fprintf(out.w, "  %s\n", strings.Join(g.doors, ", "))
		lines := g.values
		switch {
		case len(lines) == 0:
			lines = []string{"(none)"}
		case d.what == theBody:
			lines = []string{excerpt(lines[0], d.firstDifference())}
		}
		for _, line := range lines {
			fmt.Fprintf(out.w, "    %s\n", out.in(colour, logs.Quote(line)))
		}
	}
}

// firstDifference is where two of the bodies begin to differ.
func (d difference) firstDifference() int {
	first := d.groups[0].values[0]
	at := len(first)
	for _, g := range d.groups[1:] {
		other := g.values[0]
		n := 0
		for n < min(at, len(other)) && first[n] == other[n] {
			n++
		}
		at = n
	}
	return at
}

// excerpt shows what a body has around a place.
func excerpt(body string, at int) string {
	const before, most = 24, 72
	from := min(max(0, at-before), len(body))
	to := min(from+most, len(body))
	text := fmt.Sprintf("%q", body[from:to])
	if from > 0 {
		text = "…" + text
	}
	if to < len(body) {
		text += "…"
	}
	return fmt.Sprintf("%d bytes: %s", len(body), text)
}

// paint is where text goes that is in colour on a terminal.
type paint struct {
	w        io.Writer
	coloured bool
}

// The colours are those of ECMA-48.
const (
	bold   = "1"
	green  = "32"
	yellow = "33"
)

func (p paint) in(colour, text string) string {
	if !p.coloured {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
