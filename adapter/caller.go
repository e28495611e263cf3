package adapter

import (
	"context"
	"strings"

	"github.com/lambridge-go/lambridge/internal/event"
)

// Caller is who sent a request, as the front door knows it.
type Caller = event.Caller

// IAMIdentity is an IAM user, or a role that somebody has assumed.
type IAMIdentity = event.IAMIdentity

// Attributes are what a front door knows about a caller: a JSON object, as it stands
// in the event.
type Attributes = event.Attributes

// CallerFrom returns who sent the request that ctx belongs to, whichever front door
// it came through. It reports whether the front door vouches for the caller: by a
// token that it has checked, a Lambda authorizer, IAM, or a client's certificate.
// Where it does not, nobody is known to have sent the request, and all that may be in
// the Caller is the address and the id of an API key.
//
//	caller, ok := adapter.CallerFrom(r.Context())
//	if !ok {
//		http.Error(w, "who are you?", http.StatusUnauthorized)
//		return
//	}
//	subject := caller.Claims.Get("sub")
//
// The answer comes from the event, never from a header, and is read when it is asked
// for: until the handler returns. What front doors say differs:
//
//   - HTTP APIs hand on every claim of a token as a string, a list as "[a b]". So do
//     REST APIs with a user pool, however they write lists. REST APIs with a JWT
//     authorizer keep the types that claims have in the token.
//   - A Lambda authorizer's context has its JSON types with payload format 2.0, and
//     PrincipalID is empty there. Elsewhere the context is all strings, and has the
//     front door's own principalId and integrationLatency in it.
//   - VPC Lattice says who signed by the ARN alone, and only with version 2 of its
//     event.
//   - A WebSocket API repeats with every message what was found out about the new
//     connection.
//   - An Application Load Balancer says nothing in its events. It puts the identity
//     that it has checked into headers, which a client could have sent itself if there
//     is another way to the function, or a listener rule without authentication. An
//     application that relies on it has to verify the header X-Amzn-Oidc-Data, a JSON
//     Web Token: its signer has to be the ARN of the load balancer, and its signature
//     (ES256) has to fit the key at
//     https://public-keys.auth.elb.REGION.amazonaws.com/KID, as
//     https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
//     tells. Here it is not vouched for.
func CallerFrom(ctx context.Context) (Caller, bool) {
	inv, ok := ctx.Value(invocationKey{}).(*invocation)
	if !ok {
		return Caller{}, false
	}
	inv.payloadMu.Lock()
	defer inv.payloadMu.Unlock()
	if inv.payload == nil {
		return Caller{}, false // the handler has returned
	}
	source := inv.event.Source()
	caller, vouched := event.DecodeCaller(inv.payload, source)
	caller.SourceIP = hostOf(inv.client)
	if tls := inv.tls; tls != nil && len(tls.PeerCertificates) > 0 && source != ALB && source != ALBMulti {
		caller.Certificate = tls.PeerCertificates[0]
		vouched = true
	}
	return caller, vouched
}

// hostOf returns the address of a request's RemoteAddr, which always has a port.
func hostOf(remoteAddr string) string {
	host := remoteAddr[:max(strings.LastIndexByte(remoteAddr, ':'), 0)]
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}
