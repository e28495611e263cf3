package jsontape_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// A cursor reads what encoding/json reads, member by member and stepping over all at once.
func TestCursorAgreesWithEncodingJSON(t *testing.T) {
	for name, doc := range documents {
		t.Run(name, func(t *testing.T) { compareCursor(t, []byte(doc)) })
	}
}

func FuzzCursor(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc))
	}
	f.Fuzz(compareCursor)
}

func compareCursor(t *testing.T, doc []byte) {
	whole := jsontape.CursorOf(doc)
	first := whole
	got := stepThrough(&whole)
	if !json.Valid(doc) {
		return // it has come to an end, which is all that is asked of it here
	}
	var want any
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	require.NoError(t, d.Decode(&want))
	require.Equal(t, want, got)

	text := string(bytes.Trim(doc, " \t\r\n"))
	require.Equal(t, text, string(whole.Since(first)))
	require.Equal(t, text, string(first.Skip()))
}

// stepThrough turns what stands at a cursor into what encoding/json makes of it.
func stepThrough(c *jsontape.Cursor) any {
	switch c.Kind() {
	case jsontape.String:
		return string(c.Text())
	case jsontape.Number:
		return json.Number(c.Text())
	case jsontape.Bool:
		return string(c.Text()) == "true"
	case jsontape.Array:
		list := []any{}
		for more := c.Enter(); more; more = c.Next() {
			list = append(list, stepThrough(c))
		}
		return list
	case jsontape.Object:
		object := map[string]any{}
		for more := c.Enter(); more; more = c.Next() {
			key := string(c.Key())
			object[key] = stepThrough(c)
		}
		return object
	}
	c.Skip()
	return nil
}

// Somebody who looks for one member steps over the others, whatever they are, and has
// nothing from what is no text.
func TestCursorSteps(t *testing.T) {
	doc := []byte("{ \"s\" : \"\\\"}]\" , \"deep\" : {\"a\":[{\"b\":\"]\"}],\"c\":\"\\\\\"} , \"n\":-1.5e3,\"none\" :null,\"e\":{ },\"l\":[ ]\t, \"\\u0078\" : \"y\\n\" } behind")
	skipped, texts := map[string]string{}, map[string]string{}
	c := jsontape.CursorOf(doc)
	for more := c.Enter(); more; more = c.Next() {
		key := string(c.Key())
		again := c
		skipped[key], texts[key] = string(c.Skip()), string(again.Text())
		assert.Equal(t, c, again, "Text steps as far as Skip does, over %s", key)
	}
	assert.Equal(t, map[string]string{"s": `"\"}]"`, "deep": `{"a":[{"b":"]"}],"c":"\\"}`, "n": "-1.5e3", "none": "null", "e": "{ }", "l": "[ ]", "x": `"y\n"`}, skipped)
	assert.Equal(t, map[string]string{"s": `"}]`, "deep": "", "n": "-1.5e3", "none": "", "e": "", "l": "", "x": "y\n"}, texts)
	assert.Equal(t, jsontape.Absent, c.Kind(), "behind the value")

	none := jsontape.Cursor{}
	assert.False(t, none.Enter())
	assert.Empty(t, none.Key())
	assert.Empty(t, none.Text())
	assert.Empty(t, none.Skip())
	assert.False(t, none.Next())
}
