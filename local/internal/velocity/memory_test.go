package velocity_test

import (
	"context"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// most is what parsing a template, and rendering it, may hold of memory.
const most = 64 << 20

// However a template is made to grow, what it holds stays below 64 MB.
func TestMemory(t *testing.T) {
	// Not parallel: what others allocate would count.
	turns := func(body string) string {
		return `#set($l = [])#set($m = {})#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])` + body + `#end#end#end`
	}
	for name, template := range map[string]string{
		"a text that doubles":           `#set($a = "xxxxxxxxxxxxxxxx")#foreach($i in [1..1000])#set($a = $a + $a)#end`,
		"a list of its own texts":       `#set($l = [])#foreach($i in [1..1000])#set($x = $l.add($l.toString()))#end`,
		"texts of which each is kept":   `#set($x = "x")#set($s = $x.repeat(1000000))#set($l = [])#foreach($i in [1..100])#set($y = $l.add($s.concat("x")))#end`,
		"the largest output of texts":   `#set($x = "x")#set($s = $x.repeat(5000000))#set($l = ["$s$s", "$s$s"])$s$s`,
		"a million lines":               `#foreach($i in [1..1000])#foreach($j in [1..1000])$i $j is more text than a payload has#end#end`,
		"parts of parts of a text":      `#set($a = "a-b")#foreach($i in [1..1000])#set($a = "$a-$a.split("-")[0]")#set($x = $a.split("-").toString())#end`,
		"a part for each character":     `#set($x = "x,")#set($s = $x.repeat(5000000))#set($p = $s.split(","))`,
		"each character of a text":      `#set($x = "x")#set($s = $x.repeat(10000000))#set($p = $s.toCharArray())`,
		"numbers in a list":             turns(`#set($n = $k + 1000)#set($x = $l.add($n))`),
		"short texts in a list":         turns(`#set($x = $l.add("$k"))`),
		"lists in a list":               turns(`#set($x = $l.add([]))`),
		"ranges in a list":              turns(`#set($x = $l.add([1..10]))`),
		"maps in a list":                turns(`#set($x = $l.add({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9}))`),
		"a map of a million":            turns(`#set($x = $m.put("$i-$j-$k", $k))`),
		"iterators":                     turns(`#set($x = $l.add($l.iterator()))`),
		"parts of a list":               turns(`#set($x = $l.add($l.subList(0, 0)))`),
		"views of a map":                turns(`#set($x = $l.add($m.entrySet()))`),
		"blocks":                        turns(`#define($d)x#end#set($x = $l.add($d))`),
		"blocks of macros":              `#macro(m $a)#define($d)x$a#end#set($x = $l.add($d))#end` + turns(`#m($k)`),
		"bodies of macros":              `#macro(b)#set($x = $l.add($bodyContent))#end#macro(m $a)#@b()$a#end#end` + turns(`#m($k)`),
		"parentheses within each other": `#if(` + strings.Repeat("(", 4000),
		"calls within each other":       strings.Repeat(`$a.b(`, 800),
		"blocks within each other":      strings.Repeat(`#if(true)`, 450),
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			held := held(t.Context(), func(ctx context.Context) {
				var parsed *velocity.Template
				if parsed, err = velocity.Parse(template); err == nil {
					_, err = parsed.Render(ctx, nil)
				}
			})
			assert.Less(t, held, uint64(most), "%v", err)
		})
	}
}

// held returns how many bytes f holds at most. Where it allocates less than may be held,
// garbage included, that is the number. Else it runs again, and each time that it looks
// whether its context has ended, what it holds is measured while it waits.
func held(ctx context.Context, f func(context.Context)) uint64 {
	before := read(allocated)
	f(ctx)
	if all := read(allocated) - before; all < most {
		return all
	}
	runtime.GC()
	watch := &watch{Context: ctx, before: read(live)}
	f(watch)
	return watch.most
}

// A watch measures what is live when somebody asks for its error, once an eighth of what may
// be was allocated since.
type watch struct {
	context.Context
	before, since, most uint64
}

func (w *watch) Err() error {
	if all := read(allocated); all-w.since > most/8 {
		runtime.GC()
		now := read(live)
		w.most = max(w.most, now-min(now, w.before))
		w.since = all
	}
	return w.Context.Err()
}

const (
	allocated = "/gc/heap/allocs:bytes"
	live      = "/gc/heap/live:bytes"
)

func read(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
