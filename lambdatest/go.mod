module github.com/lambridge-go/lambridge/lambdatest

go 1.26.0

require (
	github.com/aws/aws-lambda-go v1.52.0
	github.com/coder/websocket v1.8.15
	github.com/lambridge-go/lambridge v0.1.0
	github.com/lambridge-go/lambridge/local v0.1.0
	github.com/stretchr/testify v1.9.0
)

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/dlclark/regexp2/v2 v2.13.0 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	go.yaml.in/yaml/v4 v4.0.0 // indirect
	golang.org/x/text v0.44.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
