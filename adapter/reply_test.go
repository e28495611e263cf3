package adapter_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// The reply to one handler, byte for byte, as each front door wants it.
func TestReplyJSON(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Vary"] = []string{"Origin", "Accept"}
		w.Header().Add("Set-Cookie", "a=1; Path=/")
		w.Header().Add("Set-Cookie", "b=2")
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(201)
		io.WriteString(w, "<b>\"é\" & \u2028</b>\n")
	}
	const (
		body  = `"body":"<b>\"é\" & ` + "\u2028" + `</b>\n","isBase64Encoded":false`
		lists = `"multiValueHeaders":{"Content-Type":["text/html"],"Set-Cookie":["a=1; Path=/","b=2"],"Vary":["Origin","Accept"]}`
	)
	for _, row := range []struct {
		name, event, want string
	}{
		{"REST has one map and no other members (rules 101, 106 and 111, pitfalls 62 to 64)", restEvent, `{"statusCode":201,` + lists + `,` + body + `}`},
		{"HTTP API 1.0 has one map (rules 122 and 123, pitfall 62)", httpV1Event, `{"statusCode":201,` + lists + `,` + body + `}`},
		{"HTTP API 2.0 has a list of cookies (rules 128 and 129, pitfalls 65, 66 and 82)", httpV2Event,
			`{"statusCode":201,"headers":{"Content-Type":"text/html","Vary":"Origin, Accept"},"cookies":["a=1; Path=/","b=2"],` + body + `}`},
		{"function URL has a list of cookies (rule 141, pitfalls 65, 66 and 82)", functionURLEvent,
			`{"statusCode":201,"headers":{"Content-Type":"text/html","Vary":"Origin, Accept"},"cookies":["a=1; Path=/","b=2"],` + body + `}`},
		{"ALB takes one cookie (rules 143 to 147, 149 and 150, pitfalls 68, 70, 72 and 74)", albEvent,
			`{"statusCode":201,"statusDescription":"201 Created","headers":{"Content-Type":"text/html","Set-Cookie":"b=2","Vary":"Origin, Accept"},` + body + `}`},
		{"ALB with lists has lists only (rules 148 and 149, pitfalls 67 and 71)", albMultiEvent, `{"statusCode":201,"statusDescription":"201 Created",` + lists + `,` + body + `}`},
		{"Lattice v1 (pitfall 116)", latticeV1Event, `{"statusCode":201,"headers":{"Content-Type":"text/html","Set-Cookie":"b=2","Vary":"Origin, Accept"},` + body + `}`},
		{"Lattice v2 (pitfall 117)", latticeV2Event, `{"statusCode":201,"headers":{"Content-Type":"text/html","Set-Cookie":"b=2","Vary":"Origin, Accept"},` + body + `}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, string(invoke(t, handler, []byte(row.event), adapter.WithLogger(quiet()))))
		})
	}
}

// A reply without header and body has empty members, never null, which a load
// balancer refuses.
func TestEmptyReplyJSON(t *testing.T) {
	nothing := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }
	for _, row := range []struct{ name, event, want string }{
		{"REST (rule 105)", restEvent, `{"statusCode":299,"multiValueHeaders":{},"body":"","isBase64Encoded":false}`},
		{"HTTP API 1.0 (rule 105)", httpV1Event, `{"statusCode":299,"multiValueHeaders":{},"body":"","isBase64Encoded":false}`},
		{"HTTP API 2.0 (pitfall 82)", httpV2Event, `{"statusCode":299,"headers":{},"body":"","isBase64Encoded":false}`},
		{"function URL (pitfall 82)", functionURLEvent, `{"statusCode":299,"headers":{},"body":"","isBase64Encoded":false}`},
		{"ALB, a status without a text (rules 144, 145 and 149)", albEvent, `{"statusCode":299,"statusDescription":"299 status code 299","headers":{},"body":"","isBase64Encoded":false}`},
		{"ALB with lists (rules 144 and 145)", albMultiEvent, `{"statusCode":299,"statusDescription":"299 status code 299","multiValueHeaders":{},"body":"","isBase64Encoded":false}`},
		{"Lattice v1", latticeV1Event, `{"statusCode":299,"headers":{},"body":"","isBase64Encoded":false}`},
		{"Lattice v2", latticeV2Event, `{"statusCode":299,"headers":{},"body":"","isBase64Encoded":false}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, string(invoke(t, nothing, []byte(row.event))))
		})
	}
}

