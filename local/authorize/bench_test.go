package authorize_test

import (
	"context"
	"net/http"
	"net/http/httptest"
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

// BenchmarkLambda measures an authorizer whose answer is kept, by itself and as a part
// of a request through a gateway, beside a request to a route without one.
func BenchmarkLambda(b *testing.B) {
	kept := must(authorize.Lambda(returns(allowAll, nil), authorize.LambdaOptions{Token: true, TTL: time.Hour}))
	b.Run("authorizer", func(b *testing.B) {
		a := &gateway.Arrival{API: arrivalAPI(gateway.RESTAPI), Method: "GET", Path: "/notes/1", Sent: http.Header{"Authorization": {"t"}}, Time: now}
		b.ReportAllocs()
		for b.Loop() {
			_, err := kept.Authorize(context.Background(), a)
			require.NoError(b, err)
		}
	})
	for name, authorizer := range map[string]gateway.Authorizer{"request": nil, "authorized request": kept} {
		g := must(gateway.New(gateway.API{
			Kind: gateway.RESTAPI, Routes: []gateway.Route{{Key: "GET /notes/{id}", Authorizer: authorizer}},
			Default: gateway.Lambda(returns(`{"statusCode":200,"body":"in"}`, nil), gateway.LambdaOptions{}),
		}, gateway.Options{}))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				g.ServeHTTP(w, request("GET", "/notes/1", "Authorization", "t"))
				require.Equal(b, 200, w.Code)
			}
		})
	}
}
