package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// samAuthorizer reads an authorizer of either kind of API.
func (r *reader) samAuthorizer(kind gateway.Kind, name string, n *document.Node) (*Authorizer, error) {
	identity := n.Get("Identity")
	a := &Authorizer{ID: name, Name: name, Origin: originOf(n), TTL: -1}
	var errs [6]error
	a.IdentityValidation, errs[0] = optional(identity.Get("ValidationExpression"), "ValidationExpression")
	if ttl := identity.Get("ReauthorizeEvery"); ttl != nil {
		var err error
		if a.TTL, err = seconds(ttl, "ReauthorizeEvery"); err != nil {
			r.warn(a.Origin, "authorizer "+name, "answers are kept for as long as they are by default: %v", err)
			a.TTL = -1
		}
	}
	header, err := optional(identity.Get("Header"), "Header")
	header = "method.request.header." + orElse(header, "Authorization")
	errs[1] = err
	switch {
	case kind == gateway.HTTPAPI && n.Get("JwtConfiguration") != nil:
		a.Type = "JWT"
		configuration := n.Get("JwtConfiguration")
		issuer, audience := firstOf(configuration.Get("issuer"), configuration.Get("Issuer")), firstOf(configuration.Get("audience"), configuration.Get("Audience"))
		a.Issuer = issuer.Value()
		a.Audiences, errs[2] = texts(audience, "audience")
		r.warnOfMadeUp(a, "the issuer", issuer)
		r.warnOfMadeUp(a, "the audience", audience)
		a.IdentitySources, errs[3] = identitySources(n.Get("IdentitySource"))
		if len(a.IdentitySources) == 0 {
			a.IdentitySources = []string{"$request.header.Authorization"}
		}
	case n.Get("UserPoolArn") != nil:
		a.Type, a.IdentitySources = "COGNITO_USER_POOLS", []string{header}
		a.ProviderARNs, errs[4] = texts(n.Get("UserPoolArn"), "UserPoolArn")
		r.warnOfMadeUp(a, "the user pool", n.Get("UserPoolArn"))
	case kind == gateway.RESTAPI && !strings.EqualFold(n.Get("FunctionPayloadType").Value(), "REQUEST"):
		a.Type, a.IdentitySources = "TOKEN", []string{header}
	default:
		a.Type = "REQUEST"
		a.PayloadFormat = n.Get("AuthorizerPayloadFormatVersion").Value()
		a.SimpleResponses = n.Get("EnableSimpleResponses").True()
		a.IdentitySources, errs[5] = samIdentity(kind, identity)
	}
	return a, errors.Join(errs[:]...)
}

// samIdentity reads the identity sources of an authorizer, which SAM lists by kind.
func samIdentity(kind gateway.Kind, identity *document.Node) (sources []string, _ error) {
	prefix, dollar := "method.request.", ""
	if kind == gateway.HTTPAPI {
		prefix, dollar = "$request.", "$"
	}
	var errs []error
	for _, source := range []struct{ key, prefix string }{
		{"Headers", prefix + "header."}, {"QueryStrings", prefix + "querystring."},
		{"StageVariables", dollar + "stageVariables."}, {"Context", dollar + "context."},
	} {
		names, err := texts(identity.Get(source.key), source.key)
		for _, name := range names {
			sources = append(sources, source.prefix+name)
		}
		errs = append(errs, err)
	}
	return sources, errors.Join(errs...)
}

func firstOf(nodes ...*document.Node) *document.Node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return nil
}

// samAuth says who may call a route: what its event says, else the API's default.
func (r *reader) samAuth(s *samAPI, route *Route, n *document.Node) error {
	if err := checkAuth(n, "event "+map[gateway.Kind]string{gateway.RESTAPI: "Api", gateway.HTTPAPI: "HttpApi"}[s.api.Kind]+".Auth"); err != nil {
		return err
	}
	name, err := optional(n.Get("Authorizer"), "Authorizer")
	if name == "" && err == nil {
		name, err = s.byDefault, s.noDefault
	}
	noKey := s.noKey
	if required := n.Get("ApiKeyRequired"); required != nil {
		route.APIKeyRequired, noKey = truth(required, "ApiKeyRequired")
	}
	if err := errors.Join(err, noKey); err != nil {
		return err
	}
	switch name {
	case "", "NONE":
		return nil
	case "AWS_IAM":
		route.Authorization = "AWS_IAM"
		return nil
	}
	a := s.authorizers[name]
	if a == nil {
		return fmt.Errorf("the authorizer %q is not declared", name)
	}
	if err := r.broken[a.ID]; err != nil {
		return err
	}
	scopes := s.scopes[name]
	if own := n.Get("AuthorizationScopes"); own != nil {
		if scopes, err = texts(own, "AuthorizationScopes"); err != nil {
			return err
		}
	}
	return r.authorizeBy(route, a, scopes)
}

// checkAuth refuses an Auth with what nothing reads: a misspelled authorizer would let
// everybody in. The place is that of its members.
func checkAuth(n *document.Node, place string) error {
	if !n.IsNull() && !n.Is(document.Map) {
		return errors.New("its Auth is no map")
	}
	for key := range n.All() {
		if !slices.Contains(strings.Fields(members[place]), key) && withoutEffect[key] == "" {
			return fmt.Errorf("there is no %s in an Auth", key)
		}
	}
	return nil
}

// A samSecurity is what an operation says to keep SAM's defaults off it.
type samSecurity struct{ open, keyless bool }

// reads reports whether a security scheme is one that SAM adds to a document which stands
// in the template: its authorizers, and four of fixed names.
func (made *samSecurity) reads(name string, s *samAPI) bool {
	switch name {
	case "NONE":
		made.open = true
	case "api_key_false":
		made.keyless = true
	case "AWS_IAM", "api_key":
	default:
		return s.authorizers[name] != nil
	}
	return true
}

// samScheme applies such a scheme to a route.
func (r *reader) samScheme(s *samAPI, route *Route, name string, scopes []string) error {
	switch name {
	case "NONE", "api_key_false":
	case "AWS_IAM":
		route.Authorization = "AWS_IAM"
	case "api_key":
		route.APIKeyRequired = true
	default:
		if err := r.broken[s.authorizers[name].ID]; err != nil {
			return err
		}
		return r.authorizeBy(route, s.authorizers[name], scopes)
	}
	return nil
}

// samDefaults adds the authorizer and the API key that an API asks for by default to a
// route of its document, as SAM does: for OPTIONS only in a REST API, and there unless
// the API says otherwise.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
func (r *reader) samDefaults(s *samAPI, route *Route, made samSecurity) error {
	preflight := strings.HasPrefix(route.Key, "OPTIONS ")
	if s.api.Kind == gateway.RESTAPI && s.keyRequired && !made.keyless && (!preflight || s.preflights("AddApiKeyRequiredToCorsPreflight")) {
		route.APIKeyRequired = true
	}
	if s.noKey != nil && !made.keyless {
		return s.noKey
	}
	if made.open || route.Authorization != "NONE" {
		return nil
	}
	if preflight && (s.api.Kind == gateway.HTTPAPI || !s.preflights("AddDefaultAuthorizerToCorsPreflight")) {
		return nil
	}
	return r.samAuth(s, route, nil)
}

// preflights reports whether OPTIONS methods get a default, which they do unless the
// property says no.
func (s *samAPI) preflights(property string) bool {
	add := s.res.Get("Auth").Get(property)
	return add == nil || add.True()
}
