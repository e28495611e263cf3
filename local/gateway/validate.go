package gateway

import (
	"net/url"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/field"
)

// A Validator checks a request before it reaches the integration. It must be safe for
// concurrent use.
type Validator interface {
	// Validate returns a *Denied of type BadRequestParameters or BadRequestBody for a
	// request that is not as it must be. Any other error is answered with 500.
	Validate(a *Arrival) error
}

// RequiredParameters is a Validator that asks for headers, path parameters and query
// parameters, by name. They must be there and not blank.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
type RequiredParameters struct {
	Header, Path, Query []string
}

// Validate implements Validator. It names everything that is missing.
func (p RequiredParameters) Validate(a *Arrival) error {
	query, _ := url.ParseQuery(a.RawQuery) // what cannot be read is missing
	var missing []string
	require := func(names []string, value func(name string) string) {
		for _, name := range names {
			if strings.TrimSpace(value(name)) == "" {
				missing = append(missing, name)
			}
		}
	}
	require(p.Header, func(name string) string { return field.Last(a.Header, name) })
	require(p.Path, func(name string) string { return a.Route.Params[name] })
	require(p.Query, query.Get)
	if missing == nil {
		return nil
	}
	return &Denied{
		Type:    BadRequestParameters,
		Message: "Missing required request parameters: [" + strings.Join(missing, ", ") + "]",
	}
}
