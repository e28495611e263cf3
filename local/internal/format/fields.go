package format

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/local/internal/door"
)

// Lasts returns the last value of every name: what a map of single values keeps
// of repeated headers and parameters.
func Lasts(all map[string][]string) map[string]string {
	if all == nil {
		return nil
	}
	one := make(map[string]string, len(all))
	for name, values := range all {
		if len(values) > 0 {
			one[name] = values[len(values)-1]
		}
	}
	return one
}

// joined returns all values of every name in one string.
func joined(all map[string][]string, separator string) map[string]string {
	if all == nil {
		return nil
	}
	one := make(map[string]string, len(all))
	for name, values := range all {
		one[name] = strings.Join(values, separator)
	}
	return one
}

// lowered returns the header with names in lower case. Names that differ only in
// case become one, in their order.
func lowered(h http.Header) map[string][]string {
	low := make(map[string][]string, len(h))
	for name, values := range h {
		low[strings.ToLower(name)] = values
	}
	if len(low) == len(h) {
		return low
	}
	clear(low)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		key := strings.ToLower(name)
		low[key] = slices.Concat(low[key], h[name])
	}
	return low
}

// parameters returns the decoded query, or nil when there is none.
func parameters(raw string) map[string][]string {
	if raw == "" {
		return nil
	}
	query := make(map[string][]string)
	for pair := range strings.SplitSeq(raw, "&") {
		// What cannot be decoded is left out, as it is by the front doors.
		decoded, _ := url.ParseQuery(pair)
		for name, values := range decoded {
			name = writable(name)
			query[name] = append(query[name], values...)
		}
	}
	if len(query) == 0 {
		return nil
	}
	return query
}

// writable is a name as JSON can write it, with U+FFFD for what is not UTF-8: an object
// has no room for two names that differ in that.
func writable(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return string([]rune(name))
}

// unescaped decodes a path or a part of one. What cannot be decoded stays.
func unescaped(path string) string {
	plain, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return plain
}

func unescapedAll(params map[string]string) map[string]string {
	if params == nil {
		return nil
	}
	plain := make(map[string]string, len(params))
	for name, value := range params {
		plain[name] = unescaped(value)
	}
	return plain
}

// cookies splits Cookie headers into cookies.
func cookies(lines []string) []string {
	var all []string
	for _, line := range lines {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				all = append(all, cookie)
			}
		}
	}
	return all
}

// shortID makes an id of the shape that resources and deployments have. The same
// seed yields the same id, as the same resource does.
func shortID(seed string) string {
	h := fnv.New64a()
	h.Write([]byte(seed))
	id := strconv.FormatUint(h.Sum64()|1<<63, 36)
	return id[len(id)-6:]
}

// prefixOf returns the first label of a domain.
func prefixOf(domain string) string {
	prefix, _, _ := strings.Cut(domain, ".")
	return prefix
}

// mask writes the members of overrides over those of the identity.
func mask(identity any, overrides json.RawMessage) error {
	if overrides == nil {
		return nil
	}
	if err := json.Unmarshal(overrides, identity); err != nil {
		return door.Refusef(door.BadRequest, "the identity given for the request does not fit the event: %v", err)
	}
	return nil
}

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
