#!/bin/sh
# What caches of JSON Web Key Sets do when an issuer changes its key twice.
#
# A token that names a key which is not in the cached set asks for the set to be read
# again: OpenID Connect Core 1.0, section 10.1.1, says so, and API Gateway does. A
# change of the key is followed by another one within minutes whenever somebody restarts
# an issuer twice, as one does on a laptop.
#
# Expected by most: whatever library, the third token is accepted as the first was.
# Seen: github.com/coreos/go-oidc v3.21.0 accepts all three. github.com/MicahParks/keyfunc
# v3.9.1, set up by NewDefaultCtx, follows one change and refuses the second for five
# minutes.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > main.go <<'GO'
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
)

// An issuer publishes one key at a time.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey
	id  string
}

func (i *issuer) change(id string) {
	i.key, _ = rsa.GenerateKey(rand.Reader, 2048)
	i.id = id
}

func (i *issuer) token() string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"iss": i.URL, "exp": time.Now().Add(time.Hour).Unix()})
	t.Header["kid"] = i.id
	text, _ := t.SignedString(i.key)
	return text
}

func newIssuer() *issuer {
	i := &issuer{}
	i.change("first")
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		text := base64.RawURLEncoding.EncodeToString
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": i.id, "n": text(i.key.N.Bytes()), "e": text(big.NewInt(int64(i.key.E)).Bytes()),
		}}})
	}))
	return i
}

func main() {
	ctx := context.Background()
	for _, library := range []struct {
		name string
		open func(url string) func(token string) error
	}{
		{"go-oidc", func(url string) func(string) error {
			set := oidc.NewRemoteKeySet(ctx, url)
			return func(token string) error { _, err := set.VerifySignature(ctx, token); return err }
		}},
		{"keyfunc", func(url string) func(string) error {
			set, err := keyfunc.NewDefaultCtx(ctx, []string{url})
			return func(token string) error {
				if err != nil {
					return err
				}
				_, err := jwt.Parse(token, set.KeyfuncCtx(ctx))
				return err
			}
		}},
	} {
		i := newIssuer()
		verify := library.open(i.URL)
		for _, id := range []string{"first", "second", "third"} {
			if id != i.id {
				i.change(id)
			}
			deadline, cancel := context.WithTimeout(ctx, 3*time.Second)
			done := make(chan error, 1)
			go func() { done <- verify(i.token()) }()
			verdict := "accepted"
			select {
			case err := <-done:
				if err != nil {
					verdict = "refused"
				}
			case <-deadline.Done():
				verdict = "refused"
			}
			cancel()
			fmt.Println(library.name, id, verdict)
		}
	}
}
GO
export GOWORK=off GOFLAGS=-mod=mod
go mod init finding >/dev/null 2>&1
go get github.com/coreos/go-oidc/v3@v3.21.0 github.com/MicahParks/keyfunc/v3@v3.9.1 github.com/golang-jwt/jwt/v5@v5.3.1 >/dev/null 2>&1
go run . > seen
cat seen
cat > expected <<'TEXT'
go-oidc first accepted
go-oidc second accepted
go-oidc third accepted
keyfunc first accepted
keyfunc second accepted
keyfunc third refused
TEXT
cmp -s seen expected || { echo "this has changed" >&2; exit 1; }
