package gateway_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// Whatever the routes are, a request finds the one that the rules put first among those
// that serve it: the rules are applied to all of them here, one after the other.
func TestRoutesGoByTheRules(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	segments := []string{"a", "b", "{x}", "{y}", "a", ""}
	for range 300 {
		keys := make(map[string]bool)
		for range 1 + random.IntN(12) {
			key := pick([]string{"GET", "POST", "ANY"}) + " "
			for range 1 + random.IntN(3) {
				key += "/" + pick(segments)
			}
			if random.IntN(3) == 0 {
				key += "/{rest+}"
			}
			keys[strings.ReplaceAll(key, "//", "/")] = true
		}
		if random.IntN(2) == 0 {
			keys["$default"] = true
		}
		api := gateway.API{Kind: gateway.HTTPAPI, Default: gateway.Lambda(replies(""), gateway.LambdaOptions{})}
		for key := range keys {
			api.Routes = append(api.Routes, gateway.Route{Key: key})
			if api.Check() != nil { // it serves the same requests as another
				api.Routes = api.Routes[:len(api.Routes)-1]
			}
		}
		if len(api.Routes) == 0 {
			continue
		}
		g, err := gateway.New(api, gateway.Options{})
		require.NoError(t, err)
		for range 20 {
			method, path := pick([]string{"GET", "POST", "PUT", "PROPFIND"}), ""
			for range 1 + random.IntN(4) {
				path += "/" + pick([]string{"a", "b", "c", ""})
			}
			got := "none"
			if event, err := g.Event(httptest.NewRequest(method, "http://api"+path, nil)); err == nil {
				got = member(t, string(event), "routeKey").(string)
			}
			assert.Equal(t, first(api.Routes, method, path), got, "%s %s among %v", method, path, keys)
		}
	}
}

// first returns the key of the route that the rules put first.
func first(routes []gateway.Route, method, path string) string {
	var serving []string
	for _, r := range routes {
		if serves(r.Key, method, path) {
			serving = append(serving, r.Key)
		}
	}
	if len(serving) == 0 {
		return "none"
	}
	slices.SortFunc(serving, byTheRules)
	return serving[0]
}

func serves(key, method, path string) bool {
	if key == "$default" {
		return true
	}
	own, pattern, _ := strings.Cut(key, " ")
	if own != method && (own != "ANY" || method == "PROPFIND") {
		return false
	}
	want := strings.Split(strings.Trim(pattern, "/"), "/")
	have := strings.Split(strings.TrimSuffix(path[1:], "/"), "/")
	for i, segment := range want {
		switch {
		case i >= len(have):
			return false
		case segment == "{rest+}":
			return strings.Join(have[i:], "/") != ""
		case strings.HasPrefix(segment, "{"):
			if have[i] == "" {
				return false
			}
		case segment != have[i]:
			return false
		}
	}
	return len(want) == len(have)
}

// byTheRules orders routes: $default last; those without a greedy parameter first; then
// by what stands at each place, a literal before a parameter before a greedy one; the
// longer first; the one that names the method first.
func byTheRules(a, b string) int {
	rank := func(segment string) int {
		switch {
		case segment == "{rest+}":
			return 2
		case strings.HasPrefix(segment, "{"):
			return 1
		}
		return 0
	}
	flag := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	c := cmp.Or(
		flag(a == "$default")-flag(b == "$default"),
		flag(strings.HasSuffix(a, "+}"))-flag(strings.HasSuffix(b, "+}")),
	)
	if c != 0 {
		return c
	}
	left, right := strings.Split(strings.Trim(a[strings.Index(a, "/"):], "/"), "/"), strings.Split(strings.Trim(b[strings.Index(b, "/"):], "/"), "/")
	for i := range min(len(left), len(right)) {
		if c := rank(left[i]) - rank(right[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(len(right)-len(left), flag(strings.HasPrefix(a, "ANY"))-flag(strings.HasPrefix(b, "ANY")))
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{1, 200} {
		b.Run(fmt.Sprintf("%d routes", n), func(b *testing.B) {
			api := gateway.API{Kind: gateway.HTTPAPI, Default: gateway.Lambda(replies(`{"statusCode":200}`), gateway.LambdaOptions{})}
			for i := range n {
				api.Routes = append(api.Routes, gateway.Route{Key: fmt.Sprintf("GET /service%d/items/{id}", i%20+i/20*1000)})
			}
			g, err := gateway.New(api, gateway.Options{})
			require.NoError(b, err)
			r := httptest.NewRequest("GET", "/service0/items/7", nil)
			for b.Loop() {
				g.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	api := gateway.API{Kind: gateway.HTTPAPI, Default: gateway.Lambda(replies(`{"statusCode":200}`), gateway.LambdaOptions{})}
	for i := range 200 {
		api.Routes = append(api.Routes, gateway.Route{Key: fmt.Sprintf("GET /service%d/items/{id}", i)})
	}
	for b.Loop() {
		_, err := gateway.New(api, gateway.Options{})
		require.NoError(b, err)
	}
}
