package gateway

import (
	"encoding/json"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/field"
)

// APIKeys are the keys that clients of a REST API identify themselves by, and what is
// left of their quotas; package authorize has them. They must be safe for concurrent
// use.
type APIKeys interface {
	// Admit counts a request made with a key and returns the key's id. It returns a
	// *Denied for a key that may not be used, or not now: "" is a request without one.
	Admit(key string, now time.Time) (id string, err error)
}

// A KeySource is where the API keys of a REST API stand.
type KeySource string

// The sources. The zero KeySource is KeyFromHeader.
const (
	KeyFromHeader     KeySource = "HEADER"     // the header X-Api-Key
	KeyFromAuthorizer KeySource = "AUTHORIZER" // the usageIdentifierKey of a Lambda authorizer
)

func (c *compiler) keys() {
	switch c.api.APIKeySource {
	case "", KeyFromHeader, KeyFromAuthorizer:
	default:
		c.fail("APIKeySource %q is neither %q nor %q", c.api.APIKeySource, KeyFromHeader, KeyFromAuthorizer)
	}
	if (c.api.APIKeys != nil || c.api.APIKeySource != "") && c.api.Kind != RESTAPI {
		c.fail("%s have no APIKeys", c.facts.Plural)
	}
}

// admit counts the request where the route asks for an API key.
func (x *exchange) admit() error {
	if !x.route.keyRequired {
		return nil
	}
	defer x.phase("api key")
	key := field.Last(x.arrival.Sent, "X-Api-Key")
	if x.g.source == KeyFromAuthorizer {
		key = x.arrival.Authorization.UsageKey
	}
	if x.g.keys == nil {
		return &Denied{Type: InvalidAPIKey, Reason: "the route requires an API key, and the API has none"}
	}
	id, err := x.g.keys.Admit(key, x.arrival.Time)
	if err != nil {
		return err
	}
	x.arrival.Authorization.Identity = withMembers(x.arrival.Authorization.Identity, map[string]string{"apiKey": key, "apiKeyId": id})
	return nil
}

// withMembers adds members to a JSON object, which may be nil.
func withMembers(object json.RawMessage, members map[string]string) json.RawMessage {
	all := map[string]json.RawMessage{}
	if object != nil {
		_ = json.Unmarshal(object, &all) // an authorizer wrote it
	}
	for name, text := range members {
		all[name], _ = json.Marshal(text) // text never fails
	}
	whole, _ := json.Marshal(all)
	return whole
}
