//go:build unix

package function_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// A program that links what it came from beside what it came to is named; one that links
// either alone, though its go.mod has both, is not.
func TestProgramHalfWayIsWarnedOf(t *testing.T) {
	const ours, old = "github.com/lambridge-go/lambridge/adapter", "github.com/awslabs/aws-lambda-go-api-proxy/core"
	for _, test := range []struct {
		name    string
		imports []string
		warned  bool
	}{
		{"half-way", []string{ours, old}, true},
		{"not on its way yet", []string{old}, false},
		{"arrived", []string{ours}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			main := "package main\n\n"
			for _, name := range test.imports {
				main += "import _ \"" + name + "\"\n"
			}
			// Stand-ins for the modules, since a test downloads nothing.
			for name, text := range map[string]string{
				"fn/go.mod": "module example.com/fn\n\ngo 1.26\n\nrequire (\n\tgithub.com/awslabs/aws-lambda-go-api-proxy v0.16.2\n\tgithub.com/lambridge-go/lambridge v0.1.0\n)\n\n" +
					"replace (\n\tgithub.com/awslabs/aws-lambda-go-api-proxy => ../old\n\tgithub.com/lambridge-go/lambridge => ../ours\n)\n",
				"fn/main.go":              main + "\nfunc main() {}\n",
				"old/go.mod":              "module github.com/awslabs/aws-lambda-go-api-proxy\n\ngo 1.21\n",
				"old/core/core.go":        "package core\n",
				"ours/go.mod":             "module github.com/lambridge-go/lambridge\n\ngo 1.26\n",
				"ours/adapter/adapter.go": "package adapter\n",
			} {
				write(t, filepath.Join(dir, name), text)
			}
			var log bytes.Buffer
			f, err := function.Start(t.Context(), function.Config{
				Package: filepath.Join(dir, "fn"), Environ: append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod"),
				Logger: slog.New(slog.NewTextHandler(&log, nil)),
			})
			require.NoError(t, err)
			require.NoError(t, f.Close())
			assert.Equal(t, test.warned, strings.Contains(log.String(), "example.com/fn still links github.com/awslabs/aws-lambda-go-api-proxy"), "%s", &log)
		})
	}
}
