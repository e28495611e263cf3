package definition

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// readIntegration reads what an operation leads to.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
func (o *openAPI) readIntegration(route *Route, operation *document.Node) error {
	n, err := o.deref(operation.Get(extension + "integration"))
	if err == nil && n == nil {
		err = fmt.Errorf("there is no %sintegration: API Gateway does not deploy a method that leads nowhere", extension)
	}
	i := &Integration{Origin: route.Origin}
	route.Integration = i
	if err != nil {
		return err
	}
	i.Origin = originOf(n)
	label := o.api.label() + ": " + route.Key
	o.warnOfUnknown(n, integrationFields, "the integration", label)
	var errs [8]error
	i.Type = strings.ToUpper(n.Get("type").Value())
	i.Subtype = n.Get("integrationSubtype").Value()
	i.Method = strings.ToUpper(n.Get("httpMethod").Value())
	i.URI, errs[0] = optional(n.Get("uri"), "uri")
	i.PayloadFormat, errs[1] = optional(n.Get("payloadFormatVersion"), "payloadFormatVersion")
	i.Timeout, errs[2] = milliseconds(n.Get("timeoutInMillis"), "timeoutInMillis")
	i.Stream, errs[7] = streams(n.Get("responseTransferMode"))
	i.PassthroughBehavior = strings.ToUpper(n.Get("passthroughBehavior").Value())
	i.ContentHandling = strings.ToUpper(n.Get("contentHandling").Value())
	i.RequestParameters, errs[3] = named(o.texts(n.Get("requestParameters"), label), "requestParameters")
	i.RequestTemplates, errs[4] = named(n.Get("requestTemplates"), "requestTemplates")
	i.Responses, errs[5] = o.integrationResponses(n, label)
	i.ConnectionType = strings.ToUpper(n.Get("connectionType").Value())
	i.ConnectionID, errs[6] = optional(n.Get("connectionId"), "connectionId")
	i.InsecureSkipVerification = n.Find("tlsConfig", "insecureSkipVerification").True()
	i.ServerNameToVerify = n.Find("tlsConfig", "serverNameToVerify").Value()
	o.ignore(n.Get("cacheNamespace"), "caches of methods")
	o.ignore(n.Get("cacheKeyParameters"), "caches of methods")
	o.ignore(n.Get("credentials"), "credentials of integrations")
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	i.URI = o.variables.Replace(i.URI)
	return o.completeIntegration(o.api.Kind, o.api.StageVariables, i, label)
}

// The fields of an integration and of its responses:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
var (
	integrationFields = []string{
		"cacheKeyParameters", "cacheNamespace", "connectionId", "connectionType", "contentHandling", "credentials",
		"httpMethod", "integrationSubtype", "integrationTarget", "passthroughBehavior", "payloadFormatVersion",
		"requestParameters", "requestTemplates", "responses", "responseTransferMode", "timeoutInMillis", "tlsConfig",
		"type", "uri",
	}
	integrationResponseFields = []string{"contentHandling", "responseParameters", "responseTemplates", "statusCode"}
)

// warnOfUnknown tells of fields that are none of the known ones, such as misspelled ones,
// which would otherwise do nothing without a word.
func (o *openAPI) warnOfUnknown(n *document.Node, known []string, what, label string) {
	for name, value := range o.mapOf(n, what, label) {
		if !slices.Contains(known, name) && !strings.HasPrefix(name, "x-") {
			o.warn(originOf(value), label, "%s has a field %q, which is not known and has no effect", what, name)
		}
	}
}

// mapOf goes over the members of a map. Anything else in its place is refused.
func (o *openAPI) mapOf(n *document.Node, what, label string) iter.Seq2[string, *document.Node] {
	if !n.IsNull() && !n.Is(document.Map) {
		o.refuse(originOf(n), label, "%s is no map, and nothing of it is read", what)
	}
	return n.All()
}

