package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// export writes the definition that the flags amount to: what local --definition
// serves as the flags are served now, and what deploys it. The environment is left out,
// since what stands in it may be secret.
func (f *flags) export(w io.Writer) error {
	door := f.frontDoors()[0]
	var document tree
	if f.Export == "openapi" {
		document = f.openAPI(door)
	} else {
		io.WriteString(w, "# sam build && sam deploy --guided\n")
		document = f.samTemplate(door)
	}
	document.write(w, "")
	return nil
}

// checkExport refuses what no definition has.
func (f *flags) checkExport(refuse func(condition bool, message string)) {
	if f.Export == "" {
		return
	}
	refuse(f.Definition != "", "--export writes the definition that flags amount to: leave out --definition")
	refuse(f.Target == "" || f.executable() != "", "--export names the folder of the function's source: give it")
	refuse(f.Every || f.Diff != "" || f.Attach, "--export is about one front door: leave out --every, --diff and --attach")
	refuse(f.BasePath != "", "--export has no custom domain: leave out --base-path")
	// What is left out of a definition that says who may call lets everybody in, once deployed.
	refuse(len(f.JWKS) > 0, "--export knows no audiences, which an authorizer of tokens needs: leave out --jwks, and write the authorizer into the definition")
	refuse(f.AuthorizerContext != "", "--export knows no authorizer that --authorizer-context stands in for: leave it out, and write the authorizer into the definition")
	refuse(f.Export == "openapi" && (f.iam() || len(f.APIKey) > 0), "--export openapi writes no authorization: leave out --iam-key, --iam-accept-any and --api-key, or take --export sam")
	refuse(f.Export == "openapi" && f.API != "rest" && !strings.HasPrefix(f.API, "http"), "--export openapi is for APIs: --api rest, http or http-v1")
	refuse(f.Export == "sam" && (strings.HasPrefix(f.API, "alb") || strings.HasPrefix(f.API, "lattice")), "--export sam has no short form for load balancers and VPC Lattice: --api rest, http, http-v1 or url")
}

// samTemplate is a SAM template with the function and its front door.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
func (f *flags) samTemplate(door gateway.SourceFacts) tree {
	properties := tree{
		{"CodeUri", f.Target}, {"Handler", "bootstrap"}, {"Runtime", "provided.al2023"},
		{"MemorySize", f.Memory}, {"Timeout", int(f.timeout().Seconds())},
	}
	resources := tree{}
	if door.Source == gateway.FunctionURL {
		url := tree{{"AuthType", "NONE"}}
		if f.iam() {
			url = tree{{"AuthType", "AWS_IAM"}}
		}
		if f.Stream {
			url = append(url, pair{"InvokeMode", "RESPONSE_STREAM"})
		}
		properties = append(properties, pair{"FunctionUrlConfig", append(url, f.corsTree("Cors")...)})
	} else {
		api := f.samAPI(door)
		resources = append(resources, pair{"Api", api})
		properties = append(properties, pair{"Events", f.samEvents(door)})
	}
	resources = append(resources, pair{"Function", tree{
		{"Type", "AWS::Serverless::Function"}, {"Metadata", tree{{"BuildMethod", "go1.x"}}}, {"Properties", properties},
	}})
	return tree{{"AWSTemplateFormatVersion", "2010-09-09"}, {"Transform", "AWS::Serverless-2016-10-31"}, {"Resources", resources}}
}

