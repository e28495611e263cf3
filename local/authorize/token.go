package authorize

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxToken is the size in bytes of the largest token that is looked at. API Gateway
// takes 10,240 bytes of header lines, so none that reaches one is larger.
const maxToken = 10240

// A token is a JSON Web Token that has been taken apart, and nothing of which is
// believed yet: RFC 7519.
type token struct {
	algorithm, keyID string
	signed           string // what the signature signs
	signature        []byte
	claims           object
}

// A tokenError says what is wrong with a token: to the client in a few fixed words,
// to the log in full. Neither has the token or the signature in it.
type tokenError struct {
	description string // for the client
	reason      string // for the log; "" is the description
}

func (e *tokenError) Error() string {
	if e.reason != "" {
		return e.reason
	}
	return e.description
}

// What API Gateway was recorded to tell clients about their tokens. For all the rest
// its words are unknown, and those here are our own.
const (
	tooFewSegments = "token contains an invalid number of segments"
	wrongAudience  = "the token does not have a valid audience"
	wrongIssuer    = "issuer does not match"
)

func parseToken(text string) (*token, error) {
	if len(text) > maxToken {
		return nil, &tokenError{description: "the token is too large", reason: fmt.Sprintf("the token has %d bytes, the limit is %d", len(text), maxToken)}
	}
	// The number of segments is counted before any is looked at.
	if strings.Count(text, ".") != 2 {
		return nil, &tokenError{description: tooFewSegments}
	}
	head, rest, _ := strings.Cut(text, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	t := &token{signed: text[:len(head)+1+len(payload)]}
	header, err := decodeSegment(head)
	if err == nil {
		t.claims, err = decodeSegment(payload)
	}
	if err != nil {
		return nil, &tokenError{description: "the token cannot be decoded", reason: "the token cannot be decoded: " + err.Error()}
	}
	// RFC 7515, section 4.1.11: what must be understood and is not makes it invalid.
	if header.get("crit") != nil {
		return nil, &tokenError{description: "the token has critical extensions"}
	}
	if t.signature, err = base64.RawURLEncoding.Strict().DecodeString(signature); err != nil {
		return nil, &tokenError{description: "the token cannot be decoded"}
	}
	t.algorithm, t.keyID = header.text("alg"), header.text("kid")
	return t, nil
}

func decodeSegment(segment string) (object, error) {
	data, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		return nil, errors.New("no base64")
	}
	return parseObject(data)
}

// verify checks the signature with the key that the issuer publishes under the
// token's key id. Nothing else in the token has a say in which key that is.
func (t *token) verify(ctx context.Context, keys *Keys, issuer string, algorithms []string) error {
	if !slices.Contains(algorithms, t.algorithm) {
		return &tokenError{description: "the signing method is not accepted",
			reason: fmt.Sprintf("the token is signed with %.20q, accepted are %s", t.algorithm, strings.Join(algorithms, ", "))}
	}
	if t.keyID == "" {
		return &tokenError{description: "the token names no key", reason: "the token's header has no kid"}
	}
	key, err := keys.find(ctx, issuer, t.keyID)
	if err != nil {
		return &tokenError{description: "the key of the token is unknown", reason: err.Error()}
	}
	if err := jwt.GetSigningMethod(t.algorithm).Verify(t.signed, t.signature, key); err != nil {
		return &tokenError{description: "the signature is invalid", reason: "the signature does not fit the key: " + err.Error()}
	}
	return nil
}

// issuer returns who the token says it is from.
func (t *token) issuer() string { return t.claims.text("iss") }

// audience checks that the token is meant for one of those accepted. The client that
// it was issued to counts only for a token that does not say whom it is meant for.
func (t *token) audience(accepted []string) error {
	name := "aud"
	if t.claims.get(name) == nil {
		name = "client_id"
	}
	if meant, ok := t.claims.list(name); ok && slices.ContainsFunc(meant, func(a string) bool { return slices.Contains(accepted, a) }) {
		return nil
	}
	return &tokenError{description: wrongAudience}
}

// errExpired is told apart by user pools, which have words for it.
var errExpired = &tokenError{description: "the token has expired"}

// times checks that the token is valid now. API Gateway documents no leeway.
func (t *token) times(now time.Time) error {
	seconds := float64(now.UnixNano()) / 1e9
	exp, ok := t.claims.number("exp")
	if !ok {
		return &tokenError{description: "the token does not expire", reason: "the token's exp is missing or no number"}
	}
	if seconds >= exp {
		return errExpired
	}
	for _, name := range []string{"nbf", "iat"} {
		if at, ok := t.claims.number(name); t.claims.get(name) != nil && (!ok || at > seconds) {
			return &tokenError{description: "the token is not valid yet", reason: "the token's " + name + " is in the future, or no number"}
		}
	}
	return nil
}

// scopes returns the scopes of the token: of its claim scp, if it has one, and else
// of its claim scope.
func (t *token) scopes() []string {
	for _, name := range []string{"scp", "scope"} {
		list, ok := t.claims.list(name)
		if !ok {
			continue
		}
		if len(list) == 1 {
			list = strings.Fields(list[0])
		}
		return list
	}
	return nil
}

// text returns a member that is a string, "" for all others.
func (o object) text(name string) string {
	if value := o.get(name); value != nil && value[0] == '"' {
		return unquote(value)
	}
	return ""
}

// list returns a member that is a string, as a list of one, or a list of strings.
func (o object) list(name string) (list []string, ok bool) {
	switch value := o.get(name); {
	case value == nil:
		return nil, false
	case value[0] == '"':
		return []string{unquote(value)}, true
	default:
		return list, json.Unmarshal(value, &list) == nil
	}
}

func (o object) number(name string) (float64, bool) {
	value := o.get(name)
	if value == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(value), 64)
	return n, err == nil
}
