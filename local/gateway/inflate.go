package gateway

import (
	"bytes"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// inflate makes a compressed body what it was before, where the front door does so:
// whoever looks at it next sees no coding, though the header still names one. A coding
// that it does not know, or a body that is not in the coding, is refused.
func (x *exchange) inflate() error {
	a := x.arrival
	if !x.g.facts.Has.Inflates {
		return nil
	}
	coding := strings.Join(field.Values(a.Header, "Content-Encoding"), ",")
	if coding == "" {
		return nil
	}
	defer x.phase("inflate")
	sent, err := a.Payload()
	if err != nil {
		return err
	}
	plain, ok := integration.Inflate(sent, coding, x.g.facts.Limits.Body)
	switch {
	case !ok && len(plain) > x.g.facts.Limits.Body:
		return door.Refusef(door.RequestTooLarge, "the request's body has more than %d bytes when it is inflated", x.g.facts.Limits.Body)
	case !ok:
		return door.Refusef(door.UnsupportedMediaType, "the request's body is not what its Content-Encoding %q says, or nothing that %s undo", coding, x.g.facts.Plural)
	}
	a.Body, a.ContentLength = bytes.NewReader(plain), int64(len(plain))
	return nil
}
