package event

import (
	"bytes"
	"crypto/tls"

	"github.com/lambridge-go/lambridge/internal/jsontape"
	"github.com/lambridge-go/lambridge/internal/source"
)

// functionURL is a Lambda function URL:
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
//
// Its event is that of an HTTP API with payload format 2.0, but the path is encoded,
// there is no stage, and cookies stand in the list and in the header.
type functionURL struct{}

func (*functionURL) source() source.Source { return source.FunctionURL }

func (*functionURL) terms() terms { return terms{reply: maxLambdaReply, ownServer: true} }

// The domain tells a URL from an API: routeKey and stage may be absent.
func (*functionURL) detect(e *document) bool {
	if !(&httpV2{}).detect(e) {
		return false
	}
	domain := e.context.domainName
	return domain.IsString() && bytes.Contains(domain.Bytes(), []byte(".lambda-url."))
}

func (*functionURL) decode(e *document, r *Request) error {
	if err := r.setHeader(e, jsontape.Value{}, e.headers); err != nil {
		return err
	}
	if path := e.rawPath; !isEmpty(path) {
		if err := r.setEncodedPath(r.keep(path)); err != nil {
			return err
		}
	} else if err := r.setDecodedPath(r.keep(e.context.httpPath)); err != nil {
		return err
	}
	if err := r.decodeVersion2(e); err != nil {
		return err
	}
	// Lambda writes these headers itself, over what the client may have sent.
	state := r.setTLS()
	state.Version = tlsVersion(r.Header.Get("X-Amzn-Tls-Version"))
	state.CipherSuite = cipherSuite(r.Header.Get("X-Amzn-Tls-Cipher-Suite"))
	return nil
}

func tlsVersion(name string) uint16 {
	switch name {
	case "TLSv1.2":
		return tls.VersionTLS12
	case "TLSv1.3":
		return tls.VersionTLS13
	}
	return 0
}

// cipherSuite knows the suites that function URLs negotiate, by either of the names
// they go by.
func cipherSuite(name string) uint16 {
	switch name {
	case "TLS_AES_128_GCM_SHA256":
		return tls.TLS_AES_128_GCM_SHA256
	case "TLS_AES_256_GCM_SHA384":
		return tls.TLS_AES_256_GCM_SHA384
	case "TLS_CHACHA20_POLY1305_SHA256":
		return tls.TLS_CHACHA20_POLY1305_SHA256
	case "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256":
		return tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
	case "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384":
		return tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
	}
	return 0
}

func (*functionURL) appendHead(dst []byte, r *Reply) []byte {
	return (&httpV2{}).appendHead(dst, r)
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
func (*functionURL) appendPrelude(dst []byte, r *Reply) []byte {
	return append(appendVersion2(dst, r), '}')
}
