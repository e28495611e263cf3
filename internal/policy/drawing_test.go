package policy_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requirements are the modules that each requires, directly or through others.
type requirements map[string][]string

// TestDrawnModules compares the drawing of the modules in docs/design.md with their go.mod
// files.
func TestDrawnModules(t *testing.T) {
	text, err := os.ReadFile("../../docs/design.md")
	require.NoError(t, err)
	_, drawing, found := strings.Cut(string(text), "```mermaid\nflowchart RL\n")
	require.True(t, found, "docs/design.md draws the modules")
	drawing, _, _ = strings.Cut(drawing, "```")

	folders := map[string]string{"root": "the root: adapter, internal"} // by the names in the drawing
	for _, match := range regexp.MustCompile(`(\w+)\[([^]]+)\]`).FindAllStringSubmatch(drawing, -1) {
		folders[match[1]] = match[2]
	}
	folder := func(name string) string {
		if labelled, ok := folders[name]; ok {
			return labelled
		}
		return name
	}
	drawn := requirements{folder("root"): nil}
	for _, match := range regexp.MustCompile(`(\w+)(?:\[[^]]+\])? --> (\w+)`).FindAllStringSubmatch(drawing, -1) {
		drawn[folder(match[1])] = append(drawn[folder(match[1])], folder(match[2]))
	}

	made := requirements{}
	for _, file := range modules(t) {
		named := func(path string) string {
			if path == module {
				return folder("root")
			}
			return strings.TrimPrefix(path, module+"/")
		}
		made[named(file.Module.Path)] = nil
		for _, r := range file.Require {
			if within(r.Path, module) {
				made[named(file.Module.Path)] = append(made[named(file.Module.Path)], named(r.Path))
			}
		}
	}
	assert.Equal(t, made.whole(), drawn.whole())
}

// whole adds what is required through others.
func (r requirements) whole() map[string][]string {
	var of func(name string, all map[string]bool)
	of = func(name string, all map[string]bool) {
		for _, required := range r[name] {
			all[required] = true
			of(required, all)
		}
	}
	whole := map[string][]string{}
	for name := range r {
		all := map[string]bool{}
		of(name, all)
		whole[name] = slices.Sorted(maps.Keys(all))
	}
	return whole
}
