package definition

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// document reads an OpenAPI document of its own.
func (r *reader) document(root *document.Node) error {
	stack := r.set.Loose(root)
	root = stack.Eval(root)
	kind, err := r.kindOf(root)
	if err != nil {
		return err
	}
	api := r.newAPI(kind, stack, r.set.NameID("document"), "", root)
	api.Name = root.Find("info", "title").Value()
	api.StageVariables = r.options.StageVariables
	o := &openAPI{reader: r, api: api, root: root, variables: strings.NewReplacer()}
	if kind == gateway.HTTPAPI { // of a REST API's document only CloudFormation replaces them
		o.variables = strings.NewReplacer("${AWS::Region}", api.Region, "${AWS::AccountId}", api.Account, "${AWS::Partition}", "aws")
	}
	o.read()
	o.readStage()
	r.addAPI(api)
	return nil
}

// extension begins the names of API Gateway's extensions.
const extension = "x-amazon-apigateway-"

// An openAPI reads one document into an API.
type openAPI struct {
	*reader
	api     *API
	root    *document.Node
	schemes map[string]scheme
	begin   string // what the paths begin with
	// variables replaces the variables of AWS in a document that is in no template.
	//
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
	variables *strings.Replacer
}

// swagger reports whether the document is of version 2.0.
func (o *openAPI) swagger() bool { return o.root.Get("swagger") != nil }

// documentFields are those at the top of a document of OpenAPI 3.0 and Swagger 2.0.
var documentFields = strings.Fields(`basePath components consumes definitions externalDocs host info openapi parameters paths produces
	responses schemes security securityDefinitions servers swagger tags`)

// read reads everything but the stage.
func (o *openAPI) read() {
	o.warnOfUnknown(o.root, documentFields, "the document", o.api.label())
	for key, value := range o.root.All() {
		if name, ok := strings.CutPrefix(key, extension); ok {
			o.rootExtension(name, value)
		}
	}
	for _, server := range o.root.Get("servers").Elements() {
		o.endpoint(server.Get(extension + "endpoint-configuration"))
	}
	o.readModels()
	o.readSchemes()
	for path, item := range o.mapOf(o.root.Get("paths"), "paths", o.api.label()) {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		item, err := o.deref(item)
		if err != nil {
			o.refuse(originOf(item), o.api.label()+": "+path, "%v", err)
			continue
		}
		o.path(path, item)
	}
}

// rootExtension reads an extension at the top of the document.
func (o *openAPI) rootExtension(name string, n *document.Node) {
	at, api := originOf(n), o.api
	rest := func() bool {
		if api.Kind == gateway.HTTPAPI {
			o.ignore(n, extension+name+" in an HTTP API, which has none")
		}
		return api.Kind == gateway.RESTAPI
	}
	fail := func(err error) {
		if err != nil {
			o.refuse(at, api.label(), "%s%s: %s", extension, name, oneLine(err))
		}
	}
	switch name {
	case "api-key-source":
		if rest() {
			api.APIKeySource = strings.ToUpper(n.Value())
		}
	case "binary-media-types":
		if rest() {
			api.BinaryMediaTypes = n.Strings()
		}
	case "minimum-compression-size":
		if rest() {
			size, err := integer(n, "the size")
			fail(err)
			api.MinimumCompression = size
		}
	case "policy":
		if rest() {
			o.policy(api, n)
		}
	case "gateway-responses":
		if rest() {
			for kind, response := range o.mapOf(n, extension+name, api.label()) {
				o.warnOfUnknown(response, []string{"responseParameters", "responseTemplates", "statusCode"}, "the gateway response "+kind, api.label())
				o.gatewayResponse(api, kind, response, response.Get("statusCode"), response.Get("responseParameters"), response.Get("responseTemplates"))
			}
		}
	case "request-validators":
		if rest() {
			for name, validator := range o.mapOf(n, extension+name, api.label()) {
				o.warnOfUnknown(validator, []string{"validateRequestBody", "validateRequestParameters"}, "the request validator "+name, api.label())
				api.Validators = append(api.Validators, &Validator{
					ID: name, Name: name, Origin: originOf(validator),
					Body: validator.Get("validateRequestBody").True(), Parameters: validator.Get("validateRequestParameters").True(),
				})
			}
		}
	case "request-validator": // read with each operation
		rest()
	case "cors":
		if api.Kind == gateway.RESTAPI {
			o.ignore(n, extension+"cors in a REST API, which has none: its CORS is OPTIONS methods")
			return
		}
		o.warnOfUnknown(n, strings.Fields("allowCredentials allowHeaders allowMethods allowOrigins exposeHeaders maxAge"), extension+"cors", api.label())
		cors, err := corsOf(n, lowerCORS)
		fail(err)
		api.CORS = cors
	case "endpoint-configuration":
		o.endpoint(n)
	case "documentation", "importexport-version", "tag-value", "security-policy", "endpoint-access-mode":
		o.ignore(n, extension+name)
	default:
		o.ignore(n, extension+name+", which is not known")
	}
}

func (o *openAPI) endpoint(n *document.Node) {
	if n.Get("disableExecuteApiEndpoint").True() {
		o.api.ExecuteAPIDisabled = true
	}
	o.ignore(n, extension+"endpoint-configuration: VPC endpoints")
}

// deref follows a $ref within the document.
func (o *openAPI) deref(n *document.Node) (*document.Node, error) {
	for range 16 {
		ref := n.Get("$ref")
		if ref == nil {
			return n, nil
		}
		target := o.lookup(ref.Value())
		switch {
		case target != nil:
			n = target
		case !strings.HasPrefix(ref.Value(), "#/"):
			return n, fmt.Errorf("the $ref %q leads out of the document, which API Gateway does not follow", ref.Value())
		default:
			return n, fmt.Errorf("the $ref %q leads nowhere", ref.Value())
		}
	}
	return n, fmt.Errorf("the $ref %q leads back to itself", n.Get("$ref").Value())
}

