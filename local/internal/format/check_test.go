package format

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAReplyNestsAsDeepAsInEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		json string
	}{
		{"the deepest objects", strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000)},
		{"one deeper", strings.Repeat(`{"a":`, 10001) + "1" + strings.Repeat("}", 10001)},
		{"the deepest arrays", `{"a":` + strings.Repeat("[", 9999) + strings.Repeat("]", 9999) + "}"},
		{"one deeper", `{"a":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + "}"},
		{"both", strings.Repeat(`{"a":[`, 5000) + strings.Repeat("]}", 5000)},
		{"deeper, without an end", strings.Repeat(`[`, 1_000_000)},
	} {
		_, ok := check([]byte(row.json), nil)
		assert.Equal(t, json.Valid([]byte(row.json)), ok, row.name)
	}
}
