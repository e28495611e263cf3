package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/door"
)

// CORS is the CORS configuration of an HTTP API or a function URL. With it the
// front door answers preflight requests itself. On the responses to others, an
// HTTP API replaces the function's CORS headers by its own, and a function URL
// adds its own to them.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
// https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
type CORS struct {
	_ struct{}

	// AllowOrigins are the origins whose scripts may read responses, or "*".
	AllowOrigins []string
	// AllowMethods and AllowHeaders are what such scripts may send, or "*".
	AllowMethods, AllowHeaders []string
	// ExposeHeaders are what they may read.
	ExposeHeaders []string
	// AllowCredentials lets them send cookies.
	AllowCredentials bool
	// MaxAge is how long a browser may remember a preflight's answer. 0 does not say.
	MaxAge time.Duration
}

// cors is a CORS configuration in use. A nil one does nothing.
type cors struct {
	config   CORS
	replaces bool
}

func newCORS(facts door.Facts, config *CORS) (*cors, error) {
	switch {
	case config == nil:
		return nil, nil
	case facts.Has.CORS == door.NoCORS:
		return nil, fmt.Errorf("gateway: %s have no CORS configuration, the function answers preflight requests", facts.Plural)
	case len(config.AllowOrigins) == 0:
		return nil, fmt.Errorf(`gateway: CORS has no AllowOrigins: name some, or "*"`)
	case config.AllowCredentials && facts.Has.CORS == door.ReplacesCORS && slices.Contains(config.AllowOrigins, "*"):
		return nil, fmt.Errorf("gateway: CORS cannot have AllowCredentials and the origin %q", "*")
	case config.MaxAge < 0:
		return nil, fmt.Errorf("gateway: CORS has the negative MaxAge %v", config.MaxAge)
	}
	c := &cors{config: *config, replaces: facts.Has.CORS == door.ReplacesCORS}
	c.config.AllowOrigins = slices.Clone(config.AllowOrigins)
	c.config.AllowMethods = slices.Clone(config.AllowMethods)
	c.config.AllowHeaders = lowered(config.AllowHeaders)
	c.config.ExposeHeaders = lowered(config.ExposeHeaders)
	return c, nil
}

// lowered returns names as AWS stores them.
func lowered(names []string) []string {
	all := make([]string, len(names))
	for n, name := range names {
		all[n] = strings.ToLower(name)
	}
	return all
}

// preflight reports whether r asks for leave to send another request: the Fetch
// standard, https://fetch.spec.whatwg.org/#cors-preflight-request.
func (c *cors) preflight(r *http.Request) bool {
	return c != nil && r.Method == http.MethodOptions &&
		r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// allow answers a preflight request.
func (c *cors) allow(r *http.Request) *door.Answer {
	answer := &door.Answer{Status: http.StatusOK, Header: http.Header{}}
	if c.replaces {
		answer.Status = http.StatusNoContent
	}
	if _, ok := c.origin(r); !ok {
		return answer
	}
	list := func(name string, values []string) {
		if len(values) > 0 {
			answer.Header[name] = []string{strings.Join(values, ",")}
		}
	}
	list("Access-Control-Allow-Methods", c.config.AllowMethods)
	list("Access-Control-Allow-Headers", c.config.AllowHeaders)
	if c.config.MaxAge > 0 {
		answer.Header["Access-Control-Max-Age"] = []string{strconv.Itoa(int(c.config.MaxAge.Seconds()))}
	}
	return answer
}

// origin returns the origin that a response to r allows.
func (c *cors) origin(r *http.Request) (string, bool) {
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return "", false
	case slices.Contains(c.config.AllowOrigins, "*"):
		if c.config.AllowCredentials {
			return origin, true
		}
		return "*", true
	}
	return origin, slices.Contains(c.config.AllowOrigins, origin)
}

// apply adds the CORS headers to a response.
func (c *cors) apply(answer *door.Answer, r *http.Request) {
	if c == nil {
		return
	}
	own := make(http.Header)
	if origin, ok := c.origin(r); ok {
		own.Set("Access-Control-Allow-Origin", origin)
		if c.config.AllowCredentials {
			own.Set("Access-Control-Allow-Credentials", "true")
		}
		if len(c.config.ExposeHeaders) > 0 && !c.preflight(r) {
			own.Set("Access-Control-Expose-Headers", strings.Join(c.config.ExposeHeaders, ","))
		}
	}
	for name := range answer.Header {
		if !strings.HasPrefix(strings.ToLower(name), "access-control-") || c.preflight(r) {
			continue
		}
		switch _, doubled := own[http.CanonicalHeaderKey(name)]; {
		case c.replaces:
			delete(answer.Header, name)
			answer.Warnings = append(answer.Warnings, fmt.Sprintf("the function's header %q is left out, the API has a CORS configuration", name))
		case doubled:
			answer.Warnings = append(answer.Warnings, fmt.Sprintf("the client gets %q twice, from the function and from the URL's CORS configuration: browsers refuse that", name))
		}
	}
	for name, values := range own {
		answer.Header[name] = append(slices.Clip(answer.Header[name]), values...)
	}
}
