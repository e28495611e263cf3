package definition

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

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
	if kind == HTTP { // of a REST API's document only CloudFormation replaces them
		o.variables = strings.NewReplacer("${AWS::Region}", api.Region, "${AWS::AccountId}", api.Account, "${AWS::Partition}", "aws")
	}
	o.read()
	o.readStage()
	r.addAPI(api)
	return nil
}

// kindOf tells a REST API's document from an HTTP API's, by what it uses.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
func (r *reader) kindOf(root *document.Node) (Kind, error) {
	if version := root.Get("swagger"); version != nil {
		if version.Value() != "2.0" {
			return "", fmt.Errorf("%s: Swagger %q is not read: API Gateway takes 2.0, and OpenAPI 3.0", version.Position(), version.Value())
		}
		if r.options.API == HTTP {
			return "", fmt.Errorf("%s: HTTP APIs are not made of Swagger 2.0: leave out --api", version.Position())
		}
		return REST, nil
	}
	if version := root.Get("openapi"); !strings.HasPrefix(version.Value(), "3.0") {
		return "", fmt.Errorf("%s: OpenAPI %q is not read: API Gateway takes 3.0", version.Position(), version.Value())
	}
	if r.options.API != "" {
		return r.options.API, nil
	}
	var rest, http *document.Node
	see := func(where **document.Node, n *document.Node) {
		if *where == nil && n != nil {
			*where = n
		}
	}
	for key, value := range root.All() {
		switch strings.TrimPrefix(key, extension) {
		case "cors", "importexport-version":
			see(&http, value)
		case "api-key-source", "binary-media-types", "gateway-responses", "minimum-compression-size", "policy", "request-validator", "request-validators", "security-policy", "endpoint-access-mode":
			see(&rest, value)
		}
	}
	see(&http, root.Find("components", extension+"integrations"))
	for _, scheme := range root.Find("components", "securitySchemes").All() {
		authorizer := scheme.Get(extension + "authorizer")
		switch strings.ToLower(authorizer.Get("type").Value()) {
		case "jwt":
			see(&http, authorizer)
		case "token", "cognito_user_pools":
			see(&rest, authorizer)
		}
		see(&http, authorizer.Get("authorizerPayloadFormatVersion"))
		see(&rest, scheme.Get(extension+"authtype"))
	}
	for path, item := range root.Get("paths").All() {
		if path == "/$default" {
			see(&http, item)
		}
		for _, operation := range item.All() {
			see(&http, operation.Get("isDefaultRoute"))
			see(&rest, operation.Get(extension+"request-validator"))
			i := operation.Get(extension + "integration")
			switch strings.ToLower(i.Get("type").Value()) {
			case "aws", "http", "mock":
				see(&rest, i.Get("type"))
			}
			for _, key := range []string{"payloadFormatVersion", "integrationSubtype"} {
				see(&http, i.Get(key))
			}
			for _, key := range []string{"passthroughBehavior", "cacheNamespace", "cacheKeyParameters", "contentHandling", "requestTemplates", "responseTransferMode"} {
				see(&rest, i.Get(key))
			}
		}
	}
	switch {
	case rest != nil && http != nil:
		return "", fmt.Errorf("the document uses what only REST APIs have (%s) and what only HTTP APIs have (%s): say which it is with --api rest or --api http", rest.Position(), http.Position())
	case http != nil:
		return HTTP, nil
	default:
		return REST, nil
	}
}

// extension begins the names of API Gateway's extensions.
const extension = "x-amazon-apigateway-"

// An openAPI reads one document into an API.
type openAPI struct {
	*reader
	api     *API
	root    *document.Node
	schemes map[string]scheme
	// variables replaces the variables of AWS in a document that is in no template.
	//
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
	variables *strings.Replacer
}

// swagger reports whether the document is of version 2.0.
func (o *openAPI) swagger() bool { return o.root.Get("swagger") != nil }

