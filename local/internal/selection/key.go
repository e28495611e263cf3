package selection

import (
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
)

// Default is the key of what is chosen when nothing else is.
const Default = "$default"

// A Key is what an integration response is chosen by: a text, or a pattern between slashes
// such as /2\d\d/. It is safe for concurrent use.
type Key struct {
	text    string
	pattern *javaregexp.Regexp
}

// ParseKey reads a key.
func ParseKey(text string) (Key, error) {
	inner, ok := strings.CutPrefix(text, "/")
	if inner, closed := strings.CutSuffix(inner, "/"); ok && closed && inner != "" {
		pattern, err := javaregexp.Compile(inner)
		return Key{text, pattern}, err
	}
	return Key{text: text}, nil
}

// Matches reports whether the key is that of what an expression has computed, all of it.
// The error is one of a pattern that takes too long.
func (k Key) Matches(computed string) (bool, error) {
	if k.pattern == nil {
		return computed == k.text, nil
	}
	return k.pattern.Match(computed)
}
