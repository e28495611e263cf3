package event

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is taken apart here is what encoding/json would take apart.
func FuzzObjectOf(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a" : "b" , "c":[1, {"d":"]}\",:"}]}`, `{"a":1,"a":2}`, `{"\u0061":"\ud800"}`,
		`{"":null, "é\\":"\\"}`, `{"a":{"b":{}}, "c":[]}`, "{\"\xff\":\"\xff\"}", `{"a":true,"b":-1.5e+9}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		if !json.Valid(object) || kindOf(object) != "an object" {
			t.Skip()
		}
		var want map[string]json.RawMessage
		assert.NoError(t, json.Unmarshal(object, &want))
		got := objectOf(object)
		assert.Equal(t, want, got)
		for _, value := range got {
			switch kindOf(value) {
			case "a string":
				var text string
				assert.NoError(t, json.Unmarshal(value, &text))
				assert.Equal(t, text, stringOf(value))
			case "a list":
				var list []json.RawMessage
				assert.NoError(t, json.Unmarshal(value, &list))
				assert.Equal(t, list, arrayOf(value))
			}
		}
	})
}
