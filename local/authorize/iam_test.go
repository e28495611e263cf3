package authorize_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

const (
	keyID  = "AKIDEXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

func accessKeys() []authorize.AccessKey { return []authorize.AccessKey{{ID: keyID, Secret: secret}} }

// signed is POST /notes as the AWS SDK for Go signed it at the time of now, with the
// signature changed as asked.
func signed(service string, change func(authorization string) string) *http.Request {
	sums := map[string]string{
		"execute-api": "0e843bb2d13c72ee72d7d6620736f1dbcd28180647cb3acbf9411d323b50aeee",
		"lambda":      "031b237cb11f222330c20c966d13ee79364ad7c0e8fe9951eb76bded627aedf0",
	}
	r := httptest.NewRequest("POST", "http://localhost:8080/notes", strings.NewReader(`{"text":"hello"}`))
	r.RequestURI = "/notes"
	r.Header.Set("X-Amz-Date", "20261127T043000Z")
	authorization := "AWS4-HMAC-SHA256 Credential=" + keyID + "/20261127/us-east-1/" + service + "/aws4_request, " +
		"SignedHeaders=content-length;host;x-amz-date, Signature=" + sums[service]
	if change != nil {
		authorization = change(authorization)
	}
	r.Header.Set("Authorization", authorization)
	return r
}

func TestIAMREST(t *testing.T) {
	replaced := func(old, with string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, with, 1) }
	}
	for _, row := range []struct {
		name      string
		options   authorize.IAMOptions
		change    func(string) string
		clock     time.Time
		status    int
		errorType string
		message   string // how it begins
	}{
		{"signed", authorize.IAMOptions{Keys: accessKeys()}, nil, now, 200, "", ""},
		{"unsigned (docs/authorizers.md: serverless-application-model)", authorize.IAMOptions{Keys: accessKeys()}, func(string) string { return "" }, now,
			403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"a bearer token (docs/authorizers.md)", authorize.IAMOptions{Keys: accessKeys()}, func(string) string { return "Bearer x" }, now,
			403, "IncompleteSignatureException", "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '"},
		{"parts are missing (docs/authorizers.md)", authorize.IAMOptions{Keys: accessKeys()}, replaced("Credential", "Credentials"), now,
			403, "IncompleteSignatureException", "Authorization header requires 'Credential' parameter. (hashed"},
		{"an unknown key (docs/authorizers.md)", authorize.IAMOptions{Keys: accessKeys()}, replaced(keyID, "AKIDOTHER"), now,
			403, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"no key is known", authorize.IAMOptions{}, nil, now, 403, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"five minutes and more (docs/authorizers.md)", authorize.IAMOptions{Keys: accessKeys()}, nil, now.Add(5*time.Minute + time.Second),
			403, "InvalidSignatureException", "Signature expired: 20261127T043000Z is now earlier than 20261127T043001Z (20261127T043501Z - 5 min.)"},
		{"one bit of the signature (docs/authorizers.md)", authorize.IAMOptions{Keys: accessKeys()}, replaced("Signature=0", "Signature=1"), now,
			403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. " +
				`Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'POST\n/notes\n\n`},
		{"another secret", authorize.IAMOptions{Keys: []authorize.AccessKey{{ID: keyID, Secret: "x"}}}, nil, now, 403, "InvalidSignatureException", "The request signature"},
		{"another region", authorize.IAMOptions{Keys: accessKeys()}, replaced("us-east-1", "eu-west-1"), now, 403, "InvalidSignatureException", "Credential should be scoped"},
		{"any key, whose signature nobody can check", authorize.IAMOptions{AcceptAny: true}, replaced("Signature=0", "Signature=1"), now, 200, "", ""},
		{"any key, and a known one is still checked", authorize.IAMOptions{AcceptAny: true, Keys: accessKeys()}, replaced("Signature=0", "Signature=1"), now,
			403, "InvalidSignatureException", "The request signature"},
		{"any key, and no signature", authorize.IAMOptions{AcceptAny: true}, func(string) string { return "" }, now, 403, "MissingAuthenticationTokenException", "Missing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAPI(t, gateway.RESTAPI, "", must(authorize.IAM(row.options)))
			a.clock = row.clock
			got := a.send(signed("execute-api", row.change))
			assert.Equal(t, row.status, got.status)
			assert.Equal(t, row.errorType, got.errorType)
			if row.status != 200 {
				assert.True(t, strings.HasPrefix(got.body, `{"message":"`+row.message), "%s\nbegins with\n%s", got.body, row.message)
			}
		})
	}
}

