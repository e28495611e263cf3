package sigv4_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/sigv4"
)

const (
	keyID  = "AKIDEXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var signed = time.Date(2026, 11, 27, 4, 30, 0, 0, time.UTC)

// request is one as it arrives, with the signature in its Authorization header.
func request(method, target, body, headers, sum string) (sigv4.Request, http.Header) {
	path, query, _ := strings.Cut(target, "?")
	header := http.Header{
		"X-Amz-Date":           {"20261127T043000Z"},
		"X-Amz-Security-Token": {"TOKEN"},
		"User-Agent":           {"test"},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=" + keyID + "/20261127/us-east-1/execute-api/aws4_request, SignedHeaders=" +
			headers + ", Signature=" + sum},
	}
	return sigv4.Request{Method: method, Path: path, RawQuery: query, Host: "localhost:8080", Header: header,
		ContentLength: int64(len(body)), Body: []byte(body)}, header
}

// The signatures are those of the AWS SDK for Go, v2 (aws/signer/v4 of v1.47.7).
func TestVerify(t *testing.T) {
	for _, row := range []struct{ name, method, target, body, headers, sum string }{
		{"no path", "GET", "/", "", "host;x-amz-date", "e892e9c12dce0d511944b7bfe01a5a88600843aabf775099475813da44d46ed2"},
		{"a query", "GET", "/prod/notes?a=1&b=2", "", "host;x-amz-date", "d4707f3a354cbff7c0103db135e802efd3323744f644f8ebbc1ea5a59ff71df4"},
		{"the same query in another order", "GET", "/prod/notes?b=2&a=1", "", "host;x-amz-date", "d4707f3a354cbff7c0103db135e802efd3323744f644f8ebbc1ea5a59ff71df4"},
		{"spaces and encoded slashes", "GET", "/a%20b/c%2Fd", "", "host;x-amz-date", "e7cd4f7ac15ea7db172a4b8f3e9090280c6de98b29cc33da4348bac6c103d3b2"},
		{"repeated keys and one without a value", "GET", "/?a&x=1&x=2", "", "host;x-amz-date", "00b1a0f75dc8fc54edae0fa8e068b36c00f9e078efe7aeef07a4187f85234197"},
		{"empty segments and dots, as they are", "GET", "/a//b/../c/", "", "host;x-amz-date", "abf821e7df2e1fb2685d6b309c75f2b36eec8b7a526cce19c45d44ff1b60a8d1"},
		{"UTF-8", "GET", "/%C3%A9?q=%C3%A9", "", "host;x-amz-date", "7e2a32cfed2109caadf91aac8575e7f8994127a4f6a0512709b026fffcdd664d"},
		{"a body", "POST", "/notes", `{"text":"hello"}`, "content-length;host;x-amz-date", "0e843bb2d13c72ee72d7d6620736f1dbcd28180647cb3acbf9411d323b50aeee"},
		{"temporary credentials", "PUT", "/notes/1", "x", "content-length;host;x-amz-date;x-amz-security-token", "100800e2bfef4b0269e8364d098b60a3d98a7add063eb977a0247a6bf5267021"},
		{"other characters", "DELETE", "/~a:b@c,d;e?k=a%2Bb&l=%3D%26", "", "host;x-amz-date", "6f981171df2aaa56c916c84026b7ae75c3ca5bf061bf6348b75c5a95508bb050"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, header := request(row.method, row.target, row.body, row.headers, row.sum)
			s, err := sigv4.Parse(header, r.RawQuery)
			require.NoError(t, err)
			assert.Equal(t, keyID, s.KeyID)
			require.NoError(t, s.Current(signed, "us-east-1", "execute-api"))
			require.NoError(t, s.Verify(r, secret))

			// Whatever else is in the request, the signature does not fit it.
			for what, change := range map[string]func(*sigv4.Request){
				"method": func(r *sigv4.Request) { r.Method = "PATCH" },
				"path":   func(r *sigv4.Request) { r.Path += "x" },
				"query":  func(r *sigv4.Request) { r.RawQuery += "&z=1" },
				"host":   func(r *sigv4.Request) { r.Host = "localhost:8081" },
				"body":   func(r *sigv4.Request) { r.Body = append(slices.Clip(r.Body), 0) },
			} {
				other := r
				change(&other)
				assert.Equal(t, sigv4.Invalid, kindOf(s.Verify(other, secret)), "another %s", what)
			}
			assert.Equal(t, sigv4.Invalid, kindOf(s.Verify(r, secret+"x")), "another secret")

			flipped := strings.Map(func(c rune) rune { return c ^ 1 }, row.sum[:1]) + row.sum[1:]
			r, header = request(row.method, row.target, row.body, row.headers, flipped)
			s, err = sigv4.Parse(header, r.RawQuery)
			require.NoError(t, err)
			assert.Equal(t, sigv4.Invalid, kindOf(s.Verify(r, secret)), "one bit of the signature")
		})
	}
}

