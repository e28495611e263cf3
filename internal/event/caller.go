package event

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"

	"github.com/lambridge-go/lambridge/internal/jsontape"
	"github.com/lambridge-go/lambridge/internal/source"
)

// A Caller is who sent a request, as the front door knows it.
type Caller struct {
	// Claims are those of the token that the front door has checked, nil if it has
	// checked none.
	Claims Attributes

	// Scopes are the token's, where the front door tells them: an HTTP API does on
	// routes that ask for scopes. Elsewhere they are in the claim "scope" or "scp".
	Scopes []string

	// PrincipalID and Context are what a Lambda authorizer said of the caller: its
	// principalId, where the front door tells it, and its context. nil is no such
	// authorizer.
	PrincipalID string
	Context     Attributes

	// IAM is who signed the request, nil if nobody did.
	IAM *IAMIdentity

	// Certificate is the one that the client proved to own by mutual TLS, or nil.
	Certificate *x509.Certificate

	// APIKeyID is the id of the API key that the client sent. It tells clients apart
	// and is no proof of who they are.
	APIKeyID string

	// SourceIP is the client's address.
	SourceIP string
}

// An IAMIdentity is an IAM user, or a role that somebody has assumed. Members that
// the front door leaves out are empty.
type IAMIdentity struct {
	AccessKey      string
	AccountID      string
	UserID         string // the unique id of the user, or of the role and its session
	ARN            string
	PrincipalOrgID string

	// CognitoIdentityID and CognitoIdentityPoolID are those of a caller whose
	// credentials are from an identity pool.
	CognitoIdentityID     string
	CognitoIdentityPoolID string
}

// Attributes are what a front door knows about a caller: a JSON object, as it stands
// in the event. nil has nothing in it.
type Attributes json.RawMessage

// Get returns an attribute as text, "" if there is none: a string as it reads, a
// number or boolean as JSON writes it, null as "", a list or object as its JSON. So
// a claim reads the same from front doors that send text and from those that send
// JSON types, if it is not a list.
func (a Attributes) Get(name string) string {
	tape := tapes.Get().(*jsontape.Tape)
	defer putTape(tape)
	object, err := tape.Parse(a)
	if err != nil {
		return ""
	}
	value := object.Get(name)
	if value.Kind() == jsontape.Null {
		return ""
	}
	return string(value.Bytes())
}

// Decode decodes the attributes into what v points to, as json.Unmarshal does. nil
// leaves it as it is.
func (a Attributes) Decode(v any) error {
	if a == nil {
		return nil
	}
	if err := json.Unmarshal(a, v); err != nil {
		return fmt.Errorf("adapter: decoding the attributes of the caller: %w", err)
	}
	return nil
}

// MarshalJSON writes the attributes as they are.
func (a Attributes) MarshalJSON() ([]byte, error) { return json.RawMessage(a).MarshalJSON() }

// UnmarshalJSON takes the attributes as they are.
func (a *Attributes) UnmarshalJSON(data []byte) error {
	return (*json.RawMessage)(a).UnmarshalJSON(data)
}

// DecodeCaller reads who sent a request from an event that DecodeRequest has read
// before. It reports whether the front door vouches for anybody.
func DecodeCaller(payload []byte, s source.Source) (c Caller, ok bool) {
	tape := tapes.Get().(*jsontape.Tape)
	defer putTape(tape)
	context, err := tape.ParseFirst(contextIn(payload, tape))
	if err != nil {
		return Caller{}, false
	}
	switch s {
	case source.HTTPv2, source.FunctionURL:
		c.readVersion2(context.Get("authorizer"))
	case source.REST, source.HTTPv1, source.WebSocket:
		c.readVersion1(context.Get("authorizer"), context.Get("identity"))
	case source.LatticeV2:
		c.readLattice(context.Get("identity"))
	}
	return c, c.Claims != nil || c.Context != nil || c.PrincipalID != "" || c.IAM != nil
}

