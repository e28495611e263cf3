package definition_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

var update = flag.Bool("update", false, "write the plans in testdata anew")

// TestPlansOfFiles holds what is read of the documents that AWS's pages print, and
// of what CDK and the Serverless Framework write.
func TestPlansOfFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.json")
	require.NoError(t, err)
	require.Len(t, files, 10)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			plan, err := definition.Load(file, definition.Options{})
			require.NoError(t, err)
			got, golden := describe(plan), strings.TrimSuffix(file, ".json")+".plan"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

// describe writes a plan, a line for each of its things.
func describe(p *definition.Plan) string {
	var b strings.Builder
	for _, api := range p.APIs {
		fmt.Fprintf(&b, "%s %s%s\n", api.Kind, orElse(api.LogicalID, api.Name), words(
			"stage", api.Stage, "base path", api.BasePath, "undeployed", api.Undeployed, "variables", api.StageVariables,
			"cors", cors(api.CORS), "binary", api.BinaryMediaTypes, "keys", api.APIKeySource, "policy", string(api.Policy), "throttle", api.Throttle))
		for _, g := range api.GatewayResponses {
			fmt.Fprintf(&b, "  response %s%s\n", g.Type, words("status", g.Status, "parameters", pairs(g.Parameters), "templates", pairs(g.Templates)))
		}
		for _, m := range api.Models {
			fmt.Fprintf(&b, "  model %s %s\n", m.Name, m.Schema)
		}
		for _, u := range api.UsagePlans {
			fmt.Fprintf(&b, "  plan %s%s\n", u.Name, words("keys", len(u.Keys), "throttle", u.Throttle, "quota", u.Quota, "period", u.Period))
		}
		describeAuthorizers(&b, api.Authorizers)
		for _, r := range api.Routes {
			authorizer := ""
			if r.Authorizer != nil {
				authorizer = r.Authorizer.Name
			}
			fmt.Fprintf(&b, "  %s -> %s%s\n", r.Key, integration(r.Integration), words(
				"by", strings.TrimPrefix(r.Authorization, "NONE"), "authorizer", authorizer, "scopes", r.Scopes, "key", r.APIKeyRequired, "checks", checks(r.Validator),
				"parameters", parameters(r.Parameters), "models", models(r.Models), "throttle", r.Throttle, "refused", r.Refused))
		}
	}
	for _, api := range p.WebSocketAPIs {
		fmt.Fprintf(&b, "websocket %s%s\n", api.LogicalID, words("stage", api.Stage, "undeployed", api.Undeployed, "base paths", fmt.Sprintf("%q", api.BasePaths), "routes by", api.RouteSelection))
		describeAuthorizers(&b, api.Authorizers)
		for _, r := range api.Routes {
			fmt.Fprintf(&b, "  %s -> %s%s\n", r.Key, integration(r.Integration), words(
				"by", strings.TrimPrefix(r.Authorization, "NONE"), "two-way", r.TwoWay, "models", models(r.Models), "parameters", parameters(r.Parameters), "throttle", r.Throttle, "refused", r.Refused))
		}
	}
	for _, u := range p.FunctionURLs {
		fmt.Fprintf(&b, "url %s -> %s%s\n", u.LogicalID, u.Function.Name, words("iam", u.IAM, "stream", u.Stream, "cors", cors(u.CORS)))
	}
	for _, lb := range p.LoadBalancers {
		fmt.Fprintf(&b, "listener %s\n", lb.Name)
		for _, rule := range lb.Rules {
			to := rule.Refused
			switch {
			case rule.Fixed != nil:
				to = fmt.Sprint(rule.Fixed.Status, " ", rule.Fixed.Body)
			case rule.Function != nil:
				to = rule.Function.Name
			}
			fmt.Fprintf(&b, "  %d -> %s%s\n", rule.Priority, to, words(
				"paths", rule.Paths, "hosts", rule.Hosts, "methods", rule.Methods, "sources", rule.SourceIPs, "multi-value", rule.MultiValue))
		}
	}
	for _, f := range p.Functions {
		source := f.Source
		for _, path := range []*string{&source.Package, &source.Executable, &source.Makefile} {
			if *path != "" {
				*path = filepath.Base(*path)
			}
		}
		fmt.Fprintf(&b, "function %s%s\n", f.Name, words(
			"id", f.LogicalID, "package", source.Package, "executable", source.Executable, "make", source.Target, "missing", source.Missing,
			"timeout", f.Timeout, "memory", f.Memory, "environment", pairs(f.Environment), "used", f.Used))
		for _, m := range f.Missing {
			fmt.Fprintf(&b, "  without %s: %s\n", m.Name, m.Text)
		}
	}
	for _, n := range p.Refused {
		fmt.Fprintf(&b, "refused %s\n", short(n))
	}
	for _, n := range p.Warnings {
		fmt.Fprintf(&b, "warning %s\n", short(n))
	}
	for _, n := range p.Ignored {
		fmt.Fprintf(&b, "ignored %s\n", short(n))
	}
	for _, name := range sorted(p.Skipped) {
		fmt.Fprintf(&b, "skipped %s %d\n", name, p.Skipped[name])
	}
	return b.String()
}

