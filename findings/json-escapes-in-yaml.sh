#!/bin/sh
# What a JSON string may hold and a YAML reader does not read as that.
#
# YAML 1.2 set out to make every JSON text a YAML text, so that tools which take both
# read JSON with their YAML library. JSON escapes a character beyond the first plane in
# two halves ("\ud83d\ude00"), and Python's json.dumps, Java's and PHP's encoders write
# every emoji so. go.yaml.in/yaml v3.0.5 and v4.0.0 refuse it; github.com/goccy/go-yaml
# v1.19.2 and encoding/json read the character.
#
# Expected by most: the same value from each. Seen: an error from two of the four.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	goccy "github.com/goccy/go-yaml"
	yaml3 "go.yaml.in/yaml/v3"
	yaml4 "go.yaml.in/yaml/v4"
)

func main() {
	text := []byte(`{"a": "\ud83d\ude00"}`)
	for _, library := range []struct {
		name string
		read func([]byte, any) error
	}{
		{"encoding/json", json.Unmarshal},
		{"goccy", func(b []byte, v any) error { return goccy.Unmarshal(b, v) }},
		{"yaml v3", yaml3.Unmarshal},
		{"yaml v4", func(b []byte, v any) error { return yaml4.Load(b, v) }},
	} {
		var value map[string]string
		if err := library.read(text, &value); err != nil {
			fmt.Println(library.name, "refuses it")
			continue
		}
		fmt.Println(library.name, value["a"])
	}
}
GO
export GOWORK=off GOFLAGS=-mod=mod
go mod init finding >/dev/null 2>&1
go get go.yaml.in/yaml/v3@v3.0.5 go.yaml.in/yaml/v4@v4.0.0 github.com/goccy/go-yaml@v1.19.2 >/dev/null 2>&1
go run . > seen
cat seen
cat > expected <<'TEXT'
encoding/json 😀
goccy 😀
yaml v3 refuses it
yaml v4 refuses it
TEXT
cmp -s seen expected || { echo "this has changed" >&2; exit 1; }
