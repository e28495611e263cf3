package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// A scheme is what a security scheme of a document comes to. At most one of its
// fields is set; none is a scheme that API Gateway does not check.
type scheme struct {
	authorizer *Authorizer
	iam        bool
	apiKey     bool
	problem    error // why it is none of these
}

// readSchemes reads the security schemes of the document.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
func (o *openAPI) readSchemes() {
	o.schemes = map[string]scheme{}
	list := o.root.Find("components", "securitySchemes")
	if o.swagger() {
		list = o.root.Get("securityDefinitions")
	}
	for name, n := range o.mapOf(list, "the list of security schemes", o.api.label()) {
		s := o.scheme(name, n)
		o.schemes[name] = s
		if s.authorizer != nil {
			o.api.Authorizers = append(o.api.Authorizers, s.authorizer)
		}
	}
}

func (o *openAPI) scheme(name string, n *document.Node) scheme {
	extended, err := o.deref(n.Get(extension + "authorizer"))
	switch {
	case err != nil:
		return scheme{problem: err}
	case extended != nil:
		a, err := o.readAuthorizer(name, n, extended)
		return scheme{authorizer: a, problem: err}
	case strings.EqualFold(n.Get(extension+"authtype").Value(), "awsSigv4"),
		strings.EqualFold(n.Find(extension+"auth", "type").Value(), "AWS_IAM"):
		return scheme{iam: true}
	case n.Get("type").Value() == "apiKey" && strings.EqualFold(n.Get("name").Value(), "x-api-key") && o.api.Kind == gateway.RESTAPI:
		return scheme{apiKey: true}
	}
	o.ignore(n, fmt.Sprintf("the security scheme %s, which has no %sauthorizer: API Gateway does not check it", name, extension))
	return scheme{}
}

// authorizerFields are those of the extension.
var authorizerFields = strings.Fields(`authorizerCredentials authorizerPayloadFormatVersion authorizerResultTtlInSeconds authorizerUri
	enableSimpleResponses identitySource identityValidationExpression jwtConfiguration providerARNs type`)

