package policy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The workflow runs .ci/run on the Go of go.work and on the one after it, which .ci/run
// names; it may read only, and runs actions of others by their commits.
func TestWorkflow(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile("../../" + name)
		require.NoError(t, err)
		return string(text)
	}
	workflow := read(".github/workflows/ci.yml")
	floor := regexp.MustCompile(`(?m)^go ([0-9]+\.[0-9]+)`).FindStringSubmatch(read("go.work"))
	next := regexp.MustCompile(`(?m)^next=go([0-9]+\.[0-9]+)`).FindStringSubmatch(read(".ci/run"))
	require.NotNil(t, floor)
	require.NotNil(t, next)
	assert.Contains(t, workflow, `go: ["`+floor[1]+`", "`+next[1]+`"]`)
	assert.Contains(t, workflow, "- run: .ci/run\n")
	assert.Contains(t, workflow, "permissions:\n  contents: read\n")
	for line := range strings.Lines(workflow) {
		if _, action, found := strings.Cut(line, "uses: "); found {
			assert.Regexp(t, `^[a-z-]+/[a-z-]+@[0-9a-f]{40} # v`, action)
		}
	}
}
