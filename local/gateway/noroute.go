package gateway

import (
	"errors"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/sigv4"
)

// noRoute is the answer for a request that no route serves. A REST API takes it for
// one that IAM guards, and if it has an Authorization header that is no signature of
// AWS's, complains of that: a bearer token for a path with a typing mistake in it is
// answered with IncompleteSignatureException, as recorded.
func (x *exchange) noRoute() error {
	a := x.arrival
	missing := door.Refusef(door.NoRoute, "no route serves %s %s", a.Method, a.Path)
	if a.API.Kind != RESTAPI {
		return missing
	}
	_, err := sigv4.Parse(a.Sent, a.RawQuery)
	if incomplete, ok := errors.AsType[*sigv4.Error](err); ok && incomplete.Kind == sigv4.Incomplete {
		return &Denied{
			Type: MissingAuthenticationToken, Message: incomplete.Message, ErrorType: incomplete.Kind,
			Reason: "no route serves " + a.Method + " " + a.Path + ", and " + incomplete.Error(),
		}
	}
	return missing
}