// readAuthorizer reads the extension of a security scheme.
func (o *openAPI) readAuthorizer(name string, scheme, n *document.Node) (*Authorizer, error) {
	o.warnOfUnknown(n, authorizerFields, "the authorizer "+name, o.api.label())
	a := &Authorizer{
		ID: o.api.ID + "/" + name, Name: name, Type: strings.ToUpper(n.Get("type").Value()), Origin: originOf(n), TTL: -1,
		PayloadFormat:   n.Get("authorizerPayloadFormatVersion").Value(),
		SimpleResponses: n.Get("enableSimpleResponses").True(),
		Issuer:          n.Find("jwtConfiguration", "issuer").Value(),
	}
	var errs [5]error
	a.IdentitySources, errs[0] = identitySources(n.Get("identitySource"))
	a.IdentityValidation, errs[1] = optional(n.Get("identityValidationExpression"), "identityValidationExpression")
	a.ProviderARNs, errs[2] = texts(n.Get("providerARNs"), "providerARNs")
	a.Audiences, errs[3] = texts(n.Find("jwtConfiguration", "audience"), "audience")
	o.warnOfMadeUp(a, "the user pool", n.Get("providerARNs"))
	o.warnOfMadeUp(a, "the issuer", n.Find("jwtConfiguration", "issuer"))
	o.warnOfMadeUp(a, "the audience", n.Find("jwtConfiguration", "audience"))
	if ttl := n.Get("authorizerResultTtlInSeconds"); ttl != nil {
		a.TTL, errs[4] = seconds(ttl, "authorizerResultTtlInSeconds")
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if len(a.IdentitySources) == 0 && scheme.Get("in").Value() == "header" && a.Type != "REQUEST" && o.api.Kind == gateway.RESTAPI {
		a.IdentitySources = []string{"method.request.header." + scheme.Get("name").Value()}
	}
	if a.Type == "JWT" && a.Issuer == "" {
		a.Issuer = strings.TrimSuffix(scheme.Get("openIdConnectUrl").Value(), "/.well-known/openid-configuration")
	}
	if a.Type == "JWT" && o.api.Kind == gateway.RESTAPI {
		a.JWT = n.Get("jwtConfiguration").AppendJSON(nil)
	}
	uri := n.Get("authorizerUri")
	if uri.IsScalar() {
		replaced := *uri
		replaced.Text = o.variables.Replace(uri.Text)
		uri = &replaced
	}
	return a, o.completeAuthorizer(o.api.Kind, o.api.StageVariables, a, uri)
}

// completeAuthorizer checks an authorizer and finds its function.
func (r *reader) completeAuthorizer(kind gateway.Kind, stageVariables map[string]string, a *Authorizer, uri *document.Node) error {
	types := []string{"TOKEN", "REQUEST", "COGNITO_USER_POOLS", "JWT"}
	if kind != gateway.RESTAPI {
		types = []string{"REQUEST", "JWT"}
	}
	if !slices.Contains(types, a.Type) {
		return fmt.Errorf("the authorizer %s has the type %q, which is none of %s", a.Name, a.Type, strings.Join(types, ", "))
	}
	switch a.Type {
	case "TOKEN", "REQUEST":
		s, err := text(uri, "authorizerUri")
		if err == nil {
			s, err = withStageVariables(s, stageVariables)
		}
		if err != nil {
			return fmt.Errorf("the authorizer %s: %w", a.Name, err)
		}
		a.URI = s
		if a.Function, err = r.namedFunction(s, a.Origin, ""); err != nil {
			return fmt.Errorf("the authorizer %s: %w", a.Name, err)
		}
		if kind == gateway.RESTAPI && a.Type == "REQUEST" && len(a.IdentitySources) == 0 && a.TTL < 0 {
			r.warn(a.Origin, "authorizer "+a.Name, "it has no identity source, which API Gateway asks for unless answers are kept for 0 seconds: they are not kept here")
		}
		if kind != gateway.HTTPAPI {
			a.PayloadFormat, a.SimpleResponses = "", false // it has neither
			break
		}
		switch a.PayloadFormat {
		case "":
			a.PayloadFormat = "2.0"
			r.warn(a.Origin, "authorizer "+a.Name, "it says no payload format version, which API Gateway requires: 2.0 is taken")
		case "1", "2": // YAML's number, cut short
			a.PayloadFormat += ".0"
		}
	case "JWT":
		if a.Issuer == "" && a.JWT == nil {
			return fmt.Errorf("the authorizer %s names no issuer that can be resolved", a.Name)
		}
	case "COGNITO_USER_POOLS":
		if len(a.ProviderARNs) == 0 {
			return fmt.Errorf("the authorizer %s names no user pool that can be resolved", a.Name)
		}
	}
	if a.TTL > time.Hour {
		return fmt.Errorf("the authorizer %s keeps results for %v, the limit is an hour", a.Name, a.TTL)
	}
	return nil
}

// warnOfMadeUp tells of what stands for an id that AWS gives: no token has it, until a
// parameter says what it is.
func (r *reader) warnOfMadeUp(a *Authorizer, what string, n *document.Node) {
	for _, item := range n.Elements() {
		if item.IsScalar() && strings.HasSuffix(item.Doubt, "exists in AWS only") {
			r.warn(a.Origin, "authorizer "+a.Name, "%s %q is made up, and no token has it: %s, and --parameter says what it is", what, item.Text, item.Doubt)
		}
	}
}

// identitySources reads a list, or text with commas.
func identitySources(n *document.Node) ([]string, error) {
	var all []string
	list, err := texts(n, "the identity source")
	for _, s := range list {
		for source := range strings.SplitSeq(s, ",") {
			if source = strings.TrimSpace(source); source != "" {
				all = append(all, source)
			}
		}
	}
	return all, err
}

// readSecurity says who may call a route: what its operation requires, or else the
// document. An empty list requires nothing.
func (o *openAPI) readSecurity(route *Route, operation *document.Node) error {
	sam := o.sam[o.api.ID]
	if sam != nil && !sam.inline {
		sam = nil
	}
	requirements := operation.Get("security")
	if requirements == nil && (sam == nil || sam.byDefault == "") {
		requirements = o.root.Get("security")
	}
	names := 0
	var wrong []error
	var made samSecurity
	for _, requirement := range requirements.Elements() {
		if !requirement.Is(document.Map) {
			wrong = append(wrong, errors.New("a security requirement is no map"))
		}
		for name, scopes := range requirement.All() {
			names++
			s, ok := o.schemes[name]
			switch {
			case !ok && sam != nil && made.reads(name, sam):
				wrong = append(wrong, o.samScheme(sam, route, name, scopes.Strings()))
			case !ok:
				wrong = append(wrong, fmt.Errorf("the security scheme %q is not declared", name))
			case s.problem != nil:
				wrong = append(wrong, s.problem)
			case s.authorizer != nil:
				wrong = append(wrong, o.authorizeBy(route, s.authorizer, scopes.Strings()))
			case s.iam:
				route.Authorization = "AWS_IAM"
			case s.apiKey:
				route.APIKeyRequired = true
			}
		}
	}
	if names > 1 && o.api.Kind == gateway.HTTPAPI {
		wrong = append(wrong, errors.New("a route of an HTTP API has one security requirement at most"))
	}
	if sam != nil {
		wrong = append(wrong, o.samDefaults(sam, route, made))
	}
	if auth := operation.Get(extension + "auth"); auth != nil {
		switch kind := auth.Get("type").Value(); strings.ToUpper(kind) {
		case "AWS_IAM":
			route.Authorization = "AWS_IAM"
		case "NONE":
			route.Authorization, route.Authorizer, route.Scopes = "NONE", nil, nil
		default:
			wrong = append(wrong, fmt.Errorf("the type %q of %sauth is neither NONE nor AWS_IAM", kind, extension))
		}
	}
	return errors.Join(wrong...)
}

// authorizeBy lets an authorizer decide on a route.
func (r *reader) authorizeBy(route *Route, a *Authorizer, scopes []string) error {
	if route.Authorizer != nil {
		return fmt.Errorf("two authorizers, %s and %s: a route has one", route.Authorizer.Name, a.Name)
	}
	route.Authorizer, route.Scopes = a, scopes
	route.Authorization = authorizationOf(a)
	if a.Function != nil {
		r.use(a.Function, "authorizer "+a.Name)
	}
	return nil
}

func authorizationOf(a *Authorizer) string {
	if a.Type == "TOKEN" || a.Type == "REQUEST" {
		return "CUSTOM"
	}
	return a.Type
}
