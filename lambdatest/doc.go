// Package lambdatest tests Lambda functions the way net/http/httptest tests
// handlers, through every front door that AWS has.
//
// # A first test
//
// [Do] takes a function and an ordinary request and returns the response that a
// client would get. Between them lie the event that the front door makes, the
// function, its reply, and what the front door makes of that:
//
//	func TestNotes(t *testing.T) {
//		app := adapter.Wrap(newApp())
//		resp := lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/notes", nil))
//		if resp.StatusCode != 200 {
//			t.Error(lambdatest.Explain(resp))
//		}
//	}
//
// # Every front door
//
// Front doors differ in what they do to paths, headers, cookies and bytes. [Each]
// runs the same test through them all:
//
//	func TestNotes(t *testing.T) {
//		lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
//			app := adapter.Wrap(newApp())
//			for path, status := range map[string]int{"/notes": 200, "/nothing": 404} {
//				resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", path, nil))
//				if resp.StatusCode != status {
//					t.Errorf("%s: got %d, want %d", path, resp.StatusCode, status)
//				}
//			}
//		})
//	}
//
// What a front door does not have, such as the claims of a token behind a load balancer,
// skips its subtest. [Sources] lists the front doors for suites, benchmarks and fuzz
// tests, and [FactsOf] tells what each has.
//
// The package returns values and asserts nothing, so that it goes with plain tests
// and with any library. Only misuse ends a test by itself, with a sentence that
// says what to do. When a front door answers for the function, because it failed or
// its reply was not acceptable, the test's log says why.
//
// # What a request cannot say
//
// [Option] values set up the front door, or say what it knows of the client:
//
//	lambdatest.Do(t, app, lambdatest.HTTPv2, req,
//		lambdatest.WithStage("dev"), lambdatest.WithClaims(map[string]string{"sub": "ana"}))
//
// # More than one response
//
// [Golden] compares a whole response with a file, and writes the file when asked to; a
// [Mask] hides what the application makes anew each time.
// [Replay] invokes the function with recorded invocations and compares what comes
// out. [Transport] makes an http.Client of the function, [NewServer] a server with a
// URL, where streams arrive as they are written. [NewEvent] returns the event alone,
// for benchmarks and for handlers tested by themselves.
//
// # A stream
//
// The response of a function made by adapter.Stream arrives as it is written: [Do]
// returns when the handler has flushed for the first time, and the body reads on while
// the handler still works.
//
//	resp := lambdatest.Do(t, adapter.Stream(app), lambdatest.FunctionURL, httptest.NewRequest("GET", "/events", nil))
//	events := bufio.NewScanner(resp.Body)
//
// Front doors that cannot stream deliver the same response in one piece, so that one
// test serves them all.
//
// # A WebSocket
//
// [Dial] holds a conversation: what the test sends becomes events of a WebSocket API,
// and what the function posts through adapter/connections comes back.
//
//	c := lambdatest.Dial(t, adapter.Wrap(app), "/prod?room=tea")
//	c.Send("hello")
//	fmt.Println(c.Receive())
//
// [NewWebSocketServer] has the API's settings, such as routes with responses, through
// which the function's own answer comes back too, and room for several clients.
//
// # A whole API
//
// [NewAPI] reads the file that an API is deployed from, with its routes, authorizers and
// integrations, and puts the functions under test behind it:
//
//	api := lambdatest.NewAPI(t, "template.yaml", lambdatest.Functions{"Notes": adapter.Wrap(app)})
//	resp := api.Do(httptest.NewRequest("GET", "/live/notes", nil))
//
// # What it is true to
//
// Events and responses are those of package local/gateway, which the local command
// serves too: a table that passes here gives the same answers there. The function
// runs in the test's own process and, unless it may stream, in its goroutine, so that
// breakpoints, the race detector, coverage, fuzzing and testing/synctest all work. As
// in Lambda, its context has a lambdacontext, a panic fails its invocation and no
// other, and the memory of an event is used again when the function is done.
//
// In one thing the defaults are kinder than AWS's: REST APIs are set up with the
// binary media type "*/*", without which they corrupt images and uploads. See
// [WithBinaryMediaTypes].
package lambdatest