func TestReplyHeader(t *testing.T) {
	for _, row := range []struct {
		name string
		set  func(http.Header)
		want map[string]any
	}{
		{"what concerns the connection is left out (pitfall 58, rule 117)", func(h http.Header) {
			for _, name := range []string{"Connection", "Keep-Alive", "Proxy-Connection", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length"} {
				h.Set(name, "0")
			}
			h.Set("Content-Length", "0")
			h.Set("Transfer-Encoding", "chunked")
		}, map[string]any{}},
		{"line breaks, names that are none (pitfall 59)", func(h http.Header) {
			h.Set("X-A", "a\r\nb: c")
			h["bad name"], h["x\r\n"], h[""] = []string{"x"}, []string{"x"}, []string{"x"}
		}, map[string]any{"X-A": []any{"a  b: c"}}},
		{"one key for names that differ in case (pitfall 60)", func(h http.Header) {
			h["X-Lower"], h["x-lower"], h["X-LOWER"] = []string{"1"}, []string{"2"}, []string{"3"}
		}, map[string]any{"X-Lower": []any{"3", "1", "2"}}},
		{"no value is no member (pitfalls 54 and 73)", func(h http.Header) {
			h["X-Nil"], h["X-None"], h["X-Empty"] = nil, []string{}, []string{""}
		}, map[string]any{"X-Empty": []any{""}}},
		{"no trailers (pitfall 61)", func(h http.Header) { h.Set(http.TrailerPrefix+"X-T", "1") }, map[string]any{}},
		{"a value that is not UTF-8 is still JSON (rule 106)", func(h http.Header) { h.Set("X-A", "caf\xe9 ☕") }, map[string]any{"X-A": []any{"caf\ufffd ☕"}}},
		{"what the front door would rename, and has of its own (rule 117)", func(h http.Header) {
			h.Set("Date", "Tue, 03 Feb 2026 04:05:06 GMT")
			h.Set("Server", "nginx")
		}, map[string]any{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			out := invoke(t, func(w http.ResponseWriter, _ *http.Request) { row.set(w.Header()) }, []byte(restEvent))
			assert.Equal(t, row.want, decode(t, out)["multiValueHeaders"])
		})
	}
}

