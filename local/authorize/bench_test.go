package authorize_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// BenchmarkJWT measures the whole check of a token beside the one thing in it that
// takes long, the signature.
func BenchmarkJWT(b *testing.B) {
	key := rsaKey("k1")
	i := newIssuer(b, rsaJWK("k1", key))
	text := sign(jwt.SigningMethodRS256, "k1", key, claims(i.URL, map[string]any{
		"email": "ann@example.com", "groups": []string{"admin", "poweruser"}, "client_id": "5be86359073c434bad2da3932222dabe",
	}))
	b.Run("signature", func(b *testing.B) {
		signed, signature := text[:strings.LastIndexByte(text, '.')], must(jwt.NewParser().DecodeSegment(text[strings.LastIndexByte(text, '.')+1:]))
		for b.Loop() {
			require.NoError(b, jwt.SigningMethodRS256.Verify(signed, signature, &key.PublicKey))
		}
	})
	for _, kind := range []gateway.Kind{gateway.HTTPAPI, gateway.RESTAPI} {
		b.Run(string(kind), func(b *testing.B) {
			authorizer := jwtFor(i, nil)
			a := &gateway.Arrival{API: arrivalAPI(kind), Sent: http.Header{"Authorization": {"Bearer " + text}}, Time: now}
			for b.Loop() {
				_, err := authorizer.Authorize(context.Background(), a)
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkLambda measures an authorizer whose answer is kept.
func BenchmarkLambda(b *testing.B) {
	authorizer := must(authorize.Lambda(returns(allowAll, nil), authorize.LambdaOptions{Token: true, TTL: time.Hour}))
	a := &gateway.Arrival{API: arrivalAPI(gateway.RESTAPI), Method: "GET", Path: "/notes/1", Sent: http.Header{"Authorization": {"t"}}, Time: now}
	b.ReportAllocs()
	for b.Loop() {
		_, err := authorizer.Authorize(context.Background(), a)
		require.NoError(b, err)
	}
}
