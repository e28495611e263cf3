package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWait(t *testing.T) {
	t.Parallel()
	up := httptest.NewServer(http.NotFoundHandler()) // any answer is one
	t.Cleanup(up.Close)
	down := httptest.NewServer(nil)
	down.Close()
	for name, test := range map[string]struct {
		args   []string
		code   int
		stderr string
	}{
		"a server that answers": {[]string{up.URL + "/x"}, 0, ""},
		"nobody":                {[]string{down.URL, "--for", "10ms"}, 1, "local: wait: nothing answered within 10ms: Get \"" + down.URL + "\": "},
		"no URL":                {nil, 2, `local: expected "<url>"`},
		"another scheme":        {[]string{"ftp://example.com"}, 2, `local: wait: "ftp://example.com" is not a URL such as http://127.0.0.1:3000/`},
		"no time":               {[]string{up.URL, "--for", "0s"}, 2, "local: wait: --for 0s is no time to wait"},
		"a flag of serve":       {[]string{up.URL, "--every"}, 2, "local: unknown flag --every"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			assert.Equal(t, test.code, run(append([]string{"wait"}, test.args...), nil, nil, new(bytes.Buffer), &stderr))
			assert.Contains(t, stderr.String(), test.stderr)
			assert.Equal(t, test.stderr == "", stderr.Len() == 0)
		})
	}
}

// The default command may be named, and its help is the one that is shown.
func TestServeIsTheDefault(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"./fn", "--stage", "dev"}, {"--stage", "dev", "./fn"}, {"serve", "--stage", "dev", "./fn"}} {
		command, line, err := parse(args, nil, new(bytes.Buffer))
		assert.NoError(t, err)
		assert.Equal(t, []string{"serve", "./fn", "dev"}, []string{command, line.Serve.Target, line.Serve.Stage})
	}
	command, line, err := parse([]string{"./wait"}, nil, new(bytes.Buffer))
	assert.NoError(t, err)
	assert.Equal(t, []string{"serve", "./wait"}, []string{command, line.Serve.Target})
}