// lookup finds what a JSON pointer (RFC 6901) in a fragment names, or nil.
func (o *openAPI) lookup(ref string) *document.Node {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	n := o.root
	for token := range strings.SplitSeq(pointer, "/") {
		if decoded, err := url.PathUnescape(token); err == nil {
			token = decoded
		}
		n = n.Get(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return n
}

// methods are the operations of a path that API Gateway has, in OpenAPI's spelling.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", extension + "any-method"}

// pathFields are those of a path that are no operations.
//
// https://spec.openapis.org/oas/v3.0.3#path-item-object
var pathFields = []string{"$ref", "description", "parameters", "servers", "summary"}

func (o *openAPI) path(path string, item *document.Node) {
	for key, operation := range o.mapOf(item, "the path", o.api.label()+": "+path) {
		lower := strings.ToLower(key)
		switch {
		case lower == "trace":
			o.refuse(originOf(operation), o.api.label()+": TRACE "+path, "API Gateway has no method TRACE")
		case slices.Contains(methods, lower):
			method := strings.ToUpper(key)
			if lower == extension+"any-method" {
				method = "ANY"
			}
			o.operation(method, o.begin+path, item, operation)
		case strings.HasPrefix(key, extension):
			o.ignore(operation, key+" of paths, which is not known")
		case !slices.Contains(pathFields, key) && !strings.HasPrefix(key, "x-"):
			o.warn(originOf(operation), o.api.label()+": "+path, "the path has a field %q, which is no method and has no effect", key)
		}
	}
}

// operationFields are those of OpenAPI 3.0 and Swagger 2.0, and the one that API Gateway adds.
//
// https://spec.openapis.org/oas/v3.0.3#operation-object
var operationFields = strings.Fields(`callbacks consumes deprecated description externalDocs isDefaultRoute operationId parameters produces
	requestBody responses schemes security servers summary tags`)

// operation reads a method of a path.
func (o *openAPI) operation(method, path string, item, operation *document.Node) {
	route := &Route{
		Key: importedKey(method, path), Authorization: "NONE", Origin: originOf(operation),
		OperationName: operation.Get("operationId").Value(),
	}
	if operation.Get("isDefaultRoute").True() || o.api.Kind == gateway.HTTPAPI && path == o.begin+"/$default" {
		route.Key = "$default"
	}
	errs := []error{checkPath(route.Key)}
	errs = append(errs, o.readIntegration(route, operation))
	errs = append(errs, o.readSecurity(route, operation))
	if o.api.Kind == gateway.RESTAPI {
		errs = append(errs, o.readParameters(route, item, operation), o.readBody(route, operation), o.readValidator(route, operation))
		o.readResponses(route, operation)
	}
	o.warnOfUnknown(operation, operationFields, "the operation", o.api.label()+": "+route.Key)
	for key, value := range operation.All() {
		if name, ok := strings.CutPrefix(key, extension); ok && !slices.Contains([]string{"integration", "request-validator", "auth", "any-method"}, name) {
			o.ignore(value, extension+name+" of operations, which is not known")
		}
	}
	if err := errors.Join(errs...); err != nil {
		refuseRoute(route, err)
	}
	o.addRoute(o.api, route)
}

// readParameters reads what a method declares, path parameters included.
func (o *openAPI) readParameters(route *Route, item, operation *document.Node) error {
	var wrong []error
	seen := map[string]bool{}
	for _, list := range []*document.Node{operation.Get("parameters"), item.Get("parameters")} { // the operation's win
		for _, n := range list.Elements() {
			n, err := o.deref(n)
			if err != nil {
				wrong = append(wrong, err)
				continue
			}
			p := Parameter{In: n.Get("in").Value(), Name: n.Get("name").Value(), Required: n.Get("required").True()}
			switch p.In {
			case "query":
				p.In = "querystring"
			case "path":
				p.Required = true
			case "header":
			case "body", "formData", "cookie": // which is no parameter of a method
				continue
			default:
				wrong = append(wrong, fmt.Errorf("the parameter %q stands in %q: it is one of query, path, header, cookie, body and formData", p.Name, p.In))
				continue
			}
			if key := p.In + "." + p.Name; !seen[key] {
				seen[key] = true
				route.Parameters = append(route.Parameters, p)
			}
		}
	}
	for name := range pathParameters(route.Key) {
		if !seen["path."+name] {
			route.Parameters = append(route.Parameters, Parameter{In: "path", Name: name, Required: true})
		}
	}
	return errors.Join(wrong...)
}

// readValidator finds the validator that an operation names, or the document.
func (o *openAPI) readValidator(route *Route, operation *document.Node) error {
	n := operation.Get(extension + "request-validator")
	if n == nil {
		n = o.root.Get(extension + "request-validator")
	}
	if n == nil || n.Value() == "" {
		return nil
	}
	for _, v := range o.api.Validators {
		if v.Name == n.Value() {
			route.Validator = v
			return nil
		}
	}
	return fmt.Errorf("the request validator %q is not declared in %srequest-validators", n.Value(), extension)
}

// readResponses reads which headers an answer may have.
func (o *openAPI) readResponses(route *Route, operation *document.Node) {
	for status, response := range operation.Get("responses").All() {
		response, err := o.deref(response)
		if err != nil {
			continue // what it describes is for people
		}
		m := MethodResponse{Status: status}
		for name := range response.Get("headers").All() {
			m.Headers = append(m.Headers, name)
		}
		route.Responses = append(route.Responses, m)
	}
}
