package velocity_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// A part of a text is the same whether the separator is written in the call, when no
// array is made, or stands in a variable.
func TestPartsOfTexts(t *testing.T) {
	t.Parallel()
	outcome := func(template string, value any) string {
		parsed, err := velocity.Parse(template)
		require.NoError(t, err)
		text, err := parsed.Render(context.Background(), map[string]any{"x": value})
		return fmt.Sprint(text, " ", err)
	}
	for _, value := range []any{"", "-", "--", "a", "a-b", "-a--b-", "a-b--", "é-ü-\U0001F600", int32(1), nil, javavalue.NewList("a-b")} {
		for _, member := range []string{"[0]", "[1]", "[2]", "[9]", "[-1]", ".size()", ".get(0)", ".length", "[0].length()", "[1].split(\"-\")[0]"} {
			for _, quote := range []string{`"`, `'`} {
				written := `$x.split(` + quote + `-` + quote + `)` + member
				inVariable := `$x.split($sp)` + member
				const set = `#set($sp = "-")` // which is as long as the separator in quotes
				assert.Equal(t, outcome(set+inVariable, value), outcome(set+written, value), "%v of %v", written, value)
			}
		}
	}
}

// To assign to a part of a text is nothing, as with any array that nobody keeps.
func TestAssignmentToAPartOfAText(t *testing.T) {
	t.Parallel()
	parsed, err := velocity.Parse(`#set($x.split("-")[0] = "c")$x`)
	require.NoError(t, err)
	text, err := parsed.Render(context.Background(), map[string]any{"x": "a-b"})
	require.NoError(t, err)
	assert.Equal(t, "a-b", text)
}
