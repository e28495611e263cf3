package inspector

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"github.com/lambridge-go/lambridge/local/websocket"
)

const (
	maxTalks       = 50  // of connections that have closed
	maxWords       = 200 // of a conversation; of a longer one the last
	maxWordMessage = 16 << 10
)

// A talk is the conversation of a WebSocket connection. The store's mutex guards it.
type talk struct {
	id, api  string
	sourceIP string
	via      func() (http.Handler, string)
	opened   time.Time
	last     time.Time
	closed   bool
	received int64 // bytes from the client
	sent     int64 // bytes to it
	count    int   // messages, both ways
	words    []word
	version  int
}

// A word is one event of a conversation.
type word struct {
	event       websocket.Event
	message     body
	data, reply body     // the function's event and reply
	invocation  *witness // nil without one
}

// talked keeps an event of a WebSocket connection.
func (s *store) talked(api string, via func() (http.Handler, string), e websocket.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.talks[e.ConnectionID]
	if t == nil {
		t = &talk{id: e.ConnectionID, api: api, via: via, sourceIP: e.SourceIP, opened: e.Start}
		s.talks[e.ConnectionID] = t
	}
	w := word{event: e, message: cut(e.Message), data: keep(e.Event, 0), reply: keep(e.Reply, 0)}
	if len(e.Event) > 0 {
		w.invocation = s.untold[&e.Event[0]]
		delete(s.untold, &e.Event[0])
	}
	w.event.Message, w.event.Event, w.event.Reply = nil, nil, nil
	t.words = append(t.words, w)
	if len(t.words) > maxWords {
		t.words = slices.Delete(t.words, 0, 1)
	}
	t.last = e.Start.Add(e.Duration)
	switch e.Type {
	case websocket.Message:
		t.received += int64(len(e.Message))
		t.count++
	case websocket.Sent:
		t.sent += int64(len(e.Message))
		t.count++
	case websocket.Connect:
		if e.Err != nil || e.Status >= 300 {
			s.end(t)
		}
	case websocket.Disconnect:
		s.end(t)
	}
	s.changed(nil)
	t.version = s.version
}

// end notes that the connection is closed. The caller holds s.mu.
func (s *store) end(t *talk) {
	if t.closed {
		return
	}
	t.closed = true
	s.closedTalks = append(s.closedTalks, t.id)
	if len(s.closedTalks) > maxTalks {
		delete(s.talks, s.closedTalks[0])
		s.closedTalks = s.closedTalks[1:]
	}
}

// cut keeps a message, or its head.
func cut(message []byte) body {
	return body{data: bytes.Clone(message[:min(len(message), maxWordMessage)]), size: int64(len(message))}
}
