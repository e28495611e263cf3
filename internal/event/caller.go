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
//
// So the event is known to be JSON, and next to nothing of it is asked for here. It is
// stepped through, up to what tells the caller.
func DecodeCaller(payload []byte, s source.Source) (c Caller, ok bool) {
	context := contextIn(payload)
	switch s {
	case source.HTTPv2, source.FunctionURL:
		if find(&context, "authorizer") {
			c.readVersion2(&context)
		}
	case source.REST, source.HTTPv1, source.WebSocket:
		c.readVersion1(&context)
	case source.LatticeV2:
		if find(&context, "identity") {
			c.readLattice(&context)
		}
	}
	return c, c.Claims != nil || c.Context != nil || c.PrincipalID != "" || c.IAM != nil
}

// contextIn stands ahead of the value of an event's requestContext. An event has that
// name in it once, almost always, and it is found without reading the rest; what a
// client calls a header or a parameter makes no difference, since the name is then
// there twice.
func contextIn(payload []byte) jsontape.Cursor {
	rest := []byte(`Context"`) // is found ten times as fast as all of the name: events have few capitals
	if before, after, ok := bytes.Cut(payload, rest); ok && bytes.HasSuffix(before, []byte(`"request`)) && !bytes.Contains(after, rest) {
		after = bytes.TrimLeft(after, " \t\r\n")
		if value, isKey := bytes.CutPrefix(after, []byte{':'}); isKey {
			return jsontape.CursorOf(value)
		}
	}
	event := jsontape.CursorOf(payload)
	if !find(&event, "requestContext") {
		return jsontape.Cursor{}
	}
	return event
}

// find steps into the object at c, up to the value of the member of that name.
func find(c *jsontape.Cursor, name string) bool {
	for more := c.Enter(); more; more = c.Next() {
		if string(c.Key()) == name {
			return true
		}
		c.Skip()
	}
	return false
}

// readVersion2 reads what payload format 2.0 has a place for each:
//
//	{"jwt": {"claims": {…}, "scopes": […]}}, {"lambda": {…}}, {"iam": {…}}
func (c *Caller) readVersion2(authorizer *jsontape.Cursor) {
	for more := authorizer.Enter(); more; more = authorizer.Next() {
		switch string(authorizer.Key()) {
		case "jwt":
			c.readToken(authorizer)
		case "lambda":
			said := authorizer.Kind()
			if c.Context = attributesIn(authorizer); said == jsontape.Null {
				c.Context = Attributes("{}") // let in without a word
			}
		case "iam":
			if authorizer.Kind() != jsontape.Object {
				authorizer.Skip()
				break
			}
			var by signer
			for more := authorizer.Enter(); more; more = authorizer.Next() {
				by.read(authorizer)
			}
			c.IAM = by.identity()
		default:
			authorizer.Skip()
		}
	}
}

// readToken reads the claims and scopes of a token that was checked.
func (c *Caller) readToken(jwt *jsontape.Cursor) {
	for more := jwt.Enter(); more; more = jwt.Next() {
		switch string(jwt.Key()) {
		case "claims":
			c.Claims = attributesIn(jwt)
		case "scopes":
			c.Scopes = listIn(jwt)
		default:
			jwt.Skip()
		}
	}
}

// readVersion1 reads what REST APIs, WebSocket APIs and payload format 1.0 have side
// by side: what an authorizer found out, and elsewhere who signed.
func (c *Caller) readVersion1(context *jsontape.Cursor) {
	var authorizer, identity bool
	for more := context.Enter(); more && !(authorizer && identity); more = context.Next() {
		switch string(context.Key()) {
		case "authorizer":
			authorizer = true
			c.readAuthorizer(context)
		case "identity":
			identity = true
			var by signer
			for more := context.Enter(); more; more = context.Next() {
				by.read(context)
			}
			c.APIKeyID = string(by.apiKeyID)
			if by.accessKey != nil || by.arn != nil {
				c.IAM = by.identity()
			}
		default:
			context.Skip()
		}
	}
}

