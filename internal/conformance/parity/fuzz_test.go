package parity_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParity compares generated requests to generated handlers. Its seeds are the
// corpus's requests, each with a program of its own.
//
//	go test -tags nomsgpack -fuzz FuzzParity ./internal/conformance/parity
//
// The tag leaves a codec out of gin that takes minutes to be built for a fuzzer.
func FuzzParity(f *testing.F) {
	seeds := 0
	for _, sc := range slices.Concat(corpus(), frameworks()) {
		for _, r := range sc.requests {
			if len(r.body) > 10_000 || len(r.header) > manyHeaders {
				continue // what concerns limits is the corpus's business
			}
			code := []byte{byte(seeds), byte(seeds / 2), 5, byte(seeds), byte(seeds / 3), 7}
			f.Add(byte(seeds), r.line, strings.Join(r.header, "\n"), []byte(r.body), r.chunked, code)
			seeds++
		}
	}
	plain := newSite(f, netHTTP, http.NotFoundHandler())
	var comparisons []*comparison
	for _, door := range doors() {
		comparisons = append(comparisons, newComparison(f, door, same(http.NotFoundHandler)))
	}
	f.Fuzz(func(t *testing.T, door byte, line, header string, body []byte, chunked bool, code []byte) {
		r, ok := generated(line, header, body, chunked)
		if !ok || len(code) > 60 {
			t.Skip("no request that a front door would get")
		}
		c := comparisons[int(door)%len(comparisons)]
		for _, s := range []*site{plain, c.twin, c.front} {
			s.handler = &program{code: code}
		}
		applied, wrong := c.compare(t, r, plain.do(t, r))
		require.Empty(t, wrong, "%q with %q through %s, with the differences %q", r.bytes(), code, c.door, applied)
	})
}

// manyHeaders are fewer than a server of net/http refuses.
const manyHeaders = 490

// generated makes a request of what the fuzzer came up with: one whose framing is
// right. Wrong framing ends at the server that all of them have in front.
func generated(line, header string, body []byte, chunked bool) (request, bool) {
	if len(line)+len(header) > 4000 || len(body) > 20_000 || strings.ContainsAny(line, "\r\n") {
		return request{}, false
	}
	r := request{line: line, body: string(body), chunked: chunked}
	for name := range strings.SplitSeq(header, "\n") {
		field, _, _ := strings.Cut(name, ":")
		switch strings.ToLower(strings.TrimSpace(field)) {
		case "content-length", "transfer-encoding", "":
			continue
		}
		if strings.Contains(name, "\r") || name[0] == ' ' || name[0] == '\t' {
			continue
		}
		r.header = append(r.header, name)
	}
	return r, len(r.header) <= manyHeaders
}
