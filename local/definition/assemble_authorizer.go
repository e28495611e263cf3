package definition

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// Callers say who may call where a definition cannot: it names issuers and not their
// keys, plans and not the values of keys.
type Callers struct {
	_ struct{}

	// Keys are the public keys of the issuers of tokens. nil asks the issuers.
	Keys *authorize.Keys

	// IAM says which access keys may sign requests. The zero value knows none.
	IAM authorize.IAMOptions

	// APIKeys are keys whose values the definition does not have. One that is called as
	// a key of a usage plan has its plan, any other one that of the API's only plan.
	APIKeys []authorize.APIKey

	// Fixed, if it is not nil, takes the place of every authorizer: of a REST API's JWT
	// authorizer what its ForJWT returns, if it has such a method. What its Check, if it has
	// that, refuses for the kind of a route's API, is refused with the route.
	Fixed gateway.Authorizer
}

// authorizer makes what decides on the requests of a route. nil lets everybody in.
func (a *assembler) authorizer(api *API, route *Route) (gateway.Authorizer, error) {
	own, err := a.ownAuthorizer(route.Authorization, route.Authorizer, api.Kind)
	if err != nil || len(api.Policy) == 0 || api.Kind != gateway.RESTAPI {
		return own, err
	}
	suffices := route.Authorization == "CUSTOM" || route.Authorization == "AWS_IAM" // whoever stands in for it
	guarded, ignored, err := authorize.ResourcePolicy(api.Policy, own, suffices)
	if len(ignored) > 0 {
		a.once(api.Origin, api.label(), "the resource policy has conditions that are not evaluated, and neither deny nor keep from allowing: "+strings.Join(ignored, ", "))
	}
	return guarded, err
}

// ownAuthorizer is what a route of a kind of API says by itself. nil lets everybody in.
func (a *assembler) ownAuthorizer(authorization string, from *Authorizer, kind gateway.Kind) (gateway.Authorizer, error) {
	callers := a.options.Callers
	rest := kind == gateway.RESTAPI
	switch {
	case authorization == "NONE" || authorization == "":
		return nil, nil
	case callers.Fixed != nil:
		return fixedFor(callers.Fixed, kind, rest && authorization == "JWT")
	case authorization == "AWS_IAM":
		return authorize.IAM(callers.IAM)
	case from == nil:
		return nil, fmt.Errorf("the authorization %s needs an authorizer, and the route names none", authorization)
	}
	return a.authorizerOf(rest, from)
}

// fixedFor is the caller who takes the place of an authorizer behind a kind of API, jwt that of
// a REST API's tokens.
func fixedFor(fixed gateway.Authorizer, kind gateway.Kind, jwt bool) (gateway.Authorizer, error) {
	if checked, ok := fixed.(interface{ Check(gateway.Kind) error }); ok {
		if err := checked.Check(kind); err != nil {
			return nil, fmt.Errorf("the caller of --authorizer-context cannot be one here: %w", err)
		}
	}
	if typed, ok := fixed.(interface{ ForJWT() gateway.Authorizer }); ok && jwt {
		return typed.ForJWT(), nil
	}
	return fixed, nil
}

// authorizerOf makes an authorizer once for all of its routes, so that they share what
// it keeps.
func (a *assembler) authorizerOf(rest bool, from *Authorizer) (gateway.Authorizer, error) {
	if known, ok := a.authorizers[from]; ok {
		return known, nil
	}
	made, err := a.makeAuthorizer(rest, from)
	if err != nil {
		return nil, fmt.Errorf("the authorizer %s: %w", from.Name, err)
	}
	if a.authorizers == nil {
		a.authorizers = map[*Authorizer]gateway.Authorizer{}
	}
	a.authorizers[from] = made
	return made, nil
}

func (a *assembler) makeAuthorizer(rest bool, from *Authorizer) (gateway.Authorizer, error) {
	var source string
	if len(from.IdentitySources) > 0 {
		source = from.IdentitySources[0]
	}
	switch from.Type {
	case "COGNITO_USER_POOLS":
		return authorize.Cognito(authorize.CognitoOptions{
			Pools: from.ProviderARNs, Source: source, Validation: from.IdentityValidation, Keys: a.options.Callers.Keys,
		})
	case "JWT":
		o := authorize.JWTOptions{Source: source, Keys: a.options.Callers.Keys}
		if from.JWT == nil {
			o.Issuers = []authorize.Issuer{{URL: from.Issuer, Audiences: from.Audiences}}
			return authorize.JWT(o)
		}
		if err := readJWT(from.JWT, &o); err != nil {
			return nil, err
		}
		return authorize.JWT(o)
	case "TOKEN", "REQUEST":
		return a.lambdaAuthorizer(rest, from)
	}
	return nil, fmt.Errorf("authorizers of the type %q are not served", from.Type)
}

