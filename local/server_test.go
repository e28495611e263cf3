package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A panic of the gateway itself is told to the client and, with its stack, in the log.
// The command lives on.
func TestPanicOfTheGateway(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	s := newServer(slog.New(slog.NewTextHandler(&logged, nil)))
	require.NoError(t, s.listen("127.0.0.1:0", addrFlag))
	s.serve(0, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic("index out of range")
		case "/panic-later":
			fmt.Fprint(w, "the beginning")
			http.NewResponseController(w).Flush()
			panic("index out of range")
		case "/abort":
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "served")
	}), nil)
	url := "http://" + s.addr(0)

	status, body := get(t, url+"/panic")
	assert.Equal(t, 500, status)
	assert.Equal(t, "Internal Server Error\n", body)
	status, body = get(t, url+"/")
	assert.Equal(t, 200, status)
	assert.Equal(t, "served", body)
	response, err := http.Get(url + "/panic-later")
	require.NoError(t, err)
	beginning, err := io.ReadAll(response.Body)
	response.Body.Close()
	assert.Equal(t, "the beginning", string(beginning))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "it is not taken for the whole")
	_, err = http.Get(url + "/abort")
	assert.ErrorIs(t, err, io.EOF)

	require.NoError(t, s.close())
	assert.Equal(t, 2, bytes.Count(logged.Bytes(), []byte(`panic="index out of range"`)), logged.String())
	assert.Contains(t, logged.String(), "server_test.go:", "the stack")
	assert.NotContains(t, logged.String(), "abort Handler")
}
