package event_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drain reads a body to its end, so many bytes at a time, and then once more.
func drain(t *testing.T, body *event.Body, atATime int) string {
	t.Helper()
	var all []byte
	for {
		p := make([]byte, atATime)
		n, err := body.Read(p)
		all = append(all, p[:n]...)
		if err != nil {
			require.Equal(t, io.EOF, err)
			break
		}
		require.Equal(t, atATime, n, "a read that is not the last one is full")
	}
	n, err := body.Read(make([]byte, 1))
	require.Zero(t, n)
	require.Equal(t, io.EOF, err)
	return string(all)
}

func decodeBody(t *testing.T, body string, isBase64 bool) (*event.Request, error) {
	t.Helper()
	r := new(event.Request)
	payload := fmt.Appendf(nil, `{"requestContext": {"elb": {}}, "httpMethod": "POST", "path": "/", "headers": {}, "body": %s, "isBase64Encoded": %t}`, body, isBase64)
	return r, event.DecodeRequest(payload, r)
}

func TestBody(t *testing.T) {
	binary := strings.Repeat("\x00\x10\x83\xff\xfe>?", 1200) // of an event that is large
	encoded := func(size int) string { return strconv.Quote(base64.StdEncoding.EncodeToString([]byte(binary[:size]))) }
	for _, row := range []struct {
		name, body string
		isBase64   bool
		want       string
	}{
		{"a plain text", `"hello"`, false, "hello"},
		{"a text with escapes", `"\"\u017c\u00f3\u0142w\"\n"`, false, "\"żółw\"\n"},
		{"a long text that could be base64", `"` + strings.Repeat("QUJD", 2100) + `"`, false, strings.Repeat("QUJD", 2100)},
		{"short base64", encoded(5), true, binary[:5]},
		{"long base64", encoded(8400), true, binary[:8400]},
		{"long base64 with a pad", encoded(8399), true, binary[:8399]},
		{"long base64 with two pads", encoded(8398), true, binary[:8398]},
		{"base64 with line breaks", `"` + strings.Repeat(`QUJD\r\n`, 1200) + `"`, true, strings.Repeat("ABC", 1200)},
		{"no base64 at all", `""`, true, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, atATime := range []int{1, 2, 3, 4, 7, 64, 512} {
				r, err := decodeBody(t, row.body, row.isBase64)
				require.NoError(t, err)
				require.Equal(t, len(row.want), r.Content.Len())
				require.Equal(t, row.want, drain(t, r.Content, atATime), "%d bytes at a time", atATime)
				r.Content.Close()
				require.Equal(t, len(row.want), r.Content.Len())
			}
		})
	}
}

// What is not base64 is found before anything is read of it, wherever it is.
func TestBodyThatIsNotBase64(t *testing.T) {
	const row = 8400 // of an event that is large
	for _, wrong := range []string{"-", "_", "=", "é", "."} {
		for place := range row {
			if place > 70 && place < row-70 {
				continue
			}
			if wrong == "=" && place == row-1 {
				continue // a pad
			}
			_, err := decodeBody(t, `"`+strings.Repeat("A", place)+wrong+strings.Repeat("A", row-1-place)+`"`, true)
			assert.Equal(t, &event.RequestError{Reason: fmt.Sprintf("the event's body is not base64: illegal base64 data at input byte %d", wrongAt(place, wrong))}, err)
		}
	}
	for _, size := range []int{197, 198, 199, row + 1, row + 2, row + 3} {
		_, err := decodeBody(t, `"`+strings.Repeat("A", size)+`"`, true)
		assert.Error(t, err, "%d characters", size)
	}
}

// wrongAt is where encoding/base64 says that the mistake is.
func wrongAt(place int, wrong string) int {
	_, err := base64.StdEncoding.DecodeString(strings.Repeat("A", place) + wrong + strings.Repeat("A", 8399-place))
	return int(err.(base64.CorruptInputError))
}

// A text is read from room that the next events are read in, which is not given away
// before the body is closed.
func TestBodiesShareNoMemory(t *testing.T) {
	one, err := decodeBody(t, `"\"one\""`, false)
	require.NoError(t, err)
	two, err := decodeBody(t, `"\"two\""`, false)
	require.NoError(t, err)
	assert.Equal(t, `"one"`, drain(t, one.Content, 512))
	assert.Equal(t, `"two"`, drain(t, two.Content, 512))
	one.Content.Close()
	one.Content.Close()
	two.Content.Close()
	assert.Empty(t, drain(t, one.Content, 512))
}
