module github.com/lambridge-go/lambridge/adapter/serve

go 1.26

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/lambridge-go/lambridge v0.1.0
	github.com/stretchr/testify v1.9.0
)

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
