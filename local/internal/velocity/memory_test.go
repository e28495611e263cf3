package velocity_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// However a template is made to grow, all that parsing and rendering it allocates, what
// became garbage on the way included, is hardly more than the 64 MB that its values may
// take.
func TestMemory(t *testing.T) {
	// Not parallel: what others allocate would count.
	for name, template := range map[string]string{
		"a text that doubles":           `#set($a = "xxxxxxxxxxxxxxxx")#foreach($i in [1..1000])#set($a = $a + $a)#end`,
		"a list of its own texts":       `#set($l = [])#foreach($i in [1..1000])#set($x = $l.add($l.toString()))#end`,
		"texts of which each is kept":   `#set($x = "x")#set($s = $x.repeat(1000000))#set($l = [])#foreach($i in [1..100])#set($y = $l.add($s.concat("x")))#end`,
		"a million lines":               `#foreach($i in [1..1000])#foreach($j in [1..1000])$i $j is more text than a payload has#end#end`,
		"parts of parts of a text":      `#set($a = "a-b")#foreach($i in [1..1000])#set($a = "$a-$a.split("-")[0]")#set($x = $a.split("-").toString())#end`,
		"parentheses within each other": `#if(` + strings.Repeat("(", 4000),
		"calls within each other":       strings.Repeat(`$a.b(`, 800),
		"blocks within each other":      strings.Repeat(`#if(true)`, 450),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := render(template, nil)
			runtime.ReadMemStats(&after)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(68<<20), "%v", err)
		})
	}
}
