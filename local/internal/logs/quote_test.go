package logs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/build"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/logs"
)

// hostile is text with something in it that a terminal obeys.
var hostile = []struct{ name, text, quoted string }{
	{"escape sequence that sets the title", "/\x1b]0;X\x07", `"/\x1b]0;X\a"`},
	{"forged line", "/\n200 GET /paid", `"/\n200 GET /paid"`},
	{"return to the beginning of the line", "/a\r200 GET /paid", `"/a\r200 GET /paid"`},
	{"backspaces", "/a\b\b", `"/a\b\b"`},
	{"control sequence introducer of C1", "/\u009b31m", `"/\u009b31m"`},
	{"the same as one byte, which is not UTF-8", "/\x9b31m", `"/\x9b31m"`},
	{"next line of C1", "/\u0085", `"/\u0085"`},
	{"delete", "/a\x7f", `"/a\x7f"`},
	{"NUL", "/a\x00", `"/a\x00"`},
	{"right-to-left override", "/\u202egnp.exe", `"/\u202egnp.exe"`},
	{"isolates", "/\u2066a\u2069", `"/\u2066a\u2069"`},
	{"right-to-left mark", "/a\u200f", `"/a\u200f"`},
	{"line separator", "/a\u2028b", `"/a\u2028b"`},
	{"bytes that are not UTF-8", "/\xff\xfe", `"/\xff\xfe"`},
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for _, test := range hostile {
		assert.Equal(t, test.quoted, logs.Quote(test.text), test.name)
	}
	for _, plain := range []string{"", "/a b?c=%1b", "grüße ☕ 👩‍💻", `"quoted" \ back`, "שלום"} {
		assert.Equal(t, plain, logs.Quote(plain))
	}
}

// Whatever a printer is told, by whichever way, its terminal has nothing to obey.
func TestNothingReachesTheTerminalRaw(t *testing.T) {
	t.Parallel()
	ways := map[string]func(p *logs.Printer, text string){
		"line of the function": func(p *logs.Printer, text string) { p.Line(function.Line{RequestID: text, Text: text}) },
		"log entry of the function": func(p *logs.Printer, text string) {
			entry, _ := json.Marshal(map[string]any{"level": text, "msg": text, text: text, "in": []string{text}})
			p.Line(function.Line{Text: string(entry)})
		},
		"log entry written by hand": func(p *logs.Printer, text string) {
			p.Line(function.Line{Text: `{"msg":"` + text + `",` + "\r\t" + `"in":["` + text + `"]}`})
		},
		"report": func(p *logs.Printer, text string) { p.Report(function.Report{RequestID: text, Error: text}) },
		"request": func(p *logs.Printer, text string) {
			p.Request(logs.Request{Method: text, URI: text, Sent: text, Got: text})
		},
		"attribute":                 func(p *logs.Printer, text string) { p.Logger().Warn("said", "reason", text) },
		"attribute's name":          func(p *logs.Printer, text string) { p.Logger().Warn("said", text, 1) },
		"attribute of every record": func(p *logs.Printer, text string) { p.Logger().With("connection", text).Warn("said") },
		"header": func(p *logs.Printer, text string) {
			p.Logger().Warn("said", "header", map[string][]string{"A": {text}})
		},
		"group":   func(p *logs.Printer, text string) { p.Logger().Warn("said", slog.Group("of", "a", text)) },
		"error":   func(p *logs.Printer, text string) { p.Logger().Warn("said", "error", errors.New(text)) },
		"message": func(p *logs.Printer, text string) { p.Logger().Warn(text) },
		"the compiler's words": func(p *logs.Printer, text string) {
			p.Logger().Error("build failed", "error", &build.Error{ImportPath: "x", Output: strings.ReplaceAll(text, "\n", "")})
		},
	}
	for way, tell := range ways {
		for _, test := range hostile {
			t.Run(way+"/"+test.name, func(t *testing.T) {
				var plain, asJSON bytes.Buffer
				printer := logs.New(&plain, false)
				tell(printer, test.text)
				printer.Close()
				printer = logs.NewJSON(&asJSON)
				tell(printer, test.text)
				printer.Close()
				for name, out := range map[string]string{"pretty": plain.String(), "JSON": asJSON.String()} {
					require.True(t, strings.HasSuffix(out, "\n"))
					assert.True(t, utf8.ValidString(out), "%s: %q", name, out)
					obeyed := func(r rune) bool {
						return r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028'
					}
					out = strings.TrimSuffix(out, "\n")
					if way == "the compiler's words" {
						out = strings.ReplaceAll(out, "\n", "")
					}
					assert.Equal(t, -1, strings.IndexFunc(out, obeyed), "%s: %q", name, out)
				}
				assert.True(t, json.Valid(asJSON.Bytes()), asJSON.String())
			})
		}
	}
}

func TestLinesOfTheFunctionKeepTheirColours(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	printer := logs.New(&out, false)
	printer.Line(function.Line{Text: "\x1b[1;31mred\tand\x1b[38:5:1m\x1b[2J \x1b]8;;x\x1b\\"})
	printer.Close()
	assert.Equal(t, "         │ \x1b[1;31mred\tand\x1b[38:5:1m"+`\x1b[2J \x1b]8;;x\x1b\`+"\x1b[0m\n", out.String())
}
