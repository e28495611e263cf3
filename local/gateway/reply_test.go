package gateway_test

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// wire is a response with a body and its length.
func wire(status, body string, header ...string) response {
	header = append(slices.Clone(header), "Content-Length: "+strconv.Itoa(len(body)))
	slices.Sort(header)
	return response{Status: status, Header: header, Body: body}
}

// rest is what a REST API answers for a function.
func rest(status, body string, header ...string) response {
	return wire(status, body, append(header,
		"Connection: keep-alive", "x-amzn-RequestId: UUID", "x-amz-apigw-id: EXTENDED",
		"X-Amzn-Trace-Id: Root=ROOT;Parent=SEGMENT;Sampled=0;Lineage=LINEAGE")...)
}

// restFailed is what a REST API answers by itself.
func restFailed(status, kind, body string) response {
	return wire(status, body, "Connection: keep-alive", "x-amzn-RequestId: UUID", "x-amz-apigw-id: EXTENDED",
		"x-amzn-ErrorType: "+kind, "Content-Type: application/json")
}

func rest502() response {
	return restFailed("502 Bad Gateway", "InternalServerErrorException", `{"message": "Internal server error"}`)
}

// httpAPI is what an HTTP API answers, and httpAPI500 what by itself.
func httpAPI(status, body string, header ...string) response {
	return wire(status, body, append(header, "Apigw-Requestid: EXTENDED", "Connection: keep-alive")...)
}

func httpAPI500() response {
	return httpAPI("500 Internal Server Error", `{"message":"Internal Server Error"}`, "Content-Type: application/json")
}

// furl is what a function URL answers for a function, and furl502 what by itself.
func furl(status, body string, header ...string) response {
	return wire(status, body, append(header, "x-amzn-RequestId: UUID",
		"X-Amzn-Trace-Id: Root=ROOT;Parent=SEGMENT;Sampled=0;Lineage=LINEAGE")...)
}

func furl502() response {
	return wire("502 Bad Gateway", "Internal Server Error", "x-amzn-RequestId: UUID", "Content-Type: text/plain")
}

// alb is what a load balancer answers, and alb502 what by itself.
func alb(status, body string, header ...string) response {
	return wire(status, body, append(header, "Server: awselb/2.0")...)
}

func alb502() response {
	return alb("502 Bad Gateway", "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"+
		"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n", "Content-Type: text/html")
}

const (
	asJSON  = "Content-Type: application/json"
	asPlain = "Content-Type: text/plain; charset=utf-8"
)

// accepts is a GET with an Accept header.
func accepts(media string) string {
	return "GET / HTTP/1.1\r\nHost: api\r\nAccept: " + media + "\r\n\r\n"
}

