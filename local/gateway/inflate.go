package gateway

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// inflate makes a compressed body what it was before, where the front door does so:
// whoever looks at it next sees no coding, though the header still names one. A coding
// that it does not know, or a body that is not in the coding, is refused.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
func (x *exchange) inflate() error {
	a := x.arrival
	coding := strings.ToLower(strings.TrimSpace(strings.Join(field.Values(a.Header, "Content-Encoding"), ",")))
	if !x.g.facts.Has.Inflates || coding == "" || coding == "identity" || a.Body == nil || a.ContentLength == 0 {
		return nil
	}
	defer x.phase("inflate")
	open := decoders[coding]
	if open == nil {
		drain(x.r)
		return door.Refusef(door.UnsupportedMediaType, "the request's Content-Encoding is %q: %s know gzip, deflate and identity", coding, x.g.facts.Plural)
	}
	sent, err := a.Payload()
	if err != nil || len(sent) == 0 {
		return err
	}
	limit := int64(x.g.facts.Limits.Body)
	body, err := open(sent)
	var plain []byte
	if err == nil {
		plain, err = io.ReadAll(io.LimitReader(body, limit+1))
	}
	if err != nil {
		return door.Refusef(door.UnsupportedMediaType, "the request's body is not what its Content-Encoding %q says: %v", coding, err)
	}
	if int64(len(plain)) > limit {
		return door.Refusef(door.RequestTooLarge, "the request's body has more than %d bytes when it is inflated", limit)
	}
	a.Body, a.ContentLength = bytes.NewReader(plain), int64(len(plain))
	return nil
}

// decoders are the codings that are known.
var decoders = map[string]func(body []byte) (io.Reader, error){
	"gzip": func(body []byte) (io.Reader, error) { return gzip.NewReader(bytes.NewReader(body)) },
	// RFC 9110, section 8.4.1.2: in the format of zlib, which some clients leave out.
	"deflate": func(body []byte) (io.Reader, error) {
		zlibbed, err := zlib.NewReader(bytes.NewReader(body))
		if errors.Is(err, zlib.ErrHeader) {
			return flate.NewReader(bytes.NewReader(body)), nil
		}
		return zlibbed, err
	},
}
