package definition_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/definition"
)

// TestSizesOfFunctions holds that a timeout and a memory size that Lambda does not have are
// told.
func TestSizesOfFunctions(t *testing.T) {
	assert.Equal(t, `
function Large id=Large package=fn timeout=16m40s memory=20480
function Small id=Small package=fn timeout=15m0s memory=64
refused template.yaml:2: function Large: the timeout 16m40s is more than the 900s of Lambda; MemorySize 20480 is not between 128 and 10240, as Lambda has it
refused template.yaml:3: function Small: MemorySize 64 is not between 128 and 10240, as Lambda has it
`, "\n"+load(t, definition.Options{}, "template.yaml", `
Resources:
  Large: {Type: AWS::Lambda::Function, Properties: {Code: fn, Timeout: 1000, MemorySize: 20480}}
  Small: {Type: AWS::Lambda::Function, Properties: {Code: fn, Timeout: 900, MemorySize: 64}}
`, "fn/main.go", program))
}

// TestParametersInOnePlace holds that a path parameter which stands where another has another
// name is told, and its route refused.
func TestParametersInOnePlace(t *testing.T) {
	const why = "{y} stands where another path has {x}: a resource of a REST API has one path parameter below it"
	assert.Equal(t, `
  GET /a/{x} -> MOCK parameters=[path.x]
  GET /a/{y}/b -> MOCK parameters=[path.y] refused=`+why+`
refused api.yaml:4: the API: GET /a/{y}/b: `+why+"\n", "\n"+lines(load(t, definition.Options{}, "api.yaml", `
openapi: 3.0.1
paths:
  /a/{x}: {get: {x-amazon-apigateway-integration: {type: mock}}}
  /a/{y}/b: {get: {x-amazon-apigateway-integration: {type: mock}}}
`), "  GET", "refused "))
}

// TestVariablesOfLambda holds that a variable which Lambda lets nobody set is told.
func TestVariablesOfLambda(t *testing.T) {
	assert.Equal(t, `
function Fn id=Fn package=fn environment=AWS_REGION: eu-west-1, AWS_REGION_OF_US: x
warning template.yaml:2: function Fn: the variable AWS_REGION is Lambda's own, which refuses it
`, "\n"+load(t, definition.Options{}, "template.yaml", `
Resources:
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn, Environment: {Variables: {AWS_REGION: eu-west-1, AWS_REGION_OF_US: x}}}}
`, "fn/main.go", program))
}

// TestWhatAPIGatewayRefuses holds that a document says of a REST API what API Gateway takes
// otherwise, or not at all.
func TestWhatAPIGatewayRefuses(t *testing.T) {
	const mapped = `{type: http, httpMethod: GET, uri: "http://a.example", ` +
		`requestParameters: {integration.request.header.A: method.request.header.B, integration.request.header.C: method.request.multivalueheader.D, integration.request.header.E: method.request.body.f}, ` +
		`responses: {default: {statusCode: "200", responseParameters: {method.response.header.X: integration.response.header.Y, method.response.header.Z: "'z'"}}}}`
	for _, tt := range []struct{ name, path, operation, want string }{
		{"a source that the method does not declare", "/a", "parameters: [{name: D, in: header}], responses: {'200': {headers: {x: {}, Z: {}}}}, x-amazon-apigateway-integration: " + mapped,
			"warning api.yaml:2: the API: GET /a: integration.request.header.A reads method.request.header.B, which the method does not declare, as API Gateway asks it to"},
		{"a header that no response declares", "/a", "parameters: [{name: D, in: header}, {name: B, in: header}], responses: {'200': {headers: {X: {}}}, '404': {headers: {Z: {}}}}, x-amazon-apigateway-integration: " + mapped,
			"warning api.yaml:2: the API: GET /a: it sets method.response.header.Z, which no response 200 of the method declares: it is sent here, and not by API Gateway"},
		{"what is declared for every answer", "/a", "parameters: [{name: D, in: header}, {name: B, in: header}], responses: {default: {headers: {X: {}, Z: {}}}}, x-amazon-apigateway-integration: " + mapped, ""},
		{"a segment of other characters", "/a/b~c", "x-amazon-apigateway-integration: {type: mock}",
			`warning api.yaml:2: the API: GET /a/b~c: the segment "b~c" has other characters than letters, digits, hyphens, underscores, dots, commas and colons: API Gateway refuses it`},
		{"an empty segment", "/a//b", "x-amazon-apigateway-integration: {type: mock}",
			`warning api.yaml:2: the API: GET /a//b: the segment "" has other characters than letters, digits, hyphens, underscores, dots, commas and colons: API Gateway refuses it`},
		{"a slash at the end, of which nothing is known", "/a/", "x-amazon-apigateway-integration: {type: mock}", ""},
		{"a space in a path", "/a b", "x-amazon-apigateway-integration: {type: mock}", `refused api.yaml:2: the API: GET /a b: the segment "a b" of the path has a space in it`},
		{"a parameter in no place", "/a", "parameters: [{name: q, in: qurey}], x-amazon-apigateway-integration: {type: mock}",
			`refused api.yaml:2: the API: GET /a: the parameter "q" stands in "qurey": it is one of query, path, header, cookie, body and formData`},
		{"another type of authorization", "/a", "x-amazon-apigateway-auth: {type: IAM}, x-amazon-apigateway-integration: {type: mock}",
			`refused api.yaml:2: the API: GET /a: the type "IAM" of x-amazon-apigateway-auth is neither NONE nor AWS_IAM`},
		{"another transfer mode", "/a", "x-amazon-apigateway-integration: {type: mock, responseTransferMode: STREAMED}",
			`refused api.yaml:2: the API: GET /a: the response transfer mode "STREAMED" is neither BUFFERED nor STREAM`},
		{"another type of connection", "/a", "x-amazon-apigateway-integration: {type: mock, connectionType: VPC}",
			`refused api.yaml:2: the API: GET /a: the connection type "VPC" is neither INTERNET nor VPC_LINK`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := load(t, definition.Options{}, "api.yaml", "openapi: 3.0.1\npaths: {'"+tt.path+"': {get: {"+tt.operation+"}}}\n")
			assert.Equal(t, tt.want, strings.TrimSuffix(lines(got, "refused ", "warning "), "\n"))
		})
	}
}
