// Command fiber is a small program on Fiber, which is no http.Handler: a bridge makes one of
// it, and its handlers know who calls, through which front door, and until when to answer.
package main

import (
	"bufio"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/gofiber/fiber/v3"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() { lambda.Start(adapter.Wrap(bridge(newApp()))) }

// newApp returns the whole application, which app.Listen would serve as well.
func newApp() *fiber.App {
	app := fiber.New()
	app.Use(requestContext)
	app.Get("/hello/:name", func(c fiber.Ctx) error {
		source, _ := adapter.SourceOf(c.Context())
		return c.JSON(fiber.Map{"hello": c.Params("name"), "through": source})
	})
	app.Get("/me", me)
	app.Put("/theme/:name", setTheme)
	app.Post("/files", upload)
	app.Get("/report", report)
	app.Get("/countdown", countdown)
	return app
}

// me says who calls. Front doors that check nobody have no caller.
func me(c fiber.Ctx) error {
	caller, ok := adapter.CallerFrom(c.Context())
	if !ok {
		return c.Status(fiber.StatusUnauthorized).SendString("who are you?")
	}
	return c.SendString(caller.Claims.Get("sub"))
}

func setTheme(c fiber.Ctx) error {
	c.Cookie(&fiber.Cookie{Name: "theme", Value: c.Params("name"), HTTPOnly: true})
	return c.SendStatus(fiber.StatusNoContent)
}

func upload(c fiber.Ctx) error {
	file, err := c.FormFile("file")
	if err != nil {
		return c.Status(fiber.StatusBadRequest).SendString(`want multipart/form-data with a part "file"`)
	}
	return c.JSON(fiber.Map{"name": file.Filename, "size": file.Size})
}

// report may take longer than a function has: what it calls ends in time to answer.
func report(c fiber.Ctx) error {
	ctx, cancel := early(c.Context())
	defer cancel()
	if err := compute(ctx); err != nil {
		return c.Status(fiber.StatusServiceUnavailable).SendString("try again: " + err.Error())
	}
	return c.SendString("done")
}

// early ends a second before Lambda would stop the function. A server stops nothing.
func early(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-time.Second))
}

func compute(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		return nil
	}
}

// countdown streams, with adapter.Stream in the place of adapter.Wrap.
func countdown(c fiber.Ctx) error {
	c.Set("Content-Type", "text/event-stream")
	return c.SendStreamWriter(func(w *bufio.Writer) {
		for n := 3; n > 0; n-- {
			fmt.Fprintf(w, "data: %d\n\n", n)
			if w.Flush() != nil {
				return
			}
		}
	})
}
