package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is what --version prints: the module's version, the commit and the version of
// Go. The go command has written the first two into the program, as far as it knew them:
// a checkout has no released version, and a module from a proxy no commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "local (unknown version) " + runtime.Version()
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	about := info.Main.Version
	if about == "" || about == "(devel)" {
		about = "(unreleased)"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	var commit strings.Builder
	if revision := settings["vcs.revision"]; revision != "" {
		commit.WriteString(" commit " + revision)
		if settings["vcs.modified"] == "true" {
			commit.WriteString(", changed")
		}
	}
	return fmt.Sprintf("local %s%s %s", about, &commit, info.GoVersion)
}
