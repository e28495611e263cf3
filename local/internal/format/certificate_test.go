package format_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A client's certificate stands where each front door puts it, with its names as AWS
// prints them.
func TestCertificates(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	spiffe, err := url.Parse("spiffe://example.org/web")
	require.NoError(t, err)
	subject, err := asn1.Marshal(pkix.RDNSequence{
		{{Type: []int{2, 5, 4, 6}, Value: "NO"}},
		{{Type: []int{2, 5, 4, 10}, Value: "Fjord, AS"}, {Type: []int{2, 5, 4, 11}, Value: "web"}},
		{{Type: []int{2, 5, 4, 3}, Value: "ada"}},
		{{Type: []int{1, 2, 3}, Value: "x"}},
	})
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711), RawSubject: subject, DNSNames: []string{"web.example.org"}, URIs: []*url.URL{spiffe},
		NotBefore: time.Date(2026, 5, 28, 12, 30, 2, 0, time.UTC), NotAfter: time.Date(2027, 8, 5, 9, 36, 4, 0, time.UTC),
	}
	issuer := &x509.Certificate{Subject: pkix.Name{CommonName: "Root", OrganizationalUnit: []string{"trust"}}}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	quoted, err := json.Marshal(text)
	require.NoError(t, err)

	// A set of several is in the order that DER wants: by its bytes.
	want := `{"clientCertPem":` + string(quoted) + `,"subjectDN":"1.2.3=x,CN=ada,OU=web+O=Fjord\\, AS,C=NO","issuerDN":"CN=Root,OU=trust","serialNumber":"4711",` +
		`"validity":{"notBefore":"May 28 12:30:02 2026 GMT","notAfter":"Aug  5 09:36:04 2027 GMT"}}`
	for name, path := range map[string]string{
		"rest": "requestContext.identity.clientCert", "httpv1": "requestContext.identity.clientCert", "httpv2": "requestContext.authentication.clientCert",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := plain()
			a.Certificate = certificate
			event, err := formats[name].Encode(a)
			require.NoError(t, err)
			assert.Equal(t, want, member(t, event, path), "(section 1.1)")
		})
	}
	t.Run("alb", func(t *testing.T) {
		t.Parallel()
		a := plain()
		a.Certificate = certificate
		event, err := formats["alb"].Encode(a)
		require.NoError(t, err)
		var got string
		require.NoError(t, json.Unmarshal([]byte(member(t, event, "headers.x-amzn-mtls-clientcert")), &got))
		decoded, err := url.PathUnescape(got)
		require.NoError(t, err)
		assert.Equal(t, text, decoded)
		assert.NotContains(t, got, " ", "(rule 79)")
		assert.NotContains(t, got, "%2F", "(rule 79)")
	})
	t.Run("latticev2", func(t *testing.T) {
		t.Parallel()
		a := plain()
		a.Certificate = certificate
		a.Authorization.Identity = json.RawMessage(`{"principal":"arn:role"}`)
		event, err := formats["latticev2"].Encode(a)
		require.NoError(t, err)
		assert.Equal(t, `{"sourceVpcArn":"arn:aws:ec2:::vpc/vpc-a1b2","principal":"arn:role","x509IssuerOu":"trust","x509SanDns":"web.example.org",`+
			`"x509SanUri":"spiffe://example.org/web","x509SubjectCn":"ada"}`, member(t, event, "requestContext.identity"))
	})
}