func TestReplyBody(t *testing.T) {
	type sent struct {
		body     string
		isBase64 bool
	}
	for _, row := range []struct {
		name, contentType, coding, body string
		want                            sent
	}{
		{"bytes that are no text (rule 152)", "application/octet-stream", "", "\x00\xff", sent{"AP8=", true}},
		{"an image that is valid UTF-8 (pitfall 75)", "image/png", "", "abc", sent{"YWJj", true}},
		{"PDF, with a parameter, in capitals (pitfall 75)", "Application/PDF; x=1", "", "abc", sent{"YWJj", true}},
		{"a font (pitfall 75)", "font/woff2", "", "abc", sent{"YWJj", true}},
		{"protobuf (pitfall 75)", "application/x-protobuf", "", "abc", sent{"YWJj", true}},
		{"zip (pitfall 75)", "application/zip", "", "abc", sent{"YWJj", true}},
		{"audio (pitfall 75)", "audio/ogg", "", "abc", sent{"YWJj", true}},
		{"gzip (pitfall 76)", "text/html", "gzip", "abc", sent{"YWJj", true}},
		{"br (pitfall 76)", "application/json", "br", "abc", sent{"YWJj", true}},
		{"zstd (pitfall 76)", "", "zstd", "abc", sent{"YWJj", true}},
		{"identity is no coding (pitfall 76)", "text/html", "identity", "abc", sent{"abc", false}},
		{"Latin-1 (pitfall 77)", "text/plain; charset=iso-8859-1", "", "caf\xe9", sent{"Y2Fm6Q==", true}},
		{"JSON that is not UTF-8 (pitfall 77)", "application/json", "", "\"\xff\"", sent{"Iv8i", true}},
		{"a surrogate that is none (pitfall 77)", "text/plain", "", "\xed\xa0\x80", sent{"7aCA", true}},
		{"U+FFFD that the handler wrote is text (pitfall 77)", "text/plain", "", "\ufffd", sent{"\ufffd", false}},
		{"problem+json (pitfall 78)", "application/problem+json", "", "{}", sent{"{}", false}},
		{"vnd. with +json (pitfall 78)", "application/vnd.api+json", "", "{}", sent{"{}", false}},
		{"svg (pitfall 78)", "image/svg+xml", "", "<svg/>", sent{"<svg/>", false}},
		{"GraphQL (pitfall 78)", "application/graphql", "", "{a}", sent{"{a}", false}},
		{"JavaScript (pitfall 78)", "text/javascript", "", "a<b", sent{"a<b", false}},
		{"a playlist (pitfall 78)", "audio/mpegurl", "", "#EXTM3U\n", sent{"#EXTM3U\n", false}},
		{"a playlist of a vendor's (pitfall 78)", "application/vnd.apple.mpegurl", "", "#EXTM3U\n", sent{"#EXTM3U\n", false}},
		{"vnd. with +yaml (pitfall 78)", "application/vnd.oai.openapi+yaml;version=3.1", "", "a: 1", sent{"a: 1", false}},
		{"a stream of JSON texts (pitfall 78)", "application/geo+json-seq", "", "\x1e{}\n", sent{"\x1e{}\n", false}},
		{"Connect (pitfall 75)", "application/proto", "", "abc", sent{"YWJj", true}},
		{"a stream of Connect's, whatever it carries (pitfall 75)", "application/connect+json", "", "abc", sent{"YWJj", true}},
		{"gRPC-Web (pitfall 75)", "application/grpc-web+proto", "", "abc", sent{"YWJj", true}},
		{"gRPC-Web for those who want text (pitfall 78)", "application/grpc-web-text+proto", "", "AAAA", sent{"AAAA", false}},
		{"a suffix that stands for bytes (pitfall 75)", "application/soap+cbor", "", "abc", sent{"YWJj", true}},
		{"Avro (pitfall 75)", "application/avro", "", "abc", sent{"YWJj", true}},
		{"DNS over HTTPS (pitfall 75)", "application/dns-message", "", "abc", sent{"YWJj", true}},
		{"an unknown type (pitfall 78)", "weird/unknown", "", "abc", sent{"abc", false}},
		{"HTML is text, which REST delivers whatever its binary types (pitfall 79)", "text/html; charset=utf-8", "", "<p>é", sent{"<p>é", false}},
		{"not escaped for HTML (pitfall 80)", "application/json", "", `{"a":"<>&"}`, sent{`{"a":"<>&"}`, false}},
		{"controls and quotes survive (pitfall 80)", "text/plain", "", "\x00\x1f\"\\\b\f\n\r\t\x7f\u2028", sent{"\x00\x1f\"\\\b\f\n\r\t\x7f\u2028", false}},
		{"an empty image (pitfall 56)", "image/png", "", "", sent{"", false}},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, d := range httpDoors() {
				reply := decode(t, invoke(t, func(w http.ResponseWriter, _ *http.Request) {
					if row.contentType != "" {
						w.Header().Set("Content-Type", row.contentType)
					}
					if row.coding != "" {
						w.Header().Set("Content-Encoding", row.coding)
					}
					io.WriteString(w, row.body)
				}, []byte(d.event)))
				assert.Equal(t, row.want, sent{reply["body"].(string), reply["isBase64Encoded"].(bool)}, d.source)
			}
		})
	}
	t.Run("six bytes are not made of one (pitfall 80)", func(t *testing.T) {
		out := invoke(t, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Repeat("<&>", 1000))
		}, []byte(restEvent))
		assert.Contains(t, string(out), strings.Repeat("<&>", 1000))
	})
}

