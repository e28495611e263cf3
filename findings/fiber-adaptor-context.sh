#!/usr/bin/env bash
# gofiber/fiber v3.1.0: adaptor.FiberApp makes an http.Handler of a Fiber application, and
# one expects that the request's context is what the application's handlers see. They see
# context.Background(): no value, no deadline, no end when the client leaves. Of a header
# that comes in two lines they see the last.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >go.mod <<'MOD'
module finding

go 1.26

require github.com/gofiber/fiber/v3 v3.1.0
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
)

type key struct{}

func main() {
	app := fiber.New()
	app.Get("/", func(c fiber.Ctx) error {
		_, deadline := c.Context().Deadline()
		fmt.Println("value:", c.Context().Value(key{}))
		fmt.Println("deadline:", deadline)
		fmt.Println("accept:", c.GetReqHeaders()["Accept"])
		return nil
	})
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "here"), time.Minute)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
	r.Header["Accept"] = []string{"text/html", "image/png"}
	adaptor.FiberApp(app)(httptest.NewRecorder(), r)
}
GO
export GOWORK=off
go mod tidy 2>/dev/null
got=$(go run .)
want='value: <nil>
deadline: false
accept: [image/png]'
echo "$got"
[[ $got == "$want" ]] || { echo "changed, expected: $want" >&2; exit 1; }