// samAPI is the API of the template.
func (f *flags) samAPI(door gateway.SourceFacts) tree {
	kind, variables, properties := "AWS::Serverless::HttpApi", "StageVariables", tree{}
	stage := f.Stage
	if door.Source == gateway.REST {
		kind, variables = "AWS::Serverless::Api", "Variables"
		if stage == "" {
			stage = "prod"
		}
	}
	if stage != "" {
		properties = append(properties, pair{"StageName", stage})
	}
	if len(f.StageVariable) > 0 {
		properties = append(properties, pair{variables, sortedTree(f.StageVariable)})
	}
	if types := f.binaryMediaTypes(door.Source); len(types) > 0 {
		for i, media := range types { // as SAM writes the slash
			types[i] = strings.ReplaceAll(media, "/", "~1")
		}
		properties = append(properties, pair{"BinaryMediaTypes", types})
	}
	properties = append(properties, f.corsTree("CorsConfiguration")...)
	if auth := f.samAuth(door); len(auth) > 0 {
		properties = append(properties, pair{"Auth", auth})
	}
	if len(properties) == 0 {
		return tree{{"Type", kind}}
	}
	return tree{{"Type", kind}, {"Properties", properties}}
}

// samAuth says who may call the API, as the flags do.
func (f *flags) samAuth(door gateway.SourceFacts) (auth tree) {
	if f.iam() {
		if door.Source != gateway.REST {
			auth = append(auth, pair{"EnableIamAuthorizer", true})
		}
		auth = append(auth, pair{"DefaultAuthorizer", "AWS_IAM"})
	}
	if len(f.APIKey) > 0 {
		auth = append(auth, pair{"ApiKeyRequired", true}, pair{"UsagePlan", tree{{"CreateUsagePlan", "PER_API"}}})
	}
	return auth
}

// samEvents are the routes of the function.
func (f *flags) samEvents(door gateway.SourceFacts) tree {
	event, api := "HttpApi", "ApiId"
	if door.Source == gateway.REST {
		event, api = "Api", "RestApiId"
	}
	events := tree{}
	for n, route := range f.routes(door) {
		properties := tree{{api, reference("Api")}}
		if method, path, ok := strings.Cut(route, " "); ok {
			properties = append(properties, pair{"Path", path}, pair{"Method", method})
		}
		if door.Source == gateway.HTTPv1 {
			properties = append(properties, pair{"PayloadFormatVersion", "1.0"})
		}
		if f.Stream {
			properties = append(properties, pair{"ResponseTransferMode", "RESPONSE_STREAM"})
		}
		events = append(events, pair{"Route" + strconv.Itoa(n+1), tree{{"Type", event}, {"Properties", properties}}})
	}
	return events
}

// openAPI is a document with the front door, whose routes name the function.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
func (f *flags) openAPI(door gateway.SourceFacts) tree {
	name := f.Name
	if name == "" {
		name = filepath.Base(f.Target)
	}
	account := f.Account
	if account == "" {
		account = "123456789012"
	}
	form, ending := "2015-03-31", "invocations"
	if f.Stream {
		form, ending = "2021-11-15", "response-streaming-invocations"
	}
	integration := tree{
		{"type", "aws_proxy"}, {"httpMethod", "POST"},
		{"uri", fmt.Sprintf("arn:aws:apigateway:us-east-1:lambda:path/%s/functions/arn:aws:lambda:us-east-1:%s:function:%s/%s", form, account, name, ending)},
	}
	switch {
	case door.Source == gateway.HTTPv1:
		integration = append(integration, pair{"payloadFormatVersion", "1.0"})
	case door.Source == gateway.HTTPv2:
		integration = append(integration, pair{"payloadFormatVersion", "2.0"})
	case f.Stream:
		integration = append(integration, pair{"responseTransferMode", "STREAM"})
	default:
		integration = append(integration, pair{"passthroughBehavior", "when_no_match"})
	}
	paths := tree{}
	at := map[string]int{}
	for _, route := range f.routes(door) {
		method, path, ok := strings.Cut(route, " ")
		operation := tree{{"x-amazon-apigateway-integration", integration}}
		if !ok {
			path, operation = "/$default", append(tree{{"isDefaultRoute", true}}, operation...)
		}
		if !ok || method == "ANY" {
			method = "x-amazon-apigateway-any-method"
		}
		if _, there := at[path]; !there {
			at[path] = len(paths)
			paths = append(paths, pair{path, tree{}})
		}
		item := paths[at[path]].value.(tree)
		paths[at[path]].value = append(item, pair{strings.ToLower(method), operation})
	}
	document := tree{{"openapi", "3.0.1"}, {"info", tree{{"title", name}, {"version", "1"}}}}
	if f.Stage != "" && f.Stage != "$default" {
		document = append(document, pair{"servers", []tree{{{"url", "/" + f.Stage}}}})
	}
	if types := f.binaryMediaTypes(door.Source); len(types) > 0 {
		document = append(document, pair{"x-amazon-apigateway-binary-media-types", types})
	}
	for _, cors := range f.corsTree("x-amazon-apigateway-cors") {
		lower := tree{}
		for _, p := range cors.value.(tree) {
			lower = append(lower, pair{strings.ToLower(p.key[:1]) + p.key[1:], p.value})
		}
		document = append(document, pair{cors.key, lower})
	}
	return append(document, pair{"paths", paths})
}