// read reads everything but the stage.
func (o *openAPI) read() {
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
	for path, item := range o.root.Get("paths").All() {
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
		if api.Kind == HTTP {
			o.ignore(n, extension+name+" in an HTTP API, which has none")
		}
		return api.Kind == REST
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
			api.Policy = n.AppendJSON(nil)
		}
	case "gateway-responses":
		if rest() {
			for kind, response := range n.All() {
				o.gatewayResponse(api, kind, response, "statusCode", "responseParameters", "responseTemplates")
			}
		}
	case "request-validators":
		if rest() {
			for name, validator := range n.All() {
				api.Validators = append(api.Validators, &Validator{
					ID: name, Name: name, Origin: originOf(validator),
					Body: validator.Get("validateRequestBody").True(), Parameters: validator.Get("validateRequestParameters").True(),
				})
			}
		}
	case "request-validator": // read with each operation
		rest()
	case "cors":
		if api.Kind == REST {
			o.ignore(n, extension+"cors in a REST API, which has none: its CORS is OPTIONS methods")
			return
		}
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

func (o *openAPI) path(path string, item *document.Node) {
	for key, operation := range item.All() {
		lower := strings.ToLower(key)
		switch {
		case lower == "trace":
			o.refuse(originOf(operation), o.api.label()+": TRACE "+path, "API Gateway has no method TRACE")
		case slices.Contains(methods, lower):
			method := strings.ToUpper(key)
			if lower == extension+"any-method" {
				method = "ANY"
			}
			o.operation(method, path, item, operation)
		}
	}
}

// operation reads a method of a path.
func (o *openAPI) operation(method, path string, item, operation *document.Node) {
	route := &Route{
		Key: method + " " + path, Authorization: "NONE", Origin: originOf(operation),
		OperationName: operation.Get("operationId").Value(),
	}
	if operation.Get("isDefaultRoute").True() || o.api.Kind == HTTP && path == "/$default" {
		route.Key = "$default"
	}
	errs := []error{checkPath(route.Key)}
	errs = append(errs, o.readIntegration(route, operation))
	errs = append(errs, o.readSecurity(route, operation))
	if o.api.Kind == REST {
		errs = append(errs, o.readParameters(route, item, operation), o.readBody(route, operation), o.readValidator(route, operation))
		o.readResponses(route, operation)
	}
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
			default: // body and formData of Swagger, cookies
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

// readBody reads the models of a request's body.
func (o *openAPI) readBody(route *Route, operation *document.Node) error {
	if o.swagger() {
		for _, n := range operation.Get("parameters").Elements() {
			n, err := o.deref(n)
			if err != nil || n.Get("in").Value() != "body" {
				continue // told by readParameters
			}
			media := operation.Get("consumes").Strings()
			if len(media) == 0 {
				media = o.root.Get("consumes").Strings()
			}
			if len(media) == 0 {
				media = []string{"application/json"}
			}
			model, err := o.model(n.Get("schema"), route)
			if err != nil || model == nil {
				return err
			}
			for _, m := range media {
				route.Models = append(route.Models, Named[*Model]{m, model, originOf(n)})
			}
		}
		return nil
	}
	body, err := o.deref(operation.Get("requestBody"))
	if err != nil {
		return err
	}
	for media, content := range body.Get("content").All() {
		model, err := o.model(content.Get("schema"), route)
		if err != nil {
			return err
		}
		if model != nil {
			route.Models = append(route.Models, Named[*Model]{media, model, originOf(content)})
		}
	}
	return nil
}

// readModels reads the schemas that the document names.
func (o *openAPI) readModels() {
	if o.api.Kind != REST {
		return
	}
	for name, schema := range o.schemas().All() {
		o.api.Models = append(o.api.Models, &Model{Name: name, ContentType: "application/json", Schema: o.schema(schema), Origin: originOf(schema)})
	}
}

func (o *openAPI) schemas() *document.Node {
	if o.swagger() {
		return o.root.Get("definitions")
	}
	return o.root.Find("components", "schemas")
}

// prefix begins references to schemas.
func (o *openAPI) prefix() string {
	if o.swagger() {
		return "#/definitions/"
	}
	return "#/components/schemas/"
}

// schema is JSON text whose references lead to models, as the import makes them.
func (o *openAPI) schema(n *document.Node) []byte {
	return bytes.ReplaceAll(n.AppendJSON(nil), []byte(`"$ref":"`+o.prefix()), []byte(`"$ref":"`+modelURL(o.api.ID)))
}

// modelURL begins references to the models of an API.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
func modelURL(apiID string) string {
	return "https://apigateway.amazonaws.com/restapis/" + apiID + "/models/"
}

// model finds the model that a schema refers to, or makes one of a schema that
// stands in its operation.
func (o *openAPI) model(schema *document.Node, route *Route) (*Model, error) {
	if schema == nil {
		return nil, nil
	}
	if ref := schema.Get("$ref"); ref != nil {
		name, ok := strings.CutPrefix(ref.Value(), o.prefix())
		if model := modelOf(o.api, name); ok && model != nil {
			return model, nil
		}
		return nil, fmt.Errorf("the $ref %q leads nowhere", ref.Value())
	}
	model := &Model{Name: "Model" + strconv.Itoa(len(o.api.Models)+1), ContentType: "application/json", Schema: o.schema(schema), Origin: originOf(schema)}
	o.api.Models = append(o.api.Models, model)
	return model, nil
}

func modelOf(api *API, name string) *Model {
	for _, m := range api.Models {
		if m.Name == name {
			return m
		}
	}
	return nil
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

// readStage takes the base path of the document for its stage, as it is in what API
// Gateway exports.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html
func (o *openAPI) readStage() {
	path, at := "", o.root
	if o.swagger() {
		path, at = o.root.Get("basePath").Value(), o.root.Get("basePath")
	} else if servers := o.root.Get("servers").Elements(); len(servers) > 0 {
		at = servers[0]
		path = basePathOf(at)
	}
	path = strings.Trim(path, "/")
	switch {
	case strings.Contains(path, "/"):
		o.api.BasePath = "/" + path
		o.warn(originOf(at), o.api.label(), "the base path /%s has several segments, which no stage has: it is taken for the base path of a custom domain", path)
	default:
		o.api.Stage = path
	}
}

// basePathOf is the path that a server of OpenAPI 3 begins with: the variable
// basePath's default if there is one, else the path of the URL.
func basePathOf(server *document.Node) string {
	if base := server.Find("variables", "basePath", "default"); base != nil {
		return base.Value()
	}
	address := server.Get("url").Value()
	for name, variable := range server.Get("variables").All() {
		address = strings.ReplaceAll(address, "{"+name+"}", variable.Get("default").Value())
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		return path
	}
	return address
}
