package main

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What becomes a part of the report is the tables of all work, whole, and nothing but those.
func TestWorkPrintsTheTables(t *testing.T) {
	if os.Getenv("LAMBRIDGE_LONG") != "1" {
		t.Skip("does all work once; LAMBRIDGE_LONG=1 runs it")
	}
	all, err := tasks()
	require.NoError(t, err)
	var want []string
	for _, work := range works() {
		want = append(want, "## "+work+" with "+runtime.Version())
		for _, task := range all {
			for _, c := range contestants() {
				if task.work == work && c.serves(task.door) {
					want = append(want, task.door+" "+strings.ReplaceAll(c.name, ours, "**"+ours+"**"))
				}
			}
		}
	}

	var stdout bytes.Buffer
	require.NoError(t, run([]string{"-work", "-rounds", "1", "-slice", "100us"}, &stdout, io.Discard))
	var got []string
	for line := range strings.Lines(stdout.String()) {
		switch cells := strings.Split(strings.TrimSpace(line), " | "); {
		case line == "\n" || strings.HasPrefix(line, "| front door") || strings.HasPrefix(line, "|---"):
		case strings.HasPrefix(line, "## "):
			got = append(got, strings.TrimSpace(line))
		default:
			require.Len(t, cells, 8, "%q", line)
			got = append(got, strings.TrimPrefix(cells[0], "| ")+" "+cells[1])
		}
	}
	assert.Equal(t, want, got)
}

// The last release plays in turns with ours, and is told as a ratio round by round.
func TestRatioToTheLastRelease(t *testing.T) {
	row := func(contestant string, rounds ...float64) *result {
		return &result{task: task{door: "url", work: get}, contestant: contestant, rounds: rounds, cost: cost{allocs: 9, bytes: 3520}}
	}
	var table strings.Builder
	writeWork(&table, []*result{row("recorder", 500, 500, 500), row(ours, 1000, 3000, 1200), row(lastRelease, 2000, 4000, 2000), row("peer", 6000, 6000, 6000)})
	assert.Equal(t, strings.Join([]string{
		"| front door | contestant | one invocation | of the last release | memory | allocations | × recorder | lambridge is faster |",
		"|---|---|--:|--:|--:|--:|--:|--:|",
		"| url | recorder | 0.50 µs ± 0 % |  | 3.5 KB | 9 | 1.00 |  |",
		"| url | **lambridge** | 1.20 µs ± 42 % | 0.60 | 3.5 KB | 9 | 2.40 |  |",
		"| url | peer | 6.00 µs ± 0 % |  | 3.5 KB | 9 | 12.00 | 5.0 × |",
		"",
	}, "\n"), table.String())
}

func TestWriteWantsAllFigures(t *testing.T) {
	for _, limit := range []string{"-work", "-check", "-streams"} {
		err := run([]string{"-write", limit}, io.Discard, io.Discard)
		assert.EqualError(t, err, "RESULTS.md has all figures: leave out -write or what limits them", limit)
	}
}
