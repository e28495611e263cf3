// Command invoked is a function that says how it was invoked, or fails.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// An event asks for a failure, or for padding in the reply.
type event struct {
	Fail    bool
	Padding int
}

func main() {
	lambda.Start(func(ctx context.Context, e event) (io.Reader, error) {
		fmt.Fprintln(os.Stderr, "a line of the log")
		if e.Fail {
			return nil, errors.New("asked to fail")
		}
		lc, _ := lambdacontext.FromContext(ctx)
		reply, err := json.Marshal(map[string]any{
			"client":  lc.ClientContext.Custom["a"],
			"padding": strings.Repeat("0123456789", e.Padding/10),
		})
		return strings.NewReader(string(reply)), err
	})
}
