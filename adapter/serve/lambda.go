package serve

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
)

// start runs h as a function behind the Runtime API. It does not return.
func (o Options) start(h http.Handler) {
	var options []lambda.Option
	if o.OnShutdown != nil {
		options = append(options, lambda.WithEnableSIGTERM(func() {
			ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
			defer cancel()
			o.OnShutdown(ctx)
		}))
	}
	if o.Stream {
		lambda.StartWithOptions(adapter.Stream(h, o.Adapter...), options...)
		return
	}
	lambda.StartWithOptions(adapter.Wrap(h, o.Adapter...), options...)
}
