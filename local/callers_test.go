package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// canary is part of everything that is secret in these tests.
const canary = "C4N4RY"

// keySet writes the key set of an issuer and returns what signs its tokens.
func keySet(t *testing.T, file, issuer string) (sign func(changes map[string]any) string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	set, err := json.Marshal(map[string]any{"keys": []any{map[string]string{"kty": "RSA", "kid": "k1",
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, set, 0o600))
	return func(changes map[string]any) string {
		claims := jwt.MapClaims{"iss": issuer, "sub": "ann", "exp": time.Now().Add(time.Hour).Unix(), "nonce": canary}
		maps.Copy(claims, changes)
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
		token.Header["kid"] = "k1"
		text, err := token.SignedString(key)
		require.NoError(t, err)
		return text
	}
}

// guardMirror serves the mirror with flags and returns its URL.
func guardMirror(t *testing.T, args ...string) (*command, string) {
	t.Helper()
	c := startCommand(t, t.TempDir(), append([]string{"--exec", os.Args[0], "--env", mirrorVariable + "=1", "--addr", "127.0.0.1:0", "--inspect", "off"}, args...)...)
	return c, c.find(`(http://127\.0\.0\.1:\d+)/ +(?:HTTP API|REST API|function URL|Lambda function URL)`)
}

func TestTokensByFlag(t *testing.T) {
	t.Parallel()
	const issuer = "https://id.example.com/"
	file := filepath.Join(t.TempDir(), "keys.json")
	sign := keySet(t, file, issuer)
	good := sign(nil)
	_, payload, _ := strings.Cut(good, ".")
	for _, api := range []string{"http", "http-v1", "rest"} {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			c, url := guardMirror(t, "--api", api, "--jwks", issuer+"="+file)
			status, body := get(t, url+"/event", "Authorization: Bearer "+good)
			assert.Equal(t, 200, status)
			assert.Contains(t, body, `"sub":"ann"`)
			status, _ = get(t, url+"/event")
			assert.Equal(t, 401, status)
			for _, bad := range []string{sign(map[string]any{"exp": 1}), sign(map[string]any{"iss": "https://" + canary + ".example/"})[:20] + canary, canary, "x." + payload} {
				status, _ = get(t, url+"/event", "Authorization: Bearer "+bad)
				assert.Equal(t, 401, status)
			}
			assert.Equal(t, 0, c.interrupt())
			assertNoSecret(t, c, good)
		})
	}
}

// assertNoSecret looks for secrets in all that the command has printed.
func assertNoSecret(t *testing.T, c *command, secrets ...string) {
	t.Helper()
	for _, secret := range append(secrets, canary) {
		for where, text := range map[string]string{"output": c.text(), "standard error": c.stderr.String()} {
			assert.NotContains(t, text, secret, where)
		}
	}
}

func TestSignaturesByFlag(t *testing.T) {
	t.Parallel()
	authorization := "AWS4-HMAC-SHA256 Credential=AKID/" + time.Now().UTC().Format("20060102") + "/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + fmt.Sprintf("%x", canary)
	stamp := "X-Amz-Date: " + time.Now().UTC().Format("20060102T150405Z")
	secret := "--iam-key=AKID=" + canary

	c, url := guardMirror(t, "--api", "rest", secret)
	for _, row := range []struct {
		header []string
		want   string
	}{
		{nil, `{"message":"Missing Authentication Token"}`},
		{[]string{"Authorization: " + authorization, stamp, "X-Amz-Security-Token: " + canary}, `{"message":"The request signature we calculated does not match`},
		{[]string{"Authorization: Bearer " + canary}, `{"message":"Invalid key=value pair`},
		{[]string{"Authorization: Basic " + canary + "="}, `{"message":"Authorization header requires 'Credential' parameter.`},
		{[]string{"Authorization: " + strings.Replace(authorization, "AKID", "OTHER", 1), stamp}, `{"message":"The security token included in the request is invalid."}`},
	} {
		status, body := get(t, url+"/event", row.header...)
		assert.Equal(t, 403, status)
		assert.True(t, strings.HasPrefix(body, row.want), body)
	}
	assert.Equal(t, 0, c.interrupt())
	assertNoSecret(t, c, fmt.Sprintf("%x", canary))

	c, url = guardMirror(t, "--api", "url", "--iam-accept-any")
	status, _ := get(t, url+"/event")
	assert.Equal(t, 403, status)
	status, body := get(t, url+"/event", "Authorization: "+strings.Replace(authorization, "execute-api", "lambda", 1), stamp)
	assert.Equal(t, 200, status)
	assert.Contains(t, body, `"accessKey":"AKID"`)
	assert.Equal(t, 0, c.interrupt())
}

