// Command echo is a small program on Echo, which is an http.Handler: its handlers know who
// calls, through which front door, and until when to answer, from the request's context.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() { lambda.Start(adapter.Wrap(newApp())) }

// newApp returns the whole application, which app.Start would serve as well.
func newApp() *echo.Echo {
	app := echo.New()
	app.Use(middleware.BodyLimit(4 << 20))
	app.GET("/hello/:name", func(c *echo.Context) error {
		source, _ := adapter.SourceOf(c.Request().Context())
		return c.JSON(http.StatusOK, map[string]any{"hello": c.Param("name"), "through": source})
	})
	app.GET("/me", me)
	app.PUT("/theme/:name", setTheme)
	app.POST("/files", upload)
	app.GET("/report", report)
	return app
}

// me says who calls. Front doors that check nobody have no caller.
func me(c *echo.Context) error {
	caller, ok := adapter.CallerFrom(c.Request().Context())
	if !ok {
		return c.String(http.StatusUnauthorized, "who are you?")
	}
	return c.String(http.StatusOK, caller.Claims.Get("sub"))
}

func setTheme(c *echo.Context) error {
	c.SetCookie(&http.Cookie{Name: "theme", Value: c.Param("name"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return c.NoContent(http.StatusNoContent)
}

func upload(c *echo.Context) error {
	file, err := c.FormFile("file")
	if err != nil {
		return c.String(http.StatusBadRequest, `want multipart/form-data with a part "file"`)
	}
	return c.JSON(http.StatusOK, map[string]any{"name": file.Filename, "size": file.Size})
}

// report may take longer than a function has: what it calls ends in time to answer.
func report(c *echo.Context) error {
	ctx, cancel := early(c.Request().Context())
	defer cancel()
	if err := compute(ctx); err != nil {
		return c.String(http.StatusServiceUnavailable, "try again: "+err.Error())
	}
	return c.String(http.StatusOK, "done")
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
