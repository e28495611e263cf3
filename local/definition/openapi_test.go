package definition_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// fn is the URI of a function in a REST API's document.
const fn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:Fn/invocations"

func TestOpenAPI(t *testing.T) {
	for _, tt := range []struct{ name, document, want string }{
		{"a REST API's operations, parameters, models and validators", `
openapi: 3.0.1
info: {title: Shop}
servers: [{url: "https://x.execute-api.us-east-1.amazonaws.com/{basePath}", variables: {basePath: {default: /live}}}]
x-amazon-apigateway-request-validators:
  all: {validateRequestBody: true, validateRequestParameters: true}
x-amazon-apigateway-request-validator: all
x-amazon-apigateway-binary-media-types: ["*/*"]
x-amazon-apigateway-api-key-source: authorizer
x-amazon-apigateway-gateway-responses:
  DEFAULT_4XX: {responseParameters: {gatewayresponse.header.A: "'b'"}}
paths:
  /items/{id}:
    parameters: [{$ref: "#/components/parameters/Page"}]
    get:
      operationId: getItem
      parameters: [{name: X, in: header, required: true, schema: {type: string}}]
      security: [{key: []}]
      x-amazon-apigateway-integration: {type: AWS_PROXY, httpMethod: post, uri: "FN", timeoutInMillis: 3000}
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-request-validator: all
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}, text/plain: {schema: {type: string}}}}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: PUT
        uri: https://backend.example/{id}
        passthroughBehavior: never
        contentHandling: CONVERT_TO_TEXT
        requestParameters: {integration.request.path.id: method.request.path.id}
        requestTemplates: {application/json: "$input.body"}
        responses:
          default: {statusCode: 200, responseParameters: {method.response.header.A: "'b'"}}
          "4\\d{2}": {statusCode: "404", responseTemplates: {application/json: "{}"}}
components:
  parameters: {Page: {name: page, in: query}}
  schemas: {Item: {type: object, required: [n]}}
  securitySchemes: {key: {type: apiKey, in: header, name: x-api-key}}
`, `
REST API Shop stage=live binary=[*/*] keys=AUTHORIZER
  response DEFAULT_4XX parameters=gatewayresponse.header.A: 'b'
  model Item {"type":"object","required":["n"]}
  model inline:2 {"type":"string"}
  GET /items/{id} -> AWS_PROXY Fn timeout=3s key checks=body parameters parameters=[header.X querystring.page? path.id]
  ANY /items/{id} -> HTTP https://backend.example/{id} method=PUT passthrough=NEVER content=CONVERT_TO_TEXT parameters=integration.request.path.id: method.request.path.id templates=application/json: $input.body responses=200 parameters=method.response.header.A: 'b'; 4\d{2} 404 templates=application/json: {} checks=body parameters parameters=[querystring.page? path.id] models=[application/json=Item text/plain=inline:2]
function Fn missing=the definition only names it: give its program with --function Fn=./folder used=[API Shop: GET /items/{id}]
warning api.yaml:31: API Shop: ANY /items/{id}: it sets method.response.header.A, which no response 200 of the method declares: it is sent here, and not by API Gateway
`},
		{"Swagger: body parameters, consumes, stage of basePath, security of the document", `
swagger: "2.0"
info: {title: Shop}
basePath: /v1
consumes: [application/json, application/xml]
security: [{tokens: []}]
paths:
  /a:
    post:
      parameters: [{in: body, name: b, schema: {$ref: "#/definitions/A"}}]
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "FN"}
    options:
      security: []
      x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: "{\"statusCode\": 200}"}}
    get:
      security: [{sign: []}]
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "FN"}
    put:
      x-amazon-apigateway-auth: {type: none}
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "FN"}
definitions: {A: {type: object, properties: {b: {$ref: "#/definitions/A"}}}}
securityDefinitions:
  tokens: {type: apiKey, in: header, name: X-Token, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: token, authorizerUri: "FN", identityValidationExpression: "^x", authorizerResultTtlInSeconds: 60}}
  sign: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
  other: {type: basic}
`, `
REST API Shop stage=v1
  model A {"type":"object","properties":{"b":{"$ref":"https://apigateway.amazonaws.com/restapis/ID/models/A"}}}
  authorizer tokens TOKEN function=Fn sources=[method.request.header.X-Token] matches=^x ttl=1m0s
  POST /a -> AWS_PROXY Fn by=CUSTOM authorizer=tokens models=[application/json=A application/xml=A]
  OPTIONS /a -> MOCK templates=application/json: {"statusCode": 200}
  GET /a -> AWS_PROXY Fn by=AWS_IAM
  PUT /a -> AWS_PROXY Fn
function Fn missing=the definition only names it: give its program with --function Fn=./folder used=[API Shop: POST /a authorizer tokens API Shop: GET /a API Shop: PUT /a]
ignored api.yaml:24: the security scheme other, which has no x-amazon-apigateway-authorizer: API Gateway does not check it
`},
		{"an HTTP API: default route, named integrations, JWT, CORS", `
openapi: 3.0.1
info: {title: Shop}
x-amazon-apigateway-cors: {allowOrigins: ["*"], allowMethods: [GET, POST], maxAge: 10}
x-amazon-apigateway-novelty: 1
paths:
  /$default:
    x-amazon-apigateway-any-method:
      isDefaultRoute: true
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/fn"}
  /a/{id}:
    get:
      security: [{jwt: [s]}]
      x-amazon-apigateway-integration: {type: aws_proxy, payloadFormatVersion: 1.0, uri: "arn:${AWS::Partition}:lambda:${AWS::Region}:1:function:${stageVariables.fn}:live"}
  /web/{proxy+}:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration:
        type: http_proxy
        httpMethod: ANY
        uri: https://${stageVariables.host}/{proxy}
        payloadFormatVersion: "1.0"
        requestParameters: {"overwrite:header.A": $request.header.B}
        responses: {"200": {responseParameters: {"append:header.C": d}}}
components:
  x-amazon-apigateway-integrations:
    fn: {type: aws_proxy, httpMethod: POST, payloadFormatVersion: "2.0", uri: "FN"}
  securitySchemes:
    jwt: {type: openIdConnect, openIdConnectUrl: "https://i.example/.well-known/openid-configuration", x-amazon-apigateway-authorizer: {type: jwt, identitySource: $request.header.Authorization, jwtConfiguration: {audience: [a]}}}
`, `
HTTP API Shop variables=map[fn:Fn host:backend.example:8080] cors=origins=[*] methods=[GET POST] age=10s
  authorizer jwt JWT sources=[$request.header.Authorization] issuer=https://i.example audiences=[a]
  $default -> AWS_PROXY Fn payload=2.0
  GET /a/{id} -> AWS_PROXY Fn payload=1.0 by=JWT authorizer=jwt scopes=[s]
  ANY /web/{proxy+} -> HTTP_PROXY https://backend.example:8080/{proxy} method=ANY payload=1.0 parameters=overwrite:header.A: $request.header.B responses=200 parameters=append:header.C: d
function Fn missing=the definition only names it: give its program with --function Fn=./folder used=[API Shop: $default API Shop: GET /a/{id}]
ignored api.yaml:4: x-amazon-apigateway-novelty, which is not known
`},
		{"fields that integrations do not have", `
openapi: 3.0.1
info: {title: Shop}
paths:
  /a:
    get:
      x-amazon-apigateway-integration:
        type: http_proxy
        httpMethod: GET
        uri: https://backend.example/
        payloadFormatVersion: "1.0"
        responseParameters: {"200": {"append:header.C": d}}
        x-note: ours
        responses: {"200": {responseTemplate: {}}}
`, `
HTTP API Shop variables=map[fn:Fn host:backend.example:8080]
  GET /a -> HTTP_PROXY https://backend.example/ method=GET payload=1.0 responses=200
warning api.yaml:11: API Shop: GET /a: the integration has a field "responseParameters", which is not known and has no effect
warning api.yaml:13: API Shop: GET /a: the integration's response "200" has a field "responseTemplate", which is not known and has no effect
`},
		{"a document written to be included into a template", `
openapi: 3.0.1
info: {title: Shop}
paths:
  /a:
    get:
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: {Fn::Sub: "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Notes.Arn}/invocations"}
`, `
REST API Shop variables=map[fn:Fn host:backend.example:8080]
  GET /a -> AWS_PROXY Notes
function Notes missing=the definition only names it: give its program with --function Notes=./folder used=[API Shop: GET /a]
`},
		{"mistakes are told at once, and the rest is served", `
openapi: 3.0.1
info: {title: Shop}
x-amazon-apigateway-gateway-responses: {TEAPOT: {statusCode: 418}}
paths:
  /no-integration: {get: {}}
  /no-uri: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST}}}
  /no-method: {get: {x-amazon-apigateway-integration: {type: http_proxy, uri: "https://a.example"}}}
  /no-type: {get: {x-amazon-apigateway-integration: {uri: "https://a.example"}}}
  /odd-type: {get: {x-amazon-apigateway-integration: {type: carrier_pigeon}}}
  /get: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: GET, uri: "FN"}}}
  /port: {get: {x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: "https://a.example:81/{x}"}}}
  /scheme: {get: {x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: a.example}}}
  /service: {get: {x-amazon-apigateway-integration: {type: aws, httpMethod: POST, uri: "arn:aws:apigateway:us-east-1:sqs:path/1/q"}}}
  /variable: {get: {x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: "https://${stageVariables.nope}/"}}}
  /validator: {get: {x-amazon-apigateway-request-validator: nope, x-amazon-apigateway-integration: {type: mock}}}
  /ref: {get: {parameters: [{$ref: "#/components/parameters/nope"}], x-amazon-apigateway-integration: {type: mock}}}
  /loop: {get: {parameters: [{$ref: "#/components/parameters/Loop"}], x-amazon-apigateway-integration: {type: mock}}}
  /far: {get: {parameters: [{$ref: "other.yaml#/x"}], x-amazon-apigateway-integration: {type: mock}}}
  /model: {get: {requestBody: {content: {a/b: {schema: {$ref: "#/components/schemas/nope"}}}}, x-amazon-apigateway-integration: {type: mock}}}
  /security: {get: {security: [{nope: []}], x-amazon-apigateway-integration: {type: mock}}}
  /broken: {get: {security: [{broken: []}], x-amazon-apigateway-integration: {type: mock}}}
  "/a/{x}": {get: {x-amazon-apigateway-integration: {type: mock}}}
  "/a/{y}": {get: {x-amazon-apigateway-integration: {type: mock}}, put: {x-amazon-apigateway-integration: {type: mock}}}
  "/b{x}": {get: {x-amazon-apigateway-integration: {type: mock}}}
  "/c/{x+}/d": {get: {x-amazon-apigateway-integration: {type: mock}}}
  /trace: {trace: {x-amazon-apigateway-integration: {type: mock}}}
  /two-mistakes: {get: {security: [{nope: []}], x-amazon-apigateway-integration: {type: aws_proxy}}}
  /good: {get: {x-amazon-apigateway-integration: {type: mock, cacheNamespace: x, responseTransferMode: BUFFERED}}}
components:
  parameters: {Loop: {$ref: "#/components/parameters/Loop"}}
  securitySchemes:
    broken: {type: apiKey, name: a, in: header, x-amazon-apigateway-authorizer: {type: token}}
`, `
refused api.yaml:3: API Shop: there is no gateway response type TEAPOT
refused api.yaml:5: API Shop: GET /no-integration: there is no x-amazon-apigateway-integration: API Gateway does not deploy a method that leads nowhere
refused api.yaml:6: API Shop: GET /no-uri: the integration has no uri
refused api.yaml:7: API Shop: GET /no-method: the integration has no HTTP method, which its type requires
refused api.yaml:8: API Shop: GET /no-type: the integration has no type
refused api.yaml:9: API Shop: GET /odd-type: the integration has the type "CARRIER_PIGEON", which is none of AWS, AWS_PROXY, HTTP, HTTP_PROXY, MOCK
refused api.yaml:10: API Shop: GET /get: the integration's HTTP method is "GET": a function is called by POST, and API Gateway answers 500 for anything else
refused api.yaml:11: API Shop: GET /port: the integration's port is 81: API Gateway calls 80, 443, and 1024 to 65535
refused api.yaml:12: API Shop: GET /scheme: the integration's uri "a.example" begins neither with http:// nor with https://
refused api.yaml:13: API Shop: GET /service: the integration calls another service of AWS (arn:aws:apigateway:us-east-1:sqs:path/1/q), which nothing here stands in for
refused api.yaml:14: API Shop: GET /variable: the stage has no variable nope, which "https://${stageVariables.nope}/" needs: give it with --stage-variable nope=VALUE
refused api.yaml:15: API Shop: GET /validator: the request validator "nope" is not declared in x-amazon-apigateway-request-validators
refused api.yaml:16: API Shop: GET /ref: the $ref "#/components/parameters/nope" leads nowhere
refused api.yaml:17: API Shop: GET /loop: the $ref "#/components/parameters/Loop" leads back to itself
refused api.yaml:18: API Shop: GET /far: the $ref "other.yaml#/x" leads out of the document, which API Gateway does not follow
refused api.yaml:19: API Shop: GET /model: the $ref "#/components/schemas/nope" leads nowhere
refused api.yaml:20: API Shop: GET /security: the security scheme "nope" is not declared
refused api.yaml:21: API Shop: GET /broken: the authorizer broken: authorizerUri is missing
refused api.yaml:23: API Shop: GET /a/{y}: the route is there already, in api.yaml:22 as GET /a/{x}
refused api.yaml:23: API Shop: PUT /a/{y}: {y} stands where another path has {x}: a resource of a REST API has one path parameter below it
refused api.yaml:24: API Shop: GET /b{x}: the segment "b{x}" of the path: a parameter is a whole segment with a name
refused api.yaml:25: API Shop: GET /c/{x+}/d: the segment "{x+}" of the path: a greedy parameter is the last
refused api.yaml:26: API Shop: TRACE /trace: API Gateway has no method TRACE
refused api.yaml:27: API Shop: GET /two-mistakes: the integration has no uri; the security scheme "nope" is not declared
ignored api.yaml:28: caches of methods
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := load(t, definition.Options{StageVariables: map[string]string{"fn": "Fn", "host": "backend.example:8080"}},
				"api.yaml", strings.ReplaceAll(tt.document, "FN", fn))
			if strings.Contains(tt.want, "\nrefused") {
				got = lines(got, "refused ", "ignored ")
			}
			if !strings.Contains(tt.want, "variables=") {
				got = strings.ReplaceAll(got, " variables=map[fn:Fn host:backend.example:8080]", "")
			}
			assert.Equal(t, strings.TrimPrefix(tt.want, "\n"), strings.ReplaceAll(scrubbed(got), "DIR/", ""))
		})
	}
}

// lines are those that begin with one of some words.
func lines(s string, begin ...string) string {
	var kept strings.Builder
	for line := range strings.Lines(s) {
		for _, word := range begin {
			if strings.HasPrefix(line, word) {
				kept.WriteString(line)
			}
		}
	}
	return kept.String()
}

// TestKindOfDocument tells REST APIs from HTTP APIs by what their documents use.
func TestKindOfDocument(t *testing.T) {
	operation := func(text string) string {
		return "openapi: 3.0.1\ninfo: {title: T}\npaths: {/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: FN" + text + "}}}}\n"
	}
	for _, tt := range []struct {
		name, document string
		api            gateway.Kind
		want           string
	}{
		{"Swagger is REST", "swagger: \"2.0\"\npaths: {}\n", "", string(gateway.RESTAPI)},
		{"Swagger is no HTTP API", "swagger: \"2.0\"\npaths: {}\n", gateway.HTTPAPI, "DIR/api.yaml:1: HTTP APIs are not made of Swagger 2.0: leave out --api"},
		{"a payload format version is HTTP's", operation(`, payloadFormatVersion: "2.0"`), "", string(gateway.HTTPAPI)},
		{"contentHandling is REST's", operation(", contentHandling: CONVERT_TO_TEXT"), "", string(gateway.RESTAPI)},
		{"passthroughBehavior, which HTTP APIs pass over", operation(`, passthroughBehavior: when_no_match, payloadFormatVersion: "2.0"`), "", string(gateway.HTTPAPI)},
		{"IAM as SAM writes it into the documents of HTTP APIs", operation(`, payloadFormatVersion: "2.0"`) +
			"components: {securitySchemes: {AWS_IAM: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}}}\n", "", string(gateway.HTTPAPI)},
		{"a custom authtype is REST's", operation("") +
			"components: {securitySchemes: {Tokens: {type: apiKey, name: X-Token, in: header, x-amazon-apigateway-authtype: custom}}}\n", "", string(gateway.RESTAPI)},
		{"what would do for both is REST", operation(""), "", string(gateway.RESTAPI)},
		{"unless somebody says otherwise", operation(""), gateway.HTTPAPI, string(gateway.HTTPAPI)},
		{"both are a contradiction", operation(`, payloadFormatVersion: "2.0", cacheNamespace: x`), "",
			"the document uses what only REST APIs have (DIR/api.yaml:3) and what only HTTP APIs have (DIR/api.yaml:3): say which it is with --api rest or --api http"},
		{"OpenAPI 3.1 is not taken", "openapi: 3.1.0\npaths: {}\n", "", `DIR/api.yaml:1: OpenAPI "3.1.0" is not read: API Gateway takes 3.0`},
		{"nor is Swagger 1.2", "swagger: \"1.2\"\n", "", `DIR/api.yaml:1: Swagger "1.2" is not read: API Gateway takes 2.0, and OpenAPI 3.0`},
		{"anything else is no definition", "a: 1\n", "", "DIR/api.yaml:1: has no Resources: it is neither a CloudFormation template nor an OpenAPI document"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := project(t, "api.yaml", strings.ReplaceAll(tt.document, "FN", fn))
			plan, err := definition.Load(filepath.Join(dir, "api.yaml"), definition.Options{API: tt.api})
			if err != nil {
				assert.Equal(t, "definition: "+tt.want, strings.ReplaceAll(err.Error(), dir, "DIR"))
				return
			}
			assert.Equal(t, tt.want, string(plan.APIs[0].Kind))
		})
	}
}

// TestStageOfDocument holds what the base path of a document stands for.
func TestStageOfDocument(t *testing.T) {
	for _, tt := range []struct{ name, servers, stage, basePath string }{
		{"none", "", "", ""},
		{"the variable basePath, even if the URL has none", `servers: [{url: "https://a.example", variables: {basePath: {default: /v1}}}]`, "v1", ""},
		{"the path of the URL", `servers: [{url: "https://a.example/v2"}]`, "v2", ""},
		{"a relative URL", `servers: [{url: /v3}]`, "v3", ""},
		{"another variable", `servers: [{url: "https://a.example/{stage}", variables: {stage: {default: v4}}}]`, "v4", ""},
		{"the first of several", `servers: [{url: "https://a.example/v5"}, {url: "https://a.example/v6"}]`, "v5", ""},
		{"several segments are no stage", `servers: [{url: "https://a.example/api/v7"}]`, "", "/api/v7"},
		{"nor is what no stage may be called", `servers: [{url: "https://a.example/v1.0"}]`, "", "/v1.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := project(t, "api.yaml", "openapi: 3.0.1\npaths: {}\n"+tt.servers)
			plan, err := definition.Load(filepath.Join(dir, "api.yaml"), definition.Options{})
			require.NoError(t, err)
			assert.Equal(t, []string{tt.stage, tt.basePath}, []string{plan.APIs[0].Stage, plan.APIs[0].BasePath})
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := project(t, "broken.yaml", "a: [1\n", "big.yaml", strings.Repeat("# 345678\n", 700_000), "empty/README", "")
	for file, want := range map[string]string{
		"missing.yaml": "definition: DIR/missing.yaml: no such file or directory",
		"broken.yaml":  "definition: DIR/broken.yaml:2: is not YAML: did not find expected ',' or ']', while parsing a flow sequence that began in line 1",
		"big.yaml":     "definition: DIR/big.yaml: has 6291457 bytes, the limit is 6291456",
		"empty":        "definition: DIR/empty: is a folder without manifest.json, as CDK writes it, cloudformation-template-update-stack.json, as the Serverless Framework does, or a template.yaml: name the file",
	} {
		_, err := definition.Load(filepath.Join(dir, file), definition.Options{})
		require.Error(t, err)
		got := strings.ReplaceAll(err.Error(), dir, "DIR")
		if file == "missing.yaml" && os.PathSeparator == '\\' {
			continue
		}
		assert.Equal(t, want, got)
	}
}
