// Package sigv4 checks AWS's Signature Version 4 from the side of the service: what
// was signed is put together again from the request as it arrived, and signed with
// the key that the request names. The SDKs' own signers are no help with that. They
// decide which headers to sign, and here it is the client who has decided.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/field"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"

	// skew is how far the clocks of client and service may be apart.
	skew = 5 * time.Minute

	// longest is how long a presigned URL may be good for.
	longest = 7 * 24 * time.Hour
)

// A Signature is what a request says of how it was signed.
type Signature struct {
	KeyID, date, region, service string // the credential scope
	headers                      []string
	sum                          string // in hexadecimal
	time                         time.Time
	expires                      time.Duration // of a presigned URL, 0 in headers
}

// An Error is a refusal in the service's own words.
type Error struct {
	Kind    string // x-amzn-ErrorType
	Message string
	Reason  string // for the log; "" is the message
}

func (e *Error) Error() string {
	if e.Reason != "" {
		return e.Reason
	}
	return e.Message
}

// The errors of Signature Version 4.
const (
	MissingToken  = "MissingAuthenticationTokenException"
	Incomplete    = "IncompleteSignatureException"
	Invalid       = "InvalidSignatureException"
	UnknownClient = "UnrecognizedClientException"
)

// Parse reads the signature of a request, from its Authorization header or
// its query.
func Parse(header http.Header, rawQuery string) (*Signature, error) {
	authorization := field.Last(header, "Authorization")
	switch {
	case authorization != "":
		return parseAuthorization(authorization, header)
	case queryHas(rawQuery, "X-Amz-Algorithm"):
		return parsePresigned(rawQuery)
	}
	return nil, &Error{Kind: MissingToken, Message: "Missing Authentication Token"}
}

// parseAuthorization reads
//
//	AWS4-HMAC-SHA256 Credential=ID/date/region/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=…
//
// Its complaints are those of API Gateway, which reads whatever else stands in the
// header as if it were the same.
func parseAuthorization(authorization string, header http.Header) (*Signature, error) {
	scheme, rest, ok := strings.Cut(authorization, " ")
	members := map[string]string{}
	for part := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, value, pair := strings.Cut(part, "=")
		members[name] = value
		ok = ok && pair
	}
	if !ok {
		return nil, &Error{Kind: Incomplete,
			Message: "Invalid key=value pair (missing equal-sign) in Authorization header " + hashed(authorization),
			Reason:  "the Authorization header is no signature of Signature Version 4"}
	}
	var missing []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if members[name] == "" {
			missing = append(missing, "Authorization header requires '"+name+"' parameter.")
		}
	}
	stamp := field.Last(header, "X-Amz-Date")
	if stamp == "" && field.Last(header, "Date") == "" {
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if missing != nil {
		text := strings.Join(missing, " ")
		return nil, &Error{Kind: Incomplete, Message: text + " " + hashed(authorization), Reason: text}
	}
	if scheme != algorithm {
		return nil, &Error{Kind: Incomplete, Message: fmt.Sprintf("Unsupported AWS 'algorithm': '%.40s'", scheme),
			Reason: "the Authorization header has another scheme than " + algorithm}
	}
	s := &Signature{sum: members["Signature"], headers: strings.Split(members["SignedHeaders"], ";")}
	if err := s.scope(members["Credential"]); err != nil {
		return nil, err
	}
	var err error
	if s.time, err = time.Parse(timeFormat, stamp); err != nil {
		if s.time, err = http.ParseTime(field.Last(header, "Date")); stamp != "" || err != nil {
			return nil, badDate
		}
	}
	return s, nil
}

var badDate = &Error{Kind: Incomplete, Message: "Date must be in ISO-8601 'basic format'."}

