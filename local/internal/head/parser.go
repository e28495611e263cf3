package head

import (
	"bytes"
	"net/textproto"
	"strconv"
	"strings"
)

// A parser follows the requests of one connection (RFC 9112): the head of one, its body,
// the head of the next. It understands no more than it takes to tell where a head begins
// and ends, and when it is wrong nothing worse happens than a name that is spelled as
// net/http has it.
type parser struct {
	state state
	line  []byte // what came of the line that is read
	head  names  // what came of the head
	size  int    // of the head so far
	left  int64  // bytes of a body, or of a chunk

	length  int64 // the head's Content-Length
	chunked bool
	begun   bool // the head's first line came
}

type state int

const (
	inHead state = iota
	inBody
	inChunkSize
	inChunk // and the line end behind it
	inTrailer
	lost // what comes is not understood
)

// maxHead is the size of a head whose spellings are kept: more than any front door
// takes.
const maxHead = 64 << 10

// feed goes on with what came, and calls done with the names of each head.
func (p *parser) feed(b []byte, done func(names)) {
	for len(b) > 0 && p.state != lost {
		switch p.state {
		case inBody, inChunk:
			n := min(int64(len(b)), p.left)
			b = b[n:]
			if p.left -= n; p.left == 0 && p.state == inBody {
				p.begin()
			} else if p.left == 0 {
				p.state = inChunkSize
			}
		default:
			end := bytes.IndexByte(b, '\n')
			if end < 0 {
				p.keep(b)
				return
			}
			p.keep(b[:end])
			if p.state == lost {
				return
			}
			b = b[end+1:]
			line := bytes.TrimSuffix(p.line, []byte("\r"))
			p.take(line, done)
			p.line = p.line[:0]
		}
	}
}

// begin is between two requests.
func (p *parser) begin() { *p = parser{line: p.line[:0]} }

// keep holds part of a line. A head that is too large is not held, nor is what comes
// after it.
func (p *parser) keep(part []byte) {
	if p.size += len(part) + 1; p.size > maxHead {
		p.state, p.line, p.head = lost, nil, nil
		return
	}
	p.line = append(p.line, part...)
}

// take reads a line.
func (p *parser) take(line []byte, done func(names)) {
	switch p.state {
	case inHead:
		p.takeHead(string(line), done)
	case inChunkSize:
		digits, _, _ := strings.Cut(string(line), ";")
		size, err := strconv.ParseInt(strings.TrimSpace(digits), 16, 63)
		switch {
		case err != nil || size < 0 || size > 1<<62:
			p.state = lost
		case size == 0:
			p.state = inTrailer
		default:
			p.state, p.left = inChunk, size+int64(len("\r\n"))
		}
		p.size = 0
	case inTrailer:
		if len(line) == 0 {
			p.begin()
		}
	}
}

func (p *parser) takeHead(line string, done func(names)) {
	switch {
	case line == "" && !p.begun: // RFC 9112, section 2.2
	case !p.begun:
		p.begun = true
	case line == "":
		done(p.head)
		switch {
		case p.chunked:
			p.state, p.size = inChunkSize, 0
		case p.length > 0:
			p.state, p.left = inBody, p.length
		default:
			p.begin()
		}
	default:
		p.field(line)
	}
}

func (p *parser) field(line string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return
	}
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch value = strings.TrimSpace(value); canonical {
	case "Content-Length":
		length, err := strconv.ParseInt(value, 10, 64)
		if err == nil {
			p.length = length
		}
	case "Transfer-Encoding":
		p.chunked = strings.EqualFold(value, "chunked")
	}
	if p.head == nil {
		p.head = names{}
	}
	if p.head[canonical] == "" {
		p.head[canonical] = name
	}
}
