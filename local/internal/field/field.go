// Package field reads and changes the fields of HTTP headers whose names may be
// spelled in any case, as they are on their way through a front door. The methods
// of http.Header see canonical names only.
package field

import (
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// Values returns all values of a field, those of each spelling together. They are to be
// read only.
func Values(h http.Header, name string) []string {
	var values []string
	found := 0
	for key, own := range h {
		if len(own) > 0 && same(key, name) {
			values = slices.Clip(own)
			found++
		}
	}
	if found < 2 {
		return values
	}
	values = nil
	for _, key := range spellings(h, name) {
		values = append(values, h[key]...)
	}
	return values
}

// spellings returns the names that h has a field under, in order: hardly ever
// more than one.
func spellings(h http.Header, name string) []string {
	var keys []string
	for key := range h {
		if same(key, name) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Last returns a field's last value, or "".
func Last(h http.Header, name string) string {
	if values := Values(h, name); len(values) > 0 {
		return values[len(values)-1]
	}
	return ""
}

// Spelling returns a name that h has the field under, the first in order. ok is false if h
// does not have it, and the name is then as given.
func Spelling(h http.Header, name string) (key string, ok bool) {
	for own := range h {
		if same(own, name) && (!ok || own < key) {
			key, ok = own, true
		}
	}
	if !ok {
		return name, false
	}
	return key, true
}

// Drop removes fields.
func Drop(h http.Header, names ...string) {
	for key := range h {
		if Among(names, key) {
			delete(h, key)
		}
	}
}

// Among reports whether a name is one of names.
func Among(names []string, name string) bool {
	for _, n := range names {
		if same(n, name) {
			return true
		}
	}
	return false
}

// same compares names. Their lengths tell most of them apart.
func same(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// Connection returns the names of the fields that belong to one connection, which
// no intermediary passes on: RFC 9110, section 7.6.1.
func Connection() []string {
	return []string{"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"}
}

// AreCanonical reports whether all names are those that HTTP/1.1 shows their fields under.
func AreCanonical(h http.Header) bool {
	for name := range h {
		if textproto.CanonicalMIMEHeaderKey(name) != name {
			return false
		}
	}
	return true
}

// Canonical returns the fields by the names that HTTP/1.1 shows them under. Names that
// differ only in case become one field. A header that has these names already is
// returned as it is.
func Canonical(h http.Header) http.Header {
	if h != nil && AreCanonical(h) {
		return h
	}
	canonical := make(http.Header, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		key := textproto.CanonicalMIMEHeaderKey(name)
		canonical[key] = append(canonical[key], h[name]...)
	}
	return canonical
}
