package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
)

// A chat answers the events of the WebSocket API, and those of the queue of its fanout.
type chat struct {
	rooms    store
	clients  *connections.Client
	fanout   *fanout // nil tells rooms of any size in one invocation
	pageSize int     // of the largest room that is told in one
	now      func() time.Time
}

func newChat(rooms store, clients *connections.Client, fanout *fanout) *chat {
	return &chat{rooms: rooms, clients: clients, fanout: fanout, pageSize: pageSize, now: time.Now}
}

const (
	maxName    = 32   // characters
	maxText    = 2000 // characters
	maxKey     = 64   // bytes
	maxHistory = 50   // messages that a newcomer sees
	maxListed  = 500  // members that a newcomer sees
)

var roomName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// A command is what the page sends.
type command struct {
	Action string `json:"action"` // "join", "say" or "ping"
	Room   string `json:"room"`   // of join
	Name   string `json:"name"`   // of join
	Text   string `json:"text"`   // of say
	Key    string `json:"key"`    // of say: the page's own, by which it knows its message again
}

// An update is what the page is sent.
type update struct {
	Type    string    `json:"type"`              // "welcome", "joined", "left", "message", "unknown" or "error"
	Room    string    `json:"room,omitempty"`    // of welcome
	Member  *member   `json:"member,omitempty"`  // of welcome: the client; of joined and left: who
	Members []member  `json:"members,omitempty"` // of welcome
	History []message `json:"history,omitempty"` // of welcome, oldest first
	Message *message  `json:"message,omitempty"` // of message
	Error   string    `json:"error,omitempty"`   // of error
}

// ServeHTTP answers one event. A message has no answer of its own: what there is to
// say goes through @connections, to the one who asked and to the others.
func (c *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, ok := adapter.WebSocketFrom(r.Context())
	if !ok {
		http.NotFound(w, r)
		return
	}
	var err error
	switch ws.EventType {
	case "CONNECT":
		// Nothing can be sent yet; the client introduces itself with its first message.
	case "MESSAGE":
		err = c.obey(r, ws.ConnectionID)
	case "DISCONNECT":
		err = c.leave(r.Context(), ws.ConnectionID)
	}
	if err != nil {
		slog.Error("chat", "event", ws.EventType, "connection", ws.ConnectionID, "error", err)
		http.Error(w, "", http.StatusInternalServerError)
	}
}

// obey does what the page asks.
func (c *chat) obey(r *http.Request, id string) error {
	var cmd command
	if err := json.NewDecoder(r.Body).Decode(&cmd); err != nil {
		return c.refuse(r.Context(), id, "want JSON")
	}
	switch cmd.Action {
	case "join":
		return c.join(r.Context(), id, cmd)
	case "say":
		return c.say(r.Context(), id, cmd)
	case "ping": // keeps the connection from being idle for ten minutes
		_, err := c.author(r.Context(), id)
		return err
	default:
		return c.refuse(r.Context(), id, fmt.Sprintf("no action %q: want join, say or ping", cmd.Action))
	}
}

func (c *chat) join(ctx context.Context, id string, cmd command) error {
	name := strings.TrimSpace(cmd.Name)
	switch {
	case !roomName.MatchString(cmd.Room):
		return c.refuse(ctx, id, "a room is named with 1 to 32 small letters, digits and -")
	case name == "" || utf8.RuneCountInString(name) > maxName:
		return c.refuse(ctx, id, fmt.Sprintf("a name has 1 to %d characters", maxName))
	}
	if err := c.leave(ctx, id); err != nil { // one room at a time
		return err
	}
	m := member{ID: id, Room: cmd.Room, Name: name}
	if err := c.rooms.join(ctx, m); err != nil {
		return err
	}
	members, err := c.rooms.members(ctx, m.Room)
	if err != nil {
		return err
	}
	history, err := c.rooms.history(ctx, m.Room, maxHistory)
	if err != nil {
		return err
	}
	if err := c.tell(ctx, id, fit(update{Type: "welcome", Room: m.Room, Member: &m, Members: members[:min(len(members), maxListed)], History: history})); err != nil {
		return err
	}
	return c.tellAll(ctx, without(members, id), update{Type: "joined", Member: &m})
}

