package authorize

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// A Caller is somebody whom no authorizer has to check: for tests, and for work on an
// app while nobody can be asked for a token. Callers are known in one of three ways:
// by the Claims of a token, by the PrincipalID and Context of an authorizer that is a
// function, or by IAM.
type Caller struct {
	_ struct{}

	// Claims are those of a token, with their JSON types, and Scopes its scopes.
	Claims map[string]json.RawMessage `json:"claims"`
	Scopes []string                   `json:"scopes"`

	// Typed keeps the types of Claims behind a REST API, as its JWT authorizers do. Those of
	// user pools make text of them.
	Typed bool `json:"typed"`

	// PrincipalID and Context are what a function says of a caller.
	PrincipalID string                     `json:"principalId"`
	Context     map[string]json.RawMessage `json:"context"`

	// IAM is who has signed the request.
	IAM *IAMCaller `json:"iam"`
}

// An IAMCaller is an IAM user or role.
type IAMCaller struct {
	_ struct{}

	AccessKey string `json:"accessKey"` // the id of the key, not its secret
	AccountID string `json:"accountId"` // twelve digits
	UserID    string `json:"userId"`    // such as "AIDAEXAMPLE"
	ARN       string `json:"userArn"`   // such as "arn:aws:iam::123456789012:user/ann"

	PrincipalOrgID        string `json:"principalOrgId"`        // of the organization, "" for none
	CognitoIdentityID     string `json:"cognitoIdentityId"`     // of a caller from an identity pool, "" for others
	CognitoIdentityPoolID string `json:"cognitoIdentityPoolId"` // and the pool
}

// Authorization returns what the caller leaves in the event behind a kind of API. The
// error is for a caller whom that kind cannot know.
func (c Caller) Authorization(kind gateway.Kind) (gateway.Authorization, error) {
	function := c.PrincipalID != "" || c.Context != nil
	switch ways := count(c.Claims != nil, function, c.IAM != nil); {
	case ways != 1:
		return gateway.Authorization{}, fmt.Errorf("authorize: a caller is known by claims, by a principal and context, or by IAM, and this one in %d of these ways", ways)
	case c.IAM != nil:
		who := iamIdentity{AccessKey: c.IAM.AccessKey, AccountID: c.IAM.AccountID, CallerID: c.IAM.UserID, UserID: c.IAM.UserID, UserARN: c.IAM.ARN}
		if c.IAM.PrincipalOrgID != "" {
			who.PrincipalOrgID = &c.IAM.PrincipalOrgID
		}
		if c.IAM.CognitoIdentityID != "" || c.IAM.CognitoIdentityPoolID != "" {
			who.CognitoIdentity = &cognitoIdentity{AMR: []string{}, IdentityID: c.IAM.CognitoIdentityID, IdentityPoolID: c.IAM.CognitoIdentityPoolID}
		}
		return identified(who, kind), nil
	case kind == gateway.WebSocketAPI && c.Claims != nil:
		return gateway.Authorization{}, errors.New("authorize: a WebSocket API checks no tokens itself")
	case kind != gateway.RESTAPI && kind != gateway.HTTPAPI && kind != gateway.WebSocketAPI:
		return gateway.Authorization{}, fmt.Errorf("authorize: a %s knows its callers by IAM only", kind)
	}
	if c.Claims != nil {
		claims := objectOf(c.Claims)
		if kind == gateway.HTTPAPI {
			return speak(claims, c.Scopes), nil
		}
		if c.Typed {
			return speakTyped(claims), nil
		}
		return gateway.Authorization{Context: block("claims", pooled(claims)), Principal: claims.text("sub")}, nil
	}
	text, err := flat(c.Context, &c.PrincipalID, kind != gateway.HTTPAPI)
	switch {
	case kind == gateway.HTTPAPI: // which has values of any type
	case err != nil:
		return gateway.Authorization{}, fmt.Errorf("authorize: of a caller behind a %s, %w", kind, err)
	default:
		return gateway.Authorization{Context: text, Principal: c.PrincipalID}, nil
	}
	return gateway.Authorization{Context: block("lambda", ordered(c.Context, slices.Sorted(maps.Keys(c.Context)))), ContextV1: text, Variables: text, Principal: c.PrincipalID}, nil
}

