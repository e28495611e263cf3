module github.com/lambridge-go/lambridge/internal/bench

go 1.26.0

require (
	github.com/akrylysov/algnhsa v1.1.0
	github.com/apex/gateway v1.1.2
	github.com/apex/gateway/v2 v2.0.0
	github.com/aws/aws-lambda-go v1.55.1
	github.com/awslabs/aws-lambda-go-api-proxy v0.16.2
	github.com/coder/websocket v1.8.15
	github.com/lambridge-go/lambridge v0.1.0
	github.com/lambridge-go/lambridge/local v0.1.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/sys v0.47.0
)

require (
	github.com/dlclark/regexp2/v2 v2.13.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.44.0 // indirect
)
