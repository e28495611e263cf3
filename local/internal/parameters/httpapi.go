package parameters

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/jsonpath"
)

// maxMapped is how many bytes of a body HTTP APIs look into for a member.
const maxMapped = 100 << 10

// HTTP is the mapping of an HTTP API's integration: of the request, or of the answers with
// one status code. It is safe for concurrent use. A nil HTTP changes nothing.
type HTTP struct {
	changes []change
}

// A change is one mapping.
type change struct {
	verb        string // append, overwrite or remove
	place, name string
	value       template
}

// The verbs.
const (
	appends    = "append"
	overwrites = "overwrite"
	removes    = "remove"
)

// A Message is what an HTTP changes: a request, or the status and header of an answer.
type Message struct {
	Path   string // without the stage
	Query  Query
	Header http.Header
	Status int
}

// CompileHTTPRequest reads requestParameters, whose keys are like "append:header.X" and
// whose values are texts with references like $request.header.Y in them. Its error joins
// all that is wrong.
func CompileHTTPRequest(mappings map[string]string) (*HTTP, error) {
	return compileHTTP("requestParameters", mappings, []string{
		"append:header.", "overwrite:header.", "remove:header.",
		"append:querystring.", "overwrite:querystring.", "remove:querystring.", "overwrite:path",
	}, false)
}

// CompileHTTPResponse reads responseParameters, whose keys are status codes.
func CompileHTTPResponse(mappings map[string]map[string]string) (map[int]*HTTP, error) {
	var wrong []error
	compiled := make(map[int]*HTTP, len(mappings))
	for _, key := range slices.Sorted(maps.Keys(mappings)) {
		status, err := strconv.Atoi(key)
		if err != nil || status < 200 || status > 599 {
			wrong = append(wrong, fmt.Errorf("responseParameters %q: the status code is not one from 200 to 599", key))
			continue
		}
		compiled[status], err = compileHTTP(fmt.Sprintf("responseParameters %q", key), mappings[key],
			[]string{"append:header.", "overwrite:header.", "remove:header.", "overwrite:statuscode"}, true)
		wrong = append(wrong, err)
	}
	return compiled, errors.Join(wrong...)
}

func compileHTTP(field string, mappings map[string]string, targets []string, response bool) (*HTTP, error) {
	h := &HTTP{}
	var wrong []error
	for _, key := range slices.Sorted(maps.Keys(mappings)) {
		fail := func(format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("%s %q: "+format, append([]any{field, key}, args...)...))
		}
		at := slices.IndexFunc(targets, func(target string) bool {
			if strings.HasSuffix(target, ".") {
				return strings.HasPrefix(key, target) && len(key) > len(target)
			}
			return key == target
		})
		if at < 0 {
			fail("the key is none of %s", list(targets))
			continue
		}
		verb, target, _ := strings.Cut(key, ":")
		place, name, _ := strings.Cut(target, ".")
		if place == toHeader && reserved(name) {
			fail("API Gateway keeps the header %s to itself", name)
			continue
		}
		value, err := compileTemplate(mappings[key], response)
		if err != nil && verb != removes {
			fail("%w", err)
			continue
		}
		h.changes = append(h.changes, change{verb, place, name, value})
	}
	// What is removed first can be appended to then.
	slices.SortStableFunc(h.changes, func(a, b change) int { return order(a.verb) - order(b.verb) })
	return h, errors.Join(wrong...)
}

// list writes targets as one may choose among them.
func list(targets []string) string {
	return strings.ReplaceAll(strings.Join(targets, ", "), "., ", ".NAME, ")
}

func order(verb string) int { return slices.Index([]string{removes, overwrites, appends}, verb) }

// reserved reports whether a header may not be mapped to:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html#http-api-mapping-reserved-headers
func reserved(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"access-control-", "apigw-", "x-amz-", "x-amzn-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{
		"authorization", "connection", "content-encoding", "content-length", "content-location", "forwarded",
		"keep-alive", "origin", "proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding",
		"upgrade", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via",
	}, name)
}

// A template is a text with references in it.
type template []part

// A part is a piece of text, or a reference.
type part struct {
	text  string
	scope string // "" for a piece of text
	name  string
	path  *jsonpath.Path
}

// embedded is a reference between braces.
var embedded = regexp.MustCompile(`\$\{([^}]*)\}`)

// bare is what looks like a reference in text that has no braces around it, or not both.
var bare = regexp.MustCompile(`\$\{?(?:request|response|context|stageVariables)\.[\w.-]*\w`)

// compileTemplate reads a value: one reference, or text that has any in braces.
func compileTemplate(text string, response bool) (template, error) {
	if strings.HasPrefix(text, "$") && !strings.HasPrefix(text, "${") && !continues(text) {
		one, err := compilePart(text[1:], response)
		return template{one}, err
	}
	if wrong := bare.FindString(embedded.ReplaceAllString(text, "")); wrong != "" {
		return nil, fmt.Errorf("%s stands among text without braces around it, as in ${%s}", wrong, strings.TrimLeft(wrong, "${"))
	}
	var t template
	end := 0
	for _, at := range embedded.FindAllStringSubmatchIndex(text, -1) {
		one, err := compilePart(text[at[2]:at[3]], response)
		if err != nil {
			return nil, err
		}
		t = append(t, part{text: text[end:at[0]]}, one)
		end = at[1]
	}
	return append(t, part{text: text[end:]}), nil
}

