package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// A store keeps who is in which room and what was said. Lambda runs as many
// instances of a function as there are events at the same time, and any of them may
// answer any event, so a store must be one that all instances share. It is safe for
// concurrent use.
type store interface {
	// join puts m into its room. If the connection was in another, it has left that.
	join(ctx context.Context, m member) error
	// find returns the member with a connection's id, or nil.
	find(ctx context.Context, id string) (*member, error)
	// forget takes m out of its room. When several instances try, only one of them is
	// told that m was there.
	forget(ctx context.Context, m member) (was bool, err error)
	// members returns who is in a room, in the order of their ids.
	members(ctx context.Context, room string) ([]member, error)
	// say adds what was said to a room.
	say(ctx context.Context, room string, m message) error
	// history returns the last n messages of a room, oldest first.
	history(ctx context.Context, room string, n int) ([]message, error)
}

// A member is a connection in a room.
type member struct {
	ID   string `json:"id"`
	Room string `json:"-"`
	Name string `json:"name"`
}

// A message is what someone said.
type message struct {
	ID   string `json:"id"` // in the order of time
	Key  string `json:"key,omitempty"`
	From string `json:"from"`
	Text string `json:"text"`
	At   int64  `json:"at"` // Unix time in ms
}

const (
	// memberLife is a little longer than API Gateway lets a connection live.
	memberLife = 2*time.Hour + 10*time.Minute
	// messageLife is how long a message is kept.
	messageLife = 7 * 24 * time.Hour
)

// newMessageID returns an id that sorts by time; its random end keeps two messages
// of one millisecond apart.
func newMessageID(now time.Time) string {
	return fmt.Sprintf("%013d-%s", now.UnixMilli(), rand.Text()[:8])
}
