package definition_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

// A macro works here and perhaps not in AWS, so it is told of, where it stands.
func TestWarnsOfTemplates(t *testing.T) {
	t.Parallel()
	dir := project(t, "api.yaml", `
swagger: "2.0"
info: {title: x, version: "1"}
paths:
  /a:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates:
          application/json: '{"statusCode": 200}'
        responses:
          default:
            statusCode: "200"
            responseTemplates:
              application/json: '#macro(m)x#end#m()'
`)
	plan, err := definition.Load(filepath.Join(dir, "api.yaml"), definition.Options{})
	require.NoError(t, err)
	require.Len(t, plan.Warnings, 1)
	assert.Equal(t, 15, plan.Warnings[0].Origin.Line)
	assert.Equal(t, "the template for application/json: #macro works here; users report both that API Gateway runs it and that it does not", plan.Warnings[0].Text)
}
