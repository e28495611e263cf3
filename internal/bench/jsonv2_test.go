package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestGetsPrintsTheTable holds that what becomes the second table of the report is a table, the
// whole table, and nothing but the table.
func TestGetsPrintsTheTable(t *testing.T) {
	var want []string
	for _, door := range doors() {
		for _, c := range contestants() {
			if c.serves(door) {
				want = append(want, door+" "+strings.ReplaceAll(c.name, ours, "**"+ours+"**"))
			}
		}
	}

	var stdout bytes.Buffer
	require.NoError(t, run([]string{"-gets", "-rounds", "1", "-slice", "100us"}, &stdout, io.Discard))
	head, rows, _ := strings.Cut(stdout.String(), "|---|---|--:|--:|--:|--:|\n")
	assert.Equal(t, "| front door | contestant | one invocation | allocations | × recorder | lambridge is faster |\n", head)
	var got []string
	for row := range strings.Lines(rows) {
		cells := strings.Split(row, " | ")
		require.Len(t, cells, 6, "%q", row)
		got = append(got, strings.TrimPrefix(cells[0], "| ")+" "+cells[1])
	}
	assert.Equal(t, want, got)
}

func TestReportPlacesTheTableWithJSONv2(t *testing.T) {
	var report bytes.Buffer
	results := []*result{{task: task{door: "url", work: get}}, {task: task{door: "url", work: post}}}
	writeReport(&report, results, []byte("| figures |\n"), nil, nil)
	var outline []string
	for line := range strings.Lines(report.String()) {
		if strings.HasPrefix(line, "## ") || strings.Contains(line, "figures") {
			outline = append(outline, line)
		}
	}
	assert.Equal(t, []string{"## GET\n", "## GET with GOEXPERIMENT=jsonv2\n", "| figures |\n", "## 64 KB JSON in\n"}, outline)
}

func TestWriteWantsAllFigures(t *testing.T) {
	for _, limit := range []string{"-gets", "-check", "-streams"} {
		err := run([]string{"-write", limit}, io.Discard, io.Discard)
		assert.EqualError(t, err, "RESULTS.md has all figures: leave out -write or what limits them", limit)
	}
}
