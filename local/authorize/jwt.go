package authorize

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// JWTOptions set up an authorizer that checks JSON Web Tokens.
type JWTOptions struct {
	_ struct{}

	// Issuers are those whose tokens are accepted. An HTTP API has one, a REST API
	// may have several.
	Issuers []Issuer

	// Algorithms are those that a token may be signed with: RS256, RS384, RS512,
	// ES256, ES384 and ES512. nil is the first three, which is what HTTP APIs accept;
	// REST APIs have to list theirs.
	Algorithms []string

	// Source is where the token stands, with or without "Bearer " in front of it:
	// "$request.header.NAME", "$request.querystring.NAME", or for REST APIs
	// "method.request.header.NAME". "" is the header Authorization.
	Source string

	// Keys are the public keys of the issuers. nil is a store of its own, which asks
	// the issuers.
	Keys *Keys
}

// An Issuer is one whose tokens are accepted.
type Issuer struct {
	_ struct{}

	// URL is the claim iss of its tokens, to the letter.
	URL string

	// Audiences are whom a token may be meant for: its claim aud has to name one, or
	// its client_id if it has no aud.
	Audiences []string

	// AnyAudience takes tokens for whomever they are meant. API Gateway always asks;
	// this is for work on a function that nothing says the audience of.
	AnyAudience bool

	// Claims are further rules for its tokens, at REST APIs.
	Claims []ClaimRule
}

// A ClaimRule is one of the additionalClaims of a REST API's JWT authorizer.
type ClaimRule struct {
	// Name is the claim's.
	Name string
	// Values are what the claim may be, to the letter. nil takes any.
	Values []string
	// Required refuses a token without the claim.
	Required bool
}

// algorithms are the only ones there are. None of them is symmetric: a public key is
// never taken for a shared secret.
var algorithms = []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}

// Algorithms returns all that a token may be signed with.
func Algorithms() []string { return slices.Clone(algorithms) }

type jwtAuthorizer struct {
	issuers    []Issuer
	algorithms []string
	source     identitySource
	keys       *Keys
}

