package mapping_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/mapping"
	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// Whatever the template and the body, rendering ends with a text, or with an error that has a
// place in the template, and leaves what it was given as it was.
func FuzzRender(f *testing.F) {
	const body = `{"a":1,"s":"x/y \"z\"","l":[{"n":1},{"n":2.50},[]],"o":{"k":null,"t":true},"e":""}`
	for _, template := range []string{
		`#set($r = $input.path('$'))#set($r.b = 2)$r $input.json('$')$util.escapeJavaScript($r)`,
		`#foreach($i in $input.path('$.l'))$i.n$input.json("$.l[$foreach.index]")#if($foreach.hasNext),#end#end`,
		`$util.urlEncode($input.body)$util.base64Decode($util.base64Encode($input.json('$.s')))$util.urlDecode('a%20b')`,
		`#set($o = $util.parseJson($input.body))$o.l.size()$o.keySet()$o.o.put('k', $o.s.replaceAll('\W', '_'))`,
		`$input.params('q')$input.params().header.get('h')$context.identity.sourceIp$stageVariables.v$context.nope`,
		`#set($context.requestOverride.header.h = $input.path('$.s'))#set($context.responseOverride.status = 201)`,
	} {
		f.Add(template, body)
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		if len(text) > 4<<10 || len(body) > 4<<10 {
			return // what is long only takes long
		}
		template, err := mapping.Parse(text)
		var place *velocity.Error
		if err != nil {
			require.ErrorAs(t, err, &place)
			return
		}
		once := func() (string, error) {
			in := &mapping.Input{
				Body: []byte(body), Path: []mapping.Param{{Name: "p", Value: "1"}}, Querystring: []mapping.Param{{Name: "q", Value: "2"}},
				Header: []mapping.Param{{Name: "h", Value: "3"}}, StageVariables: map[string]string{"v": "4"},
				Context: mapping.NewContext(mapping.Values{Identity: mapping.Identity{SourceIP: "192.0.2.1"}}),
			}
			got, err := template.Render(t.Context(), in)
			assert.Equal(t, body, string(in.Body))
			in.Context.RequestOverride()
			in.Context.ResponseOverride()
			return got, err
		}
		first, err := once()
		second, again := once()
		if late(err) || late(again) {
			return
		}
		if err != nil {
			require.ErrorAs(t, err, &place)
		}
		require.Equal(t, first, second)
		require.Equal(t, err == nil, again == nil)
	})
}

// late reports whether a rendering ended by the clock, which goes as it likes.
func late(err error) bool { return err != nil && strings.Contains(err.Error(), "takes longer") }
