package authorize_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

func TestAPIKeys(t *testing.T) {
	const value = "0123456789abcdefghij"
	keys := func(plan *authorize.UsagePlan) *authorize.APIKeys {
		return must(authorize.NewAPIKeys(
			authorize.APIKey{Name: "web", Value: value, Plan: plan},
			authorize.APIKey{Name: "old", Value: value + "x", Disabled: true},
			authorize.APIKey{Name: "named", Value: value + "y", ID: "id1"},
		))
	}
	refused := func(k *authorize.APIKeys, value string, at time.Time) gateway.ResponseType {
		_, err := k.Admit(value, at)
		if err == nil {
			return ""
		}
		var denied *gateway.Denied
		require.ErrorAs(t, err, &denied)
		assert.NotContains(t, denied.Reason, "0123456789", "a key is no matter for the log")
		return denied.Type
	}
	t.Run("which are admitted (docs/authorizers.md)", func(t *testing.T) {
		k := keys(nil)
		assert.Empty(t, refused(k, value, now))
		assert.Equal(t, gateway.InvalidAPIKey, refused(k, "", now), "none")
		assert.Equal(t, gateway.InvalidAPIKey, refused(k, value+"z", now), "unknown")
		assert.Equal(t, gateway.InvalidAPIKey, refused(k, value+"x", now), "disabled")
		id, err := k.Admit(value+"y", now)
		require.NoError(t, err)
		assert.Equal(t, "id1", id)
		made, err := k.Admit(value, now)
		require.NoError(t, err)
		assert.Len(t, made, 10)
	})
	t.Run("a rate", func(t *testing.T) {
		k := keys(&authorize.UsagePlan{Rate: 2, Burst: 3})
		for range 3 {
			assert.Empty(t, refused(k, value, now))
		}
		assert.Equal(t, gateway.Throttled, refused(k, value, now))
		assert.Empty(t, refused(k, value, now.Add(500*time.Millisecond)))
		assert.Equal(t, gateway.Throttled, refused(k, value, now.Add(500*time.Millisecond)))
		for range 3 {
			assert.Empty(t, refused(k, value, now.Add(time.Minute)))
		}
		assert.Equal(t, gateway.Throttled, refused(k, value, now.Add(time.Minute)))
	})
	t.Run("a quota, which begins anew", func(t *testing.T) {
		for period, again := range map[authorize.Period]time.Time{
			authorize.Day:   time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC),
			authorize.Week:  time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), // a Monday
			authorize.Month: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		} {
			k := keys(&authorize.UsagePlan{Quota: 2, Period: period})
			assert.Empty(t, refused(k, value, now))
			assert.Empty(t, refused(k, value, now))
			assert.Equal(t, gateway.QuotaExceeded, refused(k, value, now), period)
			assert.Equal(t, gateway.QuotaExceeded, refused(k, value, again.Add(-time.Nanosecond)), period)
			assert.Empty(t, refused(k, value, again), period)
		}
	})
	t.Run("what the rate turns down does not count", func(t *testing.T) {
		k := keys(&authorize.UsagePlan{Rate: 1, Burst: 1, Quota: 2, Period: authorize.Day})
		assert.Empty(t, refused(k, value, now))
		assert.Equal(t, gateway.Throttled, refused(k, value, now))
		assert.Empty(t, refused(k, value, now.Add(time.Second)))
		assert.Equal(t, gateway.QuotaExceeded, refused(k, value, now.Add(2*time.Second)))
	})
	for _, row := range []struct {
		name string
		key  authorize.APIKey
		want string
	}{
		{"19 characters (docs/authorizers.md)", authorize.APIKey{Name: "a", Value: value[1:]}, `API key "a" has a value of 19 characters, which has to have 20 to 128`},
		{"129 characters (docs/authorizers.md)", authorize.APIKey{Name: "a", Value: strings.Repeat("x", 129)}, "has a value of 129 characters"},
		{"a rate without a burst", authorize.APIKey{Name: "a", Value: value, Plan: &authorize.UsagePlan{Rate: 1}}, "the rate 1 and the burst 0"},
		{"a quota without a period", authorize.APIKey{Name: "a", Value: value, Plan: &authorize.UsagePlan{Quota: 1}}, `the quota 1 in the period ""`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := authorize.NewAPIKeys(row.key)
			assert.ErrorContains(t, err, row.want)
			assert.NotContains(t, err.Error(), "012345678")
		})
	}
	_, err := authorize.NewAPIKeys(authorize.APIKey{Name: "a", Value: value}, authorize.APIKey{Name: "b", Value: value})
	assert.EqualError(t, err, `authorize: API key "b" has the value of another one`)
}