func TestReplies(t *testing.T) {
	t.Parallel()
	const test64 = `{"statusCode":200,"isBase64Encoded":true,"body":"dGVzdC1kYXRh"}`
	binary := func(types ...string) config {
		return config{Source: gateway.REST, BinaryMediaTypes: types}
	}
	type row struct {
		cfg     config
		request string
		reply   string
		want    response
		why     string // of the front door's own answer, or the warning
	}
	on := func(source gateway.Source, reply string, want response, why ...string) row {
		why = append(why, "")
		return row{cfg: config{Source: source}, request: get, reply: reply, want: want, why: why[0]}
	}
	coded := func(cfg config, accept, reply string, want response, why string) row {
		return row{cfg, accepts(accept), reply, want, why}
	}
	asText := func(accept, types string) string {
		return `the client gets the body as base64 text: its Accept "` + accept + `" begins with none of the binary media types [` + types + `]`
	}

	for name, test := range map[string]row{
		// REST APIs.
		"REST takes an empty object (rule 97, B3)":     on(gateway.REST, `{}`, rest("200 OK", "", asJSON)),
		"REST takes a status alone (rule 98)":          on(gateway.REST, `{"statusCode":200}`, rest("200 OK", "", asJSON)),
		"REST takes headers alone (rule 99, B3)":       on(gateway.REST, `{"headers":{"test-header":"value"}}`, rest("200 OK", "", asJSON, "test-header: value")),
		"REST refuses an unknown key (rule 100, B3)":   on(gateway.REST, `{"statusCode":200,"wrongValue":1}`, rest502(), `the reply has the key "wrongValue", which REST APIs do not know`),
		"REST refuses cookies (rule 101)":              on(gateway.REST, `{"statusCode":200,"cookies":["a=1"]}`, rest502(), `the reply has the key "cookies", which REST APIs do not know`),
		"names count by case":                          on(gateway.REST, `{"StatusCode":200}`, rest502(), `the reply has the key "StatusCode", which REST APIs do not know`),
		"REST refuses a string (rule 102, B3)":         on(gateway.REST, `"justAString"`, rest502(), `the reply is a string, not an object: "\"justAString\""`),
		"REST refuses what is not JSON (B3)":           on(gateway.REST, `{"name": "John Doe", "age":`, rest502(), `the reply is not JSON: unexpected end of JSON input: "{\"name\": \"John Doe\", \"age\":"`),
		"REST refuses null":                            on(gateway.REST, `null`, rest502(), `the reply is null, not an object: "null"`),
		"REST refuses nothing":                         on(gateway.REST, ``, rest502(), `the reply is not JSON: unexpected end of JSON input: ""`),
		"REST takes a numeric string (rule 103, B3)":   on(gateway.REST, `{"statusCode":"201"}`, rest("201 Created", "", asJSON)),
		"REST refuses a word for a status (rule 103)":  on(gateway.REST, `{"statusCode":"test"}`, rest502(), `statusCode is "test", not a whole number`),
		"REST refuses status 0 (rule 103, B3)":         on(gateway.REST, `{"statusCode":0}`, rest502(), `statusCode 0 is not between 100 and 599`),
		"REST refuses a status that is not the last":   on(gateway.REST, `{"statusCode":103}`, rest502(), `statusCode 103 announces a response and cannot be one`),
		"REST refuses a fraction for a status":         on(gateway.REST, `{"statusCode":200.5}`, rest502(), `statusCode is "200.5", not a whole number`),
		"REST writes a boolean (rule 104, B3)":         on(gateway.REST, `{"headers":{"header-bool":true}}`, rest("200 OK", "", asJSON, "header-bool: true")),
		"REST writes a number":                         on(gateway.REST, `{"headers":{"n":1.50}}`, rest("200 OK", "", asJSON, "n: 1.50")),
		"REST refuses a list for a header":             on(gateway.REST, `{"headers":{"n":["a"]}}`, rest502(), `headers has an array for "n", not a string`),
		"REST refuses a string for headers":            on(gateway.REST, `{"headers":"n: a"}`, rest502(), `headers is a string, not an object`),
		"REST takes headers null (rule 105)":           on(gateway.REST, `{"headers":null}`, rest("200 OK", "", asJSON)),
		"REST sends all values (rule 106)":             on(gateway.REST, `{"multiValueHeaders":{"test-multi":["value1","value2"]}}`, rest("200 OK", "", asJSON, "test-multi: value1", "test-multi: value2")),
		"REST spells as the lists do (rule 107)":       on(gateway.REST, `{"headers":{"test-multi":"value-solo"},"multiValueHeaders":{"tesT-Multi":["value-multi"]}}`, rest("200 OK", "", asJSON, "tesT-Multi: value-multi", "tesT-Multi: value-solo")),
		"REST refuses a single list (rule 108, B3)":    on(gateway.REST, `{"multiValueHeaders":{"a":"b"}}`, rest502(), `multiValueHeaders has a string for "a", not an array`),
		"REST puts the lists first (rule 109, B3)":     on(gateway.REST, `{"headers":{"Combined-Header":"a-single"},"multiValueHeaders":{"Combined-Header":["m1","m2"]}}`, rest("200 OK", "", asJSON, "Combined-Header: m1", "Combined-Header: m2", "Combined-Header: a-single")),
		"REST sends what is in both maps once":         on(gateway.REST, `{"headers":{"a":"m1"},"multiValueHeaders":{"A":["m1","m2"]}}`, rest("200 OK", "", asJSON, "A: m1", "A: m2")),
		"REST defaults to JSON (rule 110, B3)":         on(gateway.REST, `{"body":"hello"}`, rest("200 OK", "hello", asJSON)),
		"REST keeps a content type by any name":        on(gateway.REST, `{"body":"hello","headers":{"content-type":"text/html"}}`, rest("200 OK", "hello", "content-type: text/html")),
		"REST sends cookies (rule 111)":                on(gateway.REST, `{"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]}}`, rest("200 OK", "", asJSON, "Set-Cookie: a=1", "Set-Cookie: b=2")),
		"REST refuses an object for a body":            on(gateway.REST, `{"body":{"a":1}}`, rest502(), `body is an object, not a string: encode it as JSON text first`),
		"REST refuses a string for isBase64Encoded":    on(gateway.REST, `{"isBase64Encoded":"true"}`, rest502(), `isBase64Encoded is a string, not a boolean`),
		"REST sends no length with 204":                {cfg: config{Source: gateway.REST}, request: get, reply: `{"statusCode":204}`, want: without(rest("204 No Content", "", asJSON), "Content-Length: 0")},
		"REST sends the length of a HEAD":              {cfg: config{Source: gateway.REST}, request: "HEAD / HTTP/1.1\r\nHost: api\r\n\r\n", reply: `{"body":"hello"}`, want: headOf(rest("200 OK", "hello", asJSON))},
		"REST leaves base64 without types (rule 112)":  coded(binary(), "image/png", test64, rest("200 OK", "dGVzdC1kYXRh", asJSON), asText("image/png", "")),
		"REST decodes for a type (rule 113, B3)":       coded(binary("image/png", "*/test"), "image/png", test64, rest("200 OK", "test-data", asJSON), ""),
		"another type (rule 113)":                      coded(binary("image/png", "*/test"), "image/jpg", test64, rest("200 OK", "dGVzdC1kYXRh", asJSON), asText("image/jpg", `"image/png" "*/test"`)),
		"a wildcard for the type (rule 113)":           coded(binary("image/png", "*/test"), "image/*", test64, rest("200 OK", "dGVzdC1kYXRh", asJSON), asText("image/*", `"image/png" "*/test"`)),
		"a wildcard for all (rule 113)":                coded(binary("image/png", "*/test"), "*/*", test64, rest("200 OK", "dGVzdC1kYXRh", asJSON), asText("*/*", `"image/png" "*/test"`)),
		"half a wildcard (rule 113)":                   coded(binary("image/png", "*/test"), "*/test", test64, rest("200 OK", "dGVzdC1kYXRh", asJSON), asText("*/test", `"image/png" "*/test"`)),
		"the other half of a wildcard (rule 113)":      coded(binary("image/png", "*/test"), "random/test", test64, rest("200 OK", "dGVzdC1kYXRh", asJSON), asText("random/test", `"image/png" "*/test"`)),
		"a type of a wildcard (rule 113)":              coded(binary("application/*"), "application/x", test64, rest("200 OK", "test-data", asJSON), ""),
		"the wildcard itself (rule 113)":               coded(binary("application/*"), "application/*", test64, rest("200 OK", "test-data", asJSON), ""),
		"half a type (rule 113)":                       coded(binary("application/*"), "application", test64, rest("200 OK", "dGVzdC1kYXRh", asJSON), asText("application", `"application/*"`)),
		"text stays text (rule 113)":                   coded(binary("image/png"), "image/png", `{"isBase64Encoded":false,"body":"dGVzdC1kYXRh"}`, rest("200 OK", "dGVzdC1kYXRh", asJSON), ""),
		"the reply's type does not count (rule 113)":   coded(binary("image/png"), "image/png", `{"isBase64Encoded":true,"body":"dGVzdC1kYXRh","headers":{"Content-Type":"text/plain"}}`, rest("200 OK", "test-data", "Content-Type: text/plain"), ""),
		"the first type counts (rule 114)":             coded(binary("image/png"), "image/png,image/*", test64, rest("200 OK", "test-data", asJSON), ""),
		"the second does not (rule 114)":               coded(binary("image/png"), "image/webp,image/png", test64, rest("200 OK", "dGVzdC1kYXRh", asJSON), asText("image/webp,image/png", `"image/png"`)),
		"everything is binary (rule 115)":              coded(binary("*/*"), "whatever/it-is", test64, rest("200 OK", "test-data", asJSON), ""),
		"everything is binary to a browser (rule 115)": coded(binary("*/*"), "*/*", test64, rest("200 OK", "test-data", asJSON), ""),
		"bad base64 (rule 116)":                        coded(binary("*/*"), "*/*", `{"isBase64Encoded":true,"body":"%"}`, restFailed("500 Internal Server Error", "InternalServerErrorException", `{"message": "Internal server error"}`), `isBase64Encoded is true and the body is not base64: illegal base64 data at input byte 0`),
		"REST renames headers (rule 117, B4)": on(gateway.REST,
			`{"headers":{"Date":"d","Server":"s","connection":"close","Content-Length":"9","WWW-Authenticate":"Basic","User-Agent":"u","Host":"h","Authorization":"a","Transfer-Encoding":"chunked"}}`,
			rest("200 OK", "", asJSON, "x-amzn-Remapped-Date: d", "x-amzn-Remapped-Server: s", "x-amzn-Remapped-connection: close", "x-amzn-Remapped-Content-Length: 9",
				"x-amzn-Remapped-WWW-Authenticate: Basic", "x-amzn-Remapped-User-Agent: u", "x-amzn-Remapped-Host: h", "x-amzn-Remapped-Authorization: a"),
			`the header "Authorization" reaches the client as "x-amzn-Remapped-Authorization"`),

		// HTTP APIs.
		"1.0 needs a status (B3)":                       on(gateway.HTTPv1, `{"body":"hello"}`, httpAPI500(), `the reply has no statusCode, which payload format 1.0 needs`),
		"1.0 refuses what is not JSON (B3)":             on(gateway.HTTPv1, `{"name": "John Doe", "age":`, httpAPI500(), `the reply is not JSON: unexpected end of JSON input: "{\"name\": \"John Doe\", \"age\":"`),
		"1.0 ignores an unknown key (B3)":               on(gateway.HTTPv1, `{"statusCode":200,"wrongValue":1}`, httpAPI("200 OK", "", asPlain)),
		"1.0 puts the single one first (rule 122, B3)":  on(gateway.HTTPv1, `{"statusCode":200,"headers":{"Combined-Header":"a-single"},"multiValueHeaders":{"Combined-Header":["m1","m2"]}}`, httpAPI("200 OK", "", asPlain, "Combined-Header: a-single", "Combined-Header: m1", "Combined-Header: m2"), `the client gets "Combined-Header" twice, it is in headers and in multiValueHeaders`),
		"1.0 sends the same twice (rule 123)":           on(gateway.HTTPv1, `{"statusCode":200,"headers":{"a":"b"},"multiValueHeaders":{"A":["b"]}}`, httpAPI("200 OK", "", asPlain, "A: b", "A: b"), `the client gets "A" twice, it is in headers and in multiValueHeaders`),
		"1.0 sends a content type once (rule 123)":      on(gateway.HTTPv1, `{"statusCode":200,"headers":{"content-type":"a/b"},"multiValueHeaders":{"Content-Type":["a/b"]}}`, httpAPI("200 OK", "", "Content-Type: a/b")),
		"1.0 defaults to text (rule 124, B3)":           on(gateway.HTTPv1, `{"statusCode":200,"body":"hello"}`, httpAPI("200 OK", "hello", asPlain)),
		"2.0 defaults to text (rule 124, B3)":           on(gateway.HTTPv2, `{"statusCode":200,"body":"hello"}`, httpAPI("200 OK", "hello", asPlain)),
		"1.0 refuses status 0 (rule 125, B3)":           on(gateway.HTTPv1, `{"statusCode":0}`, httpAPI500(), `statusCode 0 is not between 100 and 599`),
		"2.0 refuses status 0 (rule 125, B3)":           on(gateway.HTTPv2, `{"statusCode":0}`, httpAPI500(), `statusCode 0 is not between 100 and 599`),
		"1.0 refuses a fraction for a status (B3)":      on(gateway.HTTPv1, `{"statusCode":200.5}`, httpAPI500(), `statusCode is "200.5", not a whole number`),
		"2.0 refuses a fraction for a status (B3)":      on(gateway.HTTPv2, `{"statusCode":200.5}`, httpAPI500(), `statusCode is "200.5", not a whole number`),
		"1.0 takes a numeric string (B3)":               on(gateway.HTTPv1, `{"statusCode":"418"}`, httpAPI("418 I'm a teapot", "", asPlain)),
		"2.0 takes a numeric string (B3)":               on(gateway.HTTPv2, `{"statusCode":"418"}`, httpAPI("418 I'm a teapot", "", asPlain)),
		"2.0 infers from a string (rule 126)":           on(gateway.HTTPv2, `"Hello from Lambda!"`, httpAPI("200 OK", "Hello from Lambda!", asJSON)),
		"2.0 infers from an object (rule 127, B3)":      on(gateway.HTTPv2, `{"message":"x"}`, httpAPI("200 OK", `{"message":"x"}`, asJSON)),
		"2.0 passes on what is not JSON (B3)":           on(gateway.HTTPv2, `{"name": "John Doe", "age":`, httpAPI("200 OK", `{"name": "John Doe", "age":`, asJSON)),
		"2.0 ignores an unknown key (B3)":               on(gateway.HTTPv2, `{"statusCode":200,"wrongValue":1}`, httpAPI("200 OK", "", asPlain)),
		"2.0 sends cookies (rule 128, B2)":              on(gateway.HTTPv2, `{"statusCode":200,"cookies":["a=1","b=2"]}`, httpAPI("200 OK", "", asPlain, "Set-Cookie: a=1", "Set-Cookie: b=2")),
		"2.0 refuses a string for cookies":              on(gateway.HTTPv2, `{"statusCode":200,"cookies":"a=1"}`, httpAPI500(), `cookies is a string, not an array`),
		"2.0 ignores multi-value headers (rule 129)":    on(gateway.HTTPv2, `{"statusCode":200,"multiValueHeaders":{"a":["b"]}}`, httpAPI("200 OK", "", asPlain), `multiValueHeaders is left out, payload format 2.0 has headers and cookies only`),
		"2.0 decodes whatever is wanted (rule 130, B3)": coded(config{Source: gateway.HTTPv2}, "text/html", test64, httpAPI("200 OK", "test-data", asPlain), ""),
		"1.0 decodes whatever is wanted (B3)":           coded(config{Source: gateway.HTTPv1}, "text/html", test64, httpAPI("200 OK", "test-data", asPlain), ""),
		"HTTP APIs spell names their way (rule 131)":    on(gateway.HTTPv2, `{"statusCode":200,"headers":{"myheader":"test,other"}}`, httpAPI("200 OK", "", asPlain, "Myheader: test,other")),
		"and add one (rule 133, B4)":                    on(gateway.HTTPv1, `{"statusCode":200,"headers":{"myheader":"test"}}`, httpAPI("200 OK", "", asPlain, "Myheader: test")),

		// Function URLs.
		"URL infers from an object (rule 134, B7)":            on(gateway.FunctionURL, `{"hello": "world"}`, furl("200 OK", `{"hello":"world"}`, asJSON)),
		"URL infers from a string (rule 135, B7)":             on(gateway.FunctionURL, `"hello"`, furl("200 OK", `hello`, asJSON)),
		"URL infers from a list (rule 136, B7)":               on(gateway.FunctionURL, `["hello", 3, true]`, furl("200 OK", `["hello",3,true]`, asJSON)),
		"URL infers from a number (rule 136, B7)":             on(gateway.FunctionURL, `3`, furl("200 OK", `3`, asJSON)),
		"URL infers from a fraction (rule 136)":               on(gateway.FunctionURL, `3.1`, furl("200 OK", `3.1`, asJSON)),
		"URL infers from a boolean (rule 136, B7)":            on(gateway.FunctionURL, `true`, furl("200 OK", `true`, asJSON)),
		"URL defaults to JSON (rule 137)":                     on(gateway.FunctionURL, `{"statusCode":200,"body":"body123"}`, furl("200 OK", `body123`, asJSON)),
		"URL takes a numeric string (rule 138)":               on(gateway.FunctionURL, `{"statusCode":"418","body":"i'm a teapot"}`, furl("418 I'm a teapot", `i'm a teapot`, asJSON)),
		"URL keeps the function's names (section 4.2)":        on(gateway.FunctionURL, `{"statusCode":201,"headers":{"My-Custom-Header":"Custom Value"}}`, furl("201 Created", "", asJSON, "My-Custom-Header: Custom Value")),
		"URL renames www-authenticate (section 4.2, B4)":      on(gateway.FunctionURL, `{"statusCode":401,"headers":{"www-authenticate":"Bearer"}}`, furl("401 Unauthorized", "", asJSON, "x-amzn-Remapped-www-authenticate: Bearer"), `the header "www-authenticate" reaches the client as "x-amzn-Remapped-www-authenticate"`),
		"URL sends cookies (rule 141)":                        on(gateway.FunctionURL, `{"statusCode":200,"cookies":["a=1","b=2"]}`, furl("200 OK", "", asJSON, "Set-Cookie: a=1", "Set-Cookie: b=2")),
		"URL refuses status 99 (rule 142)":                    on(gateway.FunctionURL, `{"statusCode":99}`, furl502(), `statusCode 99 is not between 100 and 599`),
		"URL refuses status 600 (rule 142)":                   on(gateway.FunctionURL, `{"statusCode":600}`, furl502(), `statusCode 600 is not between 100 and 599`),
		"URL ignores multi-value headers (section 4.2)":       on(gateway.FunctionURL, `{"statusCode":200,"multiValueHeaders":{"a":["b"]}}`, furl("200 OK", "", asJSON), `multiValueHeaders is left out, payload format 2.0 has headers and cookies only`),
		"URL decodes whatever the client wants (section 4.2)": coded(config{Source: gateway.FunctionURL}, "text/html", test64, furl("200 OK", "test-data", asJSON), ""),

		// Load balancers.
		"ALB takes a status alone (rule 143)":                    on(gateway.ALB, `{"statusCode":200}`, alb("200 OK", "")),
		"ALB refuses body null (rule 144)":                       on(gateway.ALB, `{"statusCode":200,"body":null}`, alb502(), `body is null: leave it out instead`),
		"ALB refuses headers null (rule 145)":                    on(gateway.ALB, `{"statusCode":200,"headers":null}`, alb502(), `headers is null: leave it out instead`),
		"ALB refuses multiValueHeaders null (rule 145)":          on(gateway.ALB, `{"statusCode":200,"multiValueHeaders":null}`, alb502(), `multiValueHeaders is null: leave it out instead`),
		"ALB refuses statusDescription null (rule 145)":          on(gateway.ALBMulti, `{"statusCode":200,"statusDescription":null}`, alb502(), `statusDescription is null: leave it out instead`),
		"ALB refuses a boolean (rule 146)":                       on(gateway.ALB, `{"statusCode":200,"headers":{"a":true}}`, alb502(), `headers has a boolean for "a", not a string`),
		"ALB refuses a number (rule 146)":                        on(gateway.ALB, `{"statusCode":200,"headers":{"a":1}}`, alb502(), `headers has a number for "a", not a string`),
		"ALB needs a status (rule 147)":                          on(gateway.ALB, `{"body":"hello"}`, alb502(), `the reply has no statusCode`),
		"ALB loses headers in multi mode (rule 148)":             on(gateway.ALBMulti, `{"statusCode":200,"headers":{"a":"b"}}`, alb("200 OK", ""), `headers is left out, the target group is set to multi-value headers`),
		"ALB loses lists in single mode (section 5.2)":           on(gateway.ALB, `{"statusCode":200,"multiValueHeaders":{"a":["b"]}}`, alb("200 OK", ""), `multiValueHeaders is left out, the target group is set to single-value headers`),
		"ALB sends lists in multi mode (section 5.2)":            on(gateway.ALBMulti, `{"statusCode":200,"multiValueHeaders":{"a":["b"]}}`, alb("200 OK", "", "a: b")),
		"ALB takes a description (rule 149)":                     on(gateway.ALB, `{"statusCode":200,"statusDescription":"200 OK","headers":{"Content-Type":"text/html"},"body":"hello"}`, alb("200 OK", "hello", "Content-Type: text/html")),
		"ALB refuses a bare reason (rule 149)":                   on(gateway.ALB, `{"statusCode":200,"statusDescription":"OK"}`, alb502(), `statusDescription is "OK", not the status and its reason like "200 OK"`),
		"ALB refuses two spaces (rule 149)":                      on(gateway.ALB, `{"statusCode":200,"statusDescription":"200  OK"}`, alb502(), `statusDescription is "200  OK", not the status and its reason like "200 OK"`),
		"ALB sends two names that differ (rule 150)":             on(gateway.ALB, `{"statusCode":200,"headers":{"set-cookie":"a=1","Set-cookie":"b=2"}}`, alb("200 OK", "", "set-cookie: a=1", "Set-cookie: b=2")),
		"ALB decodes (rule 152)":                                 on(gateway.ALBMulti, test64, alb("200 OK", "test-data")),
		"ALB ignores what belongs to a connection (section 5.2)": on(gateway.ALB, `{"statusCode":200,"headers":{"Connection":"close","Transfer-Encoding":"chunked","content-length":"7"}}`, alb("200 OK", "")),
		"ALB refuses a string (section 5.2)":                     on(gateway.ALB, `"hello"`, alb502(), `the reply is a string, not an object: "\"hello\""`),
		"Lattice takes a status and a header (section 6)":        on(gateway.LatticeV2, `{"statusCode":200,"headers":{"a":"b"},"body":"hello"}`, wire("200 OK", "hello", "a: b")),
		"Lattice decodes (section 6)":                            on(gateway.LatticeV1, test64, wire("200 OK", "test-data")),
		"Lattice ignores cookies (section 6)":                    on(gateway.LatticeV1, `{"statusCode":200,"cookies":["a=1"]}`, wire("200 OK", ""), `cookies is left out, VPC Lattice knows headers only`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen gateway.Exchange
			test.cfg.Observe = func(x gateway.Exchange) { seen = x }
			test.cfg.Function = replies(test.reply)
			assert.Equal(t, sorted(test.want), converse(t, open(t, test.cfg), test.request))
			var why string
			if seen.Err != nil {
				why = seen.Err.Error()[len("gateway: "):]
			} else if len(seen.Warnings) > 0 {
				slices.Sort(seen.Warnings)
				why = seen.Warnings[0]
			}
			assert.Equal(t, test.why, why)
		})
	}
}

