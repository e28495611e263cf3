package deploy_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Terraform's configuration is written correctly, and what it refers to is in it. Whether
// AWS's provider takes it nobody says without a registry to get that from.
func TestTerraform(t *testing.T) {
	file, problems := hclsyntax.ParseConfig([]byte(snippet(t, "hcl")), "deploy.md", hcl.InitialPos)
	require.False(t, problems.HasErrors(), problems.Error())
	resources := map[string]bool{}
	body := file.Body.(*hclsyntax.Body)
	for _, block := range body.Blocks {
		switch block.Type {
		case "resource":
			require.Len(t, block.Labels, 2)
			resources[block.Labels[0]+"."+block.Labels[1]] = true
		case "output":
			require.Len(t, block.Labels, 1)
		default:
			assert.Fail(t, "a block that is neither a resource nor an output", block.Type)
		}
	}
	references := 0
	for _, block := range body.Blocks {
		for _, attribute := range block.Body.Attributes {
			for _, traversal := range attribute.Expr.Variables() {
				name, ok := traversal[1].(hcl.TraverseAttr)
				require.True(t, ok, "%v", attribute.Range())
				assert.Contains(t, resources, traversal.RootName()+"."+name.Name, "%v", attribute.Range())
				references++
			}
		}
	}
	assert.Positive(t, references)
}
