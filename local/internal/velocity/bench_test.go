package velocity_test

import (
	"context"
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// BenchmarkRender renders a template of 100 lines with values of 10 KB of
// JSON. testdata/benchmark/run does so beside other engines.
func BenchmarkRender(b *testing.B) {
	template, variables := benchmark(b)
	defer debug.SetGCPercent(debug.SetGCPercent(300)) // as the command local sets it
	b.ReportAllocs()
	before := processorTime()
	for b.Loop() {
		if _, err := template.Render(context.Background(), variables); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("testdata/benchmark/template.vtl")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := velocity.Parse(string(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// The template of the benchmark gives what Apache Velocity gives.
func TestBenchmarkTemplate(t *testing.T) {
	t.Parallel()
	template, variables := benchmark(t)
	got, err := template.Render(context.Background(), variables)
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/benchmark/output.json")
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func benchmark(tb testing.TB) (*velocity.Template, map[string]any) {
	tb.Helper()
	text, err := os.ReadFile("testdata/benchmark/template.vtl")
	require.NoError(tb, err)
	body, err := os.ReadFile("testdata/benchmark/body.json")
	require.NoError(tb, err)
	template, err := velocity.Parse(string(text))
	require.NoError(tb, err)
	return template, map[string]any{"root": parseContext(tb, string(body))}
}
