package event_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sent is what a client gets of a body that is written in two pieces, and whether it
// travelled in base64.
func sent(t *testing.T, mediaType, body string, cut int) (received string, isBase64 bool) {
	t.Helper()
	var r event.Request
	require.NoError(t, event.DecodeRequest([]byte(`{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/", "headers": {}}`), &r))
	reply := &event.Reply{Status: 200, Header: []event.Field{{Name: "Content-Type", Value: mediaType}}, Travel: new(event.TravelBody)}
	first, rest := []byte(body[:cut]), []byte(body[cut:])
	reply.Travel.Begin(reply, first, nil, 0)
	reply.Travel.Write(first)
	reply.Travel.Write(rest)
	clear(first)
	clear(rest)
	out, err := r.Encode(reply)
	require.NoError(t, err)

	var got struct {
		StatusCode      int
		Headers         map[string]string
		Body            string
		IsBase64Encoded bool
	}
	require.NoError(t, json.Unmarshal(out, &got), "%q", out)
	require.Equal(t, 200, got.StatusCode)
	require.Equal(t, map[string]string{"Content-Type": mediaType}, got.Headers)
	if !got.IsBase64Encoded {
		return got.Body, false
	}
	decoded, err := base64.StdEncoding.DecodeString(got.Body)
	require.NoError(t, err)
	return string(decoded), true
}

func TestTravelBodyInPieces(t *testing.T) {
	long := strings.Repeat("\"żółw\"\n", 30)
	for _, row := range []struct {
		name, mediaType, body string
		isBase64              bool
	}{
		{"nothing", "text/plain", "", false},
		{"an image of nothing", "image/png", "", false},
		{"a text", "text/plain", "a \"text\" of ☕ and 😊", false},
		{"a long text", "application/json", long, false},
		{"an image", "image/png", "\x89PNG\r\n\x1a\n" + long, true},
		{"an image that could pass for text", "image/png", "P1 1 1 1", true},
		{"what turns out to be no text", "text/plain", long + "\xff" + long, true},
		{"what turns out to be no text at its end", "text/plain", long + "\xf0\x9f\x98", true},
		{"a byte that continues nothing", "text/plain", "caf\xc3\xa9\xa9!", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			for cut := range len(row.body) + 1 {
				received, isBase64 := sent(t, row.mediaType, row.body, cut)
				require.Equal(t, row.body, received, "cut at %d", cut)
				require.Equal(t, row.isBase64, isBase64, "cut at %d", cut)
			}
		})
	}
}

// A reply shares no memory with those that are made after it, however large they are, and
// however far what was known of them at their beginning was from that.
func TestRepliesShareNoMemory(t *testing.T) {
	var r event.Request
	require.NoError(t, event.DecodeRequest([]byte(`{"requestContext": {"http": {"method": "GET", "path": "/"}}, "version": "2.0", "rawPath": "/"}`), &r))
	encode := func(first, rest string, expected int) []byte {
		reply := &event.Reply{Status: 200, Travel: new(event.TravelBody)}
		reply.Travel.Begin(reply, []byte(first), nil, expected)
		reply.Travel.Write([]byte(first))
		reply.Travel.Write([]byte(rest))
		out, err := r.Encode(reply)
		require.NoError(t, err)
		return out
	}
	type kept struct{ reply, was []byte }
	var all []kept
	for round := range 2 {
		for _, size := range []int{0, 1, 100, 300_000} {
			for _, letter := range []string{"a\"", "\xff"} {
				text := strings.Repeat(letter, size) + strings.Repeat("#", round)
				for _, reply := range [][]byte{encode(text, "", 0), encode("", text, 0), encode("", text, size), encode(text[:size/2], text[size/2:], 10*size)} {
					all = append(all, kept{reply, bytes.Clone(reply)})
				}
			}
		}
	}
	for _, one := range all {
		require.True(t, bytes.Equal(one.was, one.reply), "%.80q", one.was)
	}
}

// Whatever is written, in whatever pieces, arrives; as text, if it is.
func FuzzTravelBody(f *testing.F) {
	for _, seed := range []string{"", "text", "caf\xe9", "\xff\x00\x01", strings.Repeat("\"\u20ac\"", 40), strings.Repeat("\x1f", 90) + "\xc3", strings.Repeat("a", 87) + "\xf0\x9f\x98\x8a"} {
		f.Add(seed, len(seed)/2)
	}
	f.Fuzz(func(t *testing.T, body string, cut int) {
		cut = min(max(cut, 0), len(body))
		received, isBase64 := sent(t, "text/plain", body, cut)
		assert.Equal(t, body, received)
		assert.Equal(t, utf8.ValidString(body), !isBase64)
	})
}
