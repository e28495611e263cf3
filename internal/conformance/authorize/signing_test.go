// The tests hold package authorize against the programs of others that it has to get
// along with: the signers of AWS's SDKs, and a real OpenID provider.
package authorize_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/npm"
	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

const (
	keyID  = "AKIDEXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

// echo is a function that answers with the event's path.
type echo struct{}

func (echo) Invoke(context.Context, []byte) ([]byte, error) {
	return []byte(`{"statusCode":200,"body":"in"}`), nil
}

// serve serves a REST API whose requests have to be signed.
func serve(t *testing.T) *httptest.Server {
	t.Helper()
	iam, err := authorize.IAM(authorize.IAMOptions{Keys: []authorize.AccessKey{{ID: keyID, Secret: secret}}})
	require.NoError(t, err)
	g, err := gateway.New(gateway.API{
		Kind: gateway.RESTAPI, Routes: []gateway.Route{{Key: "/", Authorizer: iam}, {Key: "/{proxy+}", Authorizer: iam}},
		Default: gateway.Lambda(echo{}, gateway.LambdaOptions{}),
	}, gateway.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server
}

// requests are signed by each SDK: method, target, body, and whether the credentials
// are temporary.
var requests = []struct {
	Method, Target, Body string
	Temporary            bool
}{
	{"GET", "/", "", false},
	{"GET", "/notes", "", false},
	{"GET", "/notes/", "", false},
	{"GET", "/a%20b/c", "", false},
	{"GET", "/a%2Fb", "", false},
	{"GET", "/a%252Fb", "", false},
	{"GET", "/%C3%A9/%E2%82%AC", "", false},
	{"GET", "/a//b", "", false},
	{"GET", "/a/./b/../c", "", false},
	{"GET", "/~user/-._", "", false},
	{"GET", "/a:b@c", "", false},
	{"GET", "/notes?x=1&a=2", "", false},
	{"GET", "/notes?x=2&x=1&x=3", "", false},
	{"GET", "/notes?empty=&bare", "", false},
	{"GET", "/notes?q=a%20b%2Bc%26d%3De", "", false},
	{"GET", "/notes?%C3%A9=%E2%82%AC", "", false},
	{"POST", "/notes", `{"text":"hello"}`, false},
	{"PUT", "/notes/1", strings.Repeat("ü", 5000), false},
	{"DELETE", "/notes/1?really=yes", "", true},
	{"POST", "/notes?x=1", "body", true},
}

func TestSDKForGo(t *testing.T) {
	server := serve(t)
	signer := v4.NewSigner()
	for _, row := range requests {
		t.Run(row.Method+" "+row.Target, func(t *testing.T) {
			sign := func() *http.Request {
				r, err := http.NewRequestWithContext(t.Context(), row.Method, server.URL+row.Target, strings.NewReader(row.Body))
				require.NoError(t, err)
				credentials := aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}
				if row.Temporary {
					credentials.SessionToken = "a/session+token=="
				}
				require.NoError(t, signer.SignHTTP(t.Context(), credentials, r, sum(row.Body), "execute-api", "us-east-1", time.Now()))
				return r
			}
			assert.Equal(t, 200, status(t, sign()))

			// One bit of anything.
			flipped := sign()
			authorization := flipped.Header.Get("Authorization")
			flipped.Header.Set("Authorization", authorization[:len(authorization)-1]+string(authorization[len(authorization)-1]^1))
			assert.Equal(t, 403, status(t, flipped), "the signature")
			flipped = sign()
			flipped.Method = map[string]string{"GET": "HEAD"}[row.Method]
			if flipped.Method == "" {
				flipped.Method = "PATCH"
			}
			assert.Equal(t, 403, status(t, flipped), "the method")
			if row.Body != "" {
				flipped = sign()
				body := []byte(row.Body)
				body[0] ^= 1
				flipped.Body = io.NopCloser(bytes.NewReader(body))
				assert.Equal(t, 403, status(t, flipped), "the body")
			}
			if row.Temporary {
				flipped = sign()
				flipped.Header.Set("X-Amz-Security-Token", "a/session+token=>")
				assert.Equal(t, 403, status(t, flipped), "the session token")
			}
		})
	}
	t.Run("presigned", func(t *testing.T) {
		for _, row := range requests {
			if row.Body != "" {
				continue
			}
			r, err := http.NewRequest(row.Method, server.URL+row.Target, nil)
			require.NoError(t, err)
			query := r.URL.Query()
			query.Set("X-Amz-Expires", "60")
			r.URL.RawQuery = query.Encode()
			credentials := aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}
			if row.Temporary {
				credentials.SessionToken = "a/session+token=="
			}
			signed, _, err := signer.PresignHTTP(t.Context(), credentials, r, sum(""), "execute-api", "us-east-1", time.Now())
			require.NoError(t, err)
			get := func(target string) int {
				r, err := http.NewRequestWithContext(t.Context(), row.Method, target, nil)
				require.NoError(t, err)
				return status(t, r)
			}
			assert.Equal(t, 200, get(signed), "%s %s", row.Method, row.Target)
			assert.Equal(t, 403, get(signed+"&more=1"), "%s %s", row.Method, row.Target)
			assert.Equal(t, 403, get(signed[:len(signed)-1]+string(signed[len(signed)-1]^1)), "%s %s", row.Method, row.Target)
		}
	})
}

