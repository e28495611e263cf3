package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/internal/source"
)

// Source names the front door that a request came through.
type Source = source.Source

// The front doors.
const (
	REST         = source.REST        // API Gateway REST API
	HTTPv1       = source.HTTPv1      // API Gateway HTTP API, payload format 1.0
	HTTPv2       = source.HTTPv2      // API Gateway HTTP API, payload format 2.0
	FunctionURL  = source.FunctionURL // Lambda function URL
	ALB          = source.ALB         // Application Load Balancer, single-value headers
	ALBMulti     = source.ALBMulti    // Application Load Balancer, multi-value headers
	LatticeV1    = source.LatticeV1   // VPC Lattice, event version 1.0
	LatticeV2    = source.LatticeV2   // VPC Lattice, event version 2.0
	WebSocketAPI = source.WebSocket   // API Gateway WebSocket API
)

// SourceOf returns the front door of the request that ctx belongs to, and whether
// ctx belongs to one at all. The answer comes from the event: no client can forge
// it.
func SourceOf(ctx context.Context) (Source, bool) {
	inv, ok := ctx.Value(invocationKey{}).(*invocation)
	if !ok {
		return "", false
	}
	return inv.event.Source(), true
}

// WebSocket is what a WebSocket API says of one event of a connection.
type WebSocket = event.Connection

// WebSocketFrom returns what the event of a WebSocket API says of its connection,
// and whether the request came through a WebSocket API at all.
//
// Such events become requests: a new connection is GET /$connect with the client's
// header and query, a message POST /{routeKey} with the message as its body, the
// end of a connection DELETE /$disconnect. The status that answers $connect decides
// the handshake; Sec-WebSocket-Protocol in its header selects the subprotocol. The
// body that answers a message goes to the client if the route has a response.
//
// A function that serves HTTP clients as well must ask here, not the path: any
// client can send GET /$connect.
func WebSocketFrom(ctx context.Context) (WebSocket, bool) {
	inv, ok := ctx.Value(invocationKey{}).(*invocation)
	if !ok || inv.event.Connection == nil {
		return WebSocket{}, false
	}
	return *inv.event.Connection, true
}

// Event decodes the original event into a T, such as
// events.APIGatewayV2HTTPRequest of aws-lambda-go or a struct with just the
// members one needs:
//
//	e, err := adapter.Event[events.APIGatewayV2HTTPRequest](r.Context())
//
// It costs nothing until it is called. An error means that ctx is not that of a
// request, that the handler has already returned, or that the event does not fit T: it is
// malformed, or T is aws-lambda-go's type for the events of another front door, which
// would be filled in part.
func Event[T any](ctx context.Context) (T, error) {
	var v T
	if inv, ok := ctx.Value(invocationKey{}).(*invocation); ok {
		if err := misfit(reflect.TypeFor[T](), inv.event.Source()); err != nil {
			return v, err
		}
	}
	err := withEvent(ctx, func(payload []byte) error {
		if err := json.Unmarshal(payload, &v); err != nil {
			return fmt.Errorf("adapter: decoding the event as %T: %w", v, err)
		}
		return nil
	})
	return v, err
}

// eventTypes are aws-lambda-go's types for the events of front doors. A function URL's
// event is one of payload format 2.0, and may be read as either.
var eventTypes = map[string][]Source{
	"APIGatewayProxyRequest":          {REST, HTTPv1},
	"APIGatewayV2HTTPRequest":         {HTTPv2, FunctionURL},
	"LambdaFunctionURLRequest":        {FunctionURL},
	"ALBTargetGroupRequest":           {ALB, ALBMulti},
	"APIGatewayWebsocketProxyRequest": {WebSocketAPI},
}

// misfit tells why an event of that front door is not to be read as t: because t is of
// another one's, or embeds a type that is. It is nil for types of any other origin.
func misfit(t reflect.Type, source Source) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	types := []reflect.Type{t}
	if t.Kind() == reflect.Struct {
		for f := range t.Fields() {
			if f.Anonymous {
				types = append(types, f.Type)
			}
		}
	}
	for _, t := range types {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if strings.HasSuffix(t.PkgPath(), "aws-lambda-go/events") && !slices.Contains(eventTypes[t.Name()], source) {
			return fmt.Errorf("adapter: the event came through %q and is no %v: ask SourceOf first", source, t)
		}
	}
	return nil
}

// RawEvent returns a copy of the original event, and whether there is one: ctx must
// be that of a request whose handler has not returned yet.
func RawEvent(ctx context.Context) (json.RawMessage, bool) {
	var raw json.RawMessage
	err := withEvent(ctx, func(payload []byte) error {
		raw = append(raw, payload...)
		return nil
	})
	return raw, err == nil
}

func withEvent(ctx context.Context, use func(payload []byte) error) error {
	inv, ok := ctx.Value(invocationKey{}).(*invocation)
	if !ok {
		return errors.New("adapter: no event: the context is not that of a request from Lambda")
	}
	inv.payloadMu.Lock()
	defer inv.payloadMu.Unlock()
	if inv.payload == nil {
		return errors.New("adapter: no event: the invocation is over, ask before the handler returns")
	}
	return use(inv.payload)
}