func TestVerifyCleanedPath(t *testing.T) {
	// What the SDKs for JavaScript and Python sign for /a//b/../c/ is /a/c/.
	r, header := request("GET", "/a/c/", "", "host;x-amz-date", "00")
	s, err := sigv4.Parse(header, "")
	require.NoError(t, err)
	_, toSign, _ := strings.Cut(messageOf(s.Verify(r, secret)), "String-to-Sign")

	r.Path = "/a//b/../c/"
	message := messageOf(s.Verify(r, secret))
	assert.Contains(t, message, "'GET\n/a/c/\n", "the cleaned path is the last that is tried")
	_, again, _ := strings.Cut(message, "String-to-Sign")
	assert.Equal(t, toSign, again)

	r.Path = "/a/b/.." // has no slash at its end for any of them
	assert.Contains(t, messageOf(s.Verify(r, secret)), "'GET\n/a\n")
}

func TestPresigned(t *testing.T) {
	const query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261127%2Fus-east-1%2Fexecute-api%2Faws4_request" +
		"&X-Amz-Date=20261127T043000Z&X-Amz-Expires=300&X-Amz-Security-Token=TOKEN&X-Amz-SignedHeaders=host&x=1" +
		"&X-Amz-Signature=5bb703d0f90a2aef4b01252bdae6e0535929793a596b5c0326adfa438939178a"
	r := sigv4.Request{Method: "GET", Path: "/a%20b", RawQuery: query, Host: "localhost:8080"}
	s, err := sigv4.Parse(http.Header{}, query)
	require.NoError(t, err)
	assert.NoError(t, s.Verify(r, secret))
	assert.NoError(t, s.Current(signed.Add(300*time.Second), "us-east-1", "execute-api"), "at the end of its time")
	assert.Equal(t, "Signature expired: 20261127T043500Z is now earlier than 20261127T043501Z",
		messageOf(s.Current(signed.Add(301*time.Second), "us-east-1", "execute-api")))

	r.RawQuery = strings.Replace(query, "x=1", "x=2", 1)
	assert.Equal(t, sigv4.Invalid, kindOf(s.Verify(r, secret)))

	for _, missing := range []string{"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"} {
		values, _ := url.ParseQuery(query)
		values.Del(missing)
		_, err := sigv4.Parse(http.Header{}, values.Encode())
		assert.Equal(t, "AWS query-string parameters must include '"+missing+"'.", messageOf(err))
	}
	values, _ := url.ParseQuery(query)
	values.Set("X-Amz-Expires", "604801")
	_, err = sigv4.Parse(http.Header{}, values.Encode())
	assert.Equal(t, sigv4.Incomplete, kindOf(err))
}

