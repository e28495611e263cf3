// Package broker is the floor: the least that can stand between a client and a
// function. It hands an event to whichever process of the function asks next, and
// the reply back. It knows no errors, timeouts or limits.
package broker

import (
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"
)

// A Broker runs processes of one function.
type Broker struct {
	events chan *pending

	mu   sync.Mutex
	open map[string]*pending // what a process has taken and not answered, by id
}

type pending struct {
	id    string
	event []byte
	reply chan []byte
}

// Start starts as many processes of a function as instances says. They live until the
// group of this process is killed.
func Start(instances int, function string) (*Broker, error) {
	b := &Broker{events: make(chan *pending), open: make(map[string]*pending)}
	runtime, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	for range instances {
		cmd := exec.Command(function)
		cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+runtime.Addr().String())
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		go cmd.Wait()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", b.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", b.response)
	go http.Serve(runtime, mux)
	return b, nil
}

// NewID returns an id for an invocation.
func NewID() string { return rand.Text() }

// Invoke returns what the function makes of an event.
func (b *Broker) Invoke(id string, event []byte) []byte {
	p := &pending{id: id, event: event, reply: make(chan []byte, 1)}
	b.events <- p
	return <-p.reply
}

func (b *Broker) next(w http.ResponseWriter, r *http.Request) {
	select {
	case p := <-b.events:
		b.mu.Lock()
		b.open[p.id] = p
		b.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", p.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:floor")
		w.Header().Set("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793")
		w.Write(p.event)
	case <-r.Context().Done():
	}
}

func (b *Broker) response(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	p := b.open[r.PathValue("id")]
	delete(b.open, p.id)
	b.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	p.reply <- body
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, "{\"status\":\"OK\"}\n")
}