// continues reports whether a text goes on behind the reference that it begins with, other
// than a path into a body may.
func continues(text string) bool {
	at := bare.FindStringIndex(text)
	return at != nil && at[0] == 0 && (strings.HasPrefix(text[at[1]:], "/") || strings.Contains(text[at[1]:], "$"))
}

// compilePart reads a reference, without the dollar sign.
func compilePart(text string, response bool) (part, error) {
	scopes := []string{"context", "stageVariables"}
	if response {
		scopes = append(scopes, "response.header")
	} else {
		scopes = append(scopes, "request.header", "request.querystring", "request.path")
	}
	body := "request.body"
	if response {
		body = "response.body"
	}
	for _, scope := range scopes {
		if name, ok := strings.CutPrefix(text, scope+"."); ok && name != "" {
			return part{scope: scope, name: name}, nil
		}
	}
	if text == "request.path" && !response || text == body {
		return part{scope: text}, nil
	}
	if path, ok := strings.CutPrefix(text, body+"."); ok {
		if strings.Contains(text, "..") || strings.Contains(path, "?(") {
			return part{}, fmt.Errorf("the reference $%s scans or filters, which HTTP APIs do not", text)
		}
		compiled, err := jsonpath.Compile("$." + path)
		return part{scope: body, path: compiled}, err
	}
	return part{}, fmt.Errorf("the reference $%s is none of $%s.NAME, $%s", text, strings.Join(scopes, ".NAME, $"), body)
}

// value returns the text that a template makes. ok is false if it is one reference alone
// to what is not there.
func (t template) value(from Source) (text string, ok bool, err error) {
	var b strings.Builder
	ok = true
	for _, p := range t {
		if p.scope == "" {
			b.WriteString(p.text)
			continue
		}
		text, there, err := p.value(from)
		if err != nil {
			return "", false, err
		}
		if !there && len(t) == 1 {
			ok = false
		}
		b.WriteString(text)
	}
	return b.String(), ok, nil
}

func (p part) value(from Source) (text string, ok bool, err error) {
	var values []string
	switch p.scope {
	case "request.header":
		values = header(from.Header, p.name)
	case "request.querystring":
		values = from.Query.Values(p.name)
	case "response.header":
		values = header(from.Response.Header, p.name)
	case "request.path":
		if p.name == "" {
			return from.RequestPath, true, nil
		}
		text, ok = from.Path[p.name]
		return text, ok, nil
	case "stageVariables":
		text, ok = from.StageVariables[p.name]
		return text, ok, nil
	case "context":
		value, ok := from.Context(p.name)
		if !ok || value == nil {
			return "", false, nil
		}
		if text, ok := value.(string); ok {
			return text, true, nil
		}
		return javavalue.JSON(value), true, nil
	case "request.body":
		body, err := from.body()
		return p.body(body, err)
	case "response.body":
		body, err := from.Response.Body()
		return p.body(body, err)
	}
	return strings.Join(values, ","), len(values) > 0, nil
}

// body returns the body or a member of it. What is not JSON has no members.
func (p part) body(body []byte, err error) (string, bool, error) {
	if err != nil || p.path == nil {
		return string(body), len(body) > 0, err
	}
	if len(body) > maxMapped {
		return "", false, nil
	}
	text, ok, err := member(body, p.path)
	if errors.Is(err, ErrBody) {
		return "", false, nil
	}
	return text, ok, err
}

// Body reports whether the mapping looks at the body of what it is applied to.
func (h *HTTP) Body() bool {
	if h == nil {
		return false
	}
	return slices.ContainsFunc(h.changes, func(c change) bool {
		return slices.ContainsFunc(c.value, func(p part) bool { return strings.HasSuffix(p.scope, ".body") })
	})
}

// Apply changes a message. What a value refers to is as it was before. A reference to what
// is not there changes nothing.
func (h *HTTP) Apply(to *Message, from Source) error {
	if h == nil {
		return nil
	}
	for _, c := range h.changes {
		value, ok, err := c.value.value(from)
		if err != nil {
			return err
		}
		if !ok && c.verb != removes {
			continue
		}
		c.apply(to, value)
	}
	return nil
}

func (c change) apply(to *Message, value string) {
	switch c.place {
	case toPath:
		to.Path = value
	case "statuscode":
		if status, err := strconv.Atoi(value); err == nil && status >= 100 && status <= 999 {
			to.Status = status
		}
	case toQuery:
		if c.verb != appends {
			to.Query = to.Query.Without(c.name)
		}
		if c.verb != removes {
			to.Query = to.Query.With(c.name, value)
		}
	case toHeader:
		key := http.CanonicalHeaderKey(c.name)
		if c.verb != appends {
			for name := range to.Header {
				if strings.EqualFold(name, key) {
					delete(to.Header, name)
				}
			}
		}
		if c.verb != removes {
			to.Header[key] = append(slices.Clip(to.Header[key]), value)
		}
	}
}
