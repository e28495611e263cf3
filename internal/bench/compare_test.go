package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name         string
		today, again []float64
		want         string
	}{
		{"within what is in doubt anyway", []float64{1.02, 1.02, 1.03}, []float64{1, 1, 1}, ""},
		{"within what the baseline is from itself", []float64{1.1, 1.1, 1.1}, []float64{0.9, 1, 1.2}, ""},
		{"slower", []float64{1.1, 1.1, 1.1}, []float64{0.9, 1, 1.05}, "**worse**"},
		{"faster", []float64{0.8, 0.9, 0.8}, []float64{0.9, 1, 1.05}, "**better**"},
		{"one round went wrong", []float64{1, 9, 1}, []float64{1, 1, 1}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, (&row{today: test.today, again: test.again}).verdict())
		})
	}
}

// TestCompare holds that the baseline still builds beside today's adapter.
func TestCompare(t *testing.T) {
	if os.Getenv("LAMBRIDGE_LONG") != "1" {
		t.Skip("builds an earlier commit; LAMBRIDGE_LONG=1 runs it")
	}
	if err := exec.CommandContext(t.Context(), "git", "cat-file", "-e", baselineCommit).Run(); err != nil {
		t.Skip("git does not have the baseline here")
	}
	var out bytes.Buffer
	require.NoError(t, run([]string{"-compare", "-rounds", "1", "-slice", "1ms", "-processes=false"}, &out, io.Discard))
	all, err := tasks()
	require.NoError(t, err)
	assert.Equal(t, len(all)+len(streamWorks()), strings.Count(out.String(), " to ")/2, "rows of the table: %s", &out)
}
