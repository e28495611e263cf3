package adapter

import (
	"net/http"
	"net/textproto"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/internal/swar"
)

// appendFields takes down a handler's header as it stands, cleaned the way net/http
// cleans what it sends: invalid names are left out, line breaks become spaces. What
// concerns the connection is the front door's, and so are the length of the body and the
// date.
// Names that differ only in case are one, in the order of their spellings.
func (w *response) appendFields(fields []event.Field, header http.Header, status int) []event.Field {
	names := make([]string, 0, 16) // stays on the stack, if it is enough
	canonical := true
	for name := range header {
		names = append(names, name)
		canonical = canonical && event.IsCanonical(name)
	}
	if !canonical {
		sort.Strings(names)
	}
	for _, name := range names {
		values := header[name]
		if !canonical {
			if name = http.CanonicalHeaderKey(name); !event.IsToken(name) {
				continue // this includes http.TrailerPrefix
			}
		}
		fields = w.insertFields(fields, name, values, status)
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
	for _, value := range values {
		if !swar.Plain(value) { // which hardly any is not
			if !utf8.ValidString(value) {
				w.inv.warn("the value of the header %s is not UTF-8, and no front door takes any other: it arrives with U+FFFD in it", name)
			}
			value = lineBreaks.Replace(value)
		}
		fields = insertField(fields, name, textproto.TrimString(value))
	}
	return fields
}

var lineBreaks = strings.NewReplacer("\r", " ", "\n", " ")

// insertField adds a field where it belongs: behind all whose names are not greater. Inlined,
// it would stand in a function's binary five times.
//
//go:noinline
func insertField(fields []event.Field, name, value string) []event.Field {
	fields = append(fields, event.Field{})
	at := len(fields) - 1
	for ; at > 0 && fields[at-1].Name > name; at-- {
		fields[at] = fields[at-1]
	}
	fields[at] = event.Field{Name: name, Value: value}
	return fields
}

// A browser shows a script nothing of an answer without the right headers: of what
// the handler has set, an answer in its place keeps what concerns them.
func isCORS(name string) bool {
	return name == "Vary" || strings.HasPrefix(name, "Access-Control-")
}
