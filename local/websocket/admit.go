package websocket

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/bucket"
	"github.com/lambridge-go/lambridge/local/internal/format"
	"github.com/lambridge-go/lambridge/local/internal/schema"
	"github.com/lambridge-go/lambridge/local/internal/selection"
)

// admit counts a handshake, lets the authorizer of $connect decide on it, and asks for the
// API key and the parameters that the route requires. What the authorizer finds out is in all events of
// the connection. A nil refusal lets the client in.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
func (c *conn) admit(r *http.Request) *handshakeRefusal {
	route := c.api.routes.byKey[connectRoute]
	if route == nil {
		return nil
	}
	if !route.bucket.Take(c.ConnectedAt) {
		return refusalOf(&gateway.Denied{Type: gateway.Throttled, Reason: "more handshakes come than the Throttle allows"})
	}
	if route.Authorizer == nil && route.Required == nil && !route.APIKeyRequired {
		return nil
	}
	a := c.arrival(r)
	usageKey := ""
	if route.Authorizer != nil {
		granted, err := route.Authorizer.Authorize(r.Context(), a)
		if err != nil {
			return refusalOf(err)
		}
		c.authorizer, c.identity, usageKey = granted.Context, granted.Identity, granted.UsageKey
	}
	if route.APIKeyRequired {
		key := r.Header.Get("X-Api-Key")
		if c.api.cfg.APIKeySource == gateway.KeyFromAuthorizer {
			key = usageKey
		}
		if err := c.identify(key); err != nil {
			return refusalOf(err)
		}
	}
	if route.Required != nil {
		if err := route.Required.Validate(a); err != nil {
			return refusalOf(err)
		}
	}
	return nil
}

// identify counts the handshake as one made with a key, which events then tell of.
func (c *conn) identify(key string) error {
	keys := c.api.cfg.APIKeys
	if keys == nil {
		return &gateway.Denied{Type: gateway.InvalidAPIKey, Reason: "$connect requires an API key, and the API has none"}
	}
	id, err := keys.Admit(key, c.ConnectedAt)
	if err != nil {
		return err
	}
	known := map[string]string{}
	if c.identity != nil {
		_ = json.Unmarshal(c.identity, &known) // an authorizer wrote it
	}
	known["apiKey"], known["apiKeyId"] = key, id
	c.identity, err = json.Marshal(known)
	return err
}

// arrival is the handshake as an authorizer judges it.
func (c *conn) arrival(r *http.Request) *gateway.Arrival {
	header, traceID := c.handshakeHeader(r)
	a := &gateway.Arrival{
		API: &arrival.API{
			Kind: arrival.WebSocketAPI, ID: c.APIID, Account: c.api.cfg.Account, Domain: c.DomainName, Stage: c.Stage,
			StageVariables: c.variables,
		},
		Method: r.Method, Protocol: "HTTP/1.1", Host: r.Host, SourceIP: c.SourceIP,
		Target: r.RequestURI, Sent: r.Header, Header: header, Path: "/", RawPath: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery,
		Route: arrival.Route{Path: connectRoute}, Body: http.NoBody,
		Time: c.ConnectedAt, RequestID: arrival.NewExtendedID(), TraceID: traceID,
	}
	a.ExtendedID = a.RequestID
	a.Head = func() ([]byte, error) { return c.authorizerEvent(a, r) }
	return a
}

// authorizerEvent is what an authorizer is sent of a handshake. Unlike the function it
// sees the header of the connection.
func (c *conn) authorizerEvent(a *gateway.Arrival, r *http.Request) ([]byte, error) {
	header := a.Header.Clone()
	for _, name := range []string{"Connection", "Upgrade"} {
		header[name] = r.Header[name]
	}
	w := format.NewWriter()
	writeHandshake(w, header)
	if query := r.URL.Query(); len(query) > 0 {
		w.Texts("queryStringParameters", format.Lasts(query))
		w.Lists("multiValueQueryStringParameters", query)
	}
	w.Texts("stageVariables", c.variables)
	w.Object("requestContext")
	request := c.request(Connect, connectRoute)
	request.id, request.time = a.RequestID, a.Time
	request.writeContext(w)
	w.End()
	return w.Finish(0)
}

