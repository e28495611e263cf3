package event_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/event"
)

// Of two maps of headers one header is made, as net/http's server would have made it.
func TestHeaders(t *testing.T) {
	for name, row := range map[string]struct {
		members, host string
		want          http.Header
	}{
		"lists go before single values":                    {`"multiValueHeaders":{"a":["1","2"]},"headers":{"a":"2"}`, "", http.Header{"A": {"1", "2"}}},
		"whatever their case":                              {`"multiValueHeaders":{"x-a":["1","2"]},"headers":{"X-A":"3"}`, "", http.Header{"X-A": {"1", "2"}}},
		"what only the single values have is there":        {`"multiValueHeaders":{"a":["1"]},"headers":{"a":"1","b":"2"}`, "", http.Header{"A": {"1"}, "B": {"2"}}},
		"single values alone":                              {`"headers":{"a":"1"}`, "", http.Header{"A": {"1"}}},
		"names that differ in case are one":                {`"multiValueHeaders":{"x-a":["1"],"X-A":["2"]}`, "", http.Header{"X-A": {"1", "2"}}},
		"numbers and booleans are their text":              {`"headers":{"a":1,"b":true}`, "", http.Header{"A": {"1"}, "B": {"true"}}},
		"nulls, lists and objects in a list are not":       {`"multiValueHeaders":{"a":[null,["x"],{"y":1},"z"],"b":[]}`, "", http.Header{"A": {"z"}}},
		"a null in place of a value is not":                {`"headers":{"a":null,"b":"2"}`, "", http.Header{"B": {"2"}}},
		"Host leaves the header":                           {`"headers":{"host":"h"}`, "h", http.Header{}},
		"of several hosts the first counts":                {`"multiValueHeaders":{"Host":["h","i"]}`, "h", http.Header{}},
		"the list's host goes before the single value":     {`"multiValueHeaders":{"host":["h"]},"headers":{"Host":"i"}`, "h", http.Header{}},
		"lines of cookies become one":                      {`"multiValueHeaders":{"cookie":["a=1","b=2"]}`, "", http.Header{"Cookie": {"a=1; b=2"}}},
		"Transfer-Encoding is over":                        {`"headers":{"transfer-encoding":"chunked","a":"1"}`, "", http.Header{"A": {"1"}}},
		"a tab may stand in a value, and escapes are read": {`"headers":{"a":"x\ty","b":"\u00e9"}`, "", http.Header{"A": {"x\ty"}, "B": {"é"}}},
		"a single object in place of a value is not":       {`"headers":{"a":{"b":"1"},"c":["2"]}`, "", http.Header{"C": {"2"}}},
		"a list of an empty list is empty":                 {`"multiValueHeaders":{"a":[[]],"b":[{}],"c":[["1"]],"d":["2"]}`, "", http.Header{"D": {"2"}}},
		"lists of numbers need more room than they tell":   {`"multiValueHeaders":{"a":[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9]}`, "", http.Header{"A": {"1", "2", "3", "4", "5", "6", "7", "8", "9", "1", "2", "3", "4", "5", "6", "7", "8", "9"}}},
		"no header at all":                                 {`"headers":null,"multiValueHeaders":null`, "", http.Header{}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := decode(t, `{"resource":"/","path":"/","httpMethod":"GET","requestContext":{},`+row.members+`}`)
			require.NoError(t, err)
			assert.Equal(t, row.want, r.Header)
			assert.Equal(t, row.host, r.Host)
		})
	}
	for name, row := range map[string]struct{ members, want string }{
		"a name with a space":            {`"headers":{"a b":"1"}`, `invalid header name "a b"`},
		"a line break in a value":        {`"headers":{"a":"x\ny"}`, `invalid value of header "A"`},
		"a delete character in a value":  {`"headers":{"a":"x\u007fy"}`, `invalid value of header "A"`},
		"a line break in a list's value": {`"multiValueHeaders":{"a":["x","\r"]}`, `invalid value of header "A"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(t, `{"resource":"/","path":"/","httpMethod":"GET","requestContext":{},`+row.members+`}`)
			assert.Equal(t, &event.RequestError{Reason: row.want}, err)
		})
	}
}

// Names are found to be one behind whatever number of others.
func TestManyHeaders(t *testing.T) {
	members, want := strings.Builder{}, http.Header{}
	for round, names := range [][]string{{"accept", "via", "x-own"}, {"Accept", "VIA", "X-Own", "Te"}} {
		for _, name := range names {
			fmt.Fprintf(&members, "%q:[%q],", name, strconv.Itoa(round))
			want.Add(name, strconv.Itoa(round))
		}
		for i := range 100 {
			name := fmt.Sprintf("x-%d-%d", round, i)
			fmt.Fprintf(&members, "%q:[%q],", name, "y")
			want.Set(name, "y")
		}
	}
	r, err := decode(t, `{"resource":"/","path":"/","httpMethod":"GET","requestContext":{},"multiValueHeaders":{`+members.String()+`"date":["d"]}}`)
	require.NoError(t, err)
	want.Set("Date", "d")
	assert.Equal(t, want, r.Header)
}

// Payload format 2.0 has a list of cookies, which replaces the header beside it.
func TestCookiesOfAList(t *testing.T) {
	r, err := decode(t, `{"version":"2.0","rawPath":"/","headers":{"cookie":"a=1,b=2"},"cookies":["a=1","b=2"],"requestContext":{"http":{"method":"GET"}}}`)
	require.NoError(t, err)
	assert.Equal(t, http.Header{"Cookie": {"a=1; b=2"}}, r.Header, "(rule 44)")
}
