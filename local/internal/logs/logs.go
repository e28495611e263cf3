// Package logs shows what a function prints, and what happens to it, to the
// developer who sits in front of the terminal: or, as JSON, to a program.
//
// Much of what it shows comes from clients and from the function. None of that
// reaches the terminal as it is: what a terminal would obey is quoted (see [Quote]),
// but for the colours of a function's own lines.
package logs

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// A Printer writes one line for each thing that it is told of: at once after a
// pause, and what comes within milliseconds of that together. It waits for a terminal
// that is slow, and not for one that shows nothing: then lines are left out, which it
// tells afterwards. It is safe for concurrent use.
type Printer struct {
	paint painter
	json  *slog.Logger // nil unless the output is to be JSON
	queue *queue
}

// New returns a Printer that writes for people, with colours if coloured is true.
// Close it to see the last lines.
func New(w io.Writer, coloured bool) *Printer {
	p := &Printer{paint: painter(coloured)}
	p.queue = newQueue(w, func(lines int) {
		p.Logger().Warn("lines are left out here, since nobody has read them in time", "lines", lines)
	})
	return p
}

// NewJSON returns a Printer that writes JSON, an object a line. Lines of the
// function that are JSON objects already stay as they are.
func NewJSON(w io.Writer) *Printer {
	p := New(w, false)
	p.json = slog.New(slog.NewJSONHandler(jsonLines{p}, nil))
	return p
}

// Coloured reports whether colours are welcome on w: it is a terminal that has them,
// as TERM says in environ, and NO_COLOR (https://no-color.org) is not set, or empty.
func Coloured(w io.Writer, environ []string) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	for _, variable := range environ {
		switch name, value, _ := strings.Cut(variable, "="); {
		case name == "NO_COLOR" && value != "", name == "TERM" && value == "dumb":
			return false
		}
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Line shows a line of the function's output.
func (p *Printer) Line(line function.Line) { p.line("", line) }

// Report shows that an invocation has ended.
func (p *Printer) Report(r function.Report) { p.report("", r) }

// Named is a Printer for one of several functions, whose name its lines begin with.
type Named struct {
	printer *Printer
	name    string
}

// Named returns the Printer for a function.
func (p *Printer) Named(name string) Named { return Named{p, name} }

// Line shows a line of the function's output.
func (n Named) Line(line function.Line) { n.printer.line(n.name, line) }

// Report shows that an invocation has ended.
func (n Named) Report(r function.Report) { n.printer.report(n.name, r) }

// Logger returns a logger for what the tool has to say of the function.
func (n Named) Logger() *slog.Logger { return n.printer.Logger().With("function", n.name) }

// line shows a line of a function, whose name is "" if there is only one.
func (p *Printer) line(name string, line function.Line) {
	if p.json != nil {
		switch {
		case isObject(line.Text):
			p.write(func(b []byte) []byte { return append(b, plainJSON([]byte(line.Text))...) })
		case name != "":
			p.json.Info(line.Text, "function", name, "requestId", line.RequestID)
		default:
			p.json.Info(line.Text, "requestId", line.RequestID)
		}
		return
	}
	p.write(func(b []byte) []byte {
		b = p.paint.dim(b, ahead(name)+Quote(short(line.RequestID))+" │ ")
		return p.paint.logLine(b, line.Text)
	})
}

// ahead is the name of a function ahead of its lines.
func ahead(name string) string {
	if name == "" {
		return ""
	}
	return Quote(name) + " "
}

func (p *Printer) report(name string, r function.Report) {
	if p.json != nil {
		attrs := []any{"requestId", r.RequestID, "durationMs", milliseconds(r.Duration)}
		if name != "" {
			attrs = append(attrs, "function", name)
		}
		if r.Init > 0 {
			attrs = append(attrs, "initMs", milliseconds(r.Init))
		}
		if r.MaxMemory > 0 {
			attrs = append(attrs, "maxMemoryMB", r.MaxMemory>>20)
		}
		if r.Error != "" {
			attrs = append(attrs, "errorType", r.Error)
		}
		p.json.Info("REPORT", attrs...)
		return
	}
	p.write(func(b []byte) []byte {
		text := ahead(name) + Quote(short(r.RequestID)) + " REPORT " + duration(r.Duration)
		if r.Init > 0 {
			text += " · cold start " + duration(r.Init)
		}
		if r.MaxMemory > 0 {
			text += " · " + strconv.FormatInt(r.MaxMemory>>20, 10) + " MB"
		}
		b = p.paint.dim(b, text)
		if r.Error != "" {
			b = p.paint.in(b, red, " · "+Quote(r.Error))
		}
		return b
	})
}

// A Request is a request that has been answered.
type Request struct {
	// FrontDoor is named only where there are several, else "".
	FrontDoor string
	Method    string
	URI       string
	Status    int
	Duration  time.Duration

	// Sent and Got are what an HTTP server, a function behind a mapping or a mock was sent
	// for the request, and what it gave back. "" is nothing to be told.
	Sent, Got string
}

// Request shows a request and its status.
func (p *Printer) Request(r Request) {
	if p.json != nil {
		attrs := []any{"method", r.Method, "uri", r.URI, "status", r.Status, "durationMs", milliseconds(r.Duration)}
		if r.FrontDoor != "" {
			attrs = append(attrs, "frontDoor", r.FrontDoor)
		}
		if r.Sent != "" {
			attrs = append(attrs, "sent", r.Sent, "got", r.Got)
		}
		p.json.Info("request", attrs...)
		return
	}
	p.write(func(b []byte) []byte {
		b = p.paint.in(b, statusColour(r.Status), strconv.Itoa(r.Status))
		b = append(b, ' ')
		if r.FrontDoor != "" {
			b = append(b, r.FrontDoor...)
			b = append(b, ' ')
		}
		b = append(b, Quote(r.Method)...)
		b = append(b, ' ')
		b = append(b, Quote(r.URI)...)
		after := " · " + duration(r.Duration)
		if r.Sent != "" {
			after += " · sent " + Quote(r.Sent) + " · got " + Quote(r.Got)
		}
		return p.paint.dim(b, after)
	})
}

// Logger returns a logger for what the tool itself has to say.
func (p *Printer) Logger() *slog.Logger {
	if p.json != nil {
		return p.json
	}
	return slog.New(&handler{printer: p})
}

// Print shows text as it is, with line breaks of its own.
func (p *Printer) Print(text string) {
	p.queue.put(func(b []byte) []byte { return append(b, text...) })
}

// Close writes what has not been written yet, if somebody reads it. The Printer may
// still be used, and closed again.
func (p *Printer) Close() { p.queue.flush() }

// write writes one line, which compose appends.
func (p *Printer) write(compose func([]byte) []byte) {
	p.queue.put(func(b []byte) []byte { return append(compose(b), '\n') })
}

// jsonLines takes what slog's handler writes: one line at a time.
type jsonLines struct{ p *Printer }

func (l jsonLines) Write(line []byte) (int, error) {
	l.p.write(func(b []byte) []byte { return append(b, plainJSON(bytes.TrimSuffix(line, []byte("\n")))...) })
	return len(line), nil
}

// short is as much of a request id as it takes to tell some of them apart.
func short(requestID string) string {
	const most = "        "
	if len(requestID) >= len(most) {
		return requestID[:len(most)]
	}
	return requestID + most[len(requestID):]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func duration(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatFloat(milliseconds(d), 'f', 1, 64) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s"
}
