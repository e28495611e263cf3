package adapter

import (
	"cmp"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/internal/event"
)

// appendFields takes down a handler's header as it stands, cleaned the way net/http
// cleans what it sends: invalid names are left out, line breaks become spaces. What
// concerns the connection is the front door's, and so is the length of the body.
// Names that differ only in case are one.
func appendFields(fields []event.Field, header http.Header, status int) []event.Field {
	for name, values := range header {
		if http.CanonicalHeaderKey(name) != name {
			return appendOddFields(fields, header, status)
		}
		fields = appendField(fields, name, values, status)
	}
	return sortFields(fields)
}

// appendOddFields is appendFields for a header in which some names are not in their
// canonical form. Several that become one keep the order of their spellings.
func appendOddFields(fields []event.Field, header http.Header, status int) []event.Field {
	fields = fields[:0]
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fields = appendField(fields, http.CanonicalHeaderKey(name), header[name], status)
	}
	return sortFields(fields)
}

func sortFields(fields []event.Field) []event.Field {
	slices.SortStableFunc(fields, func(a, b event.Field) int { return cmp.Compare(a.Name, b.Name) })
	return fields
}

func appendField(fields []event.Field, name string, values []string, status int) []event.Field {
	switch name {
	case "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Trailer", "Transfer-Encoding", "Upgrade":
		return fields
	case "Content-Type":
		if status == http.StatusNotModified {
			return fields
		}
	}
	if !event.IsToken(name) {
		return fields // this includes http.TrailerPrefix
	}
	for _, value := range values {
		fields = append(fields, event.Field{Name: name, Value: cleanValue(value)})
	}
	return fields
}

func cleanValue(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		value = strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
	}
	return textproto.TrimString(value)
}

// insertField adds a field where it belongs.
func insertField(fields []event.Field, name, value string) []event.Field {
	at, _ := slices.BinarySearchFunc(fields, name, func(f event.Field, name string) int { return cmp.Compare(f.Name, name) })
	return slices.Insert(fields, at, event.Field{Name: name, Value: value})
}

// A browser shows a script nothing of an answer without the right headers: of what
// the handler has set, an answer in its place keeps what concerns them.
func isCORS(name string) bool {
	return name == "Vary" || strings.HasPrefix(name, "Access-Control-")
}
