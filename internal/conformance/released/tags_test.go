//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A standIn is a repository like this one, with an origin that is its own.
type standIn struct {
	t   *testing.T
	dir string
}

func newStandIn(t *testing.T) standIn {
	t.Helper()
	s := standIn{t, filepath.Join(t.TempDir(), "checkout")}
	require.NoError(t, (&release{dir: s.dir}).copyFiles("../../.."))
	origin := filepath.Join(t.TempDir(), "origin.git")
	s.git("init", "--quiet", "--initial-branch", "main")
	s.git("init", "--quiet", "--bare", origin)
	s.git("remote", "add", "origin", origin)
	return s
}

func (s standIn) git(args ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "git", append([]string{"-c", "user.name=x", "-c", "user.email=x@localhost"}, args...)...)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, "git %s: %s", strings.Join(args, " "), out)
	return string(out)
}

// change replaces text of a file and commits everything.
func (s standIn) change(file, from, to string) {
	s.t.Helper()
	name := filepath.Join(s.dir, file)
	text, err := os.ReadFile(name)
	require.NoError(s.t, err)
	require.Contains(s.t, string(text), from)
	require.NoError(s.t, os.WriteFile(name, []byte(strings.Replace(string(text), from, to, 1)), 0o600))
	s.git("add", "--all")
	s.git("commit", "--quiet", "--message", "Change "+file)
}

// release runs the script that releases a version.
func (s standIn) release(version string) (out string, err error) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(s.dir, ".ci", "release"), version)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@localhost", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@localhost", "GOSUMDB=off")
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// TestTags releases a copy of this repository into a repository of its own.
func TestTags(t *testing.T) {
	if os.Getenv("LAMBRIDGE_LONG") != "1" {
		t.Skip("releases all modules; LAMBRIDGE_LONG=1 runs it")
	}
	s := newStandIn(t)
	s.change("CHANGELOG.md", "## Unreleased\n", "## 0.1.0 - 2026-11-27\n")
	out, err := s.release("v0.1.0")
	require.NoError(t, err, "%s", out)

	var tags []string
	for line := range strings.Lines(s.git("ls-remote", "--tags", "origin")) {
		if _, tag, _ := strings.Cut(strings.TrimSpace(line), "refs/tags/"); !strings.HasSuffix(tag, "^{}") {
			tags = append(tags, tag)
		}
	}
	assert.ElementsMatch(t, []string{"v0.1.0", "local/v0.1.0", "lambdatest/v0.1.0", "adapter/connections/v0.1.0", "adapter/proxycompat/v0.1.0", "adapter/serve/v0.1.0"}, tags)
	for _, tag := range tags {
		folder := strings.TrimSuffix(tag, "v0.1.0")
		goMod := s.git("show", tag+":"+folder+"go.mod")
		assert.NotContains(t, goMod, "replace", tag)
		if folder == "" {
			continue
		}
		assert.Contains(t, goMod, "\tgithub.com/lambridge-go/lambridge v0.1.0\n", tag)
		goSum := s.git("show", tag+":"+folder+"go.sum")
		assert.Contains(t, goSum, "github.com/lambridge-go/lambridge v0.1.0 h1:", tag)
		assert.Contains(t, goSum, "github.com/lambridge-go/lambridge v0.1.0/go.mod h1:", tag)
	}
	assert.Empty(t, s.git("status", "--porcelain"), "the checkout is as it was")
	assert.Equal(t, "main\n", s.git("branch", "--show-current"))

	for _, test := range []struct{ name, file, from, to, version, want string }{
		{"what is released stays", "README.md", "# Lambridge\n", "# Lambridge.\n", "v0.1.0", "origin has v0.1.0, and a tag is never moved"},
		{"a version that the changelog does not have", "README.md", "# Lambridge.\n", "# Lambridge\n", "v0.1.1", `CHANGELOG.md has no heading "## 0.1.1 - YEAR-MONTH-DAY"`},
		{"a root that the last lambdatest does not build with", "internal/source/source.go", "package source\n", "package source\n\nthis is no Go\n", "v0.1.1", "v0.1.0 does not build beside this root"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.t = t
			if strings.Contains(test.want, "build") {
				s.change("CHANGELOG.md", "## 0.1.0 - ", "## 0.1.1 - 2026-12-24\n\n## 0.1.0 - ")
			}
			s.change(test.file, test.from, test.to)
			out, err := s.release(test.version)
			require.Error(t, err)
			assert.Contains(t, out, test.want)
			assert.NotContains(t, s.git("tag", "--list"), "v0.1.1")
			assert.NotContains(t, s.git("ls-remote", "--tags", "origin"), "v0.1.1")
			assert.Empty(t, s.git("status", "--porcelain"))
		})
	}
}