// A reply that its front door would refuse is answered with one that says so, and
// logged with its size.
func TestReplyLimits(t *testing.T) {
	const megabyte = 1 << 20
	for _, row := range []struct {
		name, event string
		limit       int
	}{
		{"REST (rule 167, pitfall 81)", restEvent, 6*megabyte + 100},
		{"HTTP API 2.0 (rule 167, pitfall 81)", httpV2Event, 6*megabyte + 100},
		{"Lattice (rule 167, pitfall 81)", latticeV2Event, 6*megabyte + 100},
		{"ALB (rule 151, pitfall 81)", albEvent, megabyte},
		{"ALB with lists (rule 151, pitfall 81)", albMultiEvent, megabyte},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := strings.Repeat("a", row.limit)
			answer := func(n int, write func(io.Writer, string)) ([]byte, []entry) {
				var logged journal
				out := invoke(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Access-Control-Allow-Origin", "*")
					w.Header().Set("X-Secret", "1")
					write(w, text[:n])
				}, []byte(row.event), adapter.WithLogger(slog.New(&logged)))
				return out, logged.read()
			}
			whole := func(w io.Writer, s string) { io.WriteString(w, s) }
			pieces := func(w io.Writer, s string) { io.Copy(w, struct{ io.Reader }{strings.NewReader(s)}) }

			empty, _ := answer(1, whole)
			fits := row.limit - len(empty) + 1
			out, logged := answer(fits, whole)
			assert.Len(t, out, row.limit, "the largest reply")
			assert.Empty(t, logged)

			for _, size := range []int{fits + 1, row.limit} {
				for _, write := range []func(io.Writer, string){whole, pieces} {
					out, logged := answer(size, write)
					got := received(t, out)
					assert.Equal(t, 500, got.Status)
					assert.Equal(t, http.Header{
						"Access-Control-Allow-Origin": {"*"}, "Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"},
					}, got.Header)
					assert.Equal(t, "Internal Server Error\n", got.Body)
					require.Len(t, logged, 1)
					assert.Equal(t, slog.LevelError, logged[0].level)
					assert.Regexp(t, `^adapter: answered 500 to GET /notes/1: the reply has \d+ bytes, \d+ is the limit$`, logged[0].text)
				}
			}
		})
	}
	for _, row := range []struct {
		name, event string
		size, lines int // of each field, and how many there are
		logged      string
	}{
		{"a header of 40 KB, ALB", albEvent, 40 << 10, 1, `the reply's header has 40986 bytes, 32768 is the limit`},
		{"a header of 200 KB, ALB with lists", albMultiEvent, 200 << 10, 1, `the reply's header has 204826 bytes, 32768 is the limit`},
		{"a header of many lines, ALB with lists", albMultiEvent, 20, 1000, ""},
		{"a header of many more lines, ALB with lists", albMultiEvent, 20, 1300, `the reply's header has 35119 bytes, 32768 is the limit`},
		{"a header of 30 KB, ALB", albEvent, 30 << 10, 1, ""},
		{"a header of 40 KB, REST", restEvent, 40 << 10, 1, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			var logged journal
			out := invoke(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil
				w.Header()["X-A"] = slices.Repeat([]string{strings.Repeat("a", row.size)}, row.lines)
			}, []byte(row.event), adapter.WithLogger(slog.New(&logged)))
			if row.logged == "" {
				assert.Equal(t, 200, received(t, out).Status)
				assert.Empty(t, logged.read())
				return
			}
			assert.Equal(t, 500, received(t, out).Status)
			assert.Equal(t, []entry{{slog.LevelError, "adapter: answered 500 to GET /notes/1: " + row.logged, map[string]string{}}}, logged.read())
		})
	}
	t.Run("base64 counts (rule 167)", func(t *testing.T) {
		noise := make([]byte, 5*megabyte)
		rand.New(rand.NewSource(1)).Read(noise)
		out := invoke(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(noise) }, []byte(restEvent), adapter.WithLogger(quiet()))
		assert.Equal(t, 500, received(t, out).Status)
		out = invoke(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(noise[:4*megabyte]) }, []byte(restEvent))
		got := received(t, out)
		assert.Equal(t, 200, got.Status)
		assert.True(t, bytes.Equal(noise[:4*megabyte], []byte(got.Body)))
	})
	t.Run("what has to be escaped counts (rule 151)", func(t *testing.T) {
		out := invoke(t, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Repeat("\n", 600*1024))
		}, []byte(albEvent), adapter.WithLogger(quiet()))
		assert.Equal(t, 500, received(t, out).Status)
	})
	t.Run("HEAD sends nothing, however much is written (rule 161, pitfall 56)", func(t *testing.T) {
		out := invoke(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 8 {
				n, err := w.Write(make([]byte, megabyte))
				assert.NoError(t, err)
				assert.Equal(t, megabyte, n)
			}
		}, edit(t, albEvent, `{"httpMethod": "HEAD"}`))
		assert.Equal(t, 200, received(t, out).Status)
	})
}