// fit drops the oldest history until the update fits into one message.
func fit(u update) update {
	for len(u.History) > 0 {
		if b, err := json.Marshal(u); err != nil || len(b) <= connections.MaxMessage {
			break
		}
		u.History = u.History[1:]
	}
	return u
}

func (c *chat) say(ctx context.Context, id string, cmd command) error {
	text := strings.TrimSpace(cmd.Text)
	switch {
	case text == "" || utf8.RuneCountInString(text) > maxText:
		return c.refuse(ctx, id, fmt.Sprintf("a message has 1 to %d characters", maxText))
	case len(cmd.Key) > maxKey:
		return c.refuse(ctx, id, fmt.Sprintf("a key has at most %d bytes", maxKey))
	}
	m, err := c.author(ctx, id)
	if m == nil {
		return err
	}
	said := message{ID: newMessageID(c.now()), Key: cmd.Key, From: m.Name, Text: text, At: c.now().UnixMilli()}
	if err := c.rooms.say(ctx, m.Room, said); err != nil {
		return err
	}
	members, err := c.rooms.members(ctx, m.Room)
	if err != nil {
		return err
	}
	return c.tellAll(ctx, members, update{Type: "message", Message: &said})
}

// author returns the member behind id, or nil if the store does not know the connection
// (any more). The client is then asked to join again.
func (c *chat) author(ctx context.Context, id string) (*member, error) {
	m, err := c.rooms.find(ctx, id)
	if err != nil || m != nil {
		return m, err
	}
	return nil, c.tell(ctx, id, update{Type: "unknown"})
}

// leave removes a connection from its room, if it is in one, and tells the others.
func (c *chat) leave(ctx context.Context, id string) error {
	m, err := c.rooms.find(ctx, id)
	if err != nil || m == nil {
		return err
	}
	return c.forget(ctx, *m)
}

func (c *chat) forget(ctx context.Context, m member) error {
	was, err := c.rooms.forget(ctx, m)
	if err != nil || !was { // another instance was faster, and tells
		return err
	}
	members, err := c.rooms.members(ctx, m.Room)
	if err != nil {
		return err
	}
	return c.tellAll(ctx, members, update{Type: "left", Member: &m})
}

func (c *chat) refuse(ctx context.Context, id, why string) error {
	return c.tell(ctx, id, update{Type: "error", Error: why})
}

// tell sends u to one connection. That it is gone is no failure: $disconnect says so
// as well.
func (c *chat) tell(ctx context.Context, id string, u update) error {
	b, err := json.Marshal(u)
	if err != nil {
		return err
	}
	if err := c.clients.Send(ctx, id, b); err != nil && !errors.Is(err, connections.ErrGone) {
		return err
	}
	return nil
}

// tellAll sends u to every one of members, in this invocation or, if they are many, in
// those that the queue brings about. Those who turn out to be gone leave the room, since
// their $disconnect may never come.
func (c *chat) tellAll(ctx context.Context, members []member, u update) error {
	b, err := json.Marshal(u)
	if err != nil {
		return err
	}
	byID := make(map[string]member, len(members))
	for _, m := range members {
		byID[m.ID] = m
	}
	if c.fanout != nil && len(byID) > c.pageSize {
		return c.spreadAll(ctx, slices.Sorted(maps.Keys(byID)), b)
	}
	result, err := c.clients.Broadcast(ctx, maps.Keys(byID), b)
	for _, id := range result.Gone {
		err = errors.Join(err, c.forget(ctx, byID[id]))
	}
	return err
}

func without(members []member, id string) []member {
	return slices.DeleteFunc(slices.Clone(members), func(m member) bool { return m.ID == id })
}