// The texts are those of docs/authorizers.md, captured or documented.
func TestParse(t *testing.T) {
	const scope = "AKIDEXAMPLE/20261127/us-east-1/execute-api/aws4_request"
	hash := func(authorization string) string {
		_, err := sigv4.Parse(http.Header{"Authorization": {authorization}, "X-Amz-Date": {"20261127T043000Z"}}, "")
		message := messageOf(err)
		return message[strings.Index(message, "(hashed"):]
	}
	for _, row := range []struct {
		name, authorization, date string
		kind, message             string
	}{
		{"nothing (captured)", "", "", sigv4.MissingToken, "Missing Authentication Token"},
		{"a bearer token (captured)", "Bearer x", "", sigv4.Incomplete,
			"Invalid key=value pair (missing equal-sign) in Authorization header " + hash("Bearer x")},
		{"one word", "token", "", sigv4.Incomplete, "Invalid key=value pair (missing equal-sign) in Authorization header " + hash("token")},
		{"key=value of something else (captured)", "Basic dXNlcjo=", "", sigv4.Incomplete,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter. " +
				"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " + hash("Basic dXNlcjo=")},
		{"no date", "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=00", "", sigv4.Incomplete,
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."},
		{"another algorithm", "AWS4-HMAC-SHA1 Credential=" + scope + ", SignedHeaders=host, Signature=00", "20261127T043000Z", sigv4.Incomplete,
			"Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'"},
		{"a credential in four parts", "AWS4-HMAC-SHA256 Credential=A/B/C/D, SignedHeaders=host, Signature=00", "20261127T043000Z", sigv4.Incomplete,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."},
		{"a date that is none", "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=00", "today", sigv4.Incomplete,
			"Date must be in ISO-8601 'basic format'."},
	} {
		t.Run(row.name, func(t *testing.T) {
			header := http.Header{}
			if row.authorization != "" {
				header["authorization"] = []string{row.authorization} // in any case
			}
			if row.date != "" {
				header.Set("X-Amz-Date", row.date)
			}
			_, err := sigv4.Parse(header, "")
			require.Error(t, err)
			assert.Equal(t, row.kind, kindOf(err))
			assert.True(t, strings.HasPrefix(messageOf(err), row.message), "%s\nbegins with\n%s", messageOf(err), row.message)
			assert.NotContains(t, err.Error(), "dXNlcjo", "the log is told nothing of the header")
		})
	}
	assert.Regexp(t, `^\(hashed with SHA-256 and encoded with Base64\): '[A-Za-z0-9+/]{43}='\.$`, hash("Bearer x"))
}

func TestCurrent(t *testing.T) {
	_, header := request("GET", "/", "", "host;x-amz-date", "00")
	s, err := sigv4.Parse(header, "")
	require.NoError(t, err)
	for _, row := range []struct {
		name            string
		now             time.Time
		region, service string
		want            string
	}{
		{"five minutes late", signed.Add(5 * time.Minute), "us-east-1", "execute-api", ""},
		{"five minutes early", signed.Add(-5 * time.Minute), "us-east-1", "execute-api", ""},
		{"too late (documented)", signed.Add(5*time.Minute + time.Second), "us-east-1", "execute-api",
			"Signature expired: 20261127T043000Z is now earlier than 20261127T043001Z (20261127T043501Z - 5 min.)"},
		{"too early", signed.Add(-6 * time.Minute), "us-east-1", "execute-api",
			"Signature not yet current: 20261127T043000Z is still later than 20261127T042900Z (20261127T042400Z + 5 min.)"},
		{"another region", signed, "eu-west-1", "execute-api", "Credential should be scoped to a valid region, not 'us-east-1'."},
		{"another service", signed, "us-east-1", "lambda", "Credential should be scoped to correct service: 'lambda'."},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, messageOf(s.Current(row.now, row.region, row.service)))
		})
	}

	_, header = request("GET", "/", "", "x-amz-date", "00")
	s, err = sigv4.Parse(header, "")
	require.NoError(t, err)
	assert.Equal(t, sigv4.Invalid, kindOf(s.Current(signed, "us-east-1", "execute-api")), "a signature that does not sign the host")
}

func kindOf(err error) string {
	e, _ := errors.AsType[*sigv4.Error](err)
	if e == nil {
		return ""
	}
	return e.Kind
}

func messageOf(err error) string {
	e, _ := errors.AsType[*sigv4.Error](err)
	if e == nil {
		return ""
	}
	return e.Message
}
