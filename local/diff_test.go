package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// runDiff compares the mirror's answers. It returns the exit code and what was
// printed where.
func runDiff(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	args = append([]string{"--exec", os.Args[0], "--env", mirrorVariable + "=1", "--every", "--diff"}, args...)
	c := startCommand(t, t.TempDir(), args...)
	code = c.wait()
	return code, c.text(), c.stderr.String()
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{
			"the answers agree", []string{"GET /same?id=1"}, 0,
			"GET /same?id=1: all 8 front doors answer 200 with 25 bytes\n", "",
		}, {
			"with headers and a body", []string{"POST /same", "--diff-header", "X-Color: moss", "--diff-header", "host: example.com", "--diff-body", "hello"}, 0,
			"POST /same: all 8 front doors answer 200 with 32 bytes\n", "",
		}, {
			"nothing has no type", []string{"GET /nothing"}, 0,
			"GET /nothing: all 8 front doors answer 204 with 0 bytes\n", "",
		}, {
			"a header differs", []string{"GET /cookies"}, 1,
			`GET /cookies: 8 front doors do not answer alike

Set-Cookie
  http, http-v1, rest, url, alb-multi
    a=1
    b=2
  alb, lattice, lattice-v1
    b=2
`, "alb takes one Set-Cookie in a reply",
		}, {
			"all else differs", []string{"GET /front-door"}, 1,
			`GET /front-door: 8 front doors do not answer alike

Status
  http, http-v1, rest, url, lattice, lattice-v1
    200 OK
  alb, alb-multi
    404 Not Found

X-Load-Balancer
  http, http-v1, rest, url, lattice, lattice-v1
    (none)
  alb, alb-multi
    yes

Body
  http, http-v1, rest, url, lattice, lattice-v1
    1505 bytes: …" same the same the same here\nthe end the end the end the end the end the"…
  alb, alb-multi
    1506 bytes: …" same the same the same there\nthe end the end the end the end the end th"…
`, "local: the answers differ\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := runDiff(t, test.args...)
			assert.Equal(t, test.code, code, stderr)
			assert.Equal(t, test.stdout, stdout)
			assert.Contains(t, stderr, test.stderr)
		})
	}
}

func TestDiffInColour(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	difference{"X", []group{{[]string{"http", "url"}, []string{"most"}}, {[]string{"alb"}, nil}}}.print(paint{&out, true})
	assert.Equal(t, "\n\x1b[1mX\x1b[0m\n  http, url\n    \x1b[32mmost\x1b[0m\n  alb\n    \x1b[33m(none)\x1b[0m\n", out.String())
}

// A function that is not there is no agreement.
func TestDiffOfNothing(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--every", "--diff", "GET /", "./missing")
	assert.Equal(t, 3, c.wait())
	assert.Empty(t, c.text())
	assert.Contains(t, c.stderr.String(), `build: find package "./missing": `)
}