// The answers that the adapter makes in place of a handler's.
func TestPanics(t *testing.T) {
	cors := func(w http.ResponseWriter) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		w.Header()["Vary"] = []string{"Origin", "Accept"}
		w.Header().Set("X-Secret", "1")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Etag", "x")
	}
	answered := answer{Status: 500, Header: http.Header{
		"Access-Control-Allow-Origin": {"https://app.example.com"}, "Vary": {"Origin", "Accept"},
		"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"},
	}, Body: "Internal Server Error\n"}
	for _, row := range []struct {
		name    string
		handler http.HandlerFunc
		logged  string
	}{
		{"at once (pitfall 90)", func(w http.ResponseWriter, _ *http.Request) { cors(w); panic("secret: boom") }, "secret: boom"},
		{"after the header (pitfall 90)", func(w http.ResponseWriter, _ *http.Request) { cors(w); w.WriteHeader(201); panic("secret: boom") }, "secret: boom"},
		{"after half a body (pitfall 90)", func(w http.ResponseWriter, _ *http.Request) {
			cors(w)
			io.WriteString(w, "half")
			panic(io.ErrUnexpectedEOF)
		}, "unexpected EOF"},
		{"a nil pointer (pitfall 90)", func(w http.ResponseWriter, _ *http.Request) { cors(w); var p *door; _ = p.event }, "runtime error: invalid memory address or nil pointer dereference"},
		{"a status that is none (pitfall 49)", func(w http.ResponseWriter, _ *http.Request) { cors(w); w.WriteHeader(1000) }, "invalid WriteHeader code 1000"},
		{"on purpose (pitfall 89)", func(w http.ResponseWriter, _ *http.Request) { cors(w); panic(http.ErrAbortHandler) }, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, d := range httpDoors() {
				var logged journal
				out, err := adapter.Wrap(row.handler, adapter.WithLogger(slog.New(&logged))).Invoke(context.Background(), []byte(d.event))
				require.NoError(t, err)
				assert.Equal(t, joined(d.source, answered), received(t, out), d.source)
				if row.logged == "" {
					assert.Empty(t, logged.read())
					continue
				}
				require.Len(t, logged.read(), 1)
				e := logged.read()[0]
				assert.Equal(t, slog.LevelError, e.level)
				assert.Equal(t, "adapter: panic serving GET /notes/1", e.text)
				assert.Equal(t, row.logged, e.attrs["panic"])
				assert.Contains(t, e.attrs["stack"], "adapter_test.TestPanics")
			}
		})
	}
}

func TestCORS(t *testing.T) {
	preflight := func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "OPTIONS", r.Method)
		assert.Equal(t, "https://app.example.com", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Methods", "GET, PUT")
		w.Header().Add("Vary", "Origin")
		w.Header().Add("Vary", "Access-Control-Request-Method")
		w.WriteHeader(http.StatusNoContent)
	}
	want := answer{Status: 204, Header: http.Header{
		"Access-Control-Allow-Origin": {"https://app.example.com"}, "Access-Control-Allow-Methods": {"GET, PUT"},
		"Vary": {"Origin", "Access-Control-Request-Method"},
	}}
	for _, d := range httpDoors() {
		t.Run("OPTIONS reaches the handler through "+string(d.source)+" (pitfalls 62 and 84)", func(t *testing.T) {
			origin := inMap("origin", "https://app.example.com")
			if d.source == adapter.ALBMulti {
				origin = inLists("multiValueHeaders")("origin", "https://app.example.com")
			}
			out := invoke(t, preflight, edit(t, string(withMethod(t, d, "OPTIONS")), origin))
			assert.Equal(t, joined(d.source, want), received(t, out))
		})
	}
}

// Function URLs and HTTP APIs have CORS settings of their own, which a header that
// the adapter made up would contradict.
func TestNoCORSOfItsOwn(t *testing.T) {
	for _, d := range httpDoors() {
		out := invoke(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, withMethod(t, d, "OPTIONS"))
		assert.Equal(t, answer{Status: 204, Header: http.Header{}}, received(t, out), "%s (pitfalls 83 and 84)", d.source)
	}
}

// JSON has no way to carry bytes that are not UTF-8: who sends such a file's name learns
// of it.
func TestHeaderValuesThatAreNotText(t *testing.T) {
	var logged journal
	invoke(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", "attachment; filename=\"r\xe9sum\xe9.pdf\"")
		w.Header().Set("X-Text", "r\u00e9sum\u00e9")
	}, []byte(functionURLEvent), adapter.WithLogger(slog.New(&logged)))
	assert.Equal(t, []entry{{slog.LevelWarn,
		"adapter: GET /notes/1: the value of the header Content-Disposition is not UTF-8, and no front door takes any other: it arrives with U+FFFD in it", map[string]string{}}}, logged.read())
}

func TestLostCookies(t *testing.T) {
	for _, event := range []string{albEvent, latticeV2Event} {
		var logged journal
		h := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, cookie := range []string{"a=1", "b=2", "a=3"} {
				w.Header().Add("Set-Cookie", cookie)
			}
		}), adapter.WithLogger(slog.New(&logged)))
		for range 3 {
			out, err := h.Invoke(context.Background(), []byte(event))
			require.NoError(t, err)
			assert.Equal(t, map[string]any{"Set-Cookie": "a=3"}, decode(t, out)["headers"], "one whole cookie (rule 150, pitfall 70)")
		}
		require.Len(t, logged.read(), 1, "logged once (pitfall 70)")
		assert.Equal(t, slog.LevelWarn, logged.read()[0].level)
		assert.Contains(t, logged.read()[0].text, "takes one Set-Cookie in a reply, 2 others were dropped")
	}
}
