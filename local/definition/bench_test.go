package definition_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// largeTemplate is a SAM template with so many functions and routes.
func largeTemplate(functions, routes int) string {
	var b strings.Builder
	b.WriteString("AWSTemplateFormatVersion: \"2010-09-09\"\nTransform: AWS::Serverless-2016-10-31\nGlobals:\n  Function: {Runtime: provided.al2023, Handler: bootstrap, Timeout: 10}\nResources:\n")
	b.WriteString("  Api:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      StageName: live\n")
	for f := range functions {
		fmt.Fprintf(&b, "  Function%d:\n    Type: AWS::Serverless::Function\n    Metadata: {BuildMethod: go1.x}\n    Properties:\n      CodeUri: ./cmd/%d\n      Environment:\n        Variables:\n          NAME: !Sub \"${AWS::Region}-%d\"\n          API: !Ref Api\n      Events:\n", f, f, f)
		for route := range routes / functions {
			fmt.Fprintf(&b, "        Event%d:\n          Type: HttpApi\n          Properties:\n            ApiId: !Ref Api\n            Path: /things%d/{id}/parts/%d\n            Method: GET\n", route, f, route)
		}
	}
	return b.String()
}

// BenchmarkLoad reads a template of 20 functions and 200 routes; what the YAML
// library alone needs for the same text is the measure.
func BenchmarkLoad(b *testing.B) {
	text := []byte(largeTemplate(20, 200))
	file := filepath.Join(b.TempDir(), "template.yaml")
	require.NoError(b, os.WriteFile(file, text, 0o600))
	b.Run("yaml", func(b *testing.B) {
		for b.Loop() {
			var n yaml.Node
			require.NoError(b, yaml.Load(text, &n))
		}
	})
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			plan, err := definition.Load(file, definition.Options{})
			require.NoError(b, err)
			require.Len(b, plan.APIs[0].Routes, 200)
		}
	})
}

// BenchmarkRequest sends a request through a plan with one route and through one with
// 200, in turn: what differs is the router's share.
func BenchmarkRequest(b *testing.B) {
	for _, routes := range []int{1, 200} {
		file := filepath.Join(b.TempDir(), "template.yaml")
		require.NoError(b, os.WriteFile(file, []byte(largeTemplate(1, routes)), 0o600))
		plan, err := definition.Load(file, definition.Options{})
		require.NoError(b, err)
		assembly, err := plan.Assemble(func(*definition.Function) (invoke.Invoker, error) { return still{}, nil }, definition.Assembling{})
		require.NoError(b, err)
		b.Run(fmt.Sprintf("%d", routes), func(b *testing.B) {
			r := httptest.NewRequest("GET", fmt.Sprintf("/live/things0/5/parts/%d", routes/2), nil)
			for b.Loop() {
				w := httptest.NewRecorder()
				assembly.Handlers[0].ServeHTTP(w, r)
				if w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}

// still is a function that does nothing.
type still struct{}

func (still) Invoke(context.Context, []byte) ([]byte, error) {
	return []byte(`{"statusCode":200}`), nil
}
