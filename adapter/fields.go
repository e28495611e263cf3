package adapter

import (
	"net/http"
	"net/textproto"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/event"
)

// appendFields takes down a handler's header as it stands, cleaned the way net/http
// cleans what it sends: invalid names are left out, line breaks become spaces. What
// concerns the connection is the front door's, and so are the length of the body and the
// date.
// Names that differ only in case are one, in the order of their spellings.
func (w *response) appendFields(fields []event.Field, header http.Header, status int) []event.Field {
	names := make([]string, 0, 16) // stays on the stack, if it is enough
	for name := range header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fields = w.insertFields(fields, http.CanonicalHeaderKey(name), header[name], status)
	}
	return fields
}

func (w *response) insertFields(fields []event.Field, name string, values []string, status int) []event.Field {
	switch name {
	case "Connection", "Content-Length", "Date", "Keep-Alive", "Proxy-Connection", "Trailer", "Transfer-Encoding", "Upgrade":
		return fields
	case "Server":
		if w.inv.event.OwnsServer() {
			return fields
		}
	case "Content-Type":
		if status == http.StatusNotModified {
			return fields
		}
	}
	if !event.IsToken(name) {
		return fields // this includes http.TrailerPrefix
	}
	for _, value := range values {
		if !utf8.ValidString(value) {
			w.inv.warn("the value of the header %s is not UTF-8, and no front door takes any other: it arrives with U+FFFD in it", name)
		}
		fields = insertField(fields, name, cleanValue(value))
	}
	return fields
}

// insertField adds a field where it belongs: behind all whose names are not greater.
func insertField(fields []event.Field, name, value string) []event.Field {
	fields = append(fields, event.Field{})
	at := len(fields) - 1
	for ; at > 0 && fields[at-1].Name > name; at-- {
		fields[at] = fields[at-1]
	}
	fields[at] = event.Field{Name: name, Value: value}
	return fields
}

func cleanValue(value string) string {
	if strings.IndexByte(value, '\n') >= 0 || strings.IndexByte(value, '\r') >= 0 {
		value = strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
	}
	return textproto.TrimString(value)
}

// A browser shows a script nothing of an answer without the right headers: of what
// the handler has set, an answer in its place keeps what concerns them.
func isCORS(name string) bool {
	return name == "Vary" || strings.HasPrefix(name, "Access-Control-")
}
