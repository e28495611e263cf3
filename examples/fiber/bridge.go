package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// bridge makes an http.Handler of a Fiber application. Fiber's own, adaptor.FiberApp, leaves
// the request's context behind. Here c.Context() is that context, in an application that
// uses requestContext first: its deadline is Lambda's, and adapter.SourceOf,
// adapter.CallerFrom and their kin tell of the request. Headers that come twice arrive
// twice, too.
func bridge(app *fiber.App) http.Handler {
	handle := app.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var ctx fasthttp.RequestCtx
		if err := readRequest(&ctx, r); err != nil {
			status := http.StatusBadRequest
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, http.StatusText(status), status)
			return
		}
		ctx.SetUserValue(requestContextKey{}, r.Context())
		handle(&ctx)
		writeResponse(w, &ctx.Response)
	})
}

type requestContextKey struct{}

// requestContext makes the context that bridge was given the one that handlers get.
func requestContext(c fiber.Ctx) error {
	if ctx, ok := c.RequestCtx().UserValue(requestContextKey{}).(context.Context); ok {
		c.SetContext(ctx)
	}
	return c.Next()
}

// readRequest makes a request of Fiber's of one of net/http. All of the body is read first:
// in Lambda it is in memory anyway.
func readRequest(ctx *fasthttp.RequestCtx, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	client, _ := net.ResolveTCPAddr("tcp", r.RemoteAddr) // an address and a port in digits: nothing is looked up
	ctx.Init(&fasthttp.Request{}, client, nil)
	ctx.Request.Header.SetMethod(r.Method)
	ctx.Request.SetRequestURI(r.RequestURI)
	for name, values := range r.Header {
		for _, value := range values {
			ctx.Request.Header.Add(name, value)
		}
	}
	ctx.Request.Header.SetHost(r.Host)
	ctx.Request.SetBodyRaw(body)
	return nil
}

// writeResponse writes what the application has answered; a stream piece by piece.
func writeResponse(w http.ResponseWriter, response *fasthttp.Response) {
	for name, value := range response.Header.All() {
		w.Header().Add(string(name), string(value))
	}
	w.WriteHeader(response.StatusCode())
	stream := response.BodyStream()
	if stream == nil {
		w.Write(response.Body())
		return
	}
	defer response.CloseBodyStream()
	controller := http.NewResponseController(w)
	for piece := make([]byte, 32<<10); ; {
		n, err := stream.Read(piece)
		if _, lost := w.Write(piece[:n]); lost != nil || err != nil {
			return
		}
		controller.Flush()
	}
}
