package websocket

import "time"

// An EventType says what an Event is about.
type EventType string

// The types. The first three are those of the events that functions see.
const (
	Connect    EventType = "CONNECT"    // a connection opens
	Message    EventType = "MESSAGE"    // a client sent a message
	Disconnect EventType = "DISCONNECT" // a connection has closed
	Sent       EventType = "SENT"       // a client was sent a message
)

// An Event is one thing that happened to a connection, and what became of it. Its slices
// are to be read only.
type Event struct {
	// Type says what happened, and ConnectionID to which connection, whose client has the
	// address SourceIP.
	Type                   EventType
	ConnectionID, SourceIP string

	// Start is when it began, Duration how long it took.
	Start    time.Time
	Duration time.Duration

	// RequestID, Route, Origin and Integration are those of what a connection told: the
	// key of the route, its place in a definition, and the kind of what it leads to.
	// Route is "" if there is none for it.
	RequestID, Route, Origin, Integration string

	// Message is the text that the client sent or was sent.
	Message []byte

	// Event is what the function was invoked with, and Reply what it returned.
	Event, Reply []byte

	// Status is that of the reply, 0 without one. That of a connection that has closed
	// is the code it closed with.
	Status int

	// Err says what went wrong.
	Err error
}

// observe tells Observe of an event that ends now.
func (a *API) observe(e Event) {
	if a.cfg.Observe != nil {
		e.Duration = time.Since(e.Start)
		a.cfg.Observe(e)
	}
}

// observe tells Observe of what happened to the connection and reached no integration.
func (c *conn) observe(e Event) {
	e.ConnectionID, e.SourceIP = c.ID, c.SourceIP
	c.api.observe(e)
}
