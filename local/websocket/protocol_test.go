package websocket_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/websocket"
)

// The first bytes of frames (RFC 6455, section 5.2).
const (
	continuation = 0x0
	textFrame    = 0x1
	closeFrame   = fin | 0x8
	pingFrame    = fin | 0x9
	pongFrame    = fin | 0xA
)

// closing is the payload of a close frame.
func closing(code uint16, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, code)) + reason
}

// TestProtocol holds what RFC 6455 says of frames, case by case as conformance suites have
// them, but for the limits that are API Gateway's own.
func TestProtocol(t *testing.T) {
	type frame struct {
		first   byte
		payload string
	}
	type row struct {
		name  string
		sent  []frame
		heard []frame // in order, all of them
	}
	text := func(s string) frame { return frame{fin | textFrame, s} }
	closed := func(code uint16) frame { return frame{closeFrame, closing(code, "")} }
	long := strings.Repeat("x", 125)
	rows := []row{
		{"a text", []frame{text("hello")}, []frame{text("hello")}},
		{"a text of 125 bytes, the longest of a short header", []frame{text(long)}, []frame{text(long)}},
		{"a text of 126 bytes", []frame{text(long + "x")}, []frame{text(long + "x")}},
		{"a ping is answered with its payload", []frame{{pingFrame, "a\x00\xff"}}, []frame{{pongFrame, "a\x00\xff"}}},
		{"a ping of nothing", []frame{{pingFrame, ""}}, []frame{{pongFrame, ""}}},
		{"a ping of 125 bytes, the longest", []frame{{pingFrame, long}}, []frame{{pongFrame, long}}},
		{"a ping of 126 bytes (5.5)", []frame{{pingFrame, long + "x"}}, []frame{closed(1002)}},
		{"pings are answered in order", []frame{{pingFrame, "1"}, {pingFrame, "2"}, {pingFrame, "3"}}, []frame{{pongFrame, "1"}, {pongFrame, "2"}, {pongFrame, "3"}}},
		{"a pong that nobody asked for", []frame{{pongFrame, "x"}, text("y")}, []frame{text("y")}},
		{"a ping in fragments (5.5)", []frame{{0x9, "a"}, {fin | continuation, "b"}}, []frame{closed(1002)}},
		{"a close in fragments (5.5)", []frame{{0x8, closing(1000, "")}}, []frame{closed(1002)}},
		{"a text in fragments", []frame{{textFrame, "a"}, {continuation, "b"}, {fin | continuation, "c"}}, []frame{text("abc")}},
		{"fragments of nothing", []frame{{textFrame, ""}, {continuation, ""}, {fin | continuation, "c"}}, []frame{text("c")}},
		{"a ping between fragments is answered at once", []frame{{textFrame, "a"}, {pingFrame, "p"}, {fin | continuation, "b"}}, []frame{{pongFrame, "p"}, text("ab")}},
		{"a close between fragments", []frame{{textFrame, "a"}, {closeFrame, closing(1000, "")}}, []frame{closed(1000)}},
		{"a continuation of nothing (5.4)", []frame{{fin | continuation, "x"}}, []frame{closed(1002)}},
		{"a continuation of what has ended (5.4)", []frame{text("a"), {fin | continuation, "b"}}, []frame{text("a"), closed(1002)}},
		{"what comes before a broken rule is answered", []frame{text("a"), text("b"), text("\xff")}, []frame{text("a"), text("b"), closed(1007)}},
		{"what comes before a frame that is too large is answered", []frame{text("a"), text(strings.Repeat("x", 33<<10))}, []frame{text("a"), closed(1009)}},
		{"a text within another (5.4)", []frame{{textFrame, "a"}, text("b")}, []frame{closed(1002)}},
		{"a character in two fragments", []frame{{textFrame, "\xe2\x98"}, {fin | continuation, "\x95"}}, []frame{text("☕")}},
		{"half a character (8.1)", []frame{text("\xe2\x98")}, []frame{closed(1007)}},
		{"half a surrogate pair (8.1)", []frame{text("\xed\xa0\x80")}, []frame{closed(1007)}},
		{"more bytes than a character takes (8.1)", []frame{text("\xc0\x80")}, []frame{closed(1007)}},
		{"above the last character (8.1)", []frame{text("\xf4\x90\x80\x80")}, []frame{closed(1007)}},
		{"what is no character in two fragments (8.1)", []frame{{textFrame, "\xce"}, {fin | continuation, "x"}}, []frame{closed(1007)}},
		{"a close without a code", []frame{{closeFrame, ""}}, []frame{{closeFrame, ""}}},
		{"a close of one byte (5.5.1)", []frame{{closeFrame, "\x03"}}, []frame{closed(1002)}},
		{"a close with the longest reason", []frame{{closeFrame, closing(1000, long[2:])}}, []frame{{closeFrame, closing(1000, long[2:])}}},
		{"a close with a reason that is too long (5.5)", []frame{{closeFrame, closing(1000, long)}}, []frame{closed(1002)}},
		{"a close with a reason that is no text (8.1)", []frame{{closeFrame, closing(1000, "\xff")}}, []frame{closed(1007)}},
		{"nothing is heard after a close", []frame{{closeFrame, closing(1000, "")}, text("x"), {pingFrame, ""}}, []frame{closed(1000)}},
	}
	for _, bit := range []byte{0x40, 0x20, 0x10, 0x70} {
		rows = append(rows, row{fmt.Sprintf("reserved bits %#x (5.2)", bit), []frame{{fin | bit | textFrame, "x"}}, []frame{closed(1002)}})
	}
	for _, opcode := range []byte{3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF} {
		rows = append(rows, row{fmt.Sprintf("the reserved opcode %#x (5.2)", opcode), []frame{{fin | opcode, ""}}, []frame{closed(1002)}})
	}
	for _, code := range []uint16{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		rows = append(rows, row{fmt.Sprintf("the code %d (7.4)", code), []frame{{closeFrame, closing(code, "")}}, []frame{closed(code)}})
	}
	for _, code := range []uint16{0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		rows = append(rows, row{fmt.Sprintf("the code %d, which nobody may send (7.4)", code), []frame{{closeFrame, closing(code, "")}}, []frame{closed(1002)}})
	}
	s := serveWebSocket(t, websocket.Config{Default: lambda(&wsFunction{answer: echo}), TwoWay: true})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := s.dialRaw(t)
			for _, f := range row.sent {
				c.frame(f.first, f.payload)
			}
			var heard []frame
			for range row.heard {
				first, payload := c.next(t)
				if first == closeFrame && len(payload) > 2 && row.heard[len(heard)].payload[2:] == "" {
					payload = payload[:2] // the reason of an error is the gateway's own
				}
				heard = append(heard, frame{first, payload})
			}
			assert.Equal(t, row.heard, heard)
			if heard[len(heard)-1].first == closeFrame {
				c.frame(closeFrame, "")
				_, err := c.in.ReadByte()
				require.Error(t, err, "nothing follows a close")
			}
		})
	}
	t.Run("a frame without a mask (5.1)", func(t *testing.T) {
		c := s.dialRaw(t)
		c.Write([]byte{fin | textFrame, 1, 'x'})
		assert.Equal(t, 1002, c.closeCode(t))
	})
}
