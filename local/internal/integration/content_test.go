package integration_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// The bodies of the recordings: raw bytes, their base64, and text that is no base64.
const (
	raw     = "\x1f\x8b\x08\x00\xff"
	encoded = "H4sIAP8="
	text    = "this is a UTF8 text typed object"
	broken  = "\x1f\uFFFD\x08\x00\uFFFD"
	failed  = "500"
)

// What becomes of the bytes of requests: docs/integrations.md.
func TestContentOfRequests(t *testing.T) {
	for _, test := range []struct {
		name     string
		handling integration.Handling
		binary   bool
		want     map[string]string // by what is sent
		bytes    bool              // whether what comes of it is binary
	}{
		{"text, left alone", integration.None, false, map[string]string{raw: broken, encoded: encoded, text: text}, false},
		{"text, to text", integration.ToText, false, map[string]string{raw: broken, encoded: encoded, text: text}, false},
		{"text, to binary", integration.ToBinary, false, map[string]string{raw: failed, encoded: raw, text: failed}, true},
		{"binary, left alone", integration.None, true, map[string]string{raw: raw, encoded: encoded, text: text}, true},
		{"binary, to text", integration.ToText, true, map[string]string{raw: encoded, encoded: "SDRzSUFQOD0=", text: "dGhpcyBpcyBhIFVURjggdGV4dCB0eXBlZCBvYmplY3Q="}, false},
		{"binary, to binary", integration.ToBinary, true, map[string]string{raw: raw, encoded: encoded, text: text}, true},
		{"nothing, to binary", integration.ToBinary, false, map[string]string{"": ""}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for sent, want := range test.want {
				got, err := test.handling.FromRequest([]byte(sent), test.binary)
				same(t, want, test.bytes, got, err)
			}
		})
	}
}

// What becomes of the bytes of responses: docs/integrations.md.
func TestContentOfAnswers(t *testing.T) {
	replaced := map[string]string{raw: broken, encoded: encoded, text: text}
	decoded := map[string]string{raw: failed, encoded: raw, text: failed}
	asText := map[string]string{raw: encoded, encoded: "SDRzSUFQOD0=", text: "dGhpcyBpcyBhIFVURjggdGV4dCB0eXBlZCBvYmplY3Q="}
	unchanged := map[string]string{raw: raw, encoded: encoded, text: text}
	for _, test := range []struct {
		name            string
		handling        integration.Handling
		binary, accepts bool
		want            map[string]string
		bytes           bool
	}{
		{"left alone: text for text", integration.None, false, false, replaced, false},
		{"left alone: text for binary", integration.None, false, true, decoded, true},
		{"left alone: binary for text", integration.None, true, false, asText, false},
		{"left alone: binary for binary", integration.None, true, true, unchanged, true},
		{"to text: text for text", integration.ToText, false, false, replaced, false},
		{"to text: text for binary", integration.ToText, false, true, replaced, false},
		{"to text: binary for text", integration.ToText, true, false, asText, false},
		{"to text: binary for binary", integration.ToText, true, true, asText, false},
		{"to binary: text for text", integration.ToBinary, false, false, decoded, true},
		{"to binary: text for binary", integration.ToBinary, false, true, decoded, true},
		{"to binary: binary for text", integration.ToBinary, true, false, unchanged, true},
		{"to binary: binary for binary", integration.ToBinary, true, true, unchanged, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			for sent, want := range test.want {
				got, err := test.handling.FromAnswer([]byte(sent), test.binary, test.accepts)
				same(t, want, test.bytes, got, err)
			}
		})
	}
}

func same(t *testing.T, want string, binary bool, got integration.Content, err error) {
	t.Helper()
	if want == failed {
		assert.ErrorIs(t, err, integration.ErrNotBase64)
		return
	}
	require.NoError(t, err)
	assert.Equal(t, want, string(got.Body))
	assert.Equal(t, binary, got.Binary)
}

// Java puts a replacement character in the place of each sequence that does not end; these
// are its answers.
func TestTextIsReadAsJavaReadsIt(t *testing.T) {
	for sent, want := range map[string]string{
		"a\xff\xfeb":              "a\uFFFD\uFFFDb",
		"\xe2\x82a":               "\uFFFDa",
		"\xf0\x9f\x98":            "\uFFFD",
		"\xf0\x80\x80":            "\uFFFD\uFFFD\uFFFD",
		"\xed\xa0\x80":            "\uFFFD",
		"\xc0\xaf":                "\uFFFD\uFFFD",
		"\xf4\x90\x80\x80":        "\uFFFD\uFFFD\uFFFD\uFFFD",
		"\xe0\x80\x80":            "\uFFFD\uFFFD\uFFFD",
		"ä€\U0001F600":            "ä€\U0001F600",
		strings.Repeat("\x80", 3): "\uFFFD\uFFFD\uFFFD",
	} {
		got, err := integration.None.FromRequest([]byte(sent), false)
		require.NoError(t, err)
		assert.Equal(t, want, string(got.Body), "%q", sent)
	}
}
