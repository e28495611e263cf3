package authorize

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// KeyOptions say where the keys of issuers are found. The zero value asks each
// issuer itself.
type KeyOptions struct {
	_ struct{}

	// Sets are the JSON Web Key Sets of issuers, by the issuer's URL: a file, or the
	// URL of the set. An issuer that is not among them is asked for its OpenID
	// configuration, which names the set.
	Sets map[string]string

	// Client fetches. nil is one that gives up after 1.5 seconds, as API Gateway does.
	Client *http.Client

	// Now tells the time. nil is time.Now.
	Now func() time.Time

	// Logger is told of each set that was read, and of those that could not be. nil
	// discards.
	Logger *slog.Logger
}

// Keys are the public keys of issuers, read when a token first needs them and kept
// for an hour. A token that names a key which is not among its issuer's has the set
// read again, so that issuers may change keys at any time: a few times in a row, and
// once a second for as long as such tokens come.
//
// Keys are safe for concurrent use and meant to be shared by all authorizers.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
type Keys struct {
	sets   map[string]string
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	mu      sync.Mutex
	issuers map[string]*issuerKeys
}

// The limits of API Gateway for a key set and an OpenID configuration, and how long
// it keeps a set at most.
const (
	keyTimeout = 1500 * time.Millisecond
	maxKeySet  = 150_000
	keyLife    = time.Hour
)

// NewKeys returns a store of keys that is still empty.
func NewKeys(o KeyOptions) *Keys {
	k := &Keys{sets: make(map[string]string, len(o.Sets)), client: o.Client, now: o.Now, log: o.Logger, issuers: map[string]*issuerKeys{}}
	maps.Copy(k.sets, o.Sets)
	if k.client == nil {
		k.client = &http.Client{Timeout: keyTimeout}
	}
	if k.now == nil {
		k.now = time.Now
	}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	return k
}

// issuerKeys are the keys of one issuer. Its mutex is held while a set is fetched:
// all who wait for one get what the first of them has fetched.
type issuerKeys struct {
	mu      sync.Mutex
	keys    map[string]publicKey // by key id
	fetched time.Time
	spare   float64   // how many times the set may be read now,
	counted time.Time // as of then
}

// A publicKey is an *rsa.PublicKey or an *ecdsa.PublicKey.
type publicKey any

// find returns the key that an issuer publishes under an id.
func (k *Keys) find(ctx context.Context, issuer, id string) (publicKey, error) {
	k.mu.Lock()
	entry, ok := k.issuers[issuer]
	if !ok {
		entry = &issuerKeys{}
		k.issuers[issuer] = entry
	}
	k.mu.Unlock()

	entry.mu.Lock()
	defer entry.mu.Unlock()
	now := k.now()
	known, found := entry.keys[id]
	if found && now.Sub(entry.fetched) < keyLife {
		return known, nil
	}
	if !entry.mayFetch(now) {
		return nil, fmt.Errorf("the key set of %s was read a moment ago and has no key %.100q", issuer, id)
	}
	keys, from, err := k.fetch(ctx, issuer)
	if err != nil {
		k.log.Warn("key set not read", "issuer", issuer, "from", from, "reason", err.Error())
		if found {
			return known, nil // better than to lock everybody out for as long as the issuer is down
		}
		return nil, err
	}
	k.log.Info("key set read", "issuer", issuer, "from", from, "keys", len(keys))
	entry.keys, entry.fetched = keys, now
	if key, ok := keys[id]; ok {
		return key, nil
	}
	return nil, fmt.Errorf("the key set of %s has no key %.100q", issuer, id)
}

// mayFetch counts how often a set is read: a few times at once, for an issuer that
// changes its keys in a test, and then no oftener than once a second, whatever
// tokens come.
func (e *issuerKeys) mayFetch(now time.Time) bool {
	const most = 10
	e.spare = min(most, e.spare+now.Sub(e.counted).Seconds())
	if e.counted.IsZero() {
		e.spare = most
	}
	e.counted = now
	if e.spare < 1 {
		return false
	}
	e.spare--
	return true
}