// readAuthorizer reads {"claims": {…}, "scopes": […]} of a token, or what a Lambda
// authorizer said, flat.
func (c *Caller) readAuthorizer(authorizer *jsontape.Cursor) {
	if authorizer.Kind() == jsontape.String {
		c.PrincipalID = string(authorizer.Text())
		return
	}
	said := *authorizer
	var principal []byte
	claims := jsontape.Absent
	for more := authorizer.Enter(); more; more = authorizer.Next() {
		switch string(authorizer.Key()) {
		case "claims":
			claims = authorizer.Kind()
			c.Claims = attributesIn(authorizer)
		case "scopes":
			c.Scopes = listIn(authorizer)
		case "principalId":
			principal = authorizer.Text()
		default:
			authorizer.Skip()
		}
	}
	if claims == jsontape.Object {
		return
	}
	c.Scopes = nil
	if claims == jsontape.Null {
		return // no token was asked for
	}
	c.PrincipalID = string(principal)
	if said.Kind() == jsontape.Object {
		c.Context = append(Attributes(nil), authorizer.Since(said)...)
	}
}

// readLattice reads who a service of VPC Lattice with an auth policy has let in.
func (c *Caller) readLattice(identity *jsontape.Cursor) {
	var by signer
	for more := identity.Enter(); more; more = identity.Next() {
		by.read(identity)
	}
	if by.arn != nil {
		c.IAM = by.identity()
	}
}

// A signer is who signed a request, in the words of the event.
type signer struct{ accessKey, accountID, userID, arn, orgID, cognitoID, cognitoPoolID, apiKeyID []byte }

// read reads a member of the object that tells the signer, whatever the front door calls it.
func (s *signer) read(c *jsontape.Cursor) {
	switch string(c.Key()) {
	case "accessKey":
		s.accessKey = c.Text()
	case "accountId":
		s.accountID = c.Text()
	case "user", "userId":
		s.userID = c.Text()
	case "userArn", "principal":
		s.arn = c.Text()
	case "principalOrgId", "principalOrgID":
		s.orgID = c.Text()
	case "cognitoIdentity":
		for more := c.Enter(); more; more = c.Next() {
			s.read(c)
		}
	case "cognitoIdentityId", "identityId":
		s.cognitoID = c.Text()
	case "cognitoIdentityPoolId", "identityPoolId":
		s.cognitoPoolID = c.Text()
	case "apiKeyId":
		s.apiKeyID = c.Text()
	default:
		c.Skip()
	}
}

// identity is a copy, with all its texts in one piece.
func (s *signer) identity() *IAMIdentity {
	var room textRoom
	room.grow(len(s.accessKey) + len(s.accountID) + len(s.userID) + len(s.arn) + len(s.orgID) + len(s.cognitoID) + len(s.cognitoPoolID))
	return &IAMIdentity{
		AccessKey:             room.keep(s.accessKey),
		AccountID:             room.keep(s.accountID),
		UserID:                room.keep(s.userID),
		ARN:                   room.keep(s.arn),
		PrincipalOrgID:        room.keep(s.orgID),
		CognitoIdentityID:     room.keep(s.cognitoID),
		CognitoIdentityPoolID: room.keep(s.cognitoPoolID),
	}
}

// attributesIn is a copy of the object at c, nil if there is none.
func attributesIn(c *jsontape.Cursor) Attributes {
	isObject := c.Kind() == jsontape.Object
	text := c.Skip()
	if !isObject {
		return nil
	}
	return append(Attributes(nil), text...)
}

// listIn is a copy of the texts in the list at c, nil if there is none.
func listIn(c *jsontape.Cursor) []string {
	if c.Kind() != jsontape.Array {
		c.Skip()
		return nil
	}
	list := []string{}
	for more := c.Enter(); more; more = c.Next() {
		list = append(list, string(c.Text()))
	}
	return list
}
