package event

import (
	"bytes"
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

	for m, i := main.Members(), 0; m.More(); m, i = m.Next(), i+1 {
		name, err := h.nameAt(i, m.Key())
		if err != nil {
			return err
		}
		if err := h.add(name, m.Value()); err != nil {
			return err
		}
	}
	if lists {
		if err := h.addMissing(single, multi); err != nil {
			return err
		}
	}

	if h.mayHave("Transfer-Encoding") {
		delete(r.Header, "Transfer-Encoding") // the body has arrived whole
	}
	if lines := r.Header["Cookie"]; len(lines) > 1 {
		r.Header["Cookie"] = []string{strings.Join(lines, "; ")}
	}
	return nil
}

// A headerReader reads the header of a request. Nearly all of the request's text is the
// values of its header: room for all text is made in one piece before any of it is read.
// So is room for the values, of which each name has a part.
type headerReader struct {
	*Request
	numbers [64]uint8 // those that the first names have among commonNames
	seen    uint64    // has the bits of the names that are there, as bit has them
}

// makeRoom makes room for a map, and for so much text besides.
func (h *headerReader) makeRoom(header jsontape.Value, besides int) {
	names, text := 0, besides
	for m := header.Members(); m.More(); m = m.Next() {
		text += m.Value().TextSize()
		number := commonNames.find(m.Key())
		if number == 0 {
			text += len(m.Key())
		}
		if names < len(h.numbers) {
			h.numbers[names] = number
		}
		names++
	}
	values := header.Size() + 1 // one for a list of cookies
	if header.Members().Value().Kind() == jsontape.Array {
		values -= names
	}
	h.in.text.grow(text)
	h.Header = make(http.Header, min(names, 128)) // no room ahead for what no front door lets through
	if h.in.values = h.room[:0]; values > cap(h.in.values) {
		h.in.values = make([]string, 0, values)
	}
}

// addMissing takes from single what multi does not have. API Gateway writes both maps in the
// same order: a walk in step with multi passes over what they have in common without looking
// at the names.
func (h *headerReader) addMissing(single, multi jsontape.Value) error {
	for m, also := single.Members(), multi.Members(); m.More(); m, also = m.Next(), also.Next() {
		if also.More() && bytes.Equal(also.Key(), m.Key()) {
			continue
		}
		name, err := h.name(m.Key())
		if err != nil {
			return err
		}
		if h.Header[name] != nil || name == "Host" && h.Host != "" {
			continue
		}
		if err := h.add(name, m.Value()); err != nil {
			return err
		}
	}
	return nil
}

// add takes one name with its value, or list of values.
func (h *headerReader) add(name string, value jsontape.Value) error {
	first := len(h.in.values)
	if value.Kind() == jsontape.Array {
		for element := value.Members(); element.More(); element = element.Next() {
			if err := h.addValue(name, element.Value()); err != nil {
				return err
			}
		}
	} else if err := h.addValue(name, value); err != nil {
		return err
	}
	values := h.in.values[first:len(h.in.values):len(h.in.values)]
	switch {
	case len(values) == 0:
	case name == "Host":
		h.Host = values[0]
	case h.mayHave(name) && h.Header[name] != nil:
		h.Header[name] = append(h.Header[name], values...)
	default:
		h.seen |= bit(name)
		h.Header[name] = values
	}
	return nil
}

func (h *headerReader) addValue(name string, v jsontape.Value) error {
	mark := h.in.text.mark()
	if v.Plain() { // as nearly all are
		h.in.text.writeBytes(v.Bytes())
		h.in.values = append(h.in.values, h.in.text.since(mark))
		return nil
	}
	if k := v.Kind(); k == jsontape.Null || k == jsontape.Object || k == jsontape.Array {
		return nil
	}
	value := h.keep(v)
	if !isFieldValue(value) {
		return badRequest("invalid value of header %q", name)
	}
	h.in.values = append(h.in.values, value)
	return nil
}

// mayHave is false only if there is no such name: to ask the map takes as long as to add one.
func (h *headerReader) mayHave(name string) bool { return h.seen&bit(name) != 0 }

// bit is one of 64, and the same for the same name.
func bit(name string) uint64 {
	return 1 << ((uint(len(name)) + 5*uint(name[0]) + 3*uint(name[len(name)-1])) % 64)
}

// nameAt is name for one in the map that makeRoom has looked at.
func (h *headerReader) nameAt(i int, given []byte) (string, error) {
	if i < len(h.numbers) && h.numbers[i] != 0 {
		return commonNames.names[h.numbers[i]].name, nil
	}
	return h.name(given)
}

// name is the canonical form of a name, as http.CanonicalHeaderKey has it.
func (h *headerReader) name(given []byte) (string, error) {
	if number := commonNames.find(given); number != 0 {
		return commonNames.names[number].name, nil
	}
	var room [64]byte
	name := canonicalName(&room, given)
	if name == nil {
		return "", badRequest("invalid header name %q", cut(string(given)))
	}
	return h.in.text.keep(name), nil
}

// isFieldValue reports whether s can be a header's value: no control characters but
// the tab.
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// setCookies makes the Cookie header of a list of cookies, if there is one. It
// replaces a header beside the list, in which the lines of a client that sent
// several are joined by commas.
func (r *Request) setCookies(list jsontape.Value) {
	mark := r.in.text.mark()
	for m := list.Members(); m.More(); m = m.Next() {
		if r.in.text.mark() > mark {
			r.in.text.write("; ")
		}
		r.keep(m.Value())
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
