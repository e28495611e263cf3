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
func (r *Request) setHeader(multi, single jsontape.Value) error {
	h := headerReader{Request: r, around: multi}
	lists := multi.Size() > 0
	if !lists {
		h.around = single
	}
	h.begin()

	for m := multi.Members(); m.More(); m = m.Next() {
		if err := h.add(m, false); err != nil {
			return err
		}
	}
	// API Gateway writes both maps in the same order: a walk in step with multi
	// passes over what it has in common with single without looking at the names.
	for m, also := single.Members(), multi.Members(); m.More(); m, also = m.Next(), also.Next() {
		if also.More() && bytes.Equal(also.Key(), m.Key()) {
			continue
		}
		if err := h.add(m, lists); err != nil {
			return err
		}
	}

	delete(r.Header, "Transfer-Encoding") // the body has arrived whole
	if lines := r.Header["Cookie"]; len(lines) > 1 {
		r.Header["Cookie"] = []string{strings.Join(lines, "; ")}
	}
	return nil
}

// A headerReader reads the header of a request. Nearly all of the request's text is
// its header, and most of that means what it says: the map that has it is copied
// whole, with its quotes and commas, and names and values are parts of the copy.
type headerReader struct {
	*Request
	around jsontape.Value // the map
	copied string
	seen   uint64 // has the bits of the names that are there, as bit has them
}

// begin makes room for the request's text and its header.
func (h *headerReader) begin() {
	raw, first := h.around.Bytes(), h.around.Members()
	room := len(raw) + 320 // for path, query and address
	if first.More() && !isCapital(first.Key()) {
		room += len(raw) / 4 // for names that have to be spelt anew
	}
	h.text.grow(room)
	h.copied = h.text.keep(raw)
	names := h.around.Size()
	if first.Value().Kind() == jsontape.Array {
		names /= 2 // most lists have one value
	}
	h.Header = make(http.Header, min(names, 128)) // no room ahead for what no front door lets through
	h.values = h.room[:0]
}

func isCapital(name []byte) bool { return len(name) > 0 && 'A' <= name[0] && name[0] <= 'Z' }

// add takes one name, and its value or list of values. When it is asked for missing
// ones only, a name that is there stays as it is.
func (h *headerReader) add(m jsontape.Members, missing bool) error {
	name, err := h.name(m)
	if err != nil {
		return err
	}
	if missing && (h.Header[name] != nil || name == "Host" && h.Host != "") {
		return nil
	}
	first := len(h.values)
	if value := m.Value(); value.Kind() == jsontape.Array {
		for element := value.Members(); element.More(); element = element.Next() {
			if err := h.addValue(name, element.Value()); err != nil {
				return err
			}
		}
	} else if err := h.addValue(name, value); err != nil {
		return err
	}
	values := h.values[first:len(h.values):len(h.values)]
	bit := bit(name)
	switch {
	case len(values) == 0:
	case name == "Host":
		h.Host = values[0]
	case h.seen&bit != 0 && h.Header[name] != nil:
		h.Header[name] = append(h.Header[name], values...)
	default:
		h.seen |= bit
		h.Header[name] = values
	}
	return nil
}

// bit is one of 64, and the same for the same name: to ask the map whether it has a
// name takes as long as to add it.
func bit(name string) uint64 {
	return 1 << ((uint(len(name)) + 5*uint(name[0]) + 3*uint(name[len(name)-1])) % 64)
}

// name is the canonical form of a name, as http.CanonicalHeaderKey has it.
func (h *headerReader) name(m jsontape.Members) (string, error) {
	var room [64]byte
	given := m.Key()
	name, unchanged := canonicalName(&room, given)
	if name == nil {
		return "", badRequest("invalid header name %q", cut(string(given)))
	}
	if unchanged {
		if part, ok := m.KeyIn(h.copied, h.around); ok {
			return part, nil
		}
	}
	return h.text.keep(name), nil
}

func (h *headerReader) addValue(name string, v jsontape.Value) error {
	if k := v.Kind(); k == jsontape.Null || k == jsontape.Object || k == jsontape.Array {
		return nil
	}
	value, plain := v.In(h.copied, h.around)
	if !plain {
		value = h.keep(v)
		if !isFieldValue(value) {
			return badRequest("invalid value of header %q", name)
		}
	}
	h.values = append(h.values, value)
	return nil
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
	mark := r.text.mark()
	for m := list.Members(); m.More(); m = m.Next() {
		if r.text.mark() > mark {
			r.text.write("; ")
		}
		r.keep(m.Value())
	}
	if line := r.text.since(mark); line != "" {
		first := len(r.values)
		r.values = append(r.values, line)
		r.Header["Cookie"] = r.values[first:len(r.values):len(r.values)]
	}
}

// setHost falls back on the domain of the API for a request without a Host.
func (r *Request) setHost(domain jsontape.Value) {
	if r.Host == "" && domain.IsString() {
		r.Host = r.keep(domain)
	}
}