// refusalOf is the end of a handshake that is not let in: 401, 403, 429 or 400 for what the
// client lacks, as documented, and 500 for an authorizer that does not work. What AWS
// says beside the status is not known.
func refusalOf(err error) *handshakeRefusal {
	refusal := &handshakeRefusal{status: http.StatusInternalServerError, errorType: "InternalServerErrorException", why: err.Error()}
	message := "Internal server error"
	denied, ok := errors.AsType[*gateway.Denied](err)
	if ok {
		switch denied.Type {
		case gateway.Unauthorized:
			refusal.status, refusal.errorType, message = http.StatusUnauthorized, "UnauthorizedException", "Unauthorized"
		case gateway.AccessDenied, gateway.InvalidSignature, gateway.MissingAuthenticationToken, "":
			refusal.status, refusal.errorType, message = http.StatusForbidden, "AccessDeniedException", "Forbidden"
		case gateway.InvalidAPIKey:
			refusal.status, refusal.errorType, message = http.StatusForbidden, "ForbiddenException", "Forbidden"
		case gateway.Throttled:
			refusal.status, refusal.errorType, message = http.StatusTooManyRequests, "TooManyRequestsException", "Too Many Requests"
		case gateway.QuotaExceeded:
			refusal.status, refusal.errorType, message = http.StatusTooManyRequests, "LimitExceededException", "Limit Exceeded"
		case gateway.BadRequestParameters:
			refusal.status, refusal.errorType, message = http.StatusBadRequest, "BadRequestException", denied.Message
		}
	}
	body, _ := json.Marshal(map[string]string{"message": message}) // text never fails
	refusal.body = string(body)
	return refusal
}

// Models are the models of a route for messages: which one a message has to fit, its
// selection expression says.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-request-validation.html
type Models struct {
	_ struct{}

	// All are the models of the API, and ByKey names those of the route by the keys that
	// Selection yields. The one of "$default" is for all other keys.
	All   *gateway.Models
	ByKey map[string]string

	// Selection is the model selection expression: "$request.body.type" for instance, or
	// a key as it stands.
	Selection string
}

// fits says whether a message is what the route's models ask for.
func (r *route) fits(message string) error {
	if r.Models == nil {
		return nil
	}
	body, err := selection.ParseBody(message)
	if err != nil {
		return errors.New("websocket: the message is not JSON, and its route has models")
	}
	key := r.model.Evaluate(selection.Values{RequestBody: body})
	name, ok := r.Models.ByKey[key]
	if !ok {
		if name, ok = r.Models.ByKey[defaultRoute]; !ok {
			return fmt.Errorf("websocket: the message selects the model %.40q, which the route does not have", key)
		}
	}
	err = r.Models.All.Check(name, []byte(message))
	if invalid, ok := errors.AsType[*schema.Invalid](err); ok {
		return fmt.Errorf("websocket: the message is not what the model %s asks for: %s", name, strings.Join(invalid.Places, ", "))
	}
	return err
}

// checkGuards says what is wrong with what stands in a message's way.
func (r *route) checkGuards(fail func(format string, args ...any)) {
	if (r.Authorizer != nil || r.Required != nil) && r.Key != connectRoute {
		fail("only $connect has an Authorizer and Required parameters")
	}
	if r.APIKeyRequired && r.Key != connectRoute {
		fail("only $connect can require an API key")
	}
	if err := r.Throttle.Check(); err != nil {
		fail("%w", err)
	} else if r.Throttle != nil {
		r.bucket = bucket.New(r.Throttle.Rate, r.Throttle.Burst)
	}
	ofConnection := r.Key == connectRoute || r.Key == disconnectRoute
	if r.TwoWay && ofConnection {
		fail("TwoWay is for messages")
	}
	if r.Models == nil {
		return
	}
	if ofConnection {
		fail("Models are for messages")
	}
	var err error
	if r.model, err = selection.Parse(r.Models.Selection, selection.RequestBody); err != nil {
		fail("the model selection expression %w", err)
	}
	for key, name := range r.Models.ByKey {
		if !r.Models.All.Has(name) {
			fail("there is no model %q, which is the one of %q", name, key)
		}
	}
}
