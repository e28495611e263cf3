package velocity_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// The cases were put to Apache Velocity 1.7 with the one event handler that
// makes it answer as API Gateway was recorded to.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "testdata/language.json") {
		got, err := render(c.template, c.context)
		if c.fails {
			assert.Error(t, err, "%s\n%s\nrendered %q", c.name, c.template, got)
			continue
		}
		if assert.NoError(t, err, "%s\n%s", c.name, c.template) {
			assert.Equal(t, c.output, got, "%s\n%s", c.name, c.template)
		}
	}
}

type goldenCase struct {
	name, template, output string
	context                *javavalue.Map
	fails                  bool
}

func cases(t testing.TB, file string) (all []goldenCase) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	list, err := javavalue.Parse(text)
	require.NoError(t, err)
	for _, item := range list.(*javavalue.List).All() {
		c := goldenCase{context: javavalue.NewMap()}
		for key, value := range item.(*javavalue.Map).All() {
			switch key {
			case "name":
				c.name = value.(string)
			case "template":
				c.template = value.(string)
			case "output":
				c.output = value.(string)
			case "context":
				c.context = asInATemplate(value).(*javavalue.Map)
			case "fails":
				c.fails = value.(bool)
			}
		}
		all = append(all, c)
	}
	return all
}

// asInATemplate makes ArrayLists of the JSONArrays.
func asInATemplate(v any) any {
	switch v := v.(type) {
	case *javavalue.Map:
		for key, value := range v.All() {
			v.Put(key, asInATemplate(value))
		}
	case *javavalue.List:
		l := javavalue.NewList()
		for _, item := range v.All() {
			l.Append(asInATemplate(item))
		}
		return l
	}
	return v
}

func render(template string, values *javavalue.Map) (string, error) {
	t, err := velocity.Parse(template)
	if err != nil {
		return "", err
	}
	variables := map[string]any{}
	if values != nil {
		for key, value := range values.All() {
			variables[key.(string)] = value
		}
	}
	return t.Render(context.Background(), variables)
}
