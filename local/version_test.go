package main

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"--version"}, {"serve", "--version"}} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitAsked, run(args, []string{"LAMBRIDGE_VERSION=v0.1.0"}, strings.NewReader(""), &stdout, &stderr), "%s", args)
		assert.Empty(t, stderr.String(), "%s", args)
		assert.Regexp(t, `^local \S+.* `+runtime.Version()+`\n$`, stdout.String(), "%s", args)
	}
	for _, test := range []struct {
		name, version string
		settings      []debug.BuildSetting
		want          string
	}{
		{"released", "v0.1.0", nil, "local v0.1.0 go1.26.8"},
		{"without anything", "", nil, "local (unreleased) go1.26.8"},
		{"checkout", "(devel)", []debug.BuildSetting{{Key: "vcs.revision", Value: "4c1b2e9"}, {Key: "vcs.modified", Value: "false"}}, "local (unreleased) commit 4c1b2e9 go1.26.8"},
		{"changed checkout", "(devel)", []debug.BuildSetting{{Key: "vcs.revision", Value: "4c1b2e9"}, {Key: "vcs.modified", Value: "true"}}, "local (unreleased) commit 4c1b2e9, changed go1.26.8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: test.version}, Settings: test.settings}
			assert.Equal(t, test.want, versionOf(info))
		})
	}
}