func TestAPIKeysByFlag(t *testing.T) {
	t.Parallel()
	value := canary + "0123456789abcdef"
	c, url := guardMirror(t, "--api", "rest", "--api-key", "web="+value)
	for header, want := range map[string]int{"X-Api-Key: " + value: 200, "X-Api-Key: x" + value: 403, "X-Other: x": 403} {
		status, _ := get(t, url+"/same", header)
		assert.Equal(t, want, status)
	}
	assert.Equal(t, 0, c.interrupt())
	assertNoSecret(t, c)
}

// What guards a front door guards the WebSocket API beside it, but for tokens, of which those
// know nothing.
func TestHandshakesByFlag(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.json")
	keySet(t, file, "https://id.example.com/")
	const value = "0123456789abcdef0123"
	signed := http.Header{
		"Authorization": {"AWS4-HMAC-SHA256 Credential=AKID/" + time.Now().UTC().Format("20060102") + "/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"},
		"X-Amz-Date":    {time.Now().UTC().Format("20060102T150405Z")},
	}
	for _, row := range []struct {
		name   string
		flags  []string
		header http.Header // that lets a client in
		bare   int         // what one without it is answered
		warned bool
	}{
		{"signatures", []string{"--api", "rest", "--iam-accept-any"}, signed, 403, false},
		{"API keys", []string{"--api", "rest", "--api-key", "web=" + value}, http.Header{"X-Api-Key": {value}}, 403, false},
		{"tokens, which do not guard it", []string{"--api", "http", "--jwks", "https://id.example.com/=" + file}, nil, 101, true},
		{"nothing", []string{"--api", "http"}, nil, 101, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c, url := guardMirror(t, row.flags...)
			for want, header := range map[int]http.Header{row.bare: nil, 101: row.header} {
				connection, response, err := websocket.Dial(t.Context(), url+"/local", &websocket.DialOptions{HTTPHeader: header})
				if err == nil {
					connection.CloseNow()
				}
				require.NotNil(t, response, "%v", err)
				assert.Equal(t, want, response.StatusCode)
			}
			assert.Equal(t, 0, c.interrupt())
			assert.Equal(t, row.warned, strings.Contains(c.text()+c.stderr.String(), "--jwks does not guard the WebSocket API"))
		})
	}
}

func TestCallerFromFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "caller.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"claims":{"sub":"ann","n":1},"requireHeader":"Authorization"}`), 0o600))
	c, url := guardMirror(t, "--api", "http", "--authorizer-context", file)
	status, _ := get(t, url+"/event")
	assert.Equal(t, 401, status)
	status, body := get(t, url+"/event", "Authorization: whatever")
	assert.Equal(t, 200, status)
	assert.Contains(t, body, `"sub":"ann"`)
	assert.Equal(t, 0, c.interrupt())

	// Among all front doors, those that know callers know this one.
	require.NoError(t, os.WriteFile(file, []byte(`{"iam":{"accessKey":"AKIA","accountId":"1","userId":"AIDA","userArn":"arn:aws:iam::1:user/ann"}}`), 0o600))
	c = startCommand(t, t.TempDir(), "--exec", os.Args[0], "--env", mirrorVariable+"=1", "--addr", "127.0.0.1:0", "--inspect", "off", "--every", "--authorizer-context", file)
	c.find("Ctrl-C stops it")
	known := 0
	for line := range strings.Lines(c.text()) {
		url, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(url, "http://") {
			status, body := get(t, strings.TrimSuffix(url, "/")+"/event")
			assert.Equal(t, http.StatusOK, status)
			if strings.Contains(body, "arn:aws:iam::1:user/ann") {
				known++
			}
		}
	}
	assert.Equal(t, 4, known, "REST API, HTTP API in both formats, function URL")
	assert.Equal(t, 0, c.interrupt())

	// Those that cannot know this one let everybody in.
	require.NoError(t, os.WriteFile(file, []byte(`{"claims":{"sub":"ann"}}`), 0o600))
	c = startCommand(t, t.TempDir(), "--exec", os.Args[0], "--env", mirrorVariable+"=1", "--addr", "127.0.0.1:0", "--inspect", "off", "--every", "--authorizer-context", file)
	c.find("Ctrl-C stops it")
	for line := range strings.Lines(c.text()) {
		url, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(url, "http://") {
			status, _ := get(t, strings.TrimSuffix(url, "/")+"/event")
			assert.Equal(t, http.StatusOK, status, name)
		}
	}
	assert.Equal(t, 0, c.interrupt())

	// A connection has such a caller for as long as it lasts.
	c = startCommand(t, t.TempDir(), "--exec", os.Args[0], "--env", mirrorVariable+"=1", "--addr", "127.0.0.1:0", "--inspect", "off", "--ws-two-way", "--authorizer-context", file)
	connection, _, err := websocket.Dial(t.Context(), c.find(`(ws://\S+)`), nil)
	require.NoError(t, err)
	defer connection.CloseNow()
	require.NoError(t, connection.Write(t.Context(), websocket.MessageText, []byte("hello")))
	_, event, err := connection.Read(t.Context())
	require.NoError(t, err)
	assert.Contains(t, string(event), `"authorizer":{"principalId":"ann","integrationLatency":0}`)
	connection.CloseNow()
	assert.Equal(t, 0, c.interrupt())

	// Alone, such a front door is refused.
	c = startCommand(t, t.TempDir(), "--exec", os.Args[0], "--api", "url", "--addr", "127.0.0.1:0", "--inspect", "off", "--authorizer-context", file)
	assert.Equal(t, 2, c.wait())
	assert.Contains(t, c.stderr.String(), "function URLs: authorize: a function URL knows its callers by IAM only")
}

// A request that had to say who sends it may be sent again through a front door that cannot
// know: there everybody is let in.
func TestResendThroughOtherFrontDoors(t *testing.T) {
	t.Parallel()
	const issuer = "https://id.example.com/"
	file := filepath.Join(t.TempDir(), "keys.json")
	sign := keySet(t, file, issuer)
	c := startCommand(t, t.TempDir(), "--exec", os.Args[0], "--env", mirrorVariable+"=1", "--addr", "127.0.0.1:0", "--inspect", "127.0.0.1:0", "--jwks", issuer+"="+file)
	url := c.find(`(http://127\.0\.0\.1:\d+)/ +HTTP API`)
	page := c.find(`(http://127\.0\.0\.1:\d+)/ +Inspector`)
	status, _ := get(t, url+"/event", "Authorization: "+sign(nil))
	require.Equal(t, 200, status)
	c.find(`200 GET /event · `)
	for _, source := range gateway.Sources() {
		response, err := http.Post(page+"/api/exchanges/1/replay", "application/json", strings.NewReader(`{"through":"`+string(source)+`"}`))
		require.NoError(t, err)
		var answer struct {
			Error  string
			Theirs struct{ Status int }
		}
		require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
		require.NoError(t, response.Body.Close())
		assert.Empty(t, answer.Error, source)
		assert.Equal(t, 200, answer.Theirs.Status, source)
	}
	assert.Equal(t, 0, c.interrupt())
}
