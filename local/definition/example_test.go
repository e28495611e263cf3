package definition_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// hello stands for a function.
type hello string

// Invoke implements invoke.Invoker.
func (h hello) Invoke(context.Context, []byte) ([]byte, error) {
	return fmt.Appendf(nil, `{"statusCode": 200, "body": "hello from %s"}`, string(h)), nil
}

// A plan says what there is, before anything is started; what is assembled serves it.
func ExampleLoad() {
	folder, _ := os.MkdirTemp("", "example-")
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "template.yaml")
	os.WriteFile(file, []byte(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Notes:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        One: {Type: HttpApi, Properties: {Method: GET, Path: "/notes/{id}"}}
`), 0o600)

	plan, err := definition.Load(file, definition.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, door := range plan.Doors() {
		fmt.Println(door.Kind, door.Name, door.Path)
	}

	assembly, err := plan.Assemble(func(f *definition.Function) (invoke.Invoker, error) {
		return hello(f.LogicalID), nil
	}, definition.Assembling{})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	assembly.Handlers[0].ServeHTTP(w, httptest.NewRequest("GET", "/notes/7", nil))
	fmt.Println(w.Body)
	// Output:
	// HTTP API ServerlessHttpApi /
	// hello from Notes
}
