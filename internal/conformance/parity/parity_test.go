// Package parity_test holds the adapter to its one promise: an application cannot
// tell Lambda from net/http.
//
// Each handler of a corpus serves each of its requests on net/http's own server and
// behind every front door: client, gateway, event, adapter, reply, gateway, client. All
// that the handler saw and all that the client got are compared, and what is left when
// all is over. What a front door makes
// impossible is an entry in one list, differences, which says what exactly becomes of
// net/http's exchange and why. An exchange that differs in anything else fails the test,
// and so does an entry that nothing needs.
package parity_test

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// netHTTP is the source of requests that come through no front door.
const netHTTP adapter.Source = ""

func doors() []adapter.Source {
	return []adapter.Source{
		adapter.REST, adapter.HTTPv1, adapter.HTTPv2, adapter.FunctionURL,
		adapter.ALB, adapter.ALBMulti, adapter.LatticeV1, adapter.LatticeV2,
	}
}

// A scenario is a handler and what it is asked, in order.
type scenario struct {
	name     string
	handler  func(testing.TB) http.Handler // a new one for each site
	requests []request
}

func TestParity(t *testing.T) {
	var (
		mu     sync.Mutex
		needed = make(map[string]map[adapter.Source]bool)
		pairs  int
	)
	for _, sc := range slices.Concat(corpus(), frameworks()) {
		pairs += len(sc.requests)
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			oracle := newSite(t, netHTTP, sc.handler(t))
			var plain []exchange
			for _, r := range sc.requests {
				plain = append(plain, oracle.do(t, r))
			}
			remaining := oracle.left()
			for _, door := range doors() {
				c := newComparison(t, door, sc.handler)
				for i, r := range sc.requests {
					applied, wrong := c.compare(t, r, plain[i])
					assert.Empty(t, wrong, "%.80q through %s, with the differences %q", r.line, door, applied)
					mu.Lock()
					for _, name := range applied {
						if needed[name] == nil {
							needed[name] = make(map[adapter.Source]bool)
						}
						needed[name][door] = true
					}
					mu.Unlock()
				}
				assert.Len(t, c.front.left(), len(remaining), "temporary files left behind by %s, as many as by net/http", door)
			}
		})
	}
	assert.GreaterOrEqual(t, pairs, 150, "pairs of handler and request")
	t.Logf("%d pairs of handler and request through %d front doors", pairs, len(doors()))

	t.Cleanup(func() { // after the parallel ones
		if t.Failed() {
			return
		}
		for _, d := range differences() {
			for _, door := range d.doors {
				assert.True(t, needed[d.name][door], "nothing in the corpus needs the difference %q of %s", d.name, door)
			}
		}
	})
}

// A comparison sets a front door beside net/http.
type comparison struct {
	door  adapter.Source
	front *site // behind the front door
	twin  *site // with net/http, for requests that arrive as they do behind the front door
}

func newComparison(tb testing.TB, door adapter.Source, handler func(testing.TB) http.Handler) *comparison {
	return &comparison{door: door, front: newSite(tb, door, handler(tb)), twin: newPatientSite(tb, handler(tb))}
}

// compare sends a request whose exchange with net/http was plain, and tells which
// differences took part and what is wrong for all of them.
//
// The differences are applied in two steps, because what a handler answers depends
// on what it sees: those of the request make of the plain arrival the one that there
// must be behind the front door, with which the handler then runs on net/http once
// more; those of the answer make of what came of that the one that the client must
// get.
func (c *comparison) compare(tb testing.TB, r request, plain exchange) (applied, wrong []string) {
	through := c.front.do(tb, r)
	want := plain.clone()
	p := &prediction{door: c.door, sent: r, body: r.body, plain: plain, through: through}
	p.patient = func() exchange { return c.twin.do(tb, r) }
	apply := func(differences []difference) {
		for _, d := range differences {
			if !slices.Contains(d.doors, c.door) {
				continue
			}
			before, body := want.clone(), p.body
			d.predict(&want, p)
			if !reflect.DeepEqual(before, want) || body != p.body {
				applied = append(applied, d.name)
			}
		}
	}
	if apply(refusals()); p.plain.Seen != nil && want.Seen != nil && through.Seen != nil {
		apply(requestDifferences())
		want = c.twin.doAs(tb, r, want.Seen.arrival, p.body)
		require.NotNil(tb, want.Seen, "net/http does not take %q", r.line)
		p.answered = want.clone()
		apply(answerDifferences())
	}
	return applied, unlike(want, through)
}

// unlike tells in what an exchange is other than it must be.
func unlike(want, was exchange) []string {
	if (want.Seen == nil) != (was.Seen == nil) {
		return []string{fmt.Sprintf("the handler ran: want %t, was %t; the client got %.200q", want.Seen != nil, was.Seen != nil, fmt.Sprint(was.Got))}
	}
	unlike := fieldsUnlike(reflect.ValueOf(want.Got), reflect.ValueOf(was.Got))
	if want.Seen != nil {
		unlike = append(unlike, fieldsUnlike(reflect.ValueOf(*want.Seen), reflect.ValueOf(*was.Seen))...)
	}
	return unlike
}

func fieldsUnlike(want, was reflect.Value) []string {
	var unlike []string
	for i := range want.NumField() {
		if want.Type().Field(i).Anonymous {
			unlike = append(unlike, fieldsUnlike(want.Field(i), was.Field(i))...)
			continue
		}
		name := want.Type().Name() + "." + want.Type().Field(i).Name
		a, b := want.Field(i).Interface(), was.Field(i).Interface()
		if header, ok := a.(http.Header); ok {
			other := b.(http.Header)
			for _, key := range slices.Sorted(maps.Keys(header)) {
				if _, ok := other[key]; !ok {
					unlike = append(unlike, fmt.Sprintf("%s lacks %q: want %.200q", name, key, header[key]))
				}
			}
			for _, key := range slices.Sorted(maps.Keys(other)) {
				if !slices.Equal(header[key], other[key]) {
					unlike = append(unlike, fmt.Sprintf("%s[%q]: want %.200q, was %.200q", name, key, header[key], other[key]))
				}
			}
		} else if !reflect.DeepEqual(a, b) {
			unlike = append(unlike, fmt.Sprintf("%s: want %.200q, was %.200q", name, fmt.Sprint(a), fmt.Sprint(b)))
		}
	}
	return unlike
}

func TestDifferencesAreExplained(t *testing.T) {
	names := make(map[string]bool)
	for _, d := range differences() {
		assert.False(t, names[d.name], "two differences are called %q", d.name)
		names[d.name] = true
		assert.NotEmpty(t, d.doors, d.name)
		assert.NotEmpty(t, d.reason, d.name)
		assert.Regexp(t, `^https://(docs\.aws\.amazon\.com|www\.rfc-editor\.org)/`, d.link, d.name)
		require.NotNil(t, d.predict, d.name)
	}
}

func serve(h func(w http.ResponseWriter, r *http.Request)) func(testing.TB) http.Handler {
	return func(testing.TB) http.Handler { return http.HandlerFunc(h) }
}

func same(h func() http.Handler) func(testing.TB) http.Handler {
	return func(testing.TB) http.Handler { return h() }
}

// say answers with text.
func say(format string, args ...any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, format, args...) })
}
