package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A name keeps its order, its two units and its address, which pkix.Name does not.
func TestNamesOfCertificates(t *testing.T) {
	attribute := func(value string, oid ...int) pkix.RelativeDistinguishedNameSET {
		return pkix.RelativeDistinguishedNameSET{{Type: oid, Value: value}}
	}
	raw, err := asn1.Marshal(pkix.RDNSequence{
		attribute("DE", 2, 5, 4, 6), attribute("Example, Inc.", 2, 5, 4, 10), attribute("Dev", 2, 5, 4, 11), attribute("Team 2", 2, 5, 4, 11),
		attribute("ann", 2, 5, 4, 3), attribute("ann@example.com", 1, 2, 840, 113549, 1, 9, 1), attribute("x", 1, 2, 3),
	})
	require.NoError(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), RawSubject: raw,
		NotBefore: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), NotAfter: time.Date(2027, 11, 12, 13, 14, 15, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	client, err := x509.ParseCertificate(der)
	require.NoError(t, err)

	r := httptest.NewRequest("GET", "/", nil)
	r = r.WithContext(gateway.WithRequest(r.Context(), gateway.Request{ClientCertificate: client}))
	_, event := put(t, gateway.API{Kind: gateway.RESTAPI}, r)
	shown := event["requestContext"].(map[string]any)["identity"].(map[string]any)["clientCert"].(map[string]any)
	assert.Equal(t, `1.2.3=x,EMAILADDRESS=ann@example.com,CN=ann,OU=Team 2,OU=Dev,O=Example\, Inc.,C=DE`, shown["subjectDN"])
	assert.Equal(t, shown["subjectDN"], shown["issuerDN"])
	assert.Equal(t, map[string]any{"notBefore": "Jan  2 03:04:05 2026 GMT", "notAfter": "Nov 12 13:14:15 2027 GMT"}, shown["validity"])
}
