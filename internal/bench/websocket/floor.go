package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/lambridge-go/lambridge/internal/bench/broker"
)

// serveFloor makes an event of each message and sends the body of the reply back,
// until the process is killed. Connections are none of the function's business.
func serveFloor(out io.Writer, instances int, function string) error {
	b, err := broker.Start(instances, function)
	if err != nil {
		return err
	}
	return serveMessages(out, func() func(message []byte) []byte {
		connection := broker.NewID()
		return func(message []byte) []byte {
			id := broker.NewID()
			event, _ := json.Marshal(map[string]any{
				"body": string(message), "isBase64Encoded": false,
				"requestContext": map[string]any{
					"routeKey": "$default", "eventType": "MESSAGE", "connectionId": connection, "messageId": id, "requestId": id,
					"apiId": "api", "domainName": "127.0.0.1", "stage": "local", "connectedAt": time.Now().UnixMilli(),
					"requestTimeEpoch": time.Now().UnixMilli(), "identity": map[string]any{"sourceIp": "127.0.0.1"},
				},
			})
			var reply struct {
				Body string `json:"body"`
			}
			json.Unmarshal(b.Invoke(id, event), &reply)
			return []byte(reply.Body)
		}
	})
}

// serveLibrary sends each message back as it came, until the process is killed.
func serveLibrary(out io.Writer) error {
	return serveMessages(out, func() func(message []byte) []byte {
		return func(message []byte) []byte { return message }
	})
}

// serveMessages answers the messages of each connection with what open returns for it.
func serveMessages(out io.Writer, open func() (answer func(message []byte) []byte)) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "ws://%s/\n", listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for answer := open(); ; {
			_, message, err := c.Read(context.Background())
			if err != nil || c.Write(context.Background(), websocket.MessageText, answer(message)) != nil {
				return
			}
		}
	}))
}
