package event

import (
	"net/http"
	"strings"

	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// setHeader reads the request's header from one or both of the maps that events
// carry: multi with a list for each name, single with one value. Where both have a
// name, whatever its case, multi has all of its values. Host moves to r.Host, as
// in net/http; cookies become one line, as RFC 6265, section 5.4 wants them.
func (r *Request) setHeader(e *document, multi, single jsontape.Value) error {
	h := headerReader{Request: r}
	lists := multi.Size() > 0
	main := single
	if lists {
		main = multi
	}
	h.makeRoom(main, e.textSize())

	for m, i := jsontape.MembersOf(main), 0; m.More(); m, i = m.Next(), i+1 {
		if err := h.add(r.in.numbers[i], m, false); err != nil {
			return err
		}
	}
	if lists {
		if err := h.addMissing(single, multi); err != nil {
			return err
		}
	}

	if h.seen&bit(transferEncoding) != 0 {
		delete(r.Header, "Transfer-Encoding") // the body has arrived whole
	}
	if h.seen&bit(cookie) != 0 {
		if lines := r.Header["Cookie"]; len(lines) > 1 {
			r.Header["Cookie"] = []string{strings.Join(lines, "; ")}
		}
	}
	return nil
}

// A headerReader reads the header of a request. Nearly all of the request's text is the
// values of its header: room for all text is made in one piece before any of it is read.
// So is room for the values, of which each name has a part.
type headerReader struct {
	*Request
	seen uint64 // has the bits of the names that are there
}

// makeRoom makes room for a map, and for so much text besides.
func (h *headerReader) makeRoom(header jsontape.Value, besides int) {
	numbers, size := h.in.numbers[:0], besides
	for m := jsontape.MembersOf(header); m.More(); m = m.Next() {
		text, plain := m.PlainText()
		if size += len(text); !plain {
			size += m.Value().TextSize()
		}
		name := m.Key()
		number := commonNames.find(name)
		if number == 0 {
			size += len(name)
		}
		numbers = append(numbers, number)
	}
	values := header.Size() + 1 // one for a list of cookies
	if jsontape.MembersOf(header).Value().Kind() == jsontape.Array {
		values -= len(numbers)
	}
	h.in.numbers = numbers
	h.in.text.grow(size)
	h.Header = make(http.Header, min(len(numbers), 128)) // no room ahead for what no front door lets through
	if h.in.values = h.room[:0]; values > cap(h.in.values) {
		h.in.values = make([]string, 0, values)
	}
}

// addMissing takes from single what multi does not have. API Gateway writes the same names
// into both: then there is nothing to look for.
func (h *headerReader) addMissing(single, multi jsontape.Value) error {
	if jsontape.SameKeys(single, multi) {
		return nil
	}
	for m := jsontape.MembersOf(single); m.More(); m = m.Next() {
		if err := h.add(commonNames.find(m.Key()), m, true); err != nil {
			return err
		}
	}
	return nil
}

// add takes one name, of which the number is known, with its value or list of values; or, if
// it is asked for what is missing, only a name that is not there.
func (h *headerReader) add(number uint8, m jsontape.Members, missing bool) error {
	name := commonNames.names[number].name
	if number == 0 {
		var err error
		if name, err = h.name(m); err != nil {
			return err
		}
	}
	if missing && (h.Header[name] != nil || name == "Host" && h.Host != "") {
		return nil
	}
	first := len(h.in.values)
	if text, plain := m.PlainText(); plain { // as nearly all are
		h.in.values = append(h.in.values, h.in.text.keep(text))
	} else if err := h.addValues(name, m.Value()); err != nil {
		return err
	}
	values := h.in.values[first:len(h.in.values):len(h.in.values)]
	switch {
	case len(values) == 0:
	case name == "Host":
		h.Host = values[0]
	case h.seen&bit(number) != 0 && h.Header[name] != nil: // to ask the map takes as long as to add a name
		h.Header[name] = append(h.Header[name], values...)
	default:
		h.seen |= bit(number)
		h.Header[name] = values
	}
	return nil
}

func (h *headerReader) addValues(name string, v jsontape.Value) error {
	if v.Kind() != jsontape.Array {
		return h.addValue(name, v)
	}
	for element := jsontape.MembersOf(v); element.More(); element = element.Next() {
		if err := h.addValue(name, element.Value()); err != nil {
			return err
		}
	}
	return nil
}

func (h *headerReader) addValue(name string, v jsontape.Value) error {
	if k := v.Kind(); k == jsontape.Null || k == jsontape.Object || k == jsontape.Array {
		return nil
	}
	value := h.keep(v)
	if !v.Plain() && !consistsOf(value, &fieldValueBytes) {
		return badRequest("invalid value of header %q", name)
	}
	h.in.values = append(h.in.values, value)
	return nil
}

// bit is the bit of a common name's number, which others may have as well. All names that
// are not common have one.
func bit(number uint8) uint64 { return 1 << (number % 64) }

var (
	cookie           = commonNames.find([]byte("Cookie"))
	transferEncoding = commonNames.find([]byte("Transfer-Encoding"))
)

// name is the canonical form of the name of a member, as http.CanonicalHeaderKey has it.
func (h *headerReader) name(m jsontape.Members) (string, error) {
	var room [64]byte
	name := canonicalName(&room, m.Key())
	if name == nil {
		return "", badRequest("invalid header name %q", cut(string(m.Key())))
	}
	return h.in.text.keep(name), nil
}

// fieldValueBytes can be in a header's value: the tab is the only control character that can.
var fieldValueBytes = func() [256]bool {
	set := printableBytes
	set['\t'] = true
	return set
}()

// setCookies makes the Cookie header of a list of cookies, if there is one. It
// replaces a header beside the list, in which the lines of a client that sent
// several are joined by commas.
func (r *Request) setCookies(list jsontape.Value) {
	mark := r.in.text.mark()
	for m := jsontape.MembersOf(list); m.More(); m = m.Next() {
		if r.in.text.mark() > mark {
			r.in.text.write("; ")
		}
		r.in.text.writeBytes(text(m.Value()))
	}
	if line := r.in.text.since(mark); line != "" {
		first := len(r.in.values)
		r.in.values = append(r.in.values, line)
		r.Header["Cookie"] = r.in.values[first:len(r.in.values):len(r.in.values)]
	}
}

// setHost falls back on the domain of the API for a request without a Host.
func (r *Request) setHost(domain jsontape.Value) {
	if r.Host == "" && domain.IsString() {
		r.Host = r.keep(domain)
	}
}