func TestIAMLeaves(t *testing.T) {
	const (
		arn  = "arn:aws:sts::210987654321:assumed-role/notes/ann"
		user = "AROAEXAMPLE:ann"
	)
	iam := func(o authorize.AccessKey) gateway.Authorizer {
		return must(authorize.IAM(authorize.IAMOptions{Keys: []authorize.AccessKey{o}}))
	}
	t.Run("REST API: the identity, and no Authorization header (docs/authorizers.md)", func(t *testing.T) {
		a := newAPI(t, gateway.RESTAPI, "", iam(authorize.AccessKey{ID: keyID, Secret: secret, ARN: arn, UserID: user}))
		require.Equal(t, in, a.send(signed("execute-api", nil)))
		assert.Equal(t, "absent", a.context("authorizer"))
		identity := a.context("identity")
		for _, member := range []string{`"accessKey":"` + keyID + `"`, `"accountId":"210987654321"`, `"caller":"` + user + `"`, `"user":"` + user + `"`, `"userArn":"` + arn + `"`} {
			assert.Contains(t, identity, member)
		}
		assert.NotContains(t, string(a.event), "Signature=")
		assert.Contains(t, string(a.event), `{\"text\":\"hello\"}`, "the body is still there")
	})
	t.Run("HTTP API 2.0 (docs/authorizers.md)", func(t *testing.T) {
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, iam(authorize.AccessKey{ID: keyID, Secret: secret, ARN: arn, UserID: user}))
		require.Equal(t, in, a.send(signed("execute-api", nil)))
		assertJSON(t, `{"iam":{"accessKey":"`+keyID+`","accountId":"210987654321","callerId":"`+user+`","cognitoIdentity":null,"principalOrgId":null,
			"userArn":"`+arn+`","userId":"`+user+`"}}`, a.context("authorizer"))
		assert.NotContains(t, string(a.event), "Signature=")
	})
	t.Run("HTTP API 1.0 has the identity", func(t *testing.T) {
		a := newAPI(t, gateway.HTTPAPI, gateway.Format1, iam(authorize.AccessKey{ID: keyID, Secret: secret}))
		require.Equal(t, in, a.send(signed("execute-api", nil)))
		assert.Contains(t, a.context("identity"), `"userArn":"arn:aws:iam::123456789012:user/`+keyID+`"`)
	})
	t.Run("function URL, signed for Lambda", func(t *testing.T) {
		a := newAPI(t, gateway.LambdaURL, "", iam(authorize.AccessKey{ID: keyID, Secret: secret}))
		require.Equal(t, in, a.send(signed("lambda", nil)))
		assert.Contains(t, a.context("authorizer"), `"userArn":"arn:aws:iam::123456789012:user/`+keyID+`"`)
	})
	t.Run("what an HTTP API and a function URL answer (docs/authorizers.md; section 4.2)", func(t *testing.T) {
		key := authorize.AccessKey{ID: keyID, Secret: secret}
		assert.Equal(t, answer{403, "", "", `{"message":"Forbidden"}`}, newAPI(t, gateway.HTTPAPI, gateway.Format2, iam(key)).get("Authorization", "Bearer x"))
		assert.Equal(t, answer{403, "AccessDeniedException", "", `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: ` +
			`https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`}, newAPI(t, gateway.LambdaURL, "", iam(key)).get())
	})
}

func TestIAMOptions(t *testing.T) {
	_, err := authorize.IAM(authorize.IAMOptions{Keys: []authorize.AccessKey{{ID: keyID}}})
	assert.EqualError(t, err, `authorize: IAM has a key "AKIDEXAMPLE" that lacks its ID or its Secret`)
}

func TestResourcePolicy(t *testing.T) {
	const everybody = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`
	const silent = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/prod/GET/other"}]}`
	const fromHere = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"},
		{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}`
	const fromVPC = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"},
		{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}]}`
	const onlyAnn = `{"Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::123456789012:user/` + keyID + `"},"Action":"*","Resource":"*"}]}`
	refused := func(user, suffix string) answer {
		return answer{403, "AccessDeniedException", "", `{"Message":"User: ` + user + ` is not authorized to perform: execute-api:Invoke on resource: ` +
			`arn:aws:execute-api:us-east-1:********9012:a1b2c3d4e5/prod/` + suffix + `"}`}
	}
	lambda := must(authorize.Lambda(returns(allowAll, nil), authorize.LambdaOptions{}))
	iam := must(authorize.IAM(authorize.IAMOptions{Keys: accessKeys()}))
	get, post := request("GET", "/notes/1"), signed("execute-api", nil)
	for _, row := range []struct {
		name, policy string
		next         gateway.Authorizer
		request      *http.Request
		want         answer
		ignored      []string
	}{
		{"it allows, and there is no authorizer", everybody, nil, get, in, nil},
		{"it is silent, and there is no authorizer (docs/authorizers.md)", silent, nil, get, refused("anonymous", "GET/notes/1"), nil},
		{"it is silent, and a function allows (docs/authorizers.md)", silent, lambda, get, in, nil},
		{"it denies by address (docs/authorizers.md)", fromHere, nil, get, refused("anonymous", "GET/notes/1 with an explicit deny"), nil},
		{"it denies, whatever a function allows (docs/authorizers.md)", fromHere, lambda, get, refused("anonymous", "GET/notes/1 with an explicit deny"), nil},
		{"a condition that is not evaluated is named and does not deny", fromVPC, nil, get, in, []string{"StringNotEquals aws:SourceVpce"}},
		{"it denies one who signed", onlyAnn, iam, post, refused("arn:aws:iam::123456789012:user/"+keyID, "POST/notes with an explicit deny"), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			authorizer, ignored, err := authorize.ResourcePolicy([]byte(row.policy), row.next, false)
			require.NoError(t, err)
			assert.Equal(t, row.ignored, ignored)
			assert.Equal(t, row.want, newAPI(t, gateway.RESTAPI, "", authorizer).send(row.request))
		})
	}
	for name, document := range map[string]string{
		"no JSON": "{", "no statement": `{}`, "no effect": `{"Statement":[{"Action":"*","Resource":"*"}]}`,
		"a principal that is none": `{"Statement":[{"Effect":"Allow","Principal":1,"Action":"*","Resource":"*"}]}`,
		"an address that is none":  `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"x"}}}]}`,
		"8193 bytes":               everybody + strings.Repeat(" ", 8193-len(everybody)),
	} {
		_, _, err := authorize.ResourcePolicy([]byte(document), nil, false)
		assert.ErrorContains(t, err, "authorize: the resource policy", name)
	}
}
