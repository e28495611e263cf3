package pages_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A figure that was measured: a time that small, or how many times as long another takes.
// What AWS bounds is a figure too, but of its documentation.
var measured = regexp.MustCompile(`[0-9][0-9.]* (?:µs|×(?: [^0-9]|[^ ]|$))|\b0\.[0-9]+ ms\b`)

// Every section of a page that has measured figures says which command measures them.
func TestFiguresNameTheirCommand(t *testing.T) {
	heading, command := regexp.MustCompile(`(?m)^#+ `), regexp.MustCompile("`go (?:-C internal/|test -bench)")
	found := 0
	for _, p := range pages(t) {
		if p.name == "CHANGELOG.md" || p.name == "internal/bench/RESULTS.md" { // says it once, at the top
			continue
		}
		for _, section := range heading.Split(string(p.source), -1) {
			if figure := measured.FindString(section); figure != "" {
				found++
				title, _, _ := strings.Cut(section, "\n")
				assert.True(t, command.MatchString(section), "%s: which command measures %q, in %q?", p.name, figure, title)
			}
		}
	}
	assert.Positive(t, found)
}

// The figures of README.md are those of the last published run.
func TestFiguresAreOfTheLastRun(t *testing.T) {
	results, err := os.ReadFile(filepath.Join(root, "internal/bench/RESULTS.md"))
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	_, numbers, found := strings.Cut(string(readme), "\n## Numbers\n")
	require.True(t, found)
	numbers, _, _ = strings.Cut(numbers, "\n## ")
	figures := regexp.MustCompile(`[0-9.]+ (?:µs|ms|×)`).FindAllString(numbers, -1)
	require.NotEmpty(t, figures)
	for _, figure := range figures {
		if ratio, found := strings.CutSuffix(figure, " ×"); found && !strings.Contains(string(results), figure) {
			figure = "| " + ratio + " |" // a column of ratios
		}
		assert.True(t, strings.Contains(string(results), figure), "internal/bench/RESULTS.md has no %s", figure)
	}
}
