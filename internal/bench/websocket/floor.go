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

// messageEvent is the event of a message, as API Gateway has it.
const messageEvent = `{"requestContext":{"routeKey":"$default","messageId":"%[1]s","eventType":"MESSAGE","extendedRequestId":"%[1]s",` +
	`"requestTime":"%[2]s","messageDirection":"IN","stage":"local","connectedAt":%[3]d,"requestTimeEpoch":%[4]d,` +
	`"identity":{"sourceIp":"127.0.0.1"},"requestId":"%[1]s","domainName":"127.0.0.1:3000","connectionId":"%[5]s","apiId":"abcdefghij"},` +
	`"body":"%[6]s","isBase64Encoded":false}`

// serveFloor makes an event of each message, which has nothing to escape, and sends the body
// of the reply back, until the process is killed. Connections are none of the function's
// business.
func serveFloor(out io.Writer, instances int, function string) error {
	b, err := broker.Start(instances, function)
	if err != nil {
		return err
	}
	const idLength = 16
	return serveMessages(out, func() func(message []byte) []byte {
		connection, connectedAt := broker.NewID()[:idLength], time.Now().UnixMilli()
		return func(message []byte) []byte {
			id, now := broker.NewID(), time.Now().UTC()
			event := fmt.Appendf(nil, messageEvent, id[:idLength], now.Format("02/Jan/2006:15:04:05 -0700"), connectedAt, now.UnixMilli(), connection, message)
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
