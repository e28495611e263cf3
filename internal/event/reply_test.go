package event_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A streamed reply begins with its metadata and eight zero bytes.
func TestPreludes(t *testing.T) {
	const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00"
	for name, want := range map[string]string{
		"recorded/rest":        `{"statusCode":201,"multiValueHeaders":{"Vary":["Accept","Cookie"]},"cookies":["a=1","b=2"]}` + zeros,
		"recorded/functionurl": `{"statusCode":201,"headers":{"Vary":"Accept, Cookie"},"cookies":["a=1","b=2"]}` + zeros,
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, name)
			require.True(t, event.Streams(&r))
			assert.Equal(t, want, string(event.EncodePrelude(&r, &event.Reply{Status: 201, Header: []event.Field{
				{Name: "Set-Cookie", Value: "a=1"}, {Name: "Set-Cookie", Value: "b=2"}, {Name: "Vary", Value: "Accept"}, {Name: "Vary", Value: "Cookie"},
			}})))
		})
	}
	for _, name := range []string{"recorded/httpv1", "recorded/httpv2", "recorded/alb", "recorded/albmulti", "samples/latticev1", "samples/latticev2", "recorded/websocket-message"} {
		t.Run(name, func(t *testing.T) {
			r := read(t, name)
			assert.False(t, event.Streams(&r))
		})
	}
}

// What cannot pass is refused here, where it can be told why.
func TestRepliesThatAreTooLarge(t *testing.T) {
	const lambda = 6*1024*1024 + 100
	alb, rest := read(t, "recorded/alb"), read(t, "recorded/rest")
	assert.Equal(t, []int{1024 * 1024, lambda}, []int{alb.MaxReply(), rest.MaxReply()})
	text := func(n int) *event.Reply { return &event.Reply{Status: 200, Body: []byte(strings.Repeat("a", n))} }
	const around = len(`{"statusCode":200,"multiValueHeaders":{},"body":"","isBase64Encoded":false}`)

	got, err := rest.Encode(text(lambda - around))
	require.NoError(t, err)
	assert.Len(t, got, lambda, "the most there may be")
	_, err = rest.Encode(text(lambda - around + 1))
	assert.Equal(t, &event.TooLargeError{Size: lambda + 1, Limit: lambda}, err, "one byte more")
	_, err = rest.Encode(text(lambda))
	assert.Equal(t, &event.TooLargeError{Size: lambda + 2, Limit: lambda}, err, "the body alone is too large, and is not written")
	_, err = alb.Encode(text(1024 * 1024))
	assert.Equal(t, &event.TooLargeError{Size: 1024*1024 + 2, Limit: 1024 * 1024}, err)

	head := func(n int) *event.Reply {
		return &event.Reply{Status: 200, Header: []event.Field{{Name: "A", Value: strings.Repeat("a", n)}}}
	}
	const line = len("HTTP/1.1 200 OK\r\n" + "A: \r\n" + "\r\n")
	_, err = alb.Encode(head(32*1024 - line))
	require.NoError(t, err, "a header of 32 KiB")
	_, err = alb.Encode(head(32*1024 - line + 1))
	assert.EqualError(t, err, "the reply's header has 32769 bytes, 32768 is the limit")
	_, err = rest.Encode(head(32 * 1024))
	assert.NoError(t, err, "a REST API has no such limit")
}

// Front doors with one value for a name keep the last cookie and say how many are lost.
func TestLostCookies(t *testing.T) {
	for name, lost := range map[string]int{"recorded/alb": 2, "samples/latticev1": 2, "recorded/websocket-connect": 2, "recorded/rest": 0, "recorded/httpv2": 0} {
		t.Run(name, func(t *testing.T) {
			r := read(t, name)
			reply := &event.Reply{Status: 200, Header: []event.Field{
				{Name: "Set-Cookie", Value: "a=1"}, {Name: "Set-Cookie", Value: "b=2"}, {Name: "Set-Cookie", Value: "c=3"}, {Name: "X", Value: "y"},
			}}
			got, err := r.Encode(reply)
			require.NoError(t, err)
			assert.Equal(t, lost, reply.LostCookies)
			assert.Equal(t, lost == 0, strings.Contains(string(got), "a=1"))
			assert.Contains(t, string(got), "c=3")
		})
	}
}

// Bytes travel as base64, and so does what a coding has made, whatever it looks like.
func TestBodiesOfReplies(t *testing.T) {
	r := read(t, "recorded/rest")
	for name, row := range map[string]struct {
		coding, body, want string
	}{
		"text":                              {"", "é\n", `"body":"é\n","isBase64Encoded":false}`},
		"bytes":                             {"", "\xff", `"body":"/w==","isBase64Encoded":true}`},
		"a coding":                          {"br", "hi", `"body":"aGk=","isBase64Encoded":true}`},
		"the coding of none":                {"Identity", "hi", `"body":"hi","isBase64Encoded":false}`},
		"nothing, of a type that is binary": {"br", "", `"body":"","isBase64Encoded":false}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := r.Encode(&event.Reply{Status: 200, Header: []event.Field{{Name: "Content-Encoding", Value: row.coding}}, Body: []byte(row.body)})
			require.NoError(t, err)
			assert.True(t, strings.HasSuffix(string(got), row.want), "%s", got)
		})
	}
}

// REST APIs and function URLs have a server's name of their own.
func TestWhoseServerHeader(t *testing.T) {
	for name, owns := range map[string]bool{"recorded/rest": true, "recorded/functionurl": true, "recorded/httpv2": false, "recorded/alb": false} {
		r := read(t, name)
		assert.Equal(t, owns, r.OwnsServer(), name)
	}
}
