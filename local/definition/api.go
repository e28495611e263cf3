package definition

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// newAPI makes an API without routes.
func (r *reader) newAPI(kind gateway.Kind, stack *cloudformation.Stack, id, logicalID string, at *document.Node) *API {
	return &API{
		Kind: kind, ID: id, LogicalID: logicalID, Stack: stack.Name, Origin: originOf(at),
		Region: stack.Region(), Account: stack.Account(), MinimumCompression: -1,
	}
}

// addAPI adds an API to the plan.
func (r *reader) addAPI(api *API) {
	r.apis[api.ID] = api
	r.plan.APIs = append(r.plan.APIs, api)
}

// label is what messages call the API.
func (api *API) label() string {
	switch {
	case api.LogicalID != "":
		return "API " + api.LogicalID
	case api.Name != "":
		return "API " + api.Name
	}
	return "the API"
}

// addRoute adds a route, unless there is one like it.
func (r *reader) addRoute(api *API, route *Route) {
	shape := api.ID + " " + routeShape(route.Key)
	if other := r.shapes[shape]; other != nil {
		r.refuse(route.Origin, api.label()+": "+route.Key, "the route is there already, in %s as %s", other.Origin, other.Key)
		return
	}
	r.shapes[shape] = route
	api.Routes = append(api.Routes, route)
}

// refuseRoute says why a route is not served. It stays among the others, so that
// no wider one takes its requests.
func refuseRoute(route *Route, err error) {
	route.Refused = oneLine(err)
}

// importedKey is the key of a route with a path of a document, or of an event, which SAM
// makes a document of: API Gateway takes a slash off the end of paths that it imports.
//
// https://github.com/aws/serverless-application-model/issues/665
func importedKey(method, path string) string {
	if trimmed := strings.TrimRight(path, "/"); trimmed != "" {
		path = trimmed
	}
	return method + " " + path
}

// routeShape is a route key without the names of its parameters: two routes that
// differ in them only are alike.
func routeShape(key string) string {
	return parameter.ReplaceAllStringFunc(key, func(match string) string {
		if strings.HasSuffix(match, "+}") {
			return "{+}"
		}
		return "{}"
	})
}

var parameter = regexp.MustCompile(`\{[^{}/]*\}`)

// pathParameters are the names in a route key.
func pathParameters(key string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, match := range parameter.FindAllString(key, -1) {
			if !yield(strings.Trim(match, "{}+")) {
				return
			}
		}
	}
}

// checkPath holds the path of a route to API Gateway's rules.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
func checkPath(key string) error {
	_, path, ok := strings.Cut(key, " ")
	if !ok { // $default
		return nil
	}
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("the path %q does not begin with a slash", path)
	}
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		if strings.ContainsAny(segment, " \t") {
			return fmt.Errorf("the segment %q of the path has a space in it", segment)
		}
		if !strings.ContainsAny(segment, "{}") {
			continue
		}
		if match := parameter.FindString(segment); match != segment || strings.Trim(segment, "{}+") == "" {
			return fmt.Errorf("the segment %q of the path: a parameter is a whole segment with a name", segment)
		}
		if strings.HasSuffix(segment, "+}") && i != len(segments)-1 {
			return fmt.Errorf("the segment %q of the path: a greedy parameter is the last", segment)
		}
	}
	return nil
}

// A corsSpelling is how a definition calls the members of a CORS configuration.
type corsSpelling struct {
	origins, methods, headers, expose, credentials, maxAge string
}

var (
	lowerCORS = corsSpelling{"allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "allowCredentials", "maxAge"}
	upperCORS = corsSpelling{"AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "AllowCredentials", "MaxAge"}
)

// corsOf reads the CORS configuration of an HTTP API or a function URL.
func corsOf(n *document.Node, spelling corsSpelling) (*CORS, error) {
	if n.IsNull() {
		return nil, nil
	}
	if !n.Is(document.Map) {
		return nil, errors.New("the CORS configuration is no map")
	}
	cors := &CORS{Origin: originOf(n)}
	var errs [6]error
	cors.AllowOrigins, errs[0] = texts(n.Get(spelling.origins), spelling.origins)
	cors.AllowMethods, errs[1] = texts(n.Get(spelling.methods), spelling.methods)
	cors.AllowHeaders, errs[2] = texts(n.Get(spelling.headers), spelling.headers)
	cors.ExposeHeaders, errs[3] = texts(n.Get(spelling.expose), spelling.expose)
	cors.AllowCredentials, errs[4] = truth(n.Get(spelling.credentials), spelling.credentials)
	cors.MaxAge, errs[5] = seconds(n.Get(spelling.maxAge), spelling.maxAge)
	return cors, errors.Join(errs[:]...)
}

// gatewayResponse reads a gateway response, which stands at n.
func (r *reader) gatewayResponse(api *API, kind string, n, status, parameters, templates *document.Node) {
	g := &GatewayResponse{Type: strings.ToUpper(kind), Status: status.Value(), Origin: originOf(n)}
	var errs [2]error
	g.Parameters, errs[0] = named(parameters, "its parameters")
	g.Templates, errs[1] = named(templates, "its templates")
	if !slices.Contains(responseTypes, g.Type) {
		r.refuse(g.Origin, api.label(), "there is no gateway response type %s", g.Type)
		return
	}
	if err := errors.Join(errs[:]...); err != nil {
		r.refuse(g.Origin, api.label(), "the gateway response %s: %s", g.Type, oneLine(err))
		return
	}
	api.GatewayResponses = append(api.GatewayResponses, g)
}

// responseTypes are the gateway responses that there are.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
var responseTypes = []string{
	"ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE", "BAD_REQUEST_BODY",
	"BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT",
	"INVALID_API_KEY", "INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE",
	"RESOURCE_NOT_FOUND", "THROTTLED", "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED",
}

// The limits of an account, which hold where a definition gives one of the two.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const (
	accountRate  = 10_000
	accountBurst = 5000
)

// throttleOf reads a limit of requests. nil is none.
func throttleOf(n *document.Node, rate, burst string) (*Throttle, error) {
	if n.Get(rate) == nil && n.Get(burst) == nil {
		return nil, nil
	}
	limit := &Throttle{Rate: accountRate, Burst: accountBurst}
	var errs [2]error
	if n.Get(rate) != nil {
		limit.Rate, errs[0] = decimal(n.Get(rate), rate)
	}
	if n.Get(burst) != nil {
		limit.Burst, errs[1] = integer(n.Get(burst), burst)
	}
	return limit, errors.Join(errs[:]...)
}