func sorted(r response) response {
	slices.Sort(r.Header)
	return r
}

// without is r without a field.
func without(r response, field string) response {
	r.Header = slices.DeleteFunc(r.Header, func(f string) bool { return f == field })
	return r
}

// headOf is r as the answer to a HEAD.
func headOf(r response) response {
	r.Body = ""
	return r
}

// A field's values keep their order, which sorting the lines of a response hides.
func TestOrderOfValues(t *testing.T) {
	t.Parallel()
	const reply = `{"statusCode":200,"headers":{"c":"a-single"},"multiValueHeaders":{"c":["m2","m1"]}}`
	for name, test := range map[string]struct {
		source gateway.Source
		field  string
		want   []string
	}{
		"REST (rule 109)":                {gateway.REST, "c", []string{"m2", "m1", "a-single"}},
		"1.0 (rule 122)":                 {gateway.HTTPv1, "C", []string{"a-single", "m2", "m1"}},
		"ALB, multi-value (section 5.2)": {gateway.ALBMulti, "c", []string{"m2", "m1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen gateway.Exchange
			g := open(t, config{Source: test.source, Function: replies(reply), Observe: func(x gateway.Exchange) { seen = x }})
			converse(t, g, get)
			assert.Equal(t, test.want, seen.Header[test.field])
		})
	}
}

// A response shares no memory with the reply, which the Invoker may use again.
func TestResponsesAreCopies(t *testing.T) {
	t.Parallel()
	body := base64.StdEncoding.EncodeToString([]byte("hello"))
	for _, reply := range []string{
		`{"statusCode":200,"body":"hello"}`,
		`{"statusCode":200,"isBase64Encoded":true,"body":"` + body + `"}`,
		`"hello"`, `[1,2,3]`,
	} {
		for _, source := range []gateway.Source{gateway.HTTPv2, gateway.FunctionURL} {
			var seen gateway.Exchange
			memory := []byte(reply)
			g := open(t, config{
				Source:   source,
				Function: lambdaFunc(func(context.Context, []byte) ([]byte, error) { return memory, nil }),
				Observe:  func(x gateway.Exchange) { seen = x },
			})
			want := converse(t, g, get).Body
			for i := range memory {
				memory[i] = '#'
			}
			require.Equal(t, want, string(seen.Body))
		}
	}
}
