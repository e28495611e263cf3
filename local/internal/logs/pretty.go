package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/build"
)

// A painter appends text in colour, or just the text.
type painter bool

type colour string

// The colours are those of ECMA-48, which terminals let their users choose.
const (
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	blue   colour = "34"
	faint  colour = "2"
)

func (p painter) in(b []byte, c colour, text string) []byte {
	if !p {
		return append(b, text...)
	}
	b = append(append(append(b, "\x1b["...), c...), 'm')
	b = append(b, text...)
	return append(b, "\x1b[0m"...)
}

func (p painter) dim(b []byte, text string) []byte { return p.in(b, faint, text) }

// level appends a log level and the space after it.
func (p painter) level(b []byte, level string) []byte {
	c := blue
	switch name := strings.ToUpper(level); {
	case strings.HasPrefix(name, "ERR"), strings.HasPrefix(name, "FATAL"), strings.HasPrefix(name, "PANIC"):
		c = red
	case strings.HasPrefix(name, "WARN"):
		c = yellow
	case strings.HasPrefix(name, "INFO"):
		c = green
	}
	return p.in(b, c, fmt.Sprintf("%-5s ", strings.ToUpper(level)))
}

// logLine appends a line of a function: if it is a JSON object with a message, as
// log/slog writes them, the level, the message and key=value for the rest, in
// their order.
func (p painter) logLine(b []byte, text string) []byte {
	entry, ok := parseEntry(text)
	if !ok {
		shown := len(b)
		b = appendShown(b, text, colours)
		if bytes.Contains(b[shown:], []byte("\x1b[")) {
			b = append(b, "\x1b[0m"...) // for the lines that follow
		}
		return b
	}
	if entry.level != "" {
		b = p.level(b, entry.level)
	}
	b = append(b, entry.message...)
	for _, a := range entry.attrs {
		b = p.dim(b, " "+Quote(a.key)+"=")
		b = append(b, a.value...)
	}
	return b
}

type entry struct {
	level   string
	message string
	attrs   []attr
}

type attr struct{ key, value string }

// parseEntry reads a log entry in JSON. The time is left out: it is now.
func parseEntry(text string) (entry, bool) {
	var e entry
	if !isObject(text) {
		return e, false
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.Token() // the brace
	found := false
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return e, false
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return e, false
		}
		switch key {
		case slog.TimeKey, "timestamp", "ts":
		case slog.LevelKey:
			e.level = plain(value)
		case slog.MessageKey, "message":
			e.message, found = plain(value), true
		default:
			e.attrs = append(e.attrs, attr{key.(string), plain(value)})
		}
	}
	return e, found
}

// plain shows a JSON value: a string without its quotes, unless it needs them.
func plain(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return string(plainJSON(value))
	}
	return Quote(s)
}

func isObject(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") && json.Valid([]byte(text))
}

func statusColour(status int) colour {
	switch {
	case status >= 500:
		return red
	case status >= 400:
		return yellow
	case status >= 300:
		return blue
	}
	return green
}

// Lines is a value of several lines that stands below its message, such as a stack.
type Lines string

// linesOf returns a value that may have several lines: Lines, and the compiler's words.
func linesOf(v slog.Value) (string, bool) {
	switch value := v.Any().(type) {
	case Lines:
		return string(value), true
	case error:
		failure := (*build.Error)(nil)
		return value.Error(), errors.As(value, &failure)
	}
	return "", false
}

// A handler shows what the tool says. Lines stand below the message; any other value
// stays on its line.
type handler struct {
	printer *Printer
	attrs   []slog.Attr
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (h *handler) Handle(_ context.Context, record slog.Record) error {
	h.printer.write(func(b []byte) []byte {
		paint := h.printer.paint
		b = paint.level(append(b, "lambridge  "...), record.Level.String())
		b = append(b, Quote(record.Message)...)
		var below []byte
		show := func(a slog.Attr) bool {
			if lines, ok := linesOf(a.Value); ok {
				below = appendShown(append(below, '\n'), strings.TrimRight(lines, "\n"), newlines)
			} else {
				b = paint.dim(b, " "+Quote(a.Key)+"=")
				b = append(b, Quote(a.Value.String())...)
			}
			return true
		}
		for _, a := range h.attrs {
			show(a)
		}
		record.Attrs(show)
		return append(b, below...)
	})
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{printer: h.printer, attrs: slices.Concat(h.attrs, attrs)}
}

func (h *handler) WithGroup(string) slog.Handler { return h }