func sum(body string) string {
	s := sha256.Sum256([]byte(body))
	return hex.EncodeToString(s[:])
}

func status(t *testing.T, r *http.Request) int {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	return response.StatusCode
}

// The signer of the SDK for JavaScript cleans paths up ahead of signing, and sends them
// as they are.
func TestSDKForJavaScript(t *testing.T) {
	dir, err := npm.Install(t.Context(), "@smithy/signature-v4@5.7.5", "@aws-crypto/sha256-js@5.2.0")
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)
	script, err := filepath.Abs("testdata/sign.mjs")
	require.NoError(t, err)
	server := serve(t)
	var input, want strings.Builder
	for _, row := range requests {
		fmt.Fprintf(&input, "%s\t%s\t%s\t%t\n", row.Method, row.Target, url.QueryEscape(row.Body), row.Temporary)
		fmt.Fprintf(&want, "%s %s 200 403\n", row.Method, row.Target)
	}
	cmd := exec.CommandContext(t.Context(), "node", script, dir, server.URL, keyID, secret)
	cmd.Stdin, cmd.Stderr = strings.NewReader(input.String()), os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, want.String(), string(out))
}

// The command of AWS signs as the SDK for Python does. It takes a second for each
// request.
func TestCommandOfAWS(t *testing.T) {
	if os.Getenv("LAMBRIDGE_LONG") == "" {
		t.Skip("set LAMBRIDGE_LONG=1 to sign requests with the command of AWS")
	}
	aws, err := exec.LookPath("aws")
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)
	server := serve(t)
	post := func(key, session, connection, data string) error {
		cmd := exec.CommandContext(t.Context(), aws, "apigatewaymanagementapi", "post-to-connection", "--endpoint-url", server.URL+"/prod",
			"--region", "us-east-1", "--connection-id", connection, "--data", data)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+key, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_SESSION_TOKEN="+session, "AWS_MAX_ATTEMPTS=1",
			"AWS_CONFIG_FILE=/nowhere", "AWS_SHARED_CREDENTIALS_FILE=/nowhere", "AWS_CLI_FILE_ENCODING=UTF-8", "PYTHONUTF8=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	for n, connection := range []string{
		"plain", "R0oXAdfD0kwCH6w=", "a b", "a/b", "a%2Fb", "a//b", "é€", "a+b", "a:b@c", "~-._", "a?b", "a&b=c", "a#b", "a;b", "a,b", "a'b", "(a)", "a*b", "a|b", "..",
	} {
		session := ""
		if n%2 == 1 {
			session = "a/session+token=="
		}
		assert.NoError(t, post(keyID, session, connection, "AAEC"+strings.Repeat("AAAA", n)), connection)
	}
	assert.ErrorContains(t, post("AKIDOTHER", "", "plain", "AAEC"), "The security token included in the request is invalid")
}