// contextIn returns what of an event begins with the value of its requestContext. An
// event has that name in it once, almost always, and it is found without reading the
// rest; what a client calls a header or a parameter makes no difference, since the
// name is then there twice.
func contextIn(payload []byte, tape *jsontape.Tape) []byte {
	rest := []byte(`Context"`) // is found ten times as fast as all of the name: events have few capitals
	if before, after, ok := bytes.Cut(payload, rest); ok && bytes.HasSuffix(before, []byte(`"request`)) && !bytes.Contains(after, rest) {
		after = bytes.TrimLeft(after, " \t\r\n")
		if value, isKey := bytes.CutPrefix(after, []byte{':'}); isKey {
			return value
		}
	}
	root, err := tape.Parse(payload)
	if err != nil {
		return nil
	}
	return root.Get("requestContext").Bytes()
}

// readVersion2 reads what payload format 2.0 has a place for each:
//
//	{"jwt": {"claims": {…}, "scopes": […]}}, {"lambda": {…}}, {"iam": {…}}
func (c *Caller) readVersion2(authorizer jsontape.Value) {
	if jwt := authorizer.Get("jwt"); jwt.IsObject() {
		c.Claims, c.Scopes = attributesIn(jwt.Get("claims")), listIn(jwt.Get("scopes"))
	}
	switch lambda := authorizer.Get("lambda"); lambda.Kind() {
	case jsontape.Object:
		c.Context = attributesIn(lambda)
	case jsontape.Null:
		c.Context = Attributes("{}") // let in without a word
	}
	if iam := authorizer.Get("iam"); iam.IsObject() {
		cognito := iam.Get("cognitoIdentity")
		c.IAM = &IAMIdentity{
			AccessKey:             iam.Get("accessKey").Text(),
			AccountID:             iam.Get("accountId").Text(),
			UserID:                iam.Get("userId").Text(),
			ARN:                   iam.Get("userArn").Text(),
			PrincipalOrgID:        iam.Get("principalOrgId").Text(),
			CognitoIdentityID:     cognito.Get("identityId").Text(),
			CognitoIdentityPoolID: cognito.Get("identityPoolId").Text(),
		}
	}
}

// readVersion1 reads what REST APIs, WebSocket APIs and payload format 1.0 have side
// by side: {"claims": {…}, "scopes": […]} of a token, or what a Lambda authorizer
// said, flat, and elsewhere who signed.
func (c *Caller) readVersion1(authorizer, identity jsontape.Value) {
	c.APIKeyID = identity.Get("apiKeyId").Text()
	key, arn := identity.Get("accessKey"), identity.Get("userArn")
	if key.IsString() || arn.IsString() {
		c.IAM = &IAMIdentity{
			AccessKey:             key.Text(),
			AccountID:             identity.Get("accountId").Text(),
			UserID:                identity.Get("user").Text(),
			ARN:                   arn.Text(),
			PrincipalOrgID:        identity.Get("principalOrgId").Text(),
			CognitoIdentityID:     identity.Get("cognitoIdentityId").Text(),
			CognitoIdentityPoolID: identity.Get("cognitoIdentityPoolId").Text(),
		}
	}
	claims := authorizer.Get("claims")
	switch {
	case claims.IsObject():
		c.Claims, c.Scopes = attributesIn(claims), listIn(authorizer.Get("scopes"))
	case claims.Kind() == jsontape.Null: // no token was asked for
	case authorizer.IsString():
		c.PrincipalID = authorizer.Text()
	default:
		c.PrincipalID, c.Context = authorizer.Get("principalId").Text(), attributesIn(authorizer)
	}
}

// readLattice reads who a service of VPC Lattice with an auth policy has let in.
func (c *Caller) readLattice(identity jsontape.Value) {
	if principal := identity.Get("principal"); principal.IsString() {
		c.IAM = &IAMIdentity{ARN: principal.Text(), PrincipalOrgID: identity.Get("principalOrgID").Text()}
	}
}

// attributesIn is a copy of the object that v is, nil if v is none.
func attributesIn(v jsontape.Value) Attributes {
	if !v.IsObject() {
		return nil
	}
	return append(Attributes(nil), v.Bytes()...)
}

// listIn is the list of strings that v is, nil if v is none.
func listIn(v jsontape.Value) []string {
	var list []string
	if v.Kind() == jsontape.Array {
		_ = json.Unmarshal(v.Bytes(), &list) // a list of anything else is none
	}
	return list
}
