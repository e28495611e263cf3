package gateway_test

import (
	"context"
	"errors"
	"io"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// streams is a function that streams its reply.
type streams struct {
	contentType string
	body        io.ReadCloser
	err         error
}

func (s streams) Invoke(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("invoked without a stream")
}

func (s streams) InvokeStream(context.Context, []byte) (*invoke.Stream, error) {
	if s.err != nil {
		return nil, s.err
	}
	return &invoke.Stream{ContentType: s.contentType, Body: s.body}, nil
}
