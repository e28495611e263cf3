package record_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/internal/record"
)

func TestMaskJSON(t *testing.T) {
	for _, row := range []struct{ name, document, masked string }{
		{"a header of an event", `{"headers": {"authorization": "Bearer x", "host": "h"}}`, `{"headers": {"authorization": "(masked)", "host": "h"}}`},
		{"whatever its case", `{"Set-Cookie":"x"}`, `{"Set-Cookie":"(masked)"}`},
		{"lists", `{"cookies":["a=1","b=2"],"multiValueHeaders":{"X-Api-Key":["k"]}}`, `{"cookies":["(masked)","(masked)"],"multiValueHeaders":{"X-Api-Key":["(masked)"]}}`},
		{"an authorizer's event", `{"type":"TOKEN","authorizationToken":"Bearer x","identitySource":["Bearer x"]}`, `{"type":"TOKEN","authorizationToken":"(masked)","identitySource":["(masked)"]}`},
		{"what is below a secret", `{"cookie":{"a":[{"b":"c"}],"n":1}}`, `{"cookie":{"a":[{"b":"(masked)"}],"n":1}}`},
		{"no secret", ` {"a" : 1.50, "b":null} `, ` {"a" : 1.50, "b":null} `},
		{"no JSON", `cookie: a`, `cookie: a`},
		{"a document that is cut", `{"a":1,"cookie":"secr`, `{"a":1,"cookie"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.masked, string(record.MaskJSON([]byte(row.document))))
		})
	}
}

func TestUnmask(t *testing.T) {
	const original = `{"cookies":["a=1","b=2"],"headers":{"authorization":"Bearer x"}}`
	edited := `{"cookies":["(masked)","c=3"],"headers":{"authorization":"(masked)"},"apiKey":"(masked)"}`
	assert.JSONEq(t, `{"cookies":["a=1","c=3"],"headers":{"authorization":"Bearer x"},"apiKey":"(masked)"}`,
		string(record.UnmaskJSON([]byte(edited), []byte(original))))

	h := http.Header{"Cookie": {"(masked)", "c=3"}, "X-Api-Key": {"(masked)"}}
	record.UnmaskHeader(h, http.Header{"Cookie": {"a=1"}})
	assert.Equal(t, http.Header{"Cookie": {"a=1", "c=3"}, "X-Api-Key": {"(masked)"}}, h)
	assert.Equal(t, http.Header{"Cookie": {"(masked)", "(masked)"}, "A": {"b"}}, record.MaskHeader(http.Header{"Cookie": {"x", "y"}, "A": {"b"}}))
}
