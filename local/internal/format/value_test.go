package format

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// replies are JSON in the shapes that are hard to walk.
func replies() []string {
	return []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":1,"a":2}`, "\t{\"a\" :\r\n[ ] , \"b\": { } }\n",
		`{"a":"\"","b":"\\","c":"\\\"","d":"}{][,:"}`,
		`{"\u0061":"\ud83d\ude00 \ud83d é","é":"\u00e9"}`,
		`{"a":[1,"]",{"b":["x"]},null,true,-1.5e+3],"b":{"c":{"d":[[[]]]}}}`,
		`{"a":"\b\f\n\r\t\/\"\\ \u0000 \u00e9\u20AC\ufffd \\u0041","b\n":"\ude00\ud83d"}`,
		`{"n":0,"t":true,"f":false,"z":null,"e":1E9}`,
		"{\"\xff\":\"\xfe\"}",
		`{"a"`, `{"a":}`, `{"a":1,}`, `[1]`, `null`, `"x"`, ``, `{}{}`, `{"a":tru}`, "{\"a\":\"\n\"}",
		strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000),
		strings.Repeat(`[`, 10000) + strings.Repeat("]", 10000), strings.Repeat(`[`, 10001) + strings.Repeat("]", 10001),
		`01`, `-`, `-0`, `-01`, `1.`, `.1`, `1.5`, `1e`, `1e+`, `1E-07`, `1 2`, `+1`, `0x1`, `nul`, `nulls`, `TRUE`,
		`"long enough \u00fF, and \ud83d"`, `"\u00g0"`, `"\u00f"`, `"\x"`, `"\`, `"no end, however long it is`, "\"8 bytes,\x1f\"", "\"\x7f\"",
		`[1,]`, `[,1]`, `[1 2]`, `{"a" 1}`, `{1:1}`, `{"a":1 "b":2}`, `[}`, `{]`, `{"a":1,"b"}`, "\ufeff{}", "\u00a0{}", "{}\v", "\x00",
	}
}

func FuzzReply(f *testing.F) {
	for _, reply := range replies() {
		f.Add([]byte(reply))
	}
	f.Fuzz(func(t *testing.T, reply []byte) { compareReply(t, reply) })
}

// A reply is what encoding/json says it is, member by member.
func compareReply(t *testing.T, reply []byte) {
	require.Equal(t, json.Valid(reply), isJSON(reply))
	var want map[string]json.RawMessage
	wantErr := json.Unmarshal(reply, &want)
	got, err := ReadReply(reply)
	if wantErr != nil || want == nil { // null unmarshals into a map as nothing
		require.Error(t, err)
		return
	}
	require.NoError(t, err)
	for name, raw := range want {
		compareValue(t, raw, got.get(name))
	}
	for _, member := range got.members {
		assert.Contains(t, want, member.name.text())
	}
}

func compareValue(t *testing.T, raw json.RawMessage, got value) {
	require.Equal(t, string(raw), string(got))
	switch got.kind() {
	case text:
		var want string
		require.NoError(t, json.Unmarshal(raw, &want))
		assert.Equal(t, want, got.text())
	case array:
		var want []json.RawMessage
		require.NoError(t, json.Unmarshal(raw, &want))
		i := 0
		for item := range got.items() {
			require.Less(t, i, len(want))
			compareValue(t, want[i], item)
			i++
		}
		assert.Len(t, want, i)
	case object:
		var want map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(raw, &want))
		last := maps.Collect(got.members())
		assert.Len(t, last, len(want))
		for name, member := range last {
			compareValue(t, want[name], member)
		}
	}
}

// A string that is taken shares no memory with the reply.
func TestTextIsACopy(t *testing.T) {
	t.Parallel()
	reply := []byte(`{"body":"plain"}`)
	r, err := ReadReply(reply)
	require.NoError(t, err)
	body, err := r.Content()
	require.NoError(t, err)
	clear(reply)
	assert.Equal(t, "plain", string(body))
}
