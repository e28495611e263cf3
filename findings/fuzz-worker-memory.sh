#!/bin/sh
# go test -fuzz gives its worker a buffer of 100 MB to mutate a string or a []byte in, shared
# by all arguments, and makes it on the worker's Go heap.
#
# Most take the memory of a fuzz worker, or what runtime.MemStats says in it, for that of the
# function under test. Instead a function that holds nothing stands in a heap of 100 MB that is
# live, and the collector, which lets the heap double, lets as much garbage gather beside it:
# workers of 120 to 240 MB are usual. A limit on memory in a fuzz target has to compare with
# what was live before; the corpus run without -fuzz shows what the function itself takes.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module example.com/finding

go 1.26
MOD
cat > x_test.go <<'GO'
package x

import (
	"os"
	"runtime"
	"strconv"
	"testing"
)

func FuzzNothing(f *testing.F) {
	f.Add("x")
	calls, most := 0, uint64(0)
	f.Fuzz(func(t *testing.T, s string) {
		if calls++; calls%100 != 0 {
			return
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > most {
			most = m.HeapAlloc
			os.WriteFile(os.Getenv("LIVE"), []byte(strconv.FormatUint(most>>20, 10)), 0o600)
		}
	})
}
GO
export LIVE="$dir/live" GOWORK=off GOTOOLCHAIN="${GOTOOLCHAIN:-go1.26.8}"
go test -c -fuzz . -o x.test
./x.test -test.run '^$' -test.fuzz FuzzNothing -test.fuzzcachedir "$dir/cache" -test.fuzztime 3000x -test.parallel 1 >log 2>&1 || { cat log >&2; exit 1; }
fuzzed=$(cat live)
echo "$(go env GOVERSION): the worker of a fuzz target that does nothing holds $fuzzed MB"
[ "$fuzzed" -ge 90 ] || { echo "it was 100" >&2; exit 1; }
