package parity_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/testcache"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// A row is one of the table "what each front door can carry".
type row struct {
	what string
	lost []adapter.Source // the front doors that cannot carry it
}

// rows are those of the differences, and streaming, which has no net/http to differ
// from in what arrives.
func rows(tb testing.TB) []row {
	var table []row
	for _, d := range differences() {
		at := slices.IndexFunc(table, func(r row) bool { return r.what == d.row })
		switch {
		case d.row == "":
		case at < 0:
			table = append(table, row{d.row, d.doors})
		default:
			table[at].lost = append(table[at].lost, d.doors...)
		}
	}
	streams := row{what: "a reply while it is written"}
	for _, source := range doors() {
		facts, ok := gateway.Facts(source)
		require.True(tb, ok)
		if !facts.Streams {
			streams.lost = append(streams.lost, source)
		}
	}
	return append(table, streams)
}

func names() []string { return []string{"REST", "v1", "v2", "URL", "ALB", "multi", "L1", "L2"} }

// docTable is the table for the documentation of package adapter.
func docTable(tb testing.TB) string {
	var b strings.Builder
	fmt.Fprintf(&b, "//\t%-5s\n", strings.Join(names(), "  "))
	for _, r := range rows(tb) {
		b.WriteString("//\t")
		for i, door := range doors() {
			mark := "yes"
			if slices.Contains(r.lost, door) {
				mark = "-"
			}
			fmt.Fprintf(&b, "%-*s", len(names()[i])+2, mark)
		}
		b.WriteString(" " + r.what + "\n")
	}
	return b.String()
}

// pageTable is the table for docs/front-doors.md.
func pageTable(tb testing.TB) string {
	var b strings.Builder
	b.WriteString("| what a front door can carry | " + strings.Join(names(), " | ") + " |\n|---|" + strings.Repeat(":-:|", len(names())) + "\n")
	for _, r := range rows(tb) {
		b.WriteString("| " + r.what + " |")
		for _, door := range doors() {
			if slices.Contains(r.lost, door) {
				b.WriteString(" – |")
			} else {
				b.WriteString(" ✓ |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestTables(t *testing.T) {
	require.NoError(t, testcache.Bypass())
	doc, err := os.ReadFile("../../../adapter/doc.go")
	require.NoError(t, err)
	assert.Contains(t, string(doc), docTable(t), "put this into adapter/doc.go:\n%s", docTable(t))

	page, err := os.ReadFile("../../../docs/front-doors.md")
	require.NoError(t, err)
	assert.Contains(t, string(page), pageTable(t), "put this into docs/front-doors.md:\n%s", pageTable(t))

	assert.ElementsMatch(t, gateway.Sources(), doors(), "parity holds for every front door that there is")
	readme, err := os.ReadFile("../../../README.md")
	require.NoError(t, err)
	for _, source := range gateway.Sources() {
		assert.Regexp(t, fmt.Sprintf("(?m)^\\| .* \\| .*`%s`.* \\|", source), string(readme), "README.md has it in its table")
	}
}
