package format

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
)

// certificate is a client's certificate in the events of API Gateway.
type certificate struct {
	ClientCertPEM string   `json:"clientCertPem"`
	SubjectDN     string   `json:"subjectDN"`
	IssuerDN      string   `json:"issuerDN"`
	SerialNumber  string   `json:"serialNumber"`
	Validity      validity `json:"validity"`
}

type validity struct {
	NotBefore string `json:"notBefore"`
	NotAfter  string `json:"notAfter"`
}

func certificateOf(c *x509.Certificate) *certificate {
	if c == nil {
		return nil
	}
	// A day of one digit is padded with a space, as OpenSSL prints it.
	const form = "Jan _2 15:04:05 2006 GMT"
	return &certificate{
		ClientCertPEM: certificatePEM(c),
		SubjectDN:     nameOf(c.RawSubject),
		IssuerDN:      nameOf(c.RawIssuer),
		SerialNumber:  c.SerialNumber.String(),
		Validity: validity{
			NotBefore: c.NotBefore.UTC().Format(form),
			NotAfter:  c.NotAfter.UTC().Format(form),
		},
	}
}

// nameOf writes a distinguished name, the most specific part first, with all that it
// has in the order in which it has it: pkix.Name keeps neither. How AWS writes names is
// known from the samples of its documentation alone.
func nameOf(raw []byte) string {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(raw, &sequence); err != nil || len(rest) > 0 {
		return ""
	}
	var parts []string
	for _, set := range slices.Backward(sequence) {
		var together []string
		for _, attribute := range set {
			name, ok := attributeNames[attribute.Type.String()]
			if !ok {
				name = attribute.Type.String()
			}
			together = append(together, name+"="+nameEscaper.Replace(fmt.Sprint(attribute.Value)))
		}
		parts = append(parts, strings.Join(together, "+"))
	}
	return strings.Join(parts, ",")
}

// attributeNames are those of RFC 4519, and of the address that certificates of old
// have in their names.
var attributeNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.5": "SERIALNUMBER", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "STREET",
	"2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.17": "POSTALCODE", "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "EMAILADDRESS",
}

// nameEscaper escapes what parts of a name are told apart by: RFC 4514, section 2.4.
var nameEscaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `+`, `\+`, `"`, `\"`, `<`, `\<`, `>`, `\>`, `;`, `\;`)

func certificatePEM(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}
