package invokeapi

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// An eventStream writes events in the framing application/vnd.amazon.eventstream:
// lengths and their checksum, headers, payload, and a checksum of it all.
//
// https://smithy.io/2.0/aws/amazon-eventstream.html
type eventStream struct {
	w     io.Writer
	flush func() error
}

// payload sends what body gives, as it gives it.
func (s eventStream) payload(body io.Reader) error {
	buffer := make([]byte, 32<<10)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if err := s.event("PayloadChunk", "application/octet-stream", buffer[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// complete sends how the invocation ended: well, if failed is nil.
func (s eventStream) complete(failed *invoke.Error, log string) error {
	end := struct {
		ErrorCode    string `json:",omitempty"`
		ErrorDetails string `json:",omitempty"`
		LogResult    string `json:",omitempty"`
	}{LogResult: log}
	if failed != nil {
		end.ErrorCode, end.ErrorDetails = "Unhandled", string(failed.Payload)
	}
	document, err := json.Marshal(end)
	if err != nil {
		return err
	}
	return s.event("InvokeComplete", "application/json", document)
}

func (s eventStream) event(name, contentType string, payload []byte) error {
	var headers []byte
	headers = appendHeader(headers, ":message-type", "event")
	headers = appendHeader(headers, ":event-type", name)
	headers = appendHeader(headers, ":content-type", contentType)

	const prelude, checksum = 8, 4
	total := prelude + checksum + len(headers) + len(payload) + checksum
	frame := make([]byte, 0, total)
	frame = binary.BigEndian.AppendUint32(frame, uint32(total))
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(headers)))
	frame = binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame))
	frame = append(frame, headers...)
	frame = append(frame, payload...)
	frame = binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame))
	if _, err := s.w.Write(frame); err != nil {
		return err
	}
	return s.flush()
}

// appendHeader appends a header whose value is a string, which is type 7.
func appendHeader(b []byte, name, value string) []byte {
	b = append(b, byte(len(name)))
	b = append(b, name...)
	b = append(b, 7)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}
