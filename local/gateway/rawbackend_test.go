package gateway_test

import (
	"bufio"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A rawBackend reads requests and writes answers byte by byte, since net/http keeps some
// header fields to itself. It answers with a field of its own by the given name.
type rawBackend struct {
	url    string
	header textproto.MIMEHeader // of the last request
}

func raw(t *testing.T, name string) *rawBackend {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	b := &rawBackend{url: "http://" + listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go b.converse(conn, name)
		}
	}()
	return b
}

// converse serves the requests of a connection. Nobody asks for the header before the answer
// has come.
func (b *rawBackend) converse(conn net.Conn, name string) {
	defer conn.Close()
	from := bufio.NewReader(conn)
	for {
		header, err := readHeader(from)
		if err != nil {
			return
		}
		b.header = header
		own := name + ": backend's\r\n"
		switch {
		case strings.EqualFold(name, "Content-Length"), strings.EqualFold(name, "Transfer-Encoding"), strings.EqualFold(name, "Trailer"):
			own = ""
		case strings.EqualFold(name, "Connection"):
			own = "Connection: keep-alive\r\n"
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%sContent-Length: 4\r\n\r\nback", own)
	}
}

// readHeader reads a request and returns its header.
func readHeader(from *bufio.Reader) (textproto.MIMEHeader, error) {
	lines := textproto.NewReader(from)
	if _, err := lines.ReadLine(); err != nil {
		return nil, err
	}
	header, err := lines.ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	length, _ := strconv.Atoi(header.Get("Content-Length"))
	_, err = from.Discard(length)
	return header, err
}
