package event_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/internal/source"
)

// Who calls is told where each front door tells it.
func TestCallers(t *testing.T) {
	iam := &event.IAMIdentity{AccessKey: "AKIA", AccountID: "123456789012", UserID: "AIDA", ARN: "arn:user", PrincipalOrgID: "o-1",
		CognitoIdentityID: "id", CognitoIdentityPoolID: "pool"}
	const identity = `"identity":{"accessKey":"AKIA","accountId":"123456789012","user":"AIDA","userArn":"arn:user","principalOrgId":"o-1","cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"}`
	const iam2 = `"authorizer":{"iam":{"accessKey":"AKIA","accountId":"123456789012","userId":"AIDA","userArn":"arn:user","principalOrgId":"o-1","cognitoIdentity":{"identityId":"id","identityPoolId":"pool"}}}`

	for name, row := range map[string]struct {
		source  source.Source
		context string
		want    event.Caller
		known   bool
	}{
		"2.0: a token":                          {source.HTTPv2, `"authorizer":{"jwt":{"claims":{"sub":"1"},"scopes":["a"]}}`, event.Caller{Claims: event.Attributes(`{"sub":"1"}`), Scopes: []string{"a"}}, true},
		"2.0: a route without scopes (rule 51)": {source.HTTPv2, `"authorizer":{"jwt":{"claims":{"sub":"1"},"scopes":null}}`, event.Caller{Claims: event.Attributes(`{"sub":"1"}`)}, true},
		"1.0: scopes ahead of the claims":       {source.HTTPv1, `"authorizer" : {"scopes" : ["a", "b\n"] , "claims" : {"sub" : "1"} } , "stage" : "x"`, event.Caller{Claims: event.Attributes(`{"sub" : "1"}`), Scopes: []string{"a", "b\n"}}, true},
		"REST: what is said ends with it":       {source.REST, `"identity" : {"apiKeyId" : "k"} , "authorizer" : {"a" : {"b":"}"} } , "stage" : "x"`, event.Caller{Context: event.Attributes(`{"a" : {"b":"}"} }`), APIKeyID: "k"}, true},
		"REST: scopes that are no token's":      {source.REST, `"authorizer":{"scopes":["a"]}`, event.Caller{Context: event.Attributes(`{"scopes":["a"]}`)}, true},
		"2.0: a Lambda authorizer":              {source.HTTPv2, `"authorizer":{"lambda":{"a":1}}`, event.Caller{Context: event.Attributes(`{"a":1}`)}, true},
		"2.0: one that said nothing":            {source.HTTPv2, `"authorizer":{"lambda":null}`, event.Caller{Context: event.Attributes(`{}`)}, true},
		"2.0: IAM":                              {source.HTTPv2, iam2, event.Caller{IAM: iam}, true},
		"a function URL: IAM (rule 66)":         {source.FunctionURL, iam2, event.Caller{IAM: iam}, true},
		"a function URL: nobody (rule 65)":      {source.FunctionURL, `"accountId":"anonymous","authorizer":null`, event.Caller{}, false},
		"REST: a token":                         {source.REST, `"authorizer":{"claims":{"sub":"1"}}`, event.Caller{Claims: event.Attributes(`{"sub":"1"}`)}, true},
		"1.0: a token and its scopes":           {source.HTTPv1, `"authorizer":{"claims":{"sub":"1"},"scopes":["a"]}`, event.Caller{Claims: event.Attributes(`{"sub":"1"}`), Scopes: []string{"a"}}, true},
		"1.0: no token was asked for":           {source.HTTPv1, `"authorizer":{"claims":null,"scopes":null}`, event.Caller{}, false},
		"REST: a Lambda authorizer":             {source.REST, `"authorizer":{"principalId":"p","a":1}`, event.Caller{PrincipalID: "p", Context: event.Attributes(`{"principalId":"p","a":1}`)}, true},
		"REST: an authorizer that is a text":    {source.REST, `"authorizer":"p"`, event.Caller{PrincipalID: "p"}, true},
		"REST: IAM":                             {source.REST, identity, event.Caller{IAM: iam}, true},
		"a WebSocket API: a Lambda authorizer":  {source.WebSocket, `"authorizer":{"principalId":"p"}`, event.Caller{PrincipalID: "p", Context: event.Attributes(`{"principalId":"p"}`)}, true},
		"REST: a key is no proof":               {source.REST, `"identity":{"apiKeyId":"k"}`, event.Caller{APIKeyID: "k"}, false},
		"Lattice: IAM":                          {source.LatticeV2, `"identity":{"principal":"arn:role","principalOrgID":"o-1"}`, event.Caller{IAM: &event.IAMIdentity{ARN: "arn:role", PrincipalOrgID: "o-1"}}, true},
		"Lattice: somebody in its network":      {source.LatticeV2, `"identity":{"sourceVpcArn":"arn:vpc"}`, event.Caller{}, false},
		"a load balancer knows nobody":          {source.ALB, `"authorizer":{"principalId":"p"}`, event.Caller{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, known := event.DecodeCaller([]byte(`{"a":1,"requestContext":{`+row.context+`},"b":2}`), row.source)
			assert.Equal(t, row.want, got)
			assert.Equal(t, row.known, known)
		})
	}
}

// What a client calls a header, a parameter or its body says nothing about who it is.
func TestCallersAreNotForged(t *testing.T) {
	for name, members := range map[string]string{
		"a header of that name":          `"headers":{"requestContext":"x"},"requestContext":{"authorizer":{"principalId":"p"}}`,
		"an object of that name, before": `"q":{"requestContext":{"authorizer":{"principalId":"forged"}}},"requestContext":{"authorizer":{"principalId":"p"}}`,
		"an object of that name, behind": `"requestContext":{"authorizer":{"principalId":"p"}},"q":{"requestContext":{"authorizer":{"principalId":"forged"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, known := event.DecodeCaller([]byte("{"+members+"}"), source.REST)
			assert.True(t, known)
			assert.Equal(t, "p", got.PrincipalID)
		})
	}
}

// Attributes read the same from front doors that send text and from those that send JSON.
func TestAttributes(t *testing.T) {
	a := event.Attributes(`{"text":"é","escaped":"\u00e9\"","number":1.50,"yes":true,"none":null,"list":["a"],"object":{"b":1}}`)
	for name, want := range map[string]string{
		"text": "é", "escaped": `é"`, "number": "1.50", "yes": "true", "none": "", "list": `["a"]`, "object": `{"b":1}`, "absent": "",
	} {
		assert.Equal(t, want, a.Get(name), name)
	}
	var into struct{ Number float64 }
	require.NoError(t, a.Decode(&into))
	assert.Equal(t, 1.5, into.Number)
	assert.Empty(t, event.Attributes(nil).Get("x"))
	assert.NoError(t, event.Attributes(nil).Decode(&into))
}
