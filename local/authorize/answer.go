package authorize

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// An answer is what an authorizer function said, as it is kept: a policy to judge
// requests by, or a yes or no to all of them.
type answer struct {
	policy policy
	simple bool // there is no policy, and
	yes    bool // this is the answer
	leaves gateway.Authorization
}

// read reads what the function returned.
func (l *lambdaAuthorizer) read(reply []byte) (*answer, error) {
	var given struct {
		IsAuthorized       *bool                      `json:"isAuthorized"`
		PrincipalID        *string                    `json:"principalId"`
		PolicyDocument     json.RawMessage            `json:"policyDocument"`
		Context            map[string]json.RawMessage `json:"context"`
		UsageIdentifierKey *string                    `json:"usageIdentifierKey"`
	}
	if err := json.Unmarshal(reply, &given); err != nil {
		return nil, errors.New("it is no JSON object of the members that an authorizer returns")
	}
	found := &answer{simple: l.options.Simple}
	var err error
	switch {
	case l.options.Simple && given.IsAuthorized == nil:
		return nil, errors.New("it has no isAuthorized")
	case l.options.Simple:
		found.yes = *given.IsAuthorized
	case given.PrincipalID == nil && l.options.Format == gateway.DefaultFormat:
		return nil, errors.New("it has no principalId")
	case given.PolicyDocument == nil:
		return nil, errors.New("it has no policyDocument")
	default:
		if found.policy, err = parsePolicy(given.PolicyDocument); err != nil {
			return nil, err
		}
	}
	if given.PrincipalID != nil {
		found.leaves.Principal = *given.PrincipalID
	}
	if given.UsageIdentifierKey != nil {
		found.leaves.UsageKey = *given.UsageIdentifierKey
	}
	if l.options.Format == gateway.DefaultFormat {
		found.leaves.Context, err = flat(given.Context, given.PrincipalID, true)
		return found, err
	}
	// A policy goes with values of three types; yes or no, with any.
	if found.leaves.ContextV1, err = flat(given.Context, given.PrincipalID, false); err != nil && !l.options.Simple {
		return nil, err
	}
	found.leaves.Variables = found.leaves.ContextV1
	found.leaves.Context = block("lambda", ordered(given.Context, slices.Sorted(maps.Keys(given.Context))))
	return found, nil
}

// judge applies the answer to one request, which may have been given for an earlier one: kept.
func (s *answer) judge(a *gateway.Arrival, kept bool) (gateway.Authorization, error) {
	if s.simple {
		if !s.yes {
			return gateway.Authorization{}, &gateway.Denied{Type: gateway.AccessDenied, Reason: "the authorizer said no"}
		}
		return s.leaves, nil
	}
	said := s.policy.judge(access{action: invokeAction, resource: methodARN(a), sourceIP: a.SourceIP})
	if said == allowed {
		return s.leaves, nil
	}
	denied := denial(said, a.API.Kind)
	denied.Reason = map[verdict]string{implicitDeny: "the authorizer's policy does not allow ", explicitDeny: "the authorizer's policy denies "}[said] + methodARN(a)
	if kept && said == implicitDeny {
		denied.Reason += "; it was kept of an earlier request: a policy that is kept has to allow all that its caller may do"
	}
	return s.leaves, denied // a gateway response may show the context
}

// denial is the answer to a policy that does not allow a request. The words are those
// of REST APIs in 2025 and 2026; others have none of their own.
func denial(v verdict, kind gateway.Kind) *gateway.Denied {
	denied := &gateway.Denied{Type: gateway.AccessDenied}
	switch {
	case kind != gateway.RESTAPI:
	case v == explicitDeny:
		denied.Message = "User is not authorized to access this resource with an explicit deny in an identity-based policy"
	default:
		denied.Message = "User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action"
	}
	return denied
}

// flat writes what an authorizer leaves in the event of REST APIs and of payload
// format 1.0: its principal, and its context as text. Behind a REST API there is also
// how long the authorizer took, of which only the place is known: it is 0 here.
func flat(context map[string]json.RawMessage, principal *string, latency bool) (json.RawMessage, error) {
	out := []byte{'{'}
	var wrong error
	for _, c := range objectOf(context) {
		out = appendName(out, c.name)
		switch c.value[0] {
		case '"', 'n':
			out = append(out, c.value...)
		case '{', '[':
			wrong = fmt.Errorf("its context has %q, which is neither a string nor a number nor a boolean", c.name)
			fallthrough
		default:
			out = append(out, quote(string(compact(c.value)))...)
		}
	}
	if _, ok := context["principalId"]; principal != nil && !ok {
		out = append(appendName(out, "principalId"), quote(*principal)...)
	}
	if _, ok := context["integrationLatency"]; latency && !ok {
		out = append(appendName(out, "integrationLatency"), '0')
	}
	return append(out, '}'), wrong
}
