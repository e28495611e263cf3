package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/gateway"
)

func TestCORS(t *testing.T) {
	t.Parallel()
	given := gateway.CORS{
		AllowOrigins: []string{"https://a.example"},
		AllowMethods: []string{"GET", "PUT"}, AllowHeaders: []string{"x-a"}, ExposeHeaders: []string{"x-b"},
		AllowCredentials: true, MaxAge: time.Minute,
	}
	everybody := gateway.CORS{AllowOrigins: []string{"*"}}
	preflight := func(origin string) string {
		return "OPTIONS /x HTTP/1.1\r\nHost: api\r\nOrigin: " + origin + "\r\nAccess-Control-Request-Method: PUT\r\n\r\n"
	}
	from := func(origin string) string { return "GET /x HTTP/1.1\r\nHost: api\r\nOrigin: " + origin + "\r\n\r\n" }
	const (
		own       = `{"statusCode":200,"headers":{"access-control-allow-origin":"https://b.example","x-other":"1"}}`
		origin    = "Access-Control-Allow-Origin: https://a.example"
		secrets   = "Access-Control-Allow-Credentials: true"
		exposed   = "Access-Control-Expose-Headers: x-b"
		ignored   = `the function's header "Access-Control-Allow-Origin" is left out, the API has a CORS configuration`
		doubled   = `the client gets "access-control-allow-origin" twice, from the function and from the URL's CORS configuration: browsers refuse that`
		functions = "access-control-allow-origin: https://b.example"
	)
	granted := []string{origin, secrets, "Access-Control-Allow-Methods: GET,PUT", "Access-Control-Allow-Headers: x-a", "Access-Control-Max-Age: 60"}
	noContent := func(header ...string) response {
		return without(httpAPI("204 No Content", "", header...), "Content-Length: 0")
	}
	for name, test := range map[string]struct {
		source  gateway.Source
		cors    gateway.CORS
		request string
		reply   string
		want    response
		why     string
	}{
		"2.0 answers a preflight (B5)":             {gateway.HTTPv2, given, preflight("https://a.example"), own, noContent(granted...), ""},
		"1.0 answers a preflight (B5)":             {gateway.HTTPv1, given, preflight("https://a.example"), own, noContent(granted...), ""},
		"2.0 answers a preflight of a stranger":    {gateway.HTTPv2, given, preflight("https://c.example"), own, noContent(), ""},
		"2.0 ignores the app's (B5, pitfall 84)":   {gateway.HTTPv2, given, from("https://a.example"), own, httpAPI("200 OK", "", asPlain, "X-Other: 1", origin, secrets, exposed), ignored},
		"2.0 allows everybody":                     {gateway.HTTPv2, everybody, from("https://c.example"), `{"statusCode":200}`, httpAPI("200 OK", "", asPlain, "Access-Control-Allow-Origin: *"), ""},
		"2.0 allows a stranger nothing":            {gateway.HTTPv2, given, from("https://c.example"), own, httpAPI("200 OK", "", asPlain, "X-Other: 1"), ignored},
		"2.0 without Origin":                       {gateway.HTTPv2, given, get, `{"statusCode":200}`, httpAPI("200 OK", "", asPlain), ""},
		"2.0 passes on other OPTIONS":              {gateway.HTTPv2, given, "OPTIONS /x HTTP/1.1\r\nHost: api\r\n\r\n", `{"statusCode":200,"body":"x"}`, httpAPI("200 OK", "x", asPlain), ""},
		"2.0 has them on its own answers":          {gateway.HTTPv2, given, from("https://a.example"), `{"statusCode":0}`, httpAPI("500 Internal Server Error", `{"message":"Internal Server Error"}`, asJSON, origin, secrets, exposed), ""},
		"URL answers a preflight (section 4.2)":    {gateway.FunctionURL, given, preflight("https://a.example"), own, furl("200 OK", "", granted...), ""},
		"URL sends both (section 4.2, pitfall 83)": {gateway.FunctionURL, given, from("https://a.example"), own, furl("200 OK", "", asJSON, "x-other: 1", functions, origin, secrets, exposed), doubled},
		"URL echoes the origin with credentials":   {gateway.FunctionURL, gateway.CORS{AllowOrigins: []string{"*"}, AllowCredentials: true}, from("https://c.example"), `{"statusCode":200}`, furl("200 OK", "", asJSON, "Access-Control-Allow-Origin: https://c.example", secrets), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen gateway.Exchange
			g := open(t, config{Source: test.source, CORS: &test.cors, Function: replies(test.reply), Observe: func(x gateway.Exchange) { seen = x }})
			assert.Equal(t, sorted(test.want), converse(t, g, test.request))
			why := ""
			if len(seen.Warnings) > 0 {
				why = seen.Warnings[0]
			}
			assert.Equal(t, test.why, why)
		})
	}
}
