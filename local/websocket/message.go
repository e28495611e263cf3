package websocket

import (
	"errors"
	"fmt"

	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// receive runs the route that message selects.
func (c *conn) receive(message string) {
	selected, ok := c.api.selectRoute(message)
	r := &c.told
	*r = c.request(Message, selected)
	defer func() { *r = request{} }() // a connection that falls silent keeps no message
	r.message = message
	if !ok {
		r.route = ""
		c.refuse(r, fmt.Errorf("websocket: the message selects %q by %s, which is no route", selected, c.api.cfg.RouteSelectionExpression), c.errorFrame("Forbidden", r.id))
		return
	}
	route := c.api.routes.byKey[selected]
	if !route.bucket.Take(r.time) {
		c.refuse(r, errThrottled, c.errorFrame("Too Many Requests", r.id))
		return
	}
	if err := route.fits(message); err != nil {
		c.refuse(r, err, c.badBody(r.messageID))
		return
	}
	var answer *reply
	err := integration.ErrExited
	defer func() { c.settle(r, answer, err) }() // even if the function ends the goroutine
	answer, err = c.api.tell(r)
}

// settle passes on what a message brought about.
func (c *conn) settle(r *request, answer *reply, err error) {
	route := c.api.routes.byKey[r.route]
	switch twoWay := c.api.cfg.TwoWay || route.TwoWay; {
	case err == nil && twoWay && len(answer.Body) > 0:
		c.pass(outgoing{message: answer.Body, binary: answer.Binary})
	case err == nil:
	case isMalformed(err) && twoWay:
		c.log().Error("the function's reply is not one of a proxy integration", "route", r.route, "error", err)
		c.answer(c.errorFrame("Internal server error", r.id))
	case isMalformed(err):
		c.log().Warn("the function's reply is not one of a proxy integration", "route", r.route, "error", err)
	default:
		c.log().Error("function failed", "route", r.route, "error", err)
		c.answer(c.errorFrame(failureText(err), r.id))
	}
}

// failureText is what a sender is told of an integration that has failed.
func failureText(err error) string {
	if failed, ok := errors.AsType[*integration.Error](err); ok && failed.Kind == integration.TimedOut {
		return "Endpoint request timed out"
	}
	return "Internal server error"
}

// errThrottled is why a message is refused that its route's Throttle has no room for.
var errThrottled = errors.New("websocket: more messages come than the Throttle of their route allows")

// refuse answers a message that does not get to an integration, and tells why.
func (c *conn) refuse(r *request, why error, answer []byte) {
	c.log().Warn("message refused", "route", r.route, "reason", why)
	c.observe(Event{Type: Message, Start: r.time, RequestID: r.id, Route: r.route, Message: []byte(r.message), Err: why})
	c.answer(answer)
}

// errorFrame is what API Gateway sends when it cannot do what a message asks, to
// the byte.
func (c *conn) errorFrame(message, requestID string) []byte {
	return fmt.Appendf(nil, `{"message": %q, "connectionId":%q, "requestId":%q}`, message, c.ID, requestID)
}

// badBody is what the sender of a message hears that does not fit, as documented: unlike
// other errors it names the message.
func (c *conn) badBody(messageID string) []byte {
	return fmt.Appendf(nil, `{"message": "Bad request body", "connectionId": %q, "messageId": %q}`, c.ID, messageID)
}

// answer sends a text that a message brought about.
func (c *conn) answer(text []byte) { c.pass(outgoing{message: text}) }

// pass sends what a message brought about. A client that does not read its
// answers is not listened to either.
func (c *conn) pass(o outgoing) {
	if !o.binary {
		o.message = c.text(o.message)
	}
	err := c.reachable()
	if len(o.message) > maxMessage {
		err = errMessageSize
	}
	if err != nil {
		c.log().Warn("answer not sent", "error", err)
		return
	}
	c.out.do(o)
}
