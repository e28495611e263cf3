package lambdatest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// updateFlag asks Golden and Replay to write what they would compare. The name
// leaves -update to the tests that import this package; Golden heeds that too.
var updateFlag = flag.Bool("lambdatest.update", false, "write the golden files and recordings of lambdatest instead of comparing with them")

func updating() bool {
	other := flag.Lookup("update")
	return *updateFlag || other != nil && other.Value.String() == "true"
}

// Golden compares resp with the file testdata/golden/NAME.http, where NAME is the
// test's. The file holds status, header and body, so that nothing can change
// unseen; only what differs from one request to the next, such as request ids and
// the date, is left out. Run
//
//	go test -lambdatest.update
//
// to write the file, and look at the difference before you commit it. What the
// application makes anew for each response is for masks to hide, such as an id of its own
// or a session's cookie: see [MaskHeaders]. A flag named
// update of the test's own does the same. The body of resp is read, and can be read
// again afterwards.
func Golden(tb testing.TB, resp *http.Response, masks ...Mask) {
	tb.Helper()
	got, err := goldenText(resp, masks)
	if err != nil {
		tb.Fatal(err)
	}
	file := filepath.Join("testdata", "golden", filepath.FromSlash(tb.Name())+".http")
	if updating() {
		if err := write(file, got); err != nil {
			tb.Fatalf("lambdatest: write the golden file: %v", err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		tb.Fatalf("lambdatest: there is no %s yet: run go test -lambdatest.update to write it", file)
	}
	if err != nil {
		tb.Fatalf("lambdatest: read the golden file: %v", err)
	}
	if !bytes.Equal(got, want) {
		tb.Errorf("lambdatest: the response is not the one in %s (-want +got):\n%s\n%s", file, diffLines(string(want), string(got)), Explain(resp))
	}
}

// A Mask hides from [Golden] what is different in every response. It may change the
// header, which is a copy, and returns the body to be compared:
//
//	lambdatest.Golden(t, resp, func(_ http.Header, body []byte) []byte {
//		return timestamp.ReplaceAll(body, []byte("TIME"))
//	})
type Mask func(header http.Header, body []byte) []byte

// MaskHeaders makes a mask that hides the values of some headers. That they are there is
// still compared, and how often.
func MaskHeaders(names ...string) Mask {
	return func(header http.Header, body []byte) []byte {
		for _, name := range names {
			values := header[http.CanonicalHeaderKey(name)]
			for i := range values {
				values[i] = "(masked)"
			}
		}
		return body
	}
}

// goldenText writes a response without what changes by itself.
func goldenText(resp *http.Response, masks []Mask) ([]byte, error) {
	if resp == nil {
		return nil, errors.New("lambdatest: there is no response to compare")
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("lambdatest: read the response's body: %w", err)
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	header := lasting(resp.Header)
	for _, mask := range masks {
		body = mask(header, bytes.Clone(body))
	}
	return fmt.Appendf(nil, "%d %s\n%s\n%s\n", resp.StatusCode, http.StatusText(resp.StatusCode), headerText(header), bodyText(body)), nil
}

// lasting returns a header without the fields that are new with every response.
func lasting(h http.Header) http.Header {
	kept := h.Clone()
	for _, name := range []string{"Date", "X-Amzn-Requestid", "X-Amz-Apigw-Id", "Apigw-Requestid", "X-Amzn-Trace-Id"} {
		kept.Del(name)
	}
	return kept
}

func write(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

// diffLines shows two texts as one, with what only one of them has marked - or +.
// It is the plain longest common subsequence, which does for what tests compare.
func diffLines(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	const most = 2000
	if len(a) > most || len(b) > most {
		return "too long to show"
	}
	// common[i][j] is how many lines a[i:] and b[j:] have in common.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := range slices.Backward(a) {
		for j := range slices.Backward(b) {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out strings.Builder
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			fmt.Fprintf(&out, "  %s\n", a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			fmt.Fprintf(&out, "- %s\n", a[i])
			i++
		default:
			fmt.Fprintf(&out, "+ %s\n", b[j])
			j++
		}
	}
	return out.String()
}