// texts leaves out of a REST API's mappings what is no text, as the import does, which
// warns of it too.
func (o *openAPI) texts(n *document.Node, label string) *document.Node {
	if o.api.Kind != gateway.RESTAPI || !n.Is(document.Map) {
		return n
	}
	kept := *n
	kept.Pairs = nil
	for _, p := range n.Pairs {
		if p.Value.Is(document.Bool) || p.Value.Is(document.Number) {
			o.warn(originOf(p.Value), label, "API Gateway passes over the mapping %s, which is no text", p.Key)
			continue
		}
		kept.Pairs = append(kept.Pairs, p)
	}
	return &kept
}

// integrationResponses reads the responses of an integration: by pattern in a REST
// API, where "default" has none, by status code in an HTTP API.
func (o *openAPI) integrationResponses(n *document.Node, label string) ([]IntegrationResponse, error) {
	var all []IntegrationResponse
	var wrong []error
	for key, response := range o.mapOf(n.Get("responses"), "the list of the integration's responses", label) {
		o.warnOfUnknown(response, integrationResponseFields, fmt.Sprintf("the integration's response %q", key), label)
		r := IntegrationResponse{
			Key: key, Status: response.Get("statusCode").Value(), Origin: originOf(response),
			ContentHandling: strings.ToUpper(response.Get("contentHandling").Value()),
		}
		if o.api.Kind == gateway.RESTAPI && key == "default" {
			r.Key = ""
		}
		var err error
		if r.Parameters, err = named(response.Get("responseParameters"), "responseParameters"); err != nil {
			wrong = append(wrong, err)
		}
		if r.Templates, err = named(response.Get("responseTemplates"), "responseTemplates"); err != nil {
			wrong = append(wrong, err)
		}
		all = append(all, r)
	}
	return all, errors.Join(wrong...)
}

// streams reads a response transfer mode.
func streams(n *document.Node) (bool, error) {
	mode, err := optional(n, "the response transfer mode")
	switch {
	case err != nil || mode == "" || strings.EqualFold(mode, "BUFFERED"):
		return false, err
	case strings.EqualFold(mode, "STREAM"):
		return true, nil
	}
	return false, fmt.Errorf("the response transfer mode %q is neither BUFFERED nor STREAM", mode)
}

// completeIntegration checks an integration, whichever way it was written, and finds
// its function.
func (r *reader) completeIntegration(kind gateway.Kind, stageVariables map[string]string, i *Integration, usedBy string) error {
	r.warnOfTemplates(i, usedBy)
	types := []string{"AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"}
	if kind == gateway.HTTPAPI {
		types = []string{"AWS_PROXY", "HTTP_PROXY"}
	}
	switch {
	case i.Type == "":
		return errors.New("the integration has no type")
	case !slices.Contains([]string{"", "INTERNET", "VPC_LINK"}, i.ConnectionType):
		return fmt.Errorf("the connection type %q is neither INTERNET nor VPC_LINK", i.ConnectionType)
	case !slices.Contains(types, i.Type):
		return fmt.Errorf("the integration has the type %q, which is none of %s", i.Type, strings.Join(types, ", "))
	case i.Subtype != "":
		return fmt.Errorf("the integration calls another service of AWS (%s), which nothing here stands in for", i.Subtype)
	case i.Type == "MOCK":
		return nil
	case i.URI == "":
		return errors.New("the integration has no uri")
	}
	var err error
	if i.URI, err = withStageVariables(i.URI, stageVariables); err != nil {
		return err
	}
	if i.Type == "HTTP" || i.Type == "HTTP_PROXY" {
		return checkBackend(kind, i)
	}
	return r.completeFunction(kind, i, usedBy)
}