// objectOf puts the members of a JSON object in the order of their names.
func objectOf(members map[string]json.RawMessage) object {
	o := make(object, 0, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		o = append(o, member{name, members[name]})
	}
	return o
}

func count(facts ...bool) (n int) {
	for _, fact := range facts {
		if fact {
			n++
		}
	}
	return n
}

// A FixedCaller is an authorizer that says the same of everybody.
type FixedCaller struct{ fixed fixed }

// fixed is the document of a FixedCaller.
type fixed struct {
	Caller

	// Header is one that requests must have, with whatever value.
	Header string `json:"requireHeader"`

	// The blocks are what requestContext.authorizer shows behind one front door, in
	// place of what is made of the caller.
	REST   json.RawMessage `json:"rest"`
	HTTP   json.RawMessage `json:"http"`
	HTTPv1 json.RawMessage `json:"http-v1"`
	URL    json.RawMessage `json:"url"`
}

// Fixed reads an authorizer that says the same of every request, from a JSON document
//
//	{
//	  "claims": {"sub": "u1", "groups": ["admin"]},
//	  "scopes": ["notes:read"],
//	  "requireHeader": "Authorization"
//	}
//
// with the members of a [Caller], and two things more. A request without the header
// that requireHeader names is turned down with 401. And what stands under "rest",
// "http", "http-v1" or "url" is what requestContext.authorizer shows behind that
// front door, to the letter.
//
// A kind of API that cannot know such a caller answers its requests as those of an
// authorizer that does not work; [FixedCaller.Check] says so beforehand.
func Fixed(document []byte) (*FixedCaller, error) {
	var f fixed
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("authorize: the caller: %w", err)
	}
	if decoder.More() {
		return nil, errors.New("authorize: the caller: there is more behind the JSON document")
	}
	known := f.Claims != nil || f.Context != nil || f.PrincipalID != "" || f.IAM != nil
	if !known && f.REST == nil && f.HTTP == nil && f.HTTPv1 == nil && f.URL == nil {
		return nil, errors.New("authorize: the caller: the document says nothing of one")
	}
	if known {
		// An HTTP API knows whoever any kind of API does.
		if _, err := f.Authorization(gateway.HTTPAPI); err != nil {
			return nil, err
		}
	}
	return &FixedCaller{f}, nil
}

// Check says why a kind of API cannot know the caller, if it cannot.
func (f *FixedCaller) Check(kind gateway.Kind) error {
	_, err := f.fixed.authorization(kind)
	return err
}

// ForJWT is the caller as a REST API's JWT authorizer would tell of them.
func (f *FixedCaller) ForJWT() gateway.Authorizer {
	typed := *f
	typed.fixed.Typed = true
	return &typed
}

// Authorize says who the caller is.
func (f *FixedCaller) Authorize(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
	if header := f.fixed.Header; header != "" && field.Last(a.Sent, header) == "" {
		return gateway.Authorization{}, &gateway.Denied{Type: gateway.Unauthorized, Reason: "the header " + header + " is missing or empty"}
	}
	found, err := f.fixed.authorization(a.API.Kind)
	if err != nil {
		return gateway.Authorization{}, &gateway.Denied{Type: gateway.AuthorizerConfigurationError, Reason: err.Error()}
	}
	return found, nil
}

func (f *fixed) authorization(kind gateway.Kind) (found gateway.Authorization, err error) {
	switch {
	case kind == gateway.RESTAPI && f.REST != nil:
		found.Context = f.REST
		return found, nil
	case kind == gateway.LambdaURL && f.URL != nil:
		found.Context = f.URL
		return found, nil
	case kind == gateway.HTTPAPI && (f.HTTP != nil || f.HTTPv1 != nil):
		found.Context, found.ContextV1 = f.HTTP, f.HTTPv1
		return found, nil
	}
	caller := f.Caller
	if kind == gateway.WebSocketAPI && caller.Claims != nil { // a token's subject is what an authorizer would tell
		caller = Caller{PrincipalID: objectOf(caller.Claims).text("sub")}
	}
	found, err = caller.Authorization(kind)
	found.Drop = nil
	return found, err
}
