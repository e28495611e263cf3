package main

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every curve is measured and drawn, and every drawing is well-formed.
func TestScaling(t *testing.T) {
	folder, stdout := t.TempDir(), new(strings.Builder)
	require.NoError(t, run([]string{"-scaling", folder, "-rounds", "1", "-slice", "100us"}, stdout, io.Discard))
	for name, curves := range map[string]int{"scaling-size.svg": 8, "scaling-header.svg": 4, "scaling-workers.svg": 2} {
		svg, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		assert.Equal(t, curves, strings.Count(string(svg), "<polyline"), name)
		assert.NotContains(t, string(svg), "NaN", name)
		for decoder := xml.NewDecoder(strings.NewReader(string(svg))); err == nil; {
			_, err = decoder.Token()
		}
		assert.ErrorIs(t, err, io.EOF, name)
	}
	for _, want := range []string{"| size of the body | JSON in: CPU time |", "| headers | rest: CPU time |", "\n| 1000 |", "| workers | an invocation: CPU time |", "\n| 64 |"} {
		assert.Contains(t, stdout.String(), want)
	}
}

func TestAxes(t *testing.T) {
	x, y := chart{curves: []curve{{points: []point{{1, 0}, {10, 30}}}, {points: []point{{1, 7}, {10, 2000}}}}}.axes()
	assert.Equal(t, axis{1, 10}, x)
	assert.Equal(t, axis{1, 10_000}, y)
	assert.InDelta(t, 0.5, y.at(100), 1e-9)
	_, y = chart{curves: []curve{{points: []point{{1, 0}}}}}.axes()
	assert.Equal(t, axis{1, 10}, y, "nothing but zeros")
	_, y = chart{least: 0.01, most: 1, curves: []curve{{points: []point{{1, 0}}}}}.axes()
	assert.Equal(t, axis{0.01, 1}, y, "nothing but zeros, where so much is shown")
}
