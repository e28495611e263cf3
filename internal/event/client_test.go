package event_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The client's address is what the front door saw, in the form net/http gives it.
func TestAddresses(t *testing.T) {
	rest := func(ip string) string {
		return `{"resource":"/","path":"/","httpMethod":"GET","requestContext":{"identity":{"sourceIp":"` + ip + `"}}}`
	}
	alb := func(forwarded string) string {
		return `{"path":"/","httpMethod":"GET","headers":{"x-forwarded-for":"` + forwarded + `"},"requestContext":{"elb":{}}}`
	}
	for name, row := range map[string]struct{ payload, want string }{
		"an address without a port":           {rest("192.0.2.1"), "192.0.2.1:0"},
		"one of IPv6":                         {rest("2001:db8::1"), "[2001:db8::1]:0"},
		"one of IPv6 in brackets":             {rest("[2001:db8::1]"), "[2001:db8::1]:0"},
		"none":                                {rest(""), "0.0.0.0:0"},
		"a load balancer adds the last one":   {alb("198.51.100.7, 192.0.2.1"), "192.0.2.1:0"},
		"with its port (rule 78)":             {alb("192.0.2.1:51234"), "192.0.2.1:51234"},
		"one of IPv6 with its port (rule 78)": {alb("[2001:db8::1]:51234"), "[2001:db8::1]:51234"},
		"brackets that are no address's":      {alb("192.0.2.1, [::1]1:3"), "0.0.0.0:0"},
		"a health check comes from nobody":    {`{"path":"/","httpMethod":"GET","headers":{},"requestContext":{"elb":{}}}`, "0.0.0.0:0"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := decode(t, row.payload)
			require.NoError(t, err)
			assert.Equal(t, row.want, r.RemoteAddr)
		})
	}
}

// Whether the client's connection was encrypted, and what is known of it.
func TestTLS(t *testing.T) {
	type state struct {
		name    string
		version uint16
		suite   uint16
	}
	rest := func(header string) string {
		return `{"resource":"/","path":"/","httpMethod":"GET","headers":{` + header + `},"requestContext":{}}`
	}
	url := func(header string) string {
		return `{"version":"2.0","rawPath":"/","headers":{` + header + `},"requestContext":{"domainName":"x.lambda-url.eu-west-1.on.aws","http":{"method":"GET"}}}`
	}
	alb := func(header string) string {
		return `{"path":"/","httpMethod":"GET","headers":{` + header + `},"requestContext":{"elb":{}}}`
	}
	for name, row := range map[string]struct {
		payload string
		want    *state
	}{
		"API Gateway speaks TLS":                 {rest(`"host":"h:8443"`), &state{name: "h"}},
		"an address of IPv6 has its colons":      {rest(`"host":"[::1]"`), &state{name: "[::1]"}},
		"unless something in between says not":   {rest(`"x-forwarded-proto":"http"`), nil},
		"a listener that speaks HTTP":            {alb(`"host":"h","x-forwarded-proto":"http"`), nil},
		"a load balancer that does not say":      {alb(`"host":"h"`), nil},
		"a listener that speaks HTTPS":           {alb(`"host":"h","x-forwarded-proto":"https"`), &state{name: "h"}},
		"Lattice over HTTPS":                     {`{"raw_path":"/","method":"GET","headers":{"host":"h","x-forwarded-proto":"https"}}`, &state{name: "h"}},
		"a function URL tells version and suite": {url(`"host":"h","x-amzn-tls-version":"TLSv1.3","x-amzn-tls-cipher-suite":"TLS_AES_256_GCM_SHA384"`), &state{"h", tls.VersionTLS13, tls.TLS_AES_256_GCM_SHA384}},
		"those of TLS 1.2 by OpenSSL's names":    {url(`"x-amzn-tls-version":"TLSv1.2","x-amzn-tls-cipher-suite":"ECDHE-RSA-AES128-GCM-SHA256"`), &state{"x.lambda-url.eu-west-1.on.aws", tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}},
		"what nobody knows is none":              {url(`"host":"h","x-amzn-tls-version":"TLSv9","x-amzn-tls-cipher-suite":"X"`), &state{name: "h"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := decode(t, row.payload)
			require.NoError(t, err)
			var got *state
			if r.TLS != nil {
				assert.True(t, r.TLS.HandshakeComplete)
				got = &state{r.TLS.ServerName, r.TLS.Version, r.TLS.CipherSuite}
			}
			assert.Equal(t, row.want, got)
		})
	}
}

// The version of HTTP is the one that the front door names, else 1.1.
func TestProtocols(t *testing.T) {
	for protocol, want := range map[string][2]int{"HTTP/1.1": {1, 1}, "HTTP/1.0": {1, 0}, "HTTP/2.0": {2, 0}, "": {1, 1}, "spdy": {1, 1}} {
		r, err := decode(t, `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET","protocol":"`+protocol+`"}}}`)
		require.NoError(t, err)
		assert.Equal(t, want, [2]int{r.ProtoMajor, r.ProtoMinor}, protocol)
	}
}

// A client's certificate is where its front door puts it, and what is none is left out.
func TestCertificates(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "ada"}},
		&x509.Certificate{Subject: pkix.Name{CommonName: "ada"}}, &key.PublicKey, key)
	require.NoError(t, err)
	quoted, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	require.NoError(t, err)
	certificate := `{"clientCert":{"clientCertPem":` + string(quoted) + `}}`

	for name, row := range map[string]struct {
		payload string
		want    int
	}{
		"REST (rule 22)":                   {`{"resource":"/","path":"/","httpMethod":"GET","requestContext":{"identity":` + certificate + `}}`, 1},
		"REST: it is none":                 {`{"resource":"/","path":"/","httpMethod":"GET","requestContext":{"identity":{"clientCert":{"clientCertPem":"CERT_CONTENT"}}}}`, 0},
		"payload 1.0":                      {`{"version":"1.0","resource":"/","path":"/","httpMethod":"GET","requestContext":{"identity":` + certificate + `}}`, 1},
		"payload 2.0 (rule 49)":            {`{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"},"authentication":` + certificate + `}}`, 1},
		"the handshake of a WebSocket API": {`{"requestContext":{"connectionId":"c","eventType":"CONNECT","routeKey":"$connect","identity":` + certificate + `}}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := decode(t, row.payload)
			require.NoError(t, err)
			require.Len(t, r.TLS.PeerCertificates, row.want)
			for _, c := range r.TLS.PeerCertificates {
				assert.Equal(t, der, c.Raw)
			}
		})
	}
}

// A disconnection says with which code and words the connection ended.
func TestDisconnection(t *testing.T) {
	r, err := decode(t, `{"requestContext":{"connectionId":"c","eventType":"DISCONNECT","routeKey":"$disconnect","disconnectStatusCode":1005,"disconnectReason":"Client-side close frame status not set"}}`)
	require.NoError(t, err)
	assert.Equal(t, 1005, r.Connection.DisconnectStatusCode, "(rule 86)")
	assert.Equal(t, "Client-side close frame status not set", r.Connection.DisconnectReason)
}
