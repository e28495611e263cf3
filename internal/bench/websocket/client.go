package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// A client is one connection to a server, with no more to it than the measurements need. What
// it takes of the processor is missing to the server that it measures, and a library's client
// takes several times as much.
//
// https://datatracker.ietf.org/doc/html/rfc6455
type client struct {
	network net.Conn
	in      *bufio.Reader
	frames  []byte // those sent last; their memory serves the next
}

// patience is how long a handshake may take, and a message more than it is meant to.
const patience = 30 * time.Second

// dial opens a connection to a ws:// address.
func dial(address string) (*client, error) {
	to, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	network, err := net.DialTimeout("tcp", to.Host, patience)
	if err != nil {
		return nil, err
	}
	c := &client{network: network, in: bufio.NewReaderSize(network, 512)}
	if err := c.shakeHands(to); err != nil {
		network.Close()
		return nil, err
	}
	return c, nil
}

func (c *client) shakeHands(to *url.URL) error {
	if err := c.network.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	const request = "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	if _, err := fmt.Fprintf(c.network, request, to.Path, to.Host); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("the handshake was answered with %s", response.Status)
	}
	return c.network.SetDeadline(time.Time{})
}

// maxShort is how many bytes a frame may carry whose length fits into its second byte.
const maxShort = 125

// echo sends texts of up to maxShort bytes at once and reads them back.
func (c *client) echo(messages [][]byte) error {
	c.frames = c.frames[:0]
	for _, message := range messages {
		c.frames = appendFrame(c.frames, message)
	}
	if _, err := c.network.Write(c.frames); err != nil {
		return err
	}
	for _, message := range messages {
		if err := c.expect(message); err != nil {
			return err
		}
	}
	return nil
}

const finalText, masked = 0x81, 0x80

func appendFrame(to, message []byte) []byte {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d} // a server has the same to do for any
	to = append(append(to, finalText, masked|byte(len(message))), key[:]...)
	for n, b := range message {
		to = append(to, b^key[n%len(key)])
	}
	return to
}

// expect reads a text.
func (c *client) expect(message []byte) error {
	header, err := c.in.Peek(2)
	if err != nil {
		return err
	}
	if header[0] != finalText || header[1] > maxShort {
		return fmt.Errorf("got a frame that begins with % x", header)
	}
	frame, err := c.in.Peek(len(header) + int(header[1]))
	if err != nil {
		return err
	}
	if got := frame[len(header):]; !bytes.Equal(got, message) {
		return fmt.Errorf("sent %q, got %q", message, got)
	}
	_, err = c.in.Discard(len(frame))
	return err
}

func (c *client) close() { c.network.Close() }
