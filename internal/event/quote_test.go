package event_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuoted(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"empty", "", `""`},
		{"marks of HTML stay (pitfall 80)", `<a href='x'>&</a>`, `"<a href='x'>&</a>"`},
		{"short escapes", "\"\\\b\f\n\r\t", `"\"\\\b\f\n\r\t"`},
		{"long escapes", "\x00\x01\x1f\x7f", "\"\\u0000\\u0001\\u001f\x7f\""},
		{"a slash stays", "/", `"/"`},
		{"unicode stays", "é☕😊\u2028\ufffd", "\"é☕😊\u2028\ufffd\""},
		{"an escape in each place of eight bytes", "\n.......\n.......\n", `"\n.......\n.......\n"`},
		{"an escape in the last bytes", "........a\"", `"........a\""`},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, quoted(nil, row.text))
			assert.Equal(t, row.want, string(event.AppendQuotedString(nil, row.text)))
		})
	}
}

// quoted is a text as a JSON string.
func quoted(room []byte, text string) string {
	return string(append(event.AppendText(append(room, '"'), []byte(text)), '"'))
}

// What is escaped is found in each place of a block of 64 bytes, and on both sides of its
// end, in room that is exact as well as in more.
func TestQuotedInEachPlace(t *testing.T) {
	for _, piece := range []string{"\"", "\\", "\n", "\x00", "\x1f\x1f", "\"\"\"\"", "é", "☕\"", strings.Repeat("\x01", 90)} {
		for place := range 140 {
			text := strings.Repeat("a", place) + piece + strings.Repeat("b", 800)
			want, err := json.Marshal(text)
			require.NoError(t, err)
			require.Equal(t, string(want), quoted(nil, text))
			room := []byte(strings.Repeat("#", len(want)+20))
			quoted(room[:0:len(want)], text)
			require.Equal(t, string(want)+strings.Repeat("#", 20), string(room), "nothing is written behind the room")
		}
	}
}

// What is quoted is what encoding/json would write, but for two separators that
// JavaScript once disliked.
func FuzzQuoted(f *testing.F) {
	for _, seed := range []string{"", "plain text", "\"\\\x00\n", "........\"", "é\u2028\u2029", "<>&", strings.Repeat("a\n", 9), "\x7f\xff", strings.Repeat("\"sku\":\"A-4711\",", 20), strings.Repeat("\x01\n☕ plain text, ", 20), strings.Repeat("\x1f", 200), strings.Repeat("\"sku\":\"A-4711\",\n\x01\tplain text that is longer ☕ ", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\ufffd") // callers see to it
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		require.NoError(t, encoder.Encode(text))
		plain := strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.ReplaceAll(strings.TrimSuffix(want.String(), "\n"), `\\`, "\x00"))
		plain = strings.ReplaceAll(plain, "\x00", `\\`)

		assert.Equal(t, "before"+plain, quoted([]byte("before"), text))
		assert.Equal(t, plain, quoted(make([]byte, 0, 2*len(plain)+1000), text), "with room for blocks")
		assert.Equal(t, plain, string(event.AppendQuotedString(make([]byte, 0, 3), text)))
	})
}
