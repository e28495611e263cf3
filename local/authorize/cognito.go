package authorize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
)

// CognitoOptions set up the authorizer of user pools.
type CognitoOptions struct {
	_ struct{}

	// Pools are the ARNs of the user pools.
	Pools []string

	// Source is the header with the token: "method.request.header.NAME". "" is
	// Authorization.
	Source string

	// Validation is a regular expression that the token's audience has to match as
	// a whole. "" takes every audience.
	Validation string

	// Keys are the public keys of the pools. nil is a store of its own, which asks
	// AWS: user pools publish their keys to everybody.
	Keys *Keys
}

type cognitoAuthorizer struct {
	issuers    []string
	source     identitySource
	validation *javaregexp.Regexp
	keys       *Keys
}

// Cognito returns a REST API's authorizer for the tokens of user pools: id tokens,
// and where the method has scopes, access tokens with one of them.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
func Cognito(o CognitoOptions) (gateway.Authorizer, error) {
	c := &cognitoAuthorizer{keys: o.Keys}
	var wrong []error
	if len(o.Pools) == 0 {
		wrong = append(wrong, errors.New("authorize: Cognito has no Pools"))
	}
	for _, arn := range o.Pools {
		issuer, err := poolIssuer(arn)
		wrong = append(wrong, err)
		c.issuers = append(c.issuers, issuer)
	}
	var err error
	if c.source, err = parseSource(orElse(o.Source, "method.request.header.Authorization")); err != nil {
		wrong = append(wrong, err)
	}
	if c.validation, err = compileValidation(o.Validation); err != nil {
		wrong = append(wrong, err)
	}
	if c.keys == nil {
		c.keys = NewKeys(KeyOptions{})
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return c, nil
}

// poolIssuer returns who the tokens of a user pool are from:
//
//	arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI
func poolIssuer(arn string) (string, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && parts[2] == "cognito-idp" && parts[3] != "" {
		if pool, ok := strings.CutPrefix(parts[5], "userpool/"); ok && pool != "" {
			return "https://cognito-idp." + parts[3] + ".amazonaws.com/" + pool, nil
		}
	}
	return "", fmt.Errorf("authorize: %q is no ARN of a user pool", arn)
}

// Authorize checks the token of a request.
func (c *cognitoAuthorizer) Authorize(ctx context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
	t, err := c.check(ctx, a, bearer(c.source.value(a)))
	if err != nil {
		denied := &gateway.Denied{Type: gateway.Unauthorized, Reason: err.Error()}
		if errors.Is(err, errExpired) {
			denied.Message = "The incoming token has expired"
		}
		return gateway.Authorization{}, denied
	}
	if scopes := t.scopes(); !permitted(scopes, a.Route.Scopes) {
		denied := denial(implicitDeny, a.API.Kind)
		denied.Reason = fmt.Sprintf("the token has the scopes %q, the method asks for one of %q", scopes, a.Route.Scopes)
		return gateway.Authorization{}, denied
	}
	return gateway.Authorization{Context: block("claims", pooled(t.claims)), Principal: t.claims.text("sub")}, nil
}

func (c *cognitoAuthorizer) check(ctx context.Context, a *gateway.Arrival, text string) (*token, error) {
	if text == "" {
		return nil, errors.New("token not provided")
	}
	t, err := parseToken(text)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(c.issuers, t.issuer()) {
		return nil, fmt.Errorf("the token is from %.100q, which is none of the user pools", t.issuer())
	}
	if len(a.Route.Scopes) == 0 {
		// Only id tokens are meant for an audience.
		audience, _ := t.claims.list("aud")
		if len(audience) == 0 {
			return nil, errors.New("the token is no id token, which is what a method without scopes takes")
		}
		if !slices.ContainsFunc(audience, func(aud string) bool { return matches(c.validation, aud) }) {
			return nil, errors.New("the token's audience does not match the identity validation expression")
		}
	}
	if err := t.verify(ctx, c.keys, t.issuer(), algorithms[:1]); err != nil {
		return nil, err
	}
	return t, t.times(a.Time)
}
