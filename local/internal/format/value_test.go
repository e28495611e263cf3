package format

import (
	"encoding/json"
	"maps"
	"slices"
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
		`{"a":[0,-0,0.5,-1e-9,10E+2,12]}`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":+1}`, `{"a":0x1}`, `{"a":nul}`, `{"a":nulls}`,
		`{"a":"\u12G4"}`, `{"a":"\u12"`, `{"a":"\x"}`, `{"a":"\`, `{"a":"eight by"}`, "{\"a\":\"eight b\x1f\"}", `{"a":"eight bytes and`, "{\"a\":\"\x7f\u0080 and more\"}",
		`{"a":[1,]}`, `{"a":[1 2]}`, `{"a":[`, `{"a":1 "b":2}`, `{a:1}`, `{"a" 1}`, `{1:2}`, "\v{}", "{}\u00a0", `{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"1":8}`,
		strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000),
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
	for _, member := range slices.Concat(got.first[:got.n], got.more) {
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
