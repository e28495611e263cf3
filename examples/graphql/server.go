package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/graph-gophers/graphql-go"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
)

// subprotocol is what clients ask for.
//
// https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
const subprotocol = "graphql-transport-ws"

// A server speaks graphql-transport-ws over a WebSocket API.
type server struct {
	schema  *graphql.Schema
	store   store
	clients *connections.Client
}

func newServer(s store, clients *connections.Client) *server {
	made := &server{store: s, clients: clients}
	made.schema = newSchema(&resolver{publish: made.publish})
	return made
}

// A message is one of the protocol.
type message struct {
	Type    string          `json:"type"`
	ID      string          `json:"id,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// An operation is the payload of a subscribe message.
type operation struct {
	Query     string         `json:"query"`
	Name      string         `json:"operationName"`
	Variables map[string]any `json:"variables"`
}

// ServeHTTP answers one event of the WebSocket API.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, ok := adapter.WebSocketFrom(r.Context())
	if !ok {
		http.NotFound(w, r)
		return
	}
	var err error
	switch ws.EventType {
	case "CONNECT":
		// API Gateway answers with the subprotocol that the function chooses, and with none
		// by itself: browsers would end the connection.
		if !offers(r, subprotocol) {
			http.Error(w, "want "+subprotocol, http.StatusBadRequest)
			return
		}
		w.Header().Set("Sec-WebSocket-Protocol", subprotocol)
	case "MESSAGE":
		err = s.obey(r, ws.ConnectionID)
	case "DISCONNECT":
		err = s.store.close(ws.ConnectionID)
	}
	if err != nil {
		slog.Error("graphql", "event", ws.EventType, "connection", ws.ConnectionID, "error", err)
		http.Error(w, "", http.StatusInternalServerError)
	}
}

func offers(r *http.Request, subprotocol string) bool {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(offered) == subprotocol {
				return true
			}
		}
	}
	return false
}

// obey does what a message asks. Where the protocol wants the connection to be closed with a
// code of its own, this closes it as @connections does, with API Gateway's.
func (s *server) obey(r *http.Request, connection string) error {
	var m message
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		return s.hangUp(r.Context(), connection)
	}
	switch m.Type {
	case "connection_init":
		// A token in the payload would be checked here: browsers cannot send headers.
		if err := s.store.open(connection); err != nil {
			return s.refuse(r.Context(), connection, err)
		}
		return s.send(r.Context(), connection, message{Type: "connection_ack"})
	case "ping":
		return s.send(r.Context(), connection, message{Type: "pong"})
	case "pong":
		return nil
	case "subscribe":
		return s.subscribe(r.Context(), connection, m)
	case "complete":
		return s.store.remove(connection, m.ID)
	}
	return s.hangUp(r.Context(), connection)
}

// subscribe executes a query or a mutation, and keeps a subscription.
func (s *server) subscribe(ctx context.Context, connection string, m message) error {
	var o operation
	if err := json.Unmarshal(m.Payload, &o); err != nil || m.ID == "" {
		return s.hangUp(ctx, connection)
	}
	if err := s.store.check(connection); err != nil {
		return s.refuse(ctx, connection, err)
	}
	results, err := s.execute(ctx, o)
	switch {
	case err != nil:
		return err
	case len(results) == 0: // a subscription, which waits for events
		return s.refuse(ctx, connection, s.store.add(connection, subscription{m.ID, o}))
	case results[0].Data == nil:
		return s.result(ctx, connection, "error", m.ID, results[0].Errors)
	}
	if err := s.result(ctx, connection, "next", m.ID, results[0]); err != nil {
		return err
	}
	return s.send(ctx, connection, message{Type: "complete", ID: m.ID})
}

// publish tells the subscriptions of a message, those that want it. With thousands of them
// this belongs into invocations of its own, page by page.
func (s *server) publish(ctx context.Context, m Message) error {
	all, err := s.store.all()
	if err != nil {
		return err
	}
	ctx = context.WithValue(ctx, eventKey{}, m)
	for connection, subscriptions := range all {
		for _, sub := range subscriptions {
			results, err := s.execute(ctx, sub.Operation)
			for _, result := range results {
				err = errors.Join(err, s.result(ctx, connection, "next", sub.ID, result))
			}
			if err != nil { // one subscription's: the others go on
				slog.Error("graphql", "connection", connection, "subscription", sub.ID, "error", err)
			}
		}
	}
	return nil
}

// execute returns what an operation gives: a subscription one result for the event in the
// context, or none.
func (s *server) execute(ctx context.Context, o operation) (results []*graphql.Response, err error) {
	responses, err := s.schema.Subscribe(ctx, o.Query, o.Name, o.Variables)
	if err != nil {
		return nil, fmt.Errorf("graphql: execute: %w", err)
	}
	for response := range responses {
		results = append(results, response.(*graphql.Response))
	}
	return results, nil
}

func (s *server) result(ctx context.Context, connection, kind, id string, payload any) error {
	b, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	return s.send(ctx, connection, message{Type: kind, ID: id, Payload: b})
}

// send tells a connection something. One that is gone is forgotten: its $disconnect may
// never come.
func (s *server) send(ctx context.Context, connection string, m message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := s.clients.Send(ctx, connection, b); errors.Is(err, connections.ErrGone) {
		return s.store.close(connection)
	} else if err != nil {
		return err
	}
	return nil
}

// refuse ends a connection that breaks the protocol, and reports any other error.
func (s *server) refuse(ctx context.Context, connection string, err error) error {
	if slices.ContainsFunc([]error{errTwice, errNotOpen, errTooMany}, func(broken error) bool { return errors.Is(err, broken) }) {
		return s.hangUp(ctx, connection)
	}
	return err
}

func (s *server) hangUp(ctx context.Context, connection string) error {
	if err := s.clients.Close(ctx, connection); err != nil && !errors.Is(err, connections.ErrGone) {
		return err
	}
	return nil
}