// parsePresigned reads a signature that stands in the query.
func parsePresigned(rawQuery string) (*Signature, error) {
	members := maps.Collect(parameters(rawQuery))
	var missing []string
	for _, name := range []string{"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"} {
		if members[name] == "" {
			missing = append(missing, "AWS query-string parameters must include '"+name+"'.")
		}
	}
	if missing != nil {
		return nil, &Error{Kind: Incomplete, Message: strings.Join(missing, " ")}
	}
	if members["X-Amz-Algorithm"] != algorithm {
		return nil, &Error{Kind: Incomplete, Message: fmt.Sprintf("Unsupported AWS 'algorithm': '%.40s'", members["X-Amz-Algorithm"])}
	}
	s := &Signature{sum: members["X-Amz-Signature"], headers: strings.Split(members["X-Amz-SignedHeaders"], ";")}
	if err := s.scope(members["X-Amz-Credential"]); err != nil {
		return nil, err
	}
	var err error
	if s.time, err = time.Parse(timeFormat, members["X-Amz-Date"]); err != nil {
		return nil, badDate
	}
	seconds, err := strconv.ParseUint(members["X-Amz-Expires"], 10, 32)
	s.expires = time.Duration(seconds) * time.Second
	if err != nil || s.expires > longest {
		return nil, &Error{Kind: Incomplete, Message: "X-Amz-Expires must be a number of seconds, at most 604800."}
	}
	return s, nil
}

// scope reads a credential: ID/date/region/service/aws4_request.
func (s *Signature) scope(credential string) error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || slices.Contains(parts, "") || parts[4] != "aws4_request" {
		return &Error{Kind: Incomplete, Message: "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."}
	}
	s.KeyID, s.date, s.region, s.service = parts[0], parts[1], parts[2], parts[3]
	return nil
}

// hashed stands for a header in an answer that is not to repeat it.
func hashed(header string) string {
	sum := sha256.Sum256([]byte(header))
	return "(hashed with SHA-256 and encoded with Base64): '" + base64.StdEncoding.EncodeToString(sum[:]) + "'."
}

// A Request is one as it arrived: nothing in it has been decoded or put
// in order.
type Request struct {
	Method        string
	Path          string // percent-encoded
	RawQuery      string
	Host          string
	Header        http.Header
	ContentLength int64
	Body          []byte
}