// readJWT reads the jwtConfiguration of a REST API's authorizer. Its names begin with a
// capital in CloudFormation and with a small letter elsewhere.
func readJWT(configuration []byte, o *authorize.JWTOptions) error {
	var given struct {
		DefaultAlgorithms []string
		Issuers           []struct {
			Issuer           string
			Audiences        []string
			AdditionalClaims []struct {
				ClaimName      string
				Format         string
				ExpectedValues []string
				Required       bool
			}
		}
	}
	if err := json.Unmarshal(configuration, &given); err != nil {
		return fmt.Errorf("the JWT configuration cannot be read: %w", err)
	}
	if len(given.DefaultAlgorithms) == 0 {
		return errors.New("the JWT configuration has no defaultAlgorithms")
	}
	o.Algorithms = given.DefaultAlgorithms
	for _, i := range given.Issuers {
		issuer := authorize.Issuer{URL: i.Issuer, Audiences: i.Audiences}
		for _, c := range i.AdditionalClaims {
			if c.Format != "SINGLE_STRING" {
				return fmt.Errorf("the JWT configuration asks for the claim %q in the format %q, and SINGLE_STRING is the only one", c.ClaimName, c.Format)
			}
			issuer.Claims = append(issuer.Claims, authorize.ClaimRule{Name: c.ClaimName, Values: c.ExpectedValues, Required: c.Required})
		}
		o.Issuers = append(o.Issuers, issuer)
	}
	return nil
}

func (a *assembler) lambdaAuthorizer(rest bool, from *Authorizer) (gateway.Authorizer, error) {
	if from.Function == nil {
		return nil, fmt.Errorf("%q is no function of this definition", from.URI)
	}
	function, err := a.invoker(from.Function)
	if err != nil {
		return nil, err
	}
	o := authorize.LambdaOptions{
		Token: from.Type == "TOKEN", Format: gateway.Format(from.PayloadFormat), Simple: from.SimpleResponses,
		Sources: from.IdentitySources, Validation: from.IdentityValidation, TTL: from.TTL,
		Timeout: a.timeout(from.Function, 0), Logger: a.options.Logger,
	}
	if rest {
		o.Format = gateway.DefaultFormat
	}
	if o.TTL < 0 { // what the definition does not say
		o.TTL = 0
		if rest && (o.Token || len(o.Sources) > 0) {
			o.TTL = 5 * time.Minute
		}
	}
	return authorize.Lambda(function, o)
}

// guardWebSocket puts in front of a route of a WebSocket API what decides on handshakes
// and checks messages.
func (a *assembler) guardWebSocket(r *websocket.Route, api *WebSocketAPI, route *WebSocketRoute) (err error) {
	if r.Authorizer, err = a.ownAuthorizer(route.Authorization, route.Authorizer, gateway.WebSocketAPI); err != nil {
		return err
	}
	var required gateway.RequiredParameters
	for _, p := range route.Parameters {
		switch {
		case !p.Required:
		case p.In == "header":
			required.Header = append(required.Header, p.Name)
		case p.In == "querystring":
			required.Query = append(required.Query, p.Name)
		}
	}
	if len(required.Header)+len(required.Query) > 0 {
		r.Required = &required
	}
	if len(route.Models) == 0 {
		return nil
	}
	r.Models = &websocket.Models{ByKey: map[string]string{}, Selection: route.ModelSelection}
	for _, m := range route.Models {
		r.Models.ByKey[m.Name] = m.Value.Name
	}
	r.Models.All, err = a.compile(api, api.Origin, api.label(), api.Models)
	return err
}

// urlAuthorizer makes what decides on the requests of a function URL.
func (a *assembler) urlAuthorizer(u *FunctionURL) (gateway.Authorizer, error) {
	if !u.IAM {
		return nil, nil
	}
	return a.ownAuthorizer("AWS_IAM", nil, gateway.LambdaURL)
}
