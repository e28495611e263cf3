package gateway

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// BackendTLS is an integration's tlsConfig. The zero value wants a certificate for the
// host in the URI that the system trusts.
type BackendTLS struct {
	// InsecureSkipVerification takes any certificate.
	InsecureSkipVerification bool
	// ServerNameToVerify is the name that the certificate has to be for. "" is the host.
	ServerNameToVerify string
}

// A backend is an HTTP server behind a route.
type backend struct {
	backends *integration.Backends
	tls      integration.TLS
	target   *integration.Target
	method   string // "" is the client's
	timeout  time.Duration
	stream   bool
}

func bindBackend(b *binding, uri, method string, timeout time.Duration, stream bool, t BackendTLS) *backend {
	bound := &backend{
		backends: b.backends(),
		tls:      integration.TLS{InsecureSkipVerification: t.InsecureSkipVerification, ServerName: t.ServerNameToVerify},
		timeout:  timeout,
		stream:   stream,
		target:   &integration.Target{},
	}
	if parsed, err := integration.ParseTarget(uri); err != nil {
		b.fail("%w", err)
	} else {
		bound.target = parsed
	}
	switch {
	case method == "" || strings.EqualFold(method, anyMethod):
	case slices.Contains(httpMethods(), strings.ToUpper(method)):
		bound.method = strings.ToUpper(method)
	default:
		b.fail("httpMethod %q is not ANY or one of %s", method, strings.Join(httpMethods(), ", "))
	}
	waits := b.facts.Waits
	switch {
	case timeout == 0 && stream:
		bound.timeout = waits.Stream
	case timeout == 0:
		bound.timeout = waits.Timeout
	case timeout > waits.Max && waits.Max > 0:
		b.fail("Timeout %v is more than the %v that %s allow", timeout, waits.Max, b.facts.Plural)
	}
	return bound
}

// do calls the server with a body. What it answers is in the exchange's record.
func (b *backend) do(ctx context.Context, x *exchange, call integration.Call, body []byte) (*integration.Result, error) {
	if b.method != "" {
		call.Method = b.method
	}
	if call.ContentLength = int64(len(body)); len(body) > 0 {
		call.Body = bytes.NewReader(body)
	}
	x.seen.Mapped = &Mapped{Method: call.Method, URL: call.URL}
	if x.observed() {
		x.seen.Mapped.Header = call.Header.Clone()
		x.seen.Mapped.Body, x.seen.Mapped.Size = observed(body)
	}
	result, err := b.backends.Do(ctx, call, b.tls, b.timeout)
	x.phase("backend")
	if err != nil {
		return nil, err
	}
	x.seen.Mapped.Status = result.Status
	if x.observed() {
		x.seen.Mapped.AnswerHeader = result.Header.Clone()
		result.Body = observedReply{&observedBody{result.Body, &x.seen.Mapped.Answer, &x.seen.Mapped.AnswerSize}, result.Body}
	}
	return result, nil
}

// maxAnswer is how many bytes an answer may have that is not streamed: API Gateway's limit
// of payloads.
const maxAnswer = 10 << 20

// read returns the whole body of an answer.
func (b *backend) read(result *integration.Result) ([]byte, error) {
	defer result.Body.Close()
	var whole bytes.Buffer
	if length, err := strconv.Atoi(result.Header.Get("Content-Length")); err == nil && length >= 0 {
		whole.Grow(min(length, maxAnswer) + bytes.MinRead)
	}
	_, err := whole.ReadFrom(io.LimitReader(result.Body, maxAnswer+1))
	body := whole.Bytes()
	if err == nil && len(body) > maxAnswer {
		err = door.Refusef(door.APIConfigurationError, "the backend's answer has more than the %d bytes that API Gateway passes on", maxAnswer)
	}
	return body, err
}
