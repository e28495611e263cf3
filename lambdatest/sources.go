package lambdatest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// Sources returns the front doors that requests come through, all but WebSocket APIs: for
// suites, benchmarks and fuzz tests, which have no [Each].
func Sources() []Source { return gateway.Sources() }

// Facts are what is fixed about a front door: its name, and which of the options it has a
// use for.
type Facts = gateway.SourceFacts

// FactsOf returns what is fixed about a front door. ok is false for what is none that
// requests come through.
//
//	for _, source := range lambdatest.Sources() {
//		if facts, _ := lambdatest.FactsOf(source); facts.Authorizers { … }
//	}
func FactsOf(source Source) (facts Facts, ok bool) { return gateway.Facts(source) }

// Each runs f as a subtest for every HTTP front door, named after it. The subtests
// run one after the other; f may call t.Parallel. One that asks for what the front door
// does not have, such as the claims of a token behind a load balancer, is skipped, and
// says so.
func Each(t *testing.T, f func(t *testing.T, source Source)) {
	t.Helper()
	for _, source := range Sources() {
		t.Run(string(source), func(t *testing.T) {
			each.Store(t.Name(), true)
			t.Cleanup(func() { each.Delete(t.Name()) })
			f(t, source)
		})
	}
}

// each has the names of the tests that Each runs.
var each sync.Map

// inEach reports whether a test is one of Each's, or below one.
func inEach(name string) bool {
	for name != "" {
		if _, ok := each.Load(name); ok {
			return true
		}
		name = name[:max(strings.LastIndexByte(name, '/'), 0)]
	}
	return false
}

// A lacking error says that a front door does not have what an option is for.
type lacking struct {
	reason   string
	anywhere bool // it skips tests that are not below Each, too
}

func (e *lacking) Error() string { return e.reason }

func lacks(format string, args ...any) error { return &lacking{reason: fmt.Sprintf(format, args...)} }

// misused ends a test that cannot go on: it is skipped if that is the front door's doing,
// and fails if it is the test's.
func misused(tb testing.TB, err error) {
	tb.Helper()
	if e, ok := errors.AsType[*lacking](err); ok && (e.anywhere || inEach(tb.Name())) {
		tb.Skip(err)
	}
	tb.Fatal(err)
}