func describeAuthorizers(b *strings.Builder, all []*definition.Authorizer) {
	for _, a := range all {
		function := ""
		if a.Function != nil {
			function = a.Function.Name
		}
		fmt.Fprintf(b, "  authorizer %s %s%s\n", a.Name, a.Type, words(
			"function", function, "payload", a.PayloadFormat, "simple", a.SimpleResponses, "sources", a.IdentitySources, "matches", a.IdentityValidation,
			"ttl", a.TTL, "issuer", a.Issuer, "audiences", a.Audiences, "pools", a.ProviderARNs))
	}
}

func integration(i *definition.Integration) string {
	to := i.URI
	if i.Function != nil {
		to = i.Function.Name
	}
	responses := []string{}
	for _, r := range i.Responses {
		responses = append(responses, strings.TrimSpace(strings.TrimSpace(r.Key+" "+r.Status)+words("parameters", pairs(r.Parameters), "templates", pairs(r.Templates))))
	}
	return strings.TrimSpace(strings.TrimSpace(i.Type+" "+to) + words(
		"method", strings.TrimPrefix(i.Method, "POST"), "payload", i.PayloadFormat, "stream", i.Stream, "timeout", i.Timeout, "passthrough", i.PassthroughBehavior,
		"content", i.ContentHandling, "parameters", pairs(i.RequestParameters), "templates", pairs(i.RequestTemplates), "responses", strings.Join(responses, "; ")))
}

// words writes names and values, those that are not zero.
func words(all ...any) string {
	var b strings.Builder
	for i := 0; i < len(all); i += 2 {
		switch value := fmt.Sprint(all[i+1]); value {
		case "", "0", "0s", "[]", "map[]", "false", "<nil>", "-1ns":
		case "true":
			fmt.Fprintf(&b, " %s", all[i])
		default:
			fmt.Fprintf(&b, " %s=%s", all[i], strings.ReplaceAll(value, "\n", `\n`))
		}
	}
	return b.String()
}

func pairs(all []definition.Named[string]) string {
	var list []string
	for _, p := range all {
		list = append(list, p.Name+": "+p.Value)
	}
	return strings.Join(list, ", ")
}

func parameters(all []definition.Parameter) (list []string) {
	for _, p := range all {
		name := p.In + "." + p.Name
		if !p.Required {
			name += "?"
		}
		list = append(list, name)
	}
	return list
}

func models(all []definition.Named[*definition.Model]) (list []string) {
	for _, m := range all {
		list = append(list, m.Name+"="+m.Value.Name)
	}
	return list
}

// short is a note with the base name of its file.
func short(n definition.Note) string {
	n.Origin.File = filepath.Base(n.Origin.File)
	if n.Origin.File == "." {
		n.Origin.File = ""
	}
	return n.String()
}

func cors(c *definition.CORS) string {
	if c == nil {
		return ""
	}
	return strings.TrimSpace(words("origins", c.AllowOrigins, "methods", c.AllowMethods, "headers", c.AllowHeaders, "expose", c.ExposeHeaders, "credentials", c.AllowCredentials, "age", c.MaxAge))
}

func checks(v *definition.Validator) string {
	if v == nil {
		return ""
	}
	return strings.TrimSpace(words("body", v.Body, "parameters", v.Parameters))
}