// fetch reads the key set of an issuer, and says from where.
func (k *Keys) fetch(ctx context.Context, issuer string) (keys map[string]publicKey, from string, err error) {
	// A client that goes away does not take along what others wait for.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*keyTimeout)
	defer cancel()
	from, configured := k.sets[issuer]
	if !configured {
		if from, err = k.discover(ctx, issuer); err != nil {
			return nil, issuer, err
		}
	}
	data, err := k.read(ctx, from)
	if err != nil {
		return nil, from, err
	}
	keys, err = parseKeySet(data)
	return keys, from, err
}

// discover returns the URL of an issuer's key set: OpenID Connect Discovery 1.0,
// section 4.
func (k *Keys) discover(ctx context.Context, issuer string) (string, error) {
	data, err := k.read(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return "", err
	}
	var configuration struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(data, &configuration); err != nil {
		return "", fmt.Errorf("the OpenID configuration of %s: %w", issuer, err)
	}
	if configuration.Issuer != issuer {
		return "", fmt.Errorf("the OpenID configuration of %s is one of %q", issuer, configuration.Issuer)
	}
	if !isURL(configuration.JWKSURI) {
		return "", fmt.Errorf("the OpenID configuration of %s has the jwks_uri %q", issuer, configuration.JWKSURI)
	}
	return configuration.JWKSURI, nil
}

// read reads a file or what a URL leads to.
func (k *Keys) read(ctx context.Context, from string) ([]byte, error) {
	if !isURL(from) {
		file, err := os.Open(from)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return readLimited(file, from)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	response, err := k.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", from, response.Status)
	}
	return readLimited(response.Body, from)
}

func readLimited(r io.Reader, from string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxKeySet+1))
	if err == nil && len(data) > maxKeySet {
		err = fmt.Errorf("%s has more than %d bytes", from, maxKeySet)
	}
	return data, err
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// parseKeySet reads the keys of a JSON Web Key Set that check signatures: RFC 7517.
// Keys that are for something else, or of a kind unknown here, are passed over.
func parseKeySet(data []byte) (map[string]publicKey, error) {
	var set struct {
		Keys []webKey `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("no key set: %w", err)
	}
	keys := make(map[string]publicKey, len(set.Keys))
	for _, key := range set.Keys {
		if key.Use != "" && key.Use != "sig" {
			continue
		}
		switch key.Type {
		case "RSA":
			if public, err := key.rsa(); err == nil {
				keys[key.ID] = public
			}
		case "EC":
			if public, err := key.ecdsa(); err == nil {
				keys[key.ID] = public
			}
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no key set: it has no RSA or EC key for signatures")
	}
	return keys, nil
}

// A webKey is a JSON Web Key: RFC 7518, section 6.
type webKey struct {
	ID    string `json:"kid"`
	Type  string `json:"kty"`
	Use   string `json:"use"`
	N     string `json:"n"`
	E     string `json:"e"`
	Curve string `json:"crv"`
	X     string `json:"x"`
	Y     string `json:"y"`
}

func (k webKey) rsa() (*rsa.PublicKey, error) {
	const most = 8192 / 8 // larger ones take long to check with
	n, err := base64.RawURLEncoding.DecodeString(k.N)
	if err != nil || len(n) > most {
		return nil, errors.New("the modulus is none")
	}
	e, err := base64.RawURLEncoding.DecodeString(k.E)
	exponent := new(big.Int).SetBytes(e)
	if err != nil || exponent.BitLen() > 31 {
		return nil, errors.New("the exponent is none")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}, nil
}

func (k webKey) ecdsa() (*ecdsa.PublicKey, error) {
	curve, ok := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[k.Curve]
	if !ok {
		return nil, fmt.Errorf("the curve %q is unknown", k.Curve)
	}
	x, errX := base64.RawURLEncoding.DecodeString(k.X)
	y, errY := base64.RawURLEncoding.DecodeString(k.Y)
	size := (curve.Params().BitSize + 7) / 8
	if errX != nil || errY != nil || len(x) != size || len(y) != size {
		return nil, errors.New("the point is none")
	}
	return ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, x...), y...))
}
