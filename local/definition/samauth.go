package definition

import (
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// samAuthorizer reads an authorizer of either kind of API.
func (r *reader) samAuthorizer(kind gateway.Kind, name string, n *document.Node) *Authorizer {
	identity := n.Get("Identity")
	a := &Authorizer{ID: name, Name: name, Origin: originOf(n), TTL: -1, IdentityValidation: identity.Get("ValidationExpression").Value()}
	if ttl := identity.Get("ReauthorizeEvery"); ttl != nil {
		var err error
		if a.TTL, err = seconds(ttl, "ReauthorizeEvery"); err != nil {
			r.warn(a.Origin, "authorizer "+name, "answers are kept for as long as they are by default: %v", err)
			a.TTL = -1
		}
	}
	prefix, dollar := "method.request.", ""
	if kind == gateway.HTTPAPI {
		prefix, dollar = "$request.", "$"
	}
	header := "method.request.header.Authorization"
	if h := identity.Get("Header").Value(); h != "" {
		header = "method.request.header." + h
	}
	switch {
	case kind == gateway.HTTPAPI && n.Get("JwtConfiguration") != nil:
		a.Type = "JWT"
		configuration := n.Get("JwtConfiguration")
		a.Issuer = firstOf(configuration.Get("issuer"), configuration.Get("Issuer")).Value()
		a.Audiences = firstOf(configuration.Get("audience"), configuration.Get("Audience")).Strings()
		a.IdentitySources = identitySources(n.Get("IdentitySource"))
		if len(a.IdentitySources) == 0 {
			a.IdentitySources = []string{"$request.header.Authorization"}
		}
		return a
	case n.Get("UserPoolArn") != nil:
		a.Type, a.IdentitySources, a.ProviderARNs = "COGNITO_USER_POOLS", []string{header}, n.Get("UserPoolArn").Strings()
		return a
	case kind == gateway.RESTAPI && !strings.EqualFold(n.Get("FunctionPayloadType").Value(), "REQUEST"):
		a.Type, a.IdentitySources = "TOKEN", []string{header}
		return a
	}
	a.Type = "REQUEST"
	a.PayloadFormat = n.Get("AuthorizerPayloadFormatVersion").Value()
	a.SimpleResponses = n.Get("EnableSimpleResponses").True()
	for _, source := range []struct{ key, prefix string }{
		{"Headers", prefix + "header."}, {"QueryStrings", prefix + "querystring."},
		{"StageVariables", dollar + "stageVariables."}, {"Context", dollar + "context."},
	} {
		for _, name := range identity.Get(source.key).Strings() {
			a.IdentitySources = append(a.IdentitySources, source.prefix+name)
		}
	}
	return a
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
	name := n.Get("Authorizer").Value()
	if name == "" {
		name = s.byDefault
	}
	if required := n.Get("ApiKeyRequired"); required != nil {
		route.APIKeyRequired = required.True()
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
		scopes = own.Strings()
	}
	return r.authorizeBy(route, a, scopes)
}
