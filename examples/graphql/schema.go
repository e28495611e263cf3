package main

import (
	"context"

	"github.com/graph-gophers/graphql-go"
)

const schema = `
type Query { rooms: [String!]! }
type Mutation { say(room: String!, text: String!): Message! }
type Subscription { said(room: String!): Message! }
type Message { room: String!, text: String! }
`

// A Message is what was said in a room.
type Message struct{ Room, Text string }

// A resolver is the application. It knows nothing of connections.
type resolver struct {
	// publish tells all subscriptions of a message.
	publish func(context.Context, Message) error
}

func newSchema(r *resolver) *graphql.Schema {
	return graphql.MustParseSchema(schema, r, graphql.UseFieldResolvers(), graphql.MaxDepth(10), graphql.MaxQueryLength(10_000))
}

func (*resolver) Rooms() []string { return []string{"tea", "coffee"} }

func (r *resolver) Say(ctx context.Context, m Message) (Message, error) {
	return m, r.publish(ctx, m)
}

// Said gives the event that the subscription is executed for, if it is one of its room, and
// then ends. Without an event the subscription is only looked at.
func (*resolver) Said(ctx context.Context, args struct{ Room string }) <-chan *Message {
	c := make(chan *Message, 1)
	if m, ok := ctx.Value(eventKey{}).(Message); ok && m.Room == args.Room {
		c <- &m
	}
	close(c)
	return c
}

// eventKey is that of the event in a context.
type eventKey struct{}
