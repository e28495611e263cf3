package proxycompat_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	ginadapter "github.com/lambridge-go/lambridge/adapter/proxycompat"
)

// The shape that most programs have: a global of the adapter's type.
var ginLambda *ginadapter.GinLambda

func TestGlobalWithABasePath(t *testing.T) {
	ginLambda = ginadapter.New(http.HandlerFunc(who), adapter.WithErrorStatus(func(status int) bool { return status == 500 }))
	for given, want := range map[string]string{"shop": "/shop", "/shop/": "/shop", " ": "", "/": ""} {
		assert.Equal(t, want, ginLambda.StripBasePath(given), "%q", given)
	}
	assert.Empty(t, ginLambda.StripBasePath(""))
	reply, err := ginLambda.Proxy(v1)
	require.NoError(t, err)
	assert.Contains(t, reply.Body, ";/shop/who", "the last base path is none")

	ginLambda.StripBasePath("shop")
	reply, err = ginLambda.Proxy(v1)
	require.NoError(t, err)
	assert.Contains(t, reply.Body, ";/who")
}
