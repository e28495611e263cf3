package velocity_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// Whatever the template, parsing ends, holds no more memory than it may, and an error names
// a place in it.
func FuzzParse(f *testing.F) {
	for _, c := range cases(f, "testdata/language.json") {
		f.Add(c.template)
	}
	for _, name := range []string{"foreach", "macro", "define", "literal", "evaluate", "break", "stop", "include", "parse", "set", "if", "nope", "@nope"} {
		f.Add("a #" + name + " b #end")
		f.Add("#" + name + "()c#end")
	}
	f.Fuzz(func(t *testing.T, template string) {
		if len(template) > 4<<10 {
			return // long templates only take long to mutate
		}
		var err error
		require.Less(t, held(t.Context(), func(context.Context) { _, err = velocity.Parse(template) }), uint64(most))
		if err == nil {
			return
		}
		var place *velocity.Error
		require.ErrorAs(t, err, &place)
		lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(template), "\n")
		require.Positive(t, place.Line)
		require.LessOrEqual(t, place.Line, len(lines))
		require.Positive(t, place.Column)
		require.NotEmpty(t, place.What)
	})
}

// Whatever the template, rendering ends in time, within its bounds, those of memory among
// them, and the same twice.
func FuzzRender(f *testing.F) {
	for _, c := range cases(f, "testdata/language.json") {
		f.Add(c.template)
	}
	f.Fuzz(func(t *testing.T, template string) {
		if len(template) > 4<<10 {
			return
		}
		parsed, err := velocity.Parse(template)
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		once := func(ctx context.Context) (string, error) {
			variables := map[string]any{}
			for key, value := range parseContext(t, generatorContext).All() {
				variables[key.(string)] = value
			}
			got, err := parsed.Render(ctx, variables)
			require.NoError(t, ctx.Err(), "the bounds of the package end it earlier")
			return got, err
		}
		var first string
		require.Less(t, held(ctx, func(ctx context.Context) { first, err = once(ctx) }), uint64(most))
		require.LessOrEqual(t, len(first), 10<<20)
		if err != nil {
			var place *velocity.Error
			require.ErrorAs(t, err, &place)
			if errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "takes longer") {
				return
			}
		}
		second, again := once(ctx)
		require.Equal(t, first, second)
		require.Equal(t, err == nil, again == nil)
	})
}
