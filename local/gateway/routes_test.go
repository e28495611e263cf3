package gateway_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/gateway"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	// What the measurement of REST APIs that rule 120 cites was made with.
	jobs := []string{"GET /jobs/reboot", "OPTIONS /cors_only", "POST /admin", "ANY /{proxy+}"}
	pets := []string{"GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "POST /pets/{proxy+}", "$default"}
	for name, test := range map[string]struct {
		source         gateway.Source
		routes         []string
		method, target string
		want           string // the route and its parameters
	}{
		"REST, the method's own resource (rule 120)":       {gateway.REST, jobs, "GET", "/jobs/reboot", "/jobs/reboot <nil>"},
		"REST, another method (rule 120)":                  {gateway.REST, jobs, "POST", "/jobs/reboot", "/{proxy+} map[proxy:jobs/reboot]"},
		"REST, a resource without methods (rule 120)":      {gateway.REST, jobs, "GET", "/jobs", "/{proxy+} map[proxy:jobs]"},
		"REST, OPTIONS only (rule 120)":                    {gateway.REST, jobs, "GET", "/cors_only", "/{proxy+} map[proxy:cors_only]"},
		"REST, a guarded method (rule 120)":                {gateway.REST, jobs, "GET", "/admin", "/{proxy+} map[proxy:admin]"},
		"REST goes back to the root (B1)":                  {gateway.REST, []string{"/part1", "/part1/hardcoded-value", "/{param+}"}, "GET", "/part1/random-value", "/{param+} map[param:part1/random-value]"},
		"REST, ANY has seven methods (B1)":                 {gateway.REST, nil, "PURGE", "/x", "403"},
		"REST, HEAD is not GET (B1)":                       {gateway.REST, []string{"GET /x"}, "HEAD", "/x", "403"},
		"REST, ANY serves HEAD (B1)":                       {gateway.REST, nil, "HEAD", "/x", "/{proxy+} map[proxy:x]"},
		"REST, a literal before a parameter (section 1.6)": {gateway.REST, []string{"/{a}", "/b", "/{p+}"}, "GET", "/b", "/b <nil>"},
		"REST, a parameter before the rest (section 1.6)":  {gateway.REST, []string{"/{p+}", "/{a}"}, "GET", "/c", "/{a} map[a:c]"},
		"REST, a method before ANY":                        {gateway.REST, []string{"ANY /{a}", "GET /{b}"}, "GET", "/c", "/{b} map[b:c]"},
		"REST, the root is not greedy's":                   {gateway.REST, []string{"/{proxy+}"}, "GET", "/", "403"},
		"REST, the root":                                   {gateway.REST, nil, "GET", "/", "/ <nil>"},
		"REST, a slash at the end (B1)":                    {gateway.REST, []string{"/items/{id}"}, "GET", "/items/1/", "/items/{id} map[id:1]"},
		"REST, an empty parameter":                         {gateway.REST, []string{"/items/{id}/x"}, "GET", "/items//x", "403"},
		"REST, an escaped slash":                           {gateway.REST, []string{"/items/{id}"}, "GET", "/items/a%2Fb", "/items/{id} map[id:a%2Fb]"},
		"2.0, a full match (B1)":                           {gateway.HTTPv2, pets, "GET", "/pets/dog/1", "GET /pets/dog/1 (absent)"},
		"2.0, a full match with a parameter (B1)":          {gateway.HTTPv2, pets, "GET", "/pets/dog/2", "GET /pets/dog/{id} map[id:2]"},
		"2.0, a greedy match (B1)":                         {gateway.HTTPv2, pets, "GET", "/pets/cat/2", "GET /pets/{proxy+} map[proxy:cat/2]"},
		"2.0, the method's greedy match (B1)":              {gateway.HTTPv2, pets, "POST", "/pets/5", "POST /pets/{proxy+} map[proxy:5]"},
		"2.0, ANY (B1)":                                    {gateway.HTTPv2, pets, "PUT", "/pets/5", "ANY /{proxy+} map[proxy:pets/5]"},
		"2.0, a full match before a greedy one (B1)":       {gateway.HTTPv2, []string{"GET /a/{proxy+}", "GET /{x}/b"}, "GET", "/a/b", "GET /{x}/b map[x:a]"},
		"2.0, $default (B1)":                               {gateway.HTTPv2, []string{"GET /a", "$default"}, "GET", "/b", "$default (absent)"},
		"2.0, $default takes any method (B1)":              {gateway.HTTPv2, nil, "PURGE", "/", "$default (absent)"},
		"2.0, an escaped slash":                            {gateway.HTTPv2, []string{"GET /items/{id}"}, "GET", "/items/a%2Fb", "GET /items/{id} map[id:a/b]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := open(t, config{Source: test.source, Routes: test.routes})
			event, err := g.Event(httptest.NewRequest(test.method, test.target, nil))
			if err != nil {
				w := httptest.NewRecorder()
				g.ServeHTTP(w, httptest.NewRequest(test.method, test.target, nil))
				assert.Equal(t, test.want, fmt.Sprint(w.Code))
				return
			}
			route := "resource"
			if test.source == gateway.HTTPv2 {
				route = "routeKey"
			}
			assert.Equal(t, test.want, fmt.Sprint(member(t, string(event), route), " ", member(t, string(event), "pathParameters")))
		})
	}
}
