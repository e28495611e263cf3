package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/lambridge-go/yesterday/adapter"
)

// baseline is the adapter of the commit that this program was built against.
var baseline = &side{
	name: "baseline", function: "testdata/baseline/function", streamFunction: "testdata/baseline/functionstream",
	wrap:   func(h http.Handler) invoke { return adapter.Wrap(h).Invoke },
	stream: func(h http.Handler) func(context.Context, json.RawMessage) (any, error) { return adapter.Stream(h) },
}
