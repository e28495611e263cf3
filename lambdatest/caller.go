package lambdatest

import (
	"context"
	"encoding/json"
	"fmt"

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
// that have one.
func WithCaller(caller adapter.Caller) Option {
	return func(s *settings) {
		if s.facts.Kind == "" { // a definition's authorizers, whatever they guard
			s.file.caller = &caller
			return
		}
		given, err := authorizationOf(s.facts, caller)
		if err != nil && s.err == nil {
			s.err = err
		}
		s.request.Authorization = given
		if caller.SourceIP != "" {
			s.request.SourceIP = caller.SourceIP
		}
		if caller.Certificate != nil {
			s.request.ClientCertificate = caller.Certificate
		}
	}
}

// fixedCaller is an authorizer that lets everybody in as one caller: it takes the place
// of those of a definition.
func fixedCaller(caller adapter.Caller) gateway.Authorizer {
	return gateway.AuthorizerFunc(func(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
		for _, source := range gateway.Sources() {
			if door, _ := gateway.Facts(source); door.Kind == a.API.Kind {
				return authorizationOf(door, caller)
			}
		}
		return gateway.Authorization{}, fmt.Errorf("lambdatest: WithCaller: no caller behind a %s", a.API.Kind)
	})
}

// authorizationOf is what a caller leaves in the events of a front door.
func authorizationOf(door gateway.SourceFacts, caller adapter.Caller) (gateway.Authorization, error) {
	switch {
	case !door.Authorizers:
		return gateway.Authorization{}, cannotKnow(door.Plural + " say nothing in their events of who sent a request")
	case door.Kind == gateway.LatticeService:
		return latticeAuthorization(caller)
	}
	var known authorize.Caller
	for _, part := range []struct {
		given adapter.Attributes
		into  *map[string]json.RawMessage
		name  string
	}{{caller.Claims, &known.Claims, "Claims"}, {caller.Context, &known.Context, "Context"}} {
		if err := part.given.Decode(part.into); err != nil {
			return gateway.Authorization{}, fmt.Errorf("WithCaller: %s: %w", part.name, err)
		}
	}
	known.Scopes, known.PrincipalID = caller.Scopes, caller.PrincipalID
	if who := caller.IAM; who != nil {
		known.IAM = &authorize.IAMCaller{AccessKey: who.AccessKey, AccountID: who.AccountID, UserID: who.UserID, ARN: who.ARN}
	}
	if door.Kind == gateway.LambdaURL && known.IAM == nil && (known.Claims != nil || known.Context != nil || known.PrincipalID != "") {
		return gateway.Authorization{}, cannotKnow(door.Plural + " know their callers by IAM alone")
	}
	var given gateway.Authorization
	if known.Claims != nil || known.Context != nil || known.PrincipalID != "" || known.IAM != nil {
		var err error
		if given, err = known.Authorization(door.Kind); err != nil {
			return given, fmt.Errorf("WithCaller: %w", err)
		}
	}
	if caller.APIKeyID != "" && door.Kind == gateway.RESTAPI {
		given.Identity = withMember(given.Identity, "apiKeyId", caller.APIKeyID)
	}
	return given, nil
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
