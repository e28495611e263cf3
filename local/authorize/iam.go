package authorize

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/sigv4"
)

// IAMOptions set up an authorizer that checks signatures of AWS's Signature Version 4.
type IAMOptions struct {
	_ struct{}

	// Keys are the access keys whose signatures are accepted. nil accepts none.
	Keys []AccessKey

	// AcceptAny takes requests that any other key has signed, too. Their signature
	// cannot be checked, since nobody here knows the secret. All else is.
	AcceptAny bool
}

// An AccessKey is one of an IAM user or role.
type AccessKey struct {
	_ struct{}

	// ID and Secret are the two halves of the key.
	ID, Secret string

	// ARN is whose key it is, as events show it. "" makes up a user who is called
	// as the key is.
	ARN string

	// UserID is the unique id of the user, or of the role and its session. "" is the
	// key's ID.
	UserID string
}

type iamAuthorizer struct {
	keys      map[string]AccessKey
	acceptAny bool
}

// IAM returns an authorizer that takes requests signed with Signature Version 4, in
// the Authorization header or in a presigned URL: for REST APIs, HTTP APIs and
// function URLs. Who has signed may call: there are no policies to allow or deny it.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
func IAM(o IAMOptions) (gateway.Authorizer, error) {
	i := &iamAuthorizer{keys: make(map[string]AccessKey, len(o.Keys)), acceptAny: o.AcceptAny}
	var wrong []error
	for _, key := range o.Keys {
		if key.ID == "" || key.Secret == "" || strings.Contains(key.ID, "/") {
			wrong = append(wrong, fmt.Errorf("authorize: IAM has a key %q that lacks its ID or its Secret", key.ID))
		}
		i.keys[key.ID] = key
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return i, nil
}

// Authorize checks the signature of a request.
func (i *iamAuthorizer) Authorize(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
	s, err := i.check(a)
	if err == nil {
		return i.signer(s, a), nil
	}
	var refused *sigv4.Error
	if !errors.As(err, &refused) {
		return gateway.Authorization{}, err
	}
	return gateway.Authorization{}, unsigned(refused, a.API.Kind)
}

func (i *iamAuthorizer) check(a *gateway.Arrival) (*sigv4.Signature, error) {
	s, err := sigv4.Parse(a.Sent, a.RawQuery)
	if err != nil {
		return nil, err
	}
	key, known := i.keys[s.KeyID]
	if !known && !i.acceptAny {
		return nil, &sigv4.Error{Kind: sigv4.UnknownClient, Message: "The security token included in the request is invalid.",
			Reason: fmt.Sprintf("the request is signed with the key %.40q, accepted are %q", s.KeyID, slices.Sorted(maps.Keys(i.keys)))}
	}
	if err := s.Current(a.Time, a.API.Account.Region, service(a.API.Kind)); err != nil || !known {
		return s, err
	}
	body, err := a.Payload()
	if err != nil {
		return nil, err
	}
	path, _, _ := strings.Cut(a.Target, "?")
	return s, s.Verify(sigv4.Request{
		Method: a.Method, Path: path, RawQuery: a.RawQuery, Host: a.Host,
		Header: a.Sent, ContentLength: a.ContentLength, Body: body,
	}, key.Secret)
}

// service is what a request has to be signed for.
func service(k gateway.Kind) string {
	if k == gateway.LambdaURL {
		return "lambda"
	}
	return "execute-api"
}

// An iamIdentity is who signed a request, as events of HTTP APIs and function URLs
// have it.
type iamIdentity struct {
	AccessKey       string           `json:"accessKey"`
	AccountID       string           `json:"accountId"`
	CallerID        string           `json:"callerId"`
	CognitoIdentity *cognitoIdentity `json:"cognitoIdentity"`
	PrincipalOrgID  *string          `json:"principalOrgId"`
	UserARN         string           `json:"userArn"`
	UserID          string           `json:"userId"`
}

// A cognitoIdentity is one of an identity pool.
type cognitoIdentity struct {
	AMR            []string `json:"amr"`
	IdentityID     string   `json:"identityId"`
	IdentityPoolID string   `json:"identityPoolId"`
}

// signer is what the signature leaves in the event, which does not show the header
// that held it.
func (i *iamAuthorizer) signer(s *sigv4.Signature, a *gateway.Arrival) gateway.Authorization {
	key := i.keys[s.KeyID]
	arn := orElse(key.ARN, "arn:aws:iam::"+a.API.Account.ID+":user/"+s.KeyID)
	account := a.API.Account.ID
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		account = parts[4]
	}
	return identified(iamIdentity{
		AccessKey: s.KeyID, AccountID: account, CallerID: orElse(key.UserID, s.KeyID), UserARN: arn, UserID: orElse(key.UserID, s.KeyID),
	}, a.API.Kind)
}

// identified is what an IAM identity leaves in the event: members of its identity
// behind a REST API, and elsewhere what an authorizer leaves. Payload format 1.0 has
// the former too.
func identified(who iamIdentity, kind gateway.Kind) gateway.Authorization {
	left := gateway.Authorization{Principal: who.UserARN, Drop: []string{"Authorization"}}
	members := map[string]string{"accessKey": who.AccessKey, "accountId": who.AccountID, "caller": who.CallerID, "user": who.UserID, "userArn": who.UserARN}
	if who.PrincipalOrgID != nil {
		members["principalOrgId"] = *who.PrincipalOrgID
	}
	if c := who.CognitoIdentity; c != nil {
		members["cognitoIdentityId"], members["cognitoIdentityPoolId"] = c.IdentityID, c.IdentityPoolID
	}
	identity, _ := json.Marshal(members) // text never fails
	if kind != gateway.LambdaURL {
		left.Identity = identity
	}
	if kind == gateway.HTTPAPI || kind == gateway.LambdaURL {
		iam, _ := json.Marshal(who)
		left.Context = block("iam", iam)
		left.ContextV1 = json.RawMessage("null")
	}
	return left
}

// unsigned is the answer of a kind of API. Only REST APIs say what is wrong.
func unsigned(e *sigv4.Error, kind gateway.Kind) *gateway.Denied {
	denied := &gateway.Denied{Type: gateway.AccessDenied, Reason: e.Error()}
	if kind == gateway.RESTAPI {
		denied.Type, denied.Message, denied.ErrorType = gateway.InvalidSignature, e.Message, e.Kind
		if e.Kind == sigv4.MissingToken {
			denied.Type = gateway.MissingAuthenticationToken
		}
	}
	return denied
}