func TestFixed(t *testing.T) {
	const token = `{"claims":{"sub":"u1","groups":["a","b"],"n":1},"scopes":["read"]}`
	const iam = `{"iam":{"accessKey":"AKIA","accountId":"1","userId":"AIDA","userArn":"arn:aws:iam::1:user/ann"}}`
	for _, row := range []struct {
		name, document string
		kind           gateway.Kind
		format         gateway.Format
		want           string
	}{
		{"a token's claims behind an HTTP API 2.0", token, gateway.HTTPAPI, gateway.Format2,
			`{"jwt":{"claims":{"sub":"u1","groups":"[a b]","n":"1"},"scopes":["read"]}}`},
		{"behind an HTTP API 1.0", token, gateway.HTTPAPI, gateway.Format1, `{"claims":{"sub":"u1","groups":"[a b]","n":"1"},"scopes":["read"]}`},
		{"behind a REST API, as a user pool's", token, gateway.RESTAPI, "", `{"claims":{"sub":"u1","groups":"a,b","n":"1"}}`},
		{"an authorizer function behind a REST API", `{"principalId":"p1","context":{"n":1}}`, gateway.RESTAPI, "",
			`{"n":"1","principalId":"p1","integrationLatency":0}`},
		{"an authorizer function behind an HTTP API", `{"principalId":"p1","context":{"n":1}}`, gateway.HTTPAPI, gateway.Format2, `{"lambda":{"n":1}}`},
		{"one whose context has an object, behind an HTTP API 2.0 (documented)", `{"context":{"o":{"a":[1]}}}`, gateway.HTTPAPI, gateway.Format2, `{"lambda":{"o":{"a":[1]}}}`},
		{"IAM behind a function URL", iam, gateway.LambdaURL, "",
			`{"iam":{"accessKey":"AKIA","accountId":"1","callerId":"AIDA","cognitoIdentity":null,"principalOrgId":null,"userArn":"arn:aws:iam::1:user/ann","userId":"AIDA"}}`},
		{"a block for one front door, to the letter", `{"claims":{"sub":"u1"},"rest":{"claims":{"n":1}}}`, gateway.RESTAPI, "", `{"claims":{"n":1}}`},
		{"and what is made of the claims for another", `{"claims":{"sub":"u1"},"rest":{"claims":{"n":1}}}`, gateway.HTTPAPI, gateway.Format2,
			`{"jwt":{"claims":{"sub":"u1"},"scopes":null}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAPI(t, row.kind, row.format, must(authorize.Fixed([]byte(row.document))))
			require.Equal(t, in, a.get("Authorization", "kept"))
			assertJSON(t, row.want, a.context("authorizer"))
			assert.Contains(t, string(a.event), "kept")
		})
	}
	t.Run("IAM behind a REST API", func(t *testing.T) {
		a := newAPI(t, gateway.RESTAPI, "", must(authorize.Fixed([]byte(iam))))
		require.Equal(t, in, a.get())
		assert.Contains(t, a.context("identity"), `"userArn":"arn:aws:iam::1:user/ann"`)
	})
	t.Run("a header that is asked for", func(t *testing.T) {
		a := newAPI(t, gateway.RESTAPI, "", must(authorize.Fixed([]byte(`{"claims":{"sub":"u1"},"requireHeader":"authorization"}`))))
		assert.Equal(t, unauthorized, a.get())
		assert.Equal(t, in, a.get("Authorization", "whatever"))
	})
	t.Run("who can be known where", func(t *testing.T) {
		for _, row := range []struct {
			document string
			kind     gateway.Kind
			want     string
		}{
			{token, gateway.LambdaURL, "authorize: a function URL knows its callers by IAM only"},
			{iam, gateway.LambdaURL, ""},
			{`{"claims":{},"url":{"iam":{}}}`, gateway.LambdaURL, ""},
			{token, gateway.WebSocketAPI, ""},
			{`{"context":{"o":{}}}`, gateway.HTTPAPI, ""},
			{`{"context":{"o":{}}}`, gateway.RESTAPI, `authorize: of a caller behind a REST API, its context has "o", which is neither a string nor a number nor a boolean`},
		} {
			err := must(authorize.Fixed([]byte(row.document))).Check(row.kind)
			if row.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, row.want)
			}
		}
	})
	for name, row := range map[string][2]string{
		"no JSON":        {`{`, "unexpected EOF"},
		"a misspelling":  {`{"claim":{}}`, `unknown field "claim"`},
		"nobody":         {`{"requireHeader":"x"}`, "says nothing of one"},
		"two in one":     {`{"claims":{},"iam":{}}`, "in 2 of these ways"},
		"more behind it": {`{"claims":{}} {}`, "there is more behind"},
	} {
		_, err := authorize.Fixed([]byte(row[0]))
		assert.ErrorContains(t, err, row[1], name)
	}
}