// routes are the keys of the routes, without a key the one for everything.
func (f *flags) routes(door gateway.SourceFacts) []string {
	if len(f.Route) == 0 {
		if door.Source == gateway.REST {
			return []string{"ANY /", "ANY /{proxy+}"}
		}
		return []string{"$default"}
	}
	keys := slices.Clone(f.Route)
	for i, key := range keys {
		if strings.HasPrefix(key, "/") {
			keys[i] = "ANY " + key
		}
	}
	return keys
}

func (f *flags) timeout() time.Duration {
	if f.Timeout == 0 {
		return 30 * time.Second
	}
	return max(f.Timeout.Truncate(time.Second), time.Second)
}

// corsTree is the CORS configuration under a key, or nothing.
func (f *flags) corsTree(key string) tree {
	c := f.cors()
	if c == nil {
		return nil
	}
	all := tree{}
	for _, list := range []struct {
		key    string
		values []string
	}{{"AllowOrigins", c.AllowOrigins}, {"AllowMethods", c.AllowMethods}, {"AllowHeaders", c.AllowHeaders}, {"ExposeHeaders", c.ExposeHeaders}} {
		if len(list.values) > 0 {
			all = append(all, pair{list.key, list.values})
		}
	}
	if c.AllowCredentials {
		all = append(all, pair{"AllowCredentials", true})
	}
	if c.MaxAge > 0 {
		all = append(all, pair{"MaxAge", int(c.MaxAge.Seconds())})
	}
	return tree{{key, all}}
}

// A tree is a map of YAML in an order of its own.
type tree []pair

type pair struct {
	key   string
	value any
}

// reference is {"Ref": …} in its short form.
type reference string

func sortedTree(m map[string]string) tree {
	all := tree{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		all = append(all, pair{key, m[key]})
	}
	return all
}

// write writes the tree as YAML in block style, with text in quotes.
func (t tree) write(w io.Writer, indent string) {
	for _, p := range t {
		key := p.key
		if strings.ContainsAny(key, "/{}$") {
			key = quoted(key)
		}
		switch value := p.value.(type) {
		case tree:
			fmt.Fprintf(w, "%s%s:\n", indent, key)
			value.write(w, indent+"  ")
		case []tree:
			fmt.Fprintf(w, "%s%s:\n", indent, key)
			for _, item := range value {
				fmt.Fprintf(w, "%s  -\n", indent)
				item.write(w, indent+"    ")
			}
		case []string:
			list, _ := json.Marshal(value)
			fmt.Fprintf(w, "%s%s: %s\n", indent, key, list)
		case reference:
			fmt.Fprintf(w, "%s%s: !Ref %s\n", indent, key, string(value))
		case string:
			fmt.Fprintf(w, "%s%s: %s\n", indent, key, quoted(value))
		default:
			fmt.Fprintf(w, "%s%s: %v\n", indent, key, value)
		}
	}
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // which text never fails
	return string(text)
}
