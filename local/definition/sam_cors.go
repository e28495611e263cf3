package definition

import (
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// addSAMCORS gives each path without an OPTIONS method one that answers preflights.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html
func (r *reader) addSAMCORS(s *samAPI) {
	n := s.res.Get("Cors")
	if n.IsNull() {
		return
	}
	value := func(key string) string { return n.Get(key).Value() }
	origin := value("AllowOrigin")
	if n.IsScalar() {
		origin = n.Text
	}
	if origin == "" {
		r.refuse(originOf(n), s.api.label(), "Cors has no AllowOrigin")
		return
	}
	var paths []string
	byPath := map[string][]string{}
	for _, route := range s.api.Routes {
		method, path, _ := strings.Cut(route.Key, " ")
		if byPath[path] == nil {
			paths = append(paths, path)
		}
		byPath[path] = append(byPath[path], method)
	}
	for _, path := range paths {
		if slices.Contains(byPath[path], "OPTIONS") {
			continue
		}
		route := &Route{Key: "OPTIONS " + path, Origin: originOf(n), Authorization: "NONE"}
		allowed := value("AllowMethods")
		if allowed == "" {
			allowed = "'" + strings.Join(corsMethods(byPath[path]), ",") + "'"
		}
		response := IntegrationResponse{Status: "200", Origin: originOf(n), Templates: []Named[string]{{Name: "application/json", Value: "{}\n", Origin: originOf(n)}}}
		method := MethodResponse{Status: "200"}
		for _, h := range []struct{ name, value string }{
			{"Access-Control-Allow-Origin", origin}, {"Access-Control-Allow-Methods", allowed}, {"Access-Control-Allow-Headers", value("AllowHeaders")},
			{"Access-Control-Max-Age", value("MaxAge")}, {"Access-Control-Allow-Credentials", credentialsOf(n)},
		} {
			if h.value != "" {
				response.Parameters = append(response.Parameters, Named[string]{"method.response.header." + h.name, h.value, originOf(n)})
				method.Headers = append(method.Headers, h.name)
			}
		}
		route.Integration = &Integration{
			Type: "MOCK", Origin: originOf(n), Responses: []IntegrationResponse{response},
			RequestTemplates: []Named[string]{{Name: "application/json", Value: "{\n  \"statusCode\" : 200\n}\n", Origin: originOf(n)}},
		}
		route.Responses = []MethodResponse{method}
		if err := r.samDefaults(s, route, samSecurity{}); err != nil {
			refuseRoute(route, err)
		}
		r.addRoute(s.api, route)
	}
}

func credentialsOf(n *document.Node) string {
	if n.Get("AllowCredentials").True() {
		return "'true'"
	}
	return ""
}

// corsMethods are the methods of a path as SAM lists them.
func corsMethods(methods []string) []string {
	if slices.Contains(methods, "ANY") {
		return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	}
	all := append(slices.Clone(methods), "OPTIONS")
	slices.Sort(all)
	return all
}
