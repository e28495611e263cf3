package format

import (
	"bytes"
	"encoding/json"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
)

// FunctionURL is how function URLs speak payload format 2.0:
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
type FunctionURL struct{}

// The fields that function URLs add.
const (
	tlsCipherSuite = "x-amzn-tls-cipher-suite"
	tlsVersion     = "x-amzn-tls-version"
)

func (FunctionURL) Encode(a *arrival.Arrival) ([]byte, error) {
	var room usualLines
	headers := loweredLines(a.Header, room[:0]).with(tlsCipherSuite, "TLS_AES_128_GCM_SHA256").with(tlsVersion, "TLSv1.3")
	event, err := newHTTPv2Event(a, headers)
	if err != nil {
		return nil, err
	}
	event.RawPath = a.Path
	event.RequestContext.HTTP.Path = unescaped(a.Path)
	event.RequestContext.RequestID = a.RequestID
	if a.Authorization.Context == nil {
		event.RequestContext.AccountID = "anonymous"
	}
	body, err := bodyOf(a, !textual(headers.last("content-type")))
	if err != nil {
		return nil, err
	}
	event.Body = body
	return event.encode(headers, a.MaxEvent)
}

func (FunctionURL) Decode(_ *arrival.Arrival, reply []byte) (*door.Answer, error) {
	r, err := ReadReply(reply)
	if isStreamed(reply) {
		return nil, err
	}
	if err != nil || !r.has("statusCode") {
		return functionURLInferred(reply)
	}
	// A body that is a value of JSON and no string is written as one, as recorded of
	// objects. Behind a REST API the same reply is a 502, behind an HTTP API a 500.
	if body := r.get("body"); body.kind() > null && body.kind() != text {
		answer, err := httpV2Head(r)
		if err != nil {
			return nil, err
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, body); err != nil {
			return nil, door.Refusef(door.BadReply, "the body is not JSON: %v", err)
		}
		answer.Body = compact.Bytes()
		answer.Warn("body is %v and not a string: function URLs write it as JSON, REST APIs and HTTP APIs refuse it", body.kind())
		return answer, nil
	}
	return httpV2Answer(r)
}

// functionURLInferred writes a value other than a response anew, without the
// spaces the function put between its parts.
func functionURLInferred(reply []byte) (*door.Answer, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, reply); err != nil {
		return nil, door.Refusef(door.BadReply, "the reply is not JSON: %v: %s", err, excerpt(reply))
	}
	return inferred(compact.Bytes()), nil
}

func (FunctionURL) DecodePrelude(_ *arrival.Arrival, prelude []byte) (*door.Answer, error) {
	r, err := ReadReply(prelude)
	if err != nil {
		return nil, err
	}
	return httpV2Head(r)
}
