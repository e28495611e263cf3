package gateway

import (
	"net/url"
	"slices"
	"strings"
)

// Secretive is an [Authorizer] that reads secrets from the query: their parameters are
// named in logs and not shown.
type Secretive interface {
	// SecretParameters returns the names of the parameters.
	SecretParameters() []string
}

// secretParameters are those of presigned URLs, which are secret wherever they are.
var secretParameters = []string{"X-Amz-Signature", "X-Amz-Security-Token"}

// Shown is the URI for logs: without the values of parameters that are secret.
func (e Exchange) Shown() string {
	path, query, ok := strings.Cut(e.URI, "?")
	if !ok {
		return e.URI
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, _, given := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if given && (err != nil || slices.Contains(secretParameters, plain) || slices.Contains(e.secret, plain)) {
			parts[i] = name + "=***"
		}
	}
	return path + "?" + strings.Join(parts, "&")
}
