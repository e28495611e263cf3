package lambdatest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// WithCaller says who sends the requests, as [adapter.CallerFrom] tells it: by the
// Claims and Scopes of a token, by the PrincipalID and Context of a Lambda authorizer,
// by IAM, or by a Certificate; SourceIP and APIKeyID may be there in any case. The
// event says so in the way of its front door, which is not the same everywhere: an
// HTTP API and a user pool hand on every claim as a string.
//
// A front door that cannot know such a caller skips the test and says why: a load
// balancer tells nothing in its events, a function URL knows IAM alone. So a test that
// runs for [Each] front door needs no list of those that it is for.
//
// For [NewAPI] the caller takes the place of the definition's authorizers, on the routes
// that have one: of a REST API's JWT authorizer with the types that the claims have.
func WithCaller(caller adapter.Caller) Option {
	return func(s *settings) {
		if caller.SourceIP != "" {
			s.request.SourceIP = caller.SourceIP
		}
		if caller.Certificate != nil {
			s.request.ClientCertificate = caller.Certificate
		}
		if s.facts.Kind == "" { // a definition's authorizers, whatever they guard
			s.file.caller = &caller
			return
		}
		given, err := authorizationOf(s.facts, caller, false)
		if err != nil && s.err == nil {
			s.err = err
		}
		s.request.Authorization = given
	}
}

// A fixedCaller is an authorizer that lets everybody in as one caller: it takes the place
// of those of a definition.
type fixedCaller struct {
	caller adapter.Caller
	typed  bool // the claims keep their types
}

// Authorize implements gateway.Authorizer.
func (f fixedCaller) Authorize(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
	return authorizationOf(factsOf(a.API.Kind), f.caller, f.typed)
}

// ForJWT is the caller as a REST API's JWT authorizer would tell of them.
func (f fixedCaller) ForJWT() gateway.Authorizer { return fixedCaller{f.caller, true} }

// factsOf is what is fixed about a kind of API.
func factsOf(kind gateway.Kind) gateway.SourceFacts {
	for _, source := range gateway.Sources() {
		if facts, _ := gateway.Facts(source); facts.Kind == kind {
			return facts
		}
	}
	return gateway.SourceFacts{Kind: kind, Plural: "WebSocket APIs", Authorizers: true}
}

// authorizationOf is what a caller leaves in the events of a front door: typed behind a REST
// API with a JWT authorizer.
func authorizationOf(door gateway.SourceFacts, caller adapter.Caller, typed bool) (given gateway.Authorization, err error) {
	who := caller
	who.SourceIP = "" // is known everywhere
	switch {
	case reflect.ValueOf(who).IsZero():
		return given, nil
	case !door.Authorizers:
		return given, cannotKnow(door.Plural + " say nothing in their events of who sent a request")
	case door.Kind == gateway.LatticeService:
		return latticeAuthorization(caller)
	}
	known, err := knownBy(caller)
	if err != nil {
		return given, err
	}
	known.Typed = typed
	if known.Claims != nil || known.Context != nil || known.PrincipalID != "" || known.IAM != nil {
		// An HTTP API knows whoever any front door does.
		if _, err := known.Authorization(gateway.HTTPAPI); err != nil {
			return given, fmt.Errorf("WithCaller: %w", err)
		}
		if door.Kind == gateway.WebSocketAPI && known.Claims != nil { // which checks no tokens: an authorizer would tell the subject
			known = authorize.Caller{PrincipalID: caller.Claims.Get("sub")}
		}
		if given, err = known.Authorization(door.Kind); err != nil {
			return given, cannotKnow(strings.TrimPrefix(err.Error(), "authorize: "))
		}
	}
	if caller.APIKeyID != "" && door.Kind == gateway.RESTAPI {
		given.Identity = withMember(given.Identity, "apiKeyId", caller.APIKeyID)
	}
	return given, nil
}

// knownBy is the caller as package authorize has them.
func knownBy(caller adapter.Caller) (known authorize.Caller, err error) {
	for _, part := range []struct {
		given adapter.Attributes
		into  *map[string]json.RawMessage
		name  string
	}{{caller.Claims, &known.Claims, "Claims"}, {caller.Context, &known.Context, "Context"}} {
		if err := part.given.Decode(part.into); err != nil {
			return known, fmt.Errorf("WithCaller: %s: %w", part.name, err)
		}
	}
	known.Scopes, known.PrincipalID = caller.Scopes, caller.PrincipalID
	if who := caller.IAM; who != nil {
		known.IAM = &authorize.IAMCaller{
			AccessKey: who.AccessKey, AccountID: who.AccountID, UserID: who.UserID, ARN: who.ARN, PrincipalOrgID: who.PrincipalOrgID,
			CognitoIdentityID: who.CognitoIdentityID, CognitoIdentityPoolID: who.CognitoIdentityPoolID,
		}
	}
	return known, nil
}

// latticeAuthorization is what VPC Lattice tells of one who signed.
func latticeAuthorization(caller adapter.Caller) (given gateway.Authorization, err error) {
	if caller.Claims != nil || caller.Context != nil || caller.PrincipalID != "" {
		return given, cannotKnow("VPC Lattice knows its callers by IAM and certificates alone")
	}
	if caller.IAM != nil {
		given.Identity = withMember(withMember(nil, "type", "AWS_IAM"), "principal", caller.IAM.ARN)
		if caller.IAM.PrincipalOrgID != "" {
			given.Identity = withMember(given.Identity, "principalOrgID", caller.IAM.PrincipalOrgID)
		}
	}
	return given, nil
}

// withMember adds a member to a JSON object, which may be nil.
func withMember(object json.RawMessage, name, text string) json.RawMessage {
	members := map[string]any{}
	if object != nil {
		_ = json.Unmarshal(object, &members) // it was made here
	}
	members[name] = text
	whole, _ := json.Marshal(members) // JSON before, and text
	return whole
}

// cannotKnow is the error of a front door that cannot know a caller, wherever it is asked.
func cannotKnow(reason string) error {
	return &lacking{reason: "WithCaller: " + reason, anywhere: true}
}
