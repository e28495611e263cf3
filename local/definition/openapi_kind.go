package definition

import (
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// kindOf tells a REST API's document from an HTTP API's, by what it uses.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
func (r *reader) kindOf(root *document.Node) (gateway.Kind, error) {
	if version := root.Get("swagger"); version != nil {
		if version.Value() != "2.0" {
			return "", fmt.Errorf("%s: Swagger %q is not read: API Gateway takes 2.0, and OpenAPI 3.0", version.Position(), version.Value())
		}
		if r.options.API == gateway.HTTPAPI {
			return "", fmt.Errorf("%s: HTTP APIs are not made of Swagger 2.0: leave out --api", version.Position())
		}
		return gateway.RESTAPI, nil
	}
	if version := root.Get("openapi"); !strings.HasPrefix(version.Value(), "3.0") {
		return "", fmt.Errorf("%s: OpenAPI %q is not read: API Gateway takes 3.0", version.Position(), version.Value())
	}
	if r.options.API != "" {
		return r.options.API, nil
	}
	rest, http := traits(root)
	switch {
	case rest != nil && http != nil:
		return "", fmt.Errorf("the document uses what only REST APIs have (%s) and what only HTTP APIs have (%s): say which it is with --api rest or --api http", rest.Position(), http.Position())
	case http != nil:
		return gateway.HTTPAPI, nil
	default:
		return gateway.RESTAPI, nil
	}
}

// traits are the first places where a document uses what only REST APIs have, and what only
// HTTP APIs have: nil where it uses nothing of the kind.
func traits(root *document.Node) (rest, http *document.Node) {
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
		case "jwt": // of a REST API's, issuers are a list
			issuers := authorizer.Find("jwtConfiguration", "issuers")
			if see(&rest, issuers); issuers == nil {
				see(&http, authorizer)
			}
		case "token", "cognito_user_pools":
			see(&rest, authorizer)
		}
		see(&http, authorizer.Get("authorizerPayloadFormatVersion"))
		// SAM writes awsSigv4 into the documents of both.
		if kind := scheme.Get(extension + "authtype"); !strings.EqualFold(kind.Value(), "awsSigv4") {
			see(&rest, kind)
		}
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
			for _, key := range []string{"cacheNamespace", "cacheKeyParameters", "contentHandling", "requestTemplates", "responseTransferMode"} {
				see(&rest, i.Get(key))
			}
		}
	}
	return rest, http
}
