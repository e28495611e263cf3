package definition

import "strings"

// What there is to say of the properties of resources, by their names: which do nothing on a
// laptop, which do nothing to answers anywhere, and which members are read of those that are
// maps. The names are those of CloudFormation and SAM:
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/introduction.html
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html

// withoutEffect are properties and members that do nothing on a laptop, by their names.
var withoutEffect = map[string]string{
	// Functions
	"DeadLetterQueue": "dead letter queues", "DeadLetterConfig": "dead letter queues",
	"EventInvokeConfig": "EventInvokeConfig of functions", "FileSystemConfigs": "file systems of functions", "KmsKeyArn": "encryption of functions' environments",
	"Layers": "layers of functions", "LoggingConfig": "LoggingConfig of functions", "Policies": "permissions of functions",
	"ProvisionedConcurrencyConfig": "provisioned concurrency", "ReservedConcurrentExecutions": "reserved concurrency", "Role": "permissions of functions",
	"SnapStart": "SnapStart", "Tracing": "X-Ray tracing", "TracingConfig": "X-Ray tracing", "VpcConfig": "VPCs of functions",
	"EphemeralStorage": "sizes of /tmp", "FunctionScalingConfig": "capacity of managed instances", "DeploymentPreference": "gradual deployments",
	// APIs and their stages
	"ApiKeyRequired":   "API keys of HTTP APIs, which have none",
	"AccessLogSetting": "access logs", "AccessLogSettings": "access logs", "CacheClusterEnabled": "caches of stages", "CacheClusterSize": "caches of stages",
	"CacheDataEncrypted": "caches of stages", "CacheTtlInSeconds": "caches of stages", "CachingEnabled": "caches of stages",
	"CanarySetting": "canary deployments", "DeploymentCanarySettings": "canary deployments", "ClientCertificateId": "client certificates of stages",
	"DataTraceEnabled": "logs of stages", "DetailedMetricsEnabled": "metrics", "LoggingLevel": "logs of stages", "MetricsEnabled": "metrics",
	"EndpointAccessMode": "endpoint types", "EndpointConfiguration": "endpoint types",
	"SecurityPolicy": "versions of TLS", "TracingEnabled": "X-Ray tracing",
	// Integrations and authorizers
	"AuthorizerCredentials": "credentials of authorizers", "AuthorizerCredentialsArn": "credentials of authorizers", "FunctionInvokeRole": "credentials of authorizers",
	"CacheKeyParameters": "caches of methods", "CacheNamespace": "caches of methods", "Credentials": "credentials of integrations",
	"CredentialsArn": "credentials of integrations", "InvokeRole": "credentials of integrations",
}

// withoutAnswer are properties that change no answer in AWS either: what names, describes
// and deploys, and what leads from one resource to another and is read from the other end.
var withoutAnswer = strings.Fields(`
	ApiId Description Name PropagateTags RestApiId Tags Version
	AssumeRolePolicyDocument AutoPublishAlias AutoPublishAliasAllProperties AutoPublishCodeSha256 Code CodeSigningConfigArn CodeUri
	FunctionName ImageConfig ImageUri InlineCode PermissionsBoundary PublishToLatestPublished RecursiveLoop RolePath RuntimeManagementConfig SourceKMSKeyArn
	VersionDeletionPolicy VersionDescription
	AccessPolicyId AlwaysDeploy AuthType DeploymentId DisableSchemaValidation DocumentationVersion FailOnWarnings IpAddressType Mode
	OpenApiVersion OperationName Qualifier RouteSelectionExpression
	CustomerId GenerateDistinctId KeyType
	AlpnPolicy Certificates HealthCheckEnabled HealthCheckIntervalSeconds HealthCheckPath HealthCheckPort HealthCheckProtocol
	HealthCheckTimeoutSeconds HealthyThresholdCount LoadBalancerArn Matcher Port Protocol ProtocolVersion SslPolicy
	UnhealthyThresholdCount VpcId
`)

// resolvedElsewhere are properties that are read with notes of their own for what does not
// resolve, or in which nothing has to.
var resolvedElsewhere = strings.Fields("Actions Code CodeUri Conditions DefaultActions DefinitionUri Environment Name Policy StageName Targets UsagePlanName Value")

