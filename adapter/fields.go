package adapter

import (
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
	oddNames := false
	for name, values := range header {
		if http.CanonicalHeaderKey(name) == name {
			fields = appendField(fields, name, values, status)
		} else {
			oddNames = true
		}
	}
	if oddNames {
		for _, name := range slices.Sorted(maps.Keys(header)) {
			if canonical := http.CanonicalHeaderKey(name); canonical != name {
				fields = appendField(fields, canonical, header[name], status)
			}
		}
	}
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
		fields = insertField(fields, name, cleanValue(value))
	}
	return fields
}

func cleanValue(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		value = strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
	}
	return textproto.TrimString(value)
}

// insertField adds a field where it belongs, behind those of its name. A header is so
// short that nothing quicker is worth the code that it would add to each function.
func insertField(fields []event.Field, name, value string) []event.Field {
	fields = append(fields, event.Field{})
	i := len(fields) - 1
	for ; i > 0 && fields[i-1].Name > name; i-- {
		fields[i] = fields[i-1]
	}
	fields[i] = event.Field{Name: name, Value: value}
	return fields
}

// A browser shows a script nothing of an answer without the right headers: of what
// the handler has set, an answer in its place keeps what concerns them.
func isCORS(name string) bool {
	return name == "Vary" || strings.HasPrefix(name, "Access-Control-")
}