// JWT returns an authorizer that checks JSON Web Tokens, for HTTP APIs and, since
// November 2026, for REST APIs. Whether a token has one of the scopes that the route
// asks for is part of the check. The error joins all that is wrong with o.
//
// The claims reach the function as text behind an HTTP API, and with their JSON types
// behind a REST API.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer.html
func JWT(o JWTOptions) (gateway.Authorizer, error) {
	j := &jwtAuthorizer{issuers: slices.Clone(o.Issuers), algorithms: slices.Clone(o.Algorithms), keys: o.Keys}
	var wrong []error
	if len(j.issuers) == 0 {
		wrong = append(wrong, errors.New("authorize: JWT has no Issuers"))
	}
	for _, issuer := range j.issuers {
		wrong = append(wrong, issuer.check()...)
	}
	if j.algorithms == nil {
		j.algorithms = algorithms[:3]
	}
	for _, algorithm := range j.algorithms {
		if !slices.Contains(algorithms, algorithm) {
			wrong = append(wrong, fmt.Errorf("authorize: JWT has the algorithm %q, which is none of %s", algorithm, strings.Join(algorithms, ", ")))
		}
	}
	if j.keys == nil {
		j.keys = NewKeys(KeyOptions{})
	}
	var err error
	if j.source, err = parseSource(orElse(o.Source, "$request.header.Authorization")); err != nil {
		wrong = append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return j, nil
}

func (i Issuer) check() (wrong []error) {
	u, err := url.Parse(i.URL)
	if err != nil || !isURL(i.URL) || u.RawQuery != "" || u.Fragment != "" {
		wrong = append(wrong, fmt.Errorf("authorize: the issuer %q is no URL without query and fragment", i.URL))
	}
	if len(i.Audiences) == 0 && !i.AnyAudience {
		wrong = append(wrong, fmt.Errorf("authorize: the issuer %q has no Audiences", i.URL))
	}
	for _, rule := range i.Claims {
		if rule.Name == "" || slices.Contains([]string{"iss", "aud", "exp", "nbf", "iat", "scope", "scp"}, rule.Name) {
			wrong = append(wrong, fmt.Errorf("authorize: the issuer %q has a rule for the claim %q, which cannot have one", i.URL, rule.Name))
		}
	}
	return wrong
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// Authorize checks the token of a request.
func (j *jwtAuthorizer) Authorize(ctx context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
	text := bearer(j.source.value(a))
	if text == "" {
		return gateway.Authorization{}, refuseToken(a, "", "token not provided")
	}
	t, err := j.check(ctx, a, text)
	if err != nil {
		var refused *tokenError
		if !errors.As(err, &refused) {
			return gateway.Authorization{}, err
		}
		return gateway.Authorization{}, refuseToken(a, refused.description, refused.Error())
	}
	scopes := t.scopes()
	if !permitted(scopes, a.Route.Scopes) {
		return gateway.Authorization{}, refuseScopes(a, scopes)
	}
	if a.API.Kind == gateway.RESTAPI {
		return speakTyped(t.claims), nil
	}
	if len(a.Route.Scopes) == 0 {
		scopes = nil // the event shows them only where a route asks for some
	}
	return speak(t.claims, scopes), nil
}

// SecretParameters implements gateway.Secretive.
func (j *jwtAuthorizer) SecretParameters() []string { return secretsIn(j.source) }

// check takes a token apart and believes it, or says why not.
func (j *jwtAuthorizer) check(ctx context.Context, a *gateway.Arrival, text string) (*token, error) {
	t, err := parseToken(text)
	if err != nil {
		return nil, err
	}
	// A token of somebody else's is refused before any key is fetched.
	from := slices.IndexFunc(j.issuers, func(i Issuer) bool { return i.URL == t.issuer() })
	if from < 0 {
		return nil, &tokenError{description: wrongIssuer, reason: fmt.Sprintf("the token is from %.100q, who is not among the issuers", t.issuer())}
	}
	issuer := j.issuers[from]
	if err := t.verify(ctx, j.keys, issuer.URL, j.algorithms); err != nil {
		return nil, err
	}
	if err := t.audience(issuer.Audiences); err != nil && !issuer.AnyAudience {
		return nil, err
	}
	if err := t.times(a.Time); err != nil {
		return nil, err
	}
	for _, rule := range issuer.Claims {
		if err := rule.hold(t); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// hold checks one claim of a token.
func (r ClaimRule) hold(t *token) error {
	switch {
	case t.claims.get(r.Name) == nil && !r.Required:
	case t.claims.get(r.Name) == nil:
		return &tokenError{description: "the token lacks a claim", reason: fmt.Sprintf("the token has no claim %q", r.Name)}
	case r.Values != nil && (t.claims.get(r.Name)[0] != '"' || !slices.Contains(r.Values, t.claims.text(r.Name))):
		return &tokenError{description: "the token has an invalid claim", reason: fmt.Sprintf("the token's claim %q is none of those accepted", r.Name)}
	}
	return nil
}

// bearer returns a token without the scheme that may stand in front of it.
func bearer(value string) string {
	const scheme = "Bearer "
	if len(value) >= len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	}
	return strings.TrimSpace(value)
}

// permitted reports whether a token's scopes satisfy a route: one of them is enough.
func permitted(scopes, asked []string) bool {
	return len(asked) == 0 || slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(asked, s) })
}

// refuseToken answers for a token that is missing, where there is no description, or
// wrong.
func refuseToken(a *gateway.Arrival, description, reason string) error {
	denied := &gateway.Denied{Type: gateway.Unauthorized, Reason: reason}
	if a.API.Kind == gateway.RESTAPI {
		denied.Reason += unknownAnswer
		return denied
	}
	challenge := "Bearer"
	if description != "" {
		challenge = `Bearer scope="" error="invalid_token" error_description="` + description + `"`
	}
	denied.Header = http.Header{"www-authenticate": {challenge}}
	return denied
}

// refuseScopes answers for a token that has none of the scopes of the route.
func refuseScopes(a *gateway.Arrival, scopes []string) error {
	asked := strings.Join(a.Route.Scopes, " ")
	denied := &gateway.Denied{Type: gateway.AccessDenied,
		Reason: fmt.Sprintf("the token has the scopes %q, the route asks for one of %q", scopes, a.Route.Scopes)}
	if a.API.Kind == gateway.RESTAPI {
		denied.Reason += unknownAnswer
		return denied
	}
	denied.Header = http.Header{"www-authenticate": {`Bearer scope="` + asked + `" error="insufficient_scope" error_description="expected scopes: [` + asked + `]"`}}
	return denied
}

// unknownAnswer is what the log says where nobody has recorded AWS's own answer.
const unknownAnswer = " (status as documented; how AWS words this answer is not known)"

// speakTyped is what a token leaves in the event behind a REST API.
func speakTyped(claims object) gateway.Authorization {
	return gateway.Authorization{
		Context:   block("claims", typed(claims)),
		Variables: block("claims", quoted(claims)),
		Principal: claims.text("sub"),
	}
}

// speak is what a token leaves in the event behind an HTTP API.
func speak(claims object, scopes []string) gateway.Authorization {
	list, _ := json.Marshal(scopes) // text never fails
	found := json.RawMessage(`{"claims":` + string(spoken(claims)) + `,"scopes":` + string(list) + `}`)
	return gateway.Authorization{
		Context:   block("jwt", found),
		ContextV1: found,
		Variables: found,
		Principal: claims.text("sub"),
	}
}

// block is a JSON object of one member.
func block(name string, value json.RawMessage) json.RawMessage {
	return json.RawMessage(`{"` + name + `":` + string(value) + `}`)
}