// members are those that are read of properties that are maps, or lists of maps, by the type
// of the resource and the way to them. "*" has keys of the template's own.
var members = map[string]string{
	"AWS::ApiGateway::Method Integration": `ConnectionId ConnectionType ContentHandling IntegrationHttpMethod IntegrationResponses PassthroughBehavior
		RequestParameters RequestTemplates ResponseTransferMode TimeoutInMillis TlsConfig Type Uri`,
	"AWS::ApiGateway::Method Integration.IntegrationResponses":    "ContentHandling ResponseParameters ResponseTemplates SelectionPattern StatusCode",
	"AWS::ApiGateway::Method Integration.TlsConfig":               "InsecureSkipVerification",
	"AWS::ApiGateway::Method MethodResponses":                     "ResponseModels ResponseParameters StatusCode",
	"AWS::ApiGateway::RestApi Parameters":                         "basepath endpointConfigurationTypes ignore",
	"AWS::ApiGateway::Stage MethodSettings":                       methodSettings,
	"AWS::ApiGateway::Deployment StageDescription":                "Description DocumentationVersion MethodSettings Tags ThrottlingBurstLimit ThrottlingRateLimit Variables",
	"AWS::ApiGateway::Deployment StageDescription.MethodSettings": methodSettings,
	"AWS::ApiGateway::UsagePlan ApiStages":                        "ApiId Stage Throttle",
	"AWS::ApiGateway::UsagePlan Quota":                            "Limit Offset Period",
	"AWS::ApiGateway::UsagePlan Throttle":                         "BurstLimit RateLimit",
	"AWS::ApiGatewayV2::Api CorsConfiguration":                    corsMembers,
	"AWS::ApiGatewayV2::Authorizer JwtConfiguration":              "Audience Issuer",
	"AWS::ApiGatewayV2::Integration TlsConfig":                    "ServerNameToVerify",
	"AWS::ApiGatewayV2::Stage DefaultRouteSettings":               routeSettings,
	"AWS::ApiGatewayV2::Stage RouteSettings":                      "*",
	"AWS::ApiGatewayV2::Stage RouteSettings.*":                    routeSettings,
	"AWS::ElasticLoadBalancingV2::ListenerRule Conditions": `Field HostHeaderConfig HttpHeaderConfig HttpRequestMethodConfig PathPatternConfig
		QueryStringConfig SourceIpConfig Values`,
	"AWS::ElasticLoadBalancingV2::ListenerRule Conditions.HostHeaderConfig":  "Values",
	"AWS::ElasticLoadBalancingV2::ListenerRule Conditions.HttpHeaderConfig":  "HttpHeaderName Values",
	"AWS::ElasticLoadBalancingV2::ListenerRule Conditions.PathPatternConfig": "Values",
	"AWS::Lambda::Url Cors": corsMembers,

	"AWS::Lambda::Function Environment":                "Variables",
	"AWS::Lambda::Function Environment.Variables":      "*",
	"AWS::Serverless::Function Environment":            "Variables",
	"AWS::Serverless::Function Environment.Variables":  "*",
	"AWS::ApiGateway::Stage Variables":                 "*",
	"AWS::ApiGatewayV2::Stage StageVariables":          "*",
	"AWS::Serverless::Api Variables":                   "*",
	"AWS::Serverless::HttpApi StageVariables":          "*",
	"AWS::Serverless::WebSocketApi StageVariables":     "*",
	"AWS::Serverless::Function Events":                 "*",
	"AWS::Serverless::Function Events.*":               "Properties Type",
	"event Api":                                        "Auth Method Path RequestModel RequestParameters ResponseTransferMode RestApiId TimeoutInMillis",
	"event Api.Auth":                                   "ApiKeyRequired AuthorizationScopes Authorizer OverrideApiAuth ResourcePolicy",
	"event Api.RequestModel":                           "Model Required ValidateBody ValidateParameters",
	"event Api.RequestParameters":                      "*",
	"event Api.RequestParameters.*":                    "Caching Required",
	"event HttpApi":                                    "ApiId Auth Method Path PayloadFormatVersion RouteSettings TimeoutInMillis",
	"event HttpApi.Auth":                               "AuthorizationScopes Authorizer",
	"event HttpApi.RouteSettings":                      routeSettings,
	"AWS::Serverless::Function FunctionUrlConfig":      "AuthType Cors InvokeMode",
	"AWS::Serverless::Function FunctionUrlConfig.Cors": corsMembers,

	"AWS::Serverless::Api Auth": `AddApiKeyRequiredToCorsPreflight AddDefaultAuthorizerToCorsPreflight ApiKeyRequired Authorizers DefaultAuthorizer
		ResourcePolicy UsagePlan`,
	"AWS::Serverless::Api Auth.Authorizers":                      "*",
	"AWS::Serverless::Api Auth.Authorizers.*":                    "AuthorizationScopes DisableFunctionDefaultPermissions FunctionArn FunctionPayloadType Identity UserPoolArn",
	"AWS::Serverless::Api Auth.Authorizers.*.Identity":           "Context Header Headers QueryStrings ReauthorizeEvery StageVariables ValidationExpression",
	"AWS::Serverless::Api Auth.UsagePlan":                        "CreateUsagePlan Description Quota Tags Throttle UsagePlanName",
	"AWS::Serverless::Api Auth.UsagePlan.Quota":                  "Limit Offset Period",
	"AWS::Serverless::Api Auth.UsagePlan.Throttle":               "BurstLimit RateLimit",
	"AWS::Serverless::Api Cors":                                  "AllowCredentials AllowHeaders AllowMethods AllowOrigin MaxAge",
	"AWS::Serverless::Api GatewayResponses":                      "*",
	"AWS::Serverless::Api GatewayResponses.*":                    "ResponseParameters ResponseTemplates StatusCode",
	"AWS::Serverless::Api GatewayResponses.*.ResponseParameters": "Headers Paths QueryStrings",
	"AWS::Serverless::Api MethodSettings":                        methodSettings,

	"AWS::Serverless::HttpApi Auth":             "Authorizers DefaultAuthorizer EnableIamAuthorizer",
	"AWS::Serverless::HttpApi Auth.Authorizers": "*",
	"AWS::Serverless::HttpApi Auth.Authorizers.*": `AuthorizationScopes AuthorizerPayloadFormatVersion EnableFunctionDefaultPermissions
		EnableSimpleResponses FunctionArn Identity IdentitySource JwtConfiguration`,
	"AWS::Serverless::HttpApi Auth.Authorizers.*.Identity":         "Context Headers QueryStrings ReauthorizeEvery StageVariables",
	"AWS::Serverless::HttpApi Auth.Authorizers.*.JwtConfiguration": "Audience Issuer audience issuer",
	"AWS::Serverless::HttpApi CorsConfiguration":                   corsMembers,
	"AWS::Serverless::HttpApi DefaultRouteSettings":                routeSettings,
	"AWS::Serverless::HttpApi RouteSettings":                       "*",
	"AWS::Serverless::HttpApi RouteSettings.*":                     routeSettings,

	"AWS::Serverless::WebSocketApi Auth":                 "AuthArn AuthType IdentitySource Name",
	"AWS::Serverless::WebSocketApi DefaultRouteSettings": routeSettings,
	"AWS::Serverless::WebSocketApi RouteSettings":        "*",
	"AWS::Serverless::WebSocketApi RouteSettings.*":      routeSettings,
	"AWS::Serverless::WebSocketApi Routes":               "*",
	"AWS::Serverless::WebSocketApi Routes.*": `ApiKeyRequired FunctionArn IntegrationTimeout ModelSelectionExpression OperationName RequestModels
		RequestParameters RouteResponseSelectionExpression`,
}

// lists are the places of members where a list of maps stands, and shorthands those where text
// may stand for a map.
var (
	lists = []string{
		"AWS::ApiGateway::Deployment StageDescription.MethodSettings", "AWS::ApiGateway::Method Integration.IntegrationResponses",
		"AWS::ApiGateway::Method MethodResponses", "AWS::ApiGateway::Stage MethodSettings", "AWS::ApiGateway::UsagePlan ApiStages",
		"AWS::ElasticLoadBalancingV2::ListenerRule Conditions", "AWS::Serverless::Api MethodSettings", "event Api.RequestParameters",
	}
	shorthands = []string{"AWS::Serverless::Api Cors", "AWS::Serverless::HttpApi CorsConfiguration"}
)

const (
	corsMembers    = "AllowCredentials AllowHeaders AllowMethods AllowOrigins ExposeHeaders MaxAge"
	methodSettings = "HttpMethod ResourcePath ThrottlingBurstLimit ThrottlingRateLimit"
	routeSettings  = "ThrottlingBurstLimit ThrottlingRateLimit"
)