// Current checks that the request was signed for this place and time.
func (s *Signature) Current(now time.Time, region, service string) error {
	const basic = "20060102T150405Z"
	stamp := func(t time.Time) string { return t.UTC().Format(basic) }
	switch earliest, latest := now.Add(-skew), now.Add(skew); {
	case s.time.After(latest):
		return &Error{Kind: Invalid, Message: fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)", stamp(s.time), stamp(latest), stamp(now))}
	case s.expires > 0 && now.After(s.time.Add(s.expires)):
		return &Error{Kind: Invalid, Message: fmt.Sprintf("Signature expired: %s is now earlier than %s", stamp(s.time.Add(s.expires)), stamp(now))}
	case s.expires == 0 && s.time.Before(earliest):
		return &Error{Kind: Invalid, Message: fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 5 min.)", stamp(s.time), stamp(earliest), stamp(now))}
	case s.date != s.time.UTC().Format("20060102"):
		return &Error{Kind: Invalid, Message: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP."}
	case s.region != region:
		return &Error{Kind: Invalid, Message: fmt.Sprintf("Credential should be scoped to a valid region, not '%.40s'.", s.region),
			Reason: fmt.Sprintf("the request is signed for the region %.40q and the API is in %q", s.region, region)}
	case s.service != service:
		return &Error{Kind: Invalid, Message: fmt.Sprintf("Credential should be scoped to correct service: '%s'.", service),
			Reason: fmt.Sprintf("the request is signed for the service %.40q and not for %q", s.service, service)}
	case !slices.Contains(s.headers, "host"):
		return &Error{Kind: Invalid, Message: "'Host' must be a 'SignedHeader' in the AWS Authorization."}
	}
	return nil
}

// Verify signs the request again. A path with empty segments or dots is taken both
// as it came, which is what the SDK for Go signs, and cleaned up, which is what the
// SDKs for JavaScript and Python sign.
func (s *Signature) Verify(r Request, secret string) error {
	given, err := hex.DecodeString(s.sum)
	key := s.key(secret)
	var canonical, toSign string
	for i, path := range []string{r.Path, cleanPath(r.Path)} {
		if i > 0 && path == r.Path {
			break
		}
		canonical = s.canonical(r, path)
		toSign = s.toSign(canonical)
		if err == nil && subtle.ConstantTimeCompare(given, mac(key, toSign)) == 1 {
			return nil
		}
	}
	return &Error{Kind: Invalid,
		Message: "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n" +
			"The Canonical String for this request should have been\n'" + canonical + "'\n\nThe String-to-Sign should have been\n'" + toSign + "'\n",
		Reason: "the signature does not fit the request and the secret of the key " + s.KeyID}
}

// canonical returns what was signed, all in one.
func (s *Signature) canonical(r Request, path string) string {
	var out strings.Builder
	out.WriteString(r.Method)
	out.WriteByte('\n')
	// What came encoded is encoded once more: every service but S3 does.
	out.WriteString(encode(path, '/'))
	out.WriteByte('\n')
	out.WriteString(canonicalQuery(r.RawQuery))
	out.WriteByte('\n')
	for _, name := range s.headers {
		out.WriteString(name)
		out.WriteByte(':')
		out.WriteString(r.signedHeader(name))
		out.WriteByte('\n')
	}
	out.WriteByte('\n')
	out.WriteString(strings.Join(s.headers, ";"))
	out.WriteByte('\n')
	sum := sha256.Sum256(r.Body)
	out.WriteString(hex.EncodeToString(sum[:]))
	return out.String()
}

// signedHeader returns the value of a header as it is signed. net/http keeps two of
// them elsewhere.
func (r Request) signedHeader(name string) string {
	var values []string
	switch name {
	case "host":
		values = []string{r.Host}
	case "content-length":
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	default:
		values = field.Values(r.Header, name)
	}
	spaced := make([]string, len(values))
	for i, value := range values {
		spaced[i] = strings.Join(strings.Fields(value), " ")
	}
	return strings.Join(spaced, ",")
}

func (s *Signature) toSign(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return algorithm + "\n" + s.time.UTC().Format(timeFormat) + "\n" +
		s.date + "/" + s.region + "/" + s.service + "/aws4_request\n" + hex.EncodeToString(sum[:])
}

func (s *Signature) key(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.date, s.region, s.service, "aws4_request"} {
		key = mac(key, part)
	}
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonicalQuery puts a query in the order and the encoding in which it is signed:
// without the signature itself.
func canonicalQuery(rawQuery string) string {
	var pairs []string
	for name, value := range parameters(rawQuery) {
		if name != "X-Amz-Signature" {
			pairs = append(pairs, encode(name, 0)+"="+encode(value, 0))
		}
	}
	// A name counts before the value behind it, and = is greater than what a name
	// may go on with.
	slices.SortFunc(pairs, func(a, b string) int {
		nameA, valueA, _ := strings.Cut(a, "=")
		nameB, valueB, _ := strings.Cut(b, "=")
		if c := strings.Compare(nameA, nameB); c != 0 {
			return c
		}
		return strings.Compare(valueA, valueB)
	})
	return strings.Join(pairs, "&")
}

// parameters yields the parameters of a query, decoded, in their order. Only an
// ampersand separates them.
func parameters(rawQuery string) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for part := range strings.SplitSeq(rawQuery, "&") {
			name, value, _ := strings.Cut(part, "=")
			if part != "" && !yield(unescape(name), unescape(value)) {
				return
			}
		}
	}
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

func queryHas(rawQuery, name string) bool {
	for given := range parameters(rawQuery) {
		if given == name {
			return true
		}
	}
	return false
}

// encode percent-encodes all but the unreserved characters of RFC 3986, and one
// other.
func encode(text string, except byte) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0, except != 0 && c == except:
			out.WriteByte(c)
		default:
			out.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return out.String()
}

// cleanPath removes empty segments and dots from a path, as the SDKs do that clean
// paths up: a slash at the end stays, and none is put there for dots.
func cleanPath(path string) string {
	var kept []string
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
		}
	}
	clean := "/" + strings.Join(kept, "/")
	if clean != "/" && strings.HasSuffix(path, "/") {
		clean += "/"
	}
	return clean
}