// completeFunction finds the function of an integration of the types AWS and
// AWS_PROXY.
func (r *reader) completeFunction(kind gateway.Kind, i *Integration, usedBy string) error {
	var err error
	if i.Function, err = r.namedFunction(i.URI, i.Origin, usedBy); err != nil {
		if strings.Contains(i.URI, ":apigateway:") && !strings.Contains(i.URI, ":lambda:path/") {
			return fmt.Errorf("the integration calls another service of AWS (%s), which nothing here stands in for", i.URI)
		}
		return fmt.Errorf("the integration's uri: %w", err)
	}
	switch found := invokeURI.FindStringSubmatch(i.URI); {
	case kind == gateway.RESTAPI && found == nil:
		return fmt.Errorf("the integration's uri %q is an ARN of the function: a REST API takes arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations", i.URI)
	case kind == gateway.RESTAPI && i.Method != http.MethodPost:
		return fmt.Errorf("the integration's HTTP method is %q: a function is called by POST, and API Gateway answers 500 for anything else", i.Method)
	case i.Stream && found != nil && found[3] == "invocations":
		return errors.New("the integration streams, and its uri does not end in /response-streaming-invocations")
	case found != nil && found[3] != "invocations" && !i.Stream:
		return errors.New("the integration's uri ends in /response-streaming-invocations, and its response transfer mode is not STREAM")
	}
	if kind == gateway.HTTPAPI && i.PayloadFormat == "" {
		i.PayloadFormat = "2.0"
		r.warn(i.Origin, usedBy, "the integration says no payload format version, which API Gateway requires for a function: 2.0 is taken")
	}
	if kind == gateway.HTTPAPI && i.PayloadFormat != "1.0" && i.PayloadFormat != "2.0" {
		if i.PayloadFormat != "1" && i.PayloadFormat != "2" { // YAML's number, cut short
			return fmt.Errorf("the payload format version %q is neither 1.0 nor 2.0", i.PayloadFormat)
		}
		i.PayloadFormat += ".0"
	}
	return checkTimeout(kind, i.Timeout)
}

// checkBackend checks an integration with another HTTP server.
func checkBackend(kind gateway.Kind, i *Integration) error {
	private := i.ConnectionType == "VPC_LINK"
	switch remote := strings.HasPrefix(i.URI, "http://") || strings.HasPrefix(i.URI, "https://"); {
	case private && !remote:
		return fmt.Errorf("a VPC link leads to %q, which exists in AWS only: name its address, such as http://orders.internal, and say with --backend what answers there", i.URI)
	case !remote:
		return fmt.Errorf("the integration's uri %q begins neither with http:// nor with https://", i.URI)
	}
	if i.Method == "" {
		if kind == gateway.RESTAPI {
			return errors.New("the integration has no HTTP method, which its type requires")
		}
		i.Method = "ANY"
	}
	address, _, _ := strings.Cut(i.URI, "?")
	if backend, err := url.Parse(placeholder.ReplaceAllString(address, "x")); err == nil {
		if port := backend.Port(); port != "" && !private {
			if n, _ := strconv.Atoi(port); n != 80 && n != 443 && n < 1024 || n > 65535 {
				return fmt.Errorf("the integration's port is %s: API Gateway calls 80, 443, and 1024 to 65535", port)
			}
		}
	}
	return checkTimeout(kind, i.Timeout)
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// checkTimeout holds a timeout to what the kind of API takes.
func checkTimeout(kind gateway.Kind, timeout time.Duration) error {
	if timeout == 0 {
		return nil
	}
	if timeout < 50*time.Millisecond {
		return fmt.Errorf("the integration's timeout is %v, the least is 50ms", timeout)
	}
	if kind == gateway.HTTPAPI && timeout > 30*time.Second {
		return fmt.Errorf("the integration's timeout is %v, the most is 30s", timeout)
	}
	return nil
}

var stageVariable = regexp.MustCompile(`\$\{stageVariables\.([A-Za-z0-9_]+)\}`)

// withStageVariables replaces stage variables in a URI. One that the stage does not
// have makes every call fail on AWS.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html
func withStageVariables(uri string, variables map[string]string) (string, error) {
	var missing []string
	replaced := stageVariable.ReplaceAllStringFunc(uri, func(match string) string {
		name := stageVariable.FindStringSubmatch(match)[1]
		value, ok := variables[name]
		if !ok && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("the stage has no variable %s, which %q needs: give it with --stage-variable %s=VALUE", strings.Join(missing, ", "), uri, missing[0])
	}
	return replaced, nil
}
