package authorize

import (
	"context"
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// maxResourcePolicy is the size in bytes of the largest resource policy of an API.
const maxResourcePolicy = 8192

type resourcePolicy struct {
	policy policy
	next   gateway.Authorizer
	must   bool // the policy has to allow what next allows
}

// ResourcePolicy returns an authorizer that applies the resource policy of a REST API
// to what another one lets in: everybody, if next is nil. The policy of an API whose
// authorizer is a function or IAM may be silent about a request; with any other, or
// none, it has to allow it. What it denies stays denied. suffices says of an authorizer
// that stands in for one of the former that the policy may be silent there, too.
//
// Of conditions, those on aws:SourceIp are evaluated. The others are named in ignored,
// and taken in the client's favour: they neither deny nor keep from allowing.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
func ResourcePolicy(document []byte, next gateway.Authorizer, suffices bool) (_ gateway.Authorizer, ignored []string, err error) {
	if len(document) > maxResourcePolicy {
		return nil, nil, fmt.Errorf("authorize: the resource policy has %d bytes, the limit is %d", len(document), maxResourcePolicy)
	}
	p, err := parsePolicy(document)
	if err != nil {
		return nil, nil, fmt.Errorf("authorize: the resource policy: %w", err)
	}
	r := &resourcePolicy{policy: p, next: next, must: !suffices}
	switch next.(type) {
	case *lambdaAuthorizer, *iamAuthorizer:
		r.must = false
	}
	return r, p.ignored(), nil
}

// Authorize asks the policy before and after the other authorizer: what the policy
// denies to everybody is denied before a function is called.
func (r *resourcePolicy) Authorize(ctx context.Context, a *gateway.Arrival) (found gateway.Authorization, err error) {
	asked := access{
		action:   invokeAction,
		resource: methodARN(a),
		short:    "execute-api:/" + a.API.Stage + "/" + a.Method + a.Path,
		sourceIP: a.SourceIP,
	}
	if r.policy.judge(asked) == explicitDeny {
		return found, refuseByPolicy("anonymous", asked.resource, explicitDeny)
	}
	user := "anonymous"
	if r.next != nil {
		if found, err = r.next.Authorize(ctx, a); err != nil {
			return found, err
		}
		if _, ok := r.next.(*iamAuthorizer); ok {
			user, asked.principal = found.Principal, found.Principal
		}
	}
	if said := r.policy.judge(asked); said == explicitDeny || said == implicitDeny && r.must {
		return gateway.Authorization{}, refuseByPolicy(user, asked.resource, said)
	}
	return found, nil
}

// SecretParameters implements gateway.Secretive.
func (r *resourcePolicy) SecretParameters() []string {
	if next, ok := r.next.(gateway.Secretive); ok {
		return next.SecretParameters()
	}
	return nil
}

// refuseByPolicy is the answer to what a resource policy does not allow.
func refuseByPolicy(user, arn string, v verdict) *gateway.Denied {
	text := "User: " + user + " is not authorized to perform: " + invokeAction + " on resource: " + masked(arn)
	reason := "the resource policy does not allow "
	if v == explicitDeny {
		text += " with an explicit deny"
		reason = "the resource policy denies "
	}
	return &gateway.Denied{Type: gateway.AccessDenied, Message: text, Reason: reason + arn}
}

// masked hides all but the last digits of the account in an ARN, as answers do.
func masked(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && len(parts[4]) > 4 {
		parts[4] = "********" + parts[4][len(parts[4])-4:]
	}
	return strings.Join(parts, ":")
}
