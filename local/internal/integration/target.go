package integration

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A Target is the URI of an HTTP integration, in which {name} stands for a parameter and
// ${stageVariables.name} for a variable of the stage.
type Target struct {
	parts []targetPart
}

// A targetPart is a piece of text, or something that stands for one.
type targetPart struct {
	text     string
	name     string // that of a parameter or of a stage variable
	variable bool
	query    bool // it stands behind the question mark
}

// placeholder is what stands for something else in a URI.
var placeholder = regexp.MustCompile(`\$\{stageVariables\.([A-Za-z0-9_]+)\}|\{([^{}]+)\}`)

// ParseTarget reads a URI and says what is wrong with it.
func ParseTarget(uri string) (*Target, error) {
	if !strings.HasPrefix(uri, "http://") && !strings.HasPrefix(uri, "https://") {
		return nil, fmt.Errorf("uri %q: Invalid HTTP endpoint specified for URI: it does not begin with http:// or https://", uri)
	}
	t := &Target{}
	end, query := 0, false
	for _, at := range placeholder.FindAllStringSubmatchIndex(uri, -1) {
		text := uri[end:at[0]]
		query = query || strings.Contains(text, "?")
		part := targetPart{query: query}
		if at[2] >= 0 {
			part.name, part.variable = uri[at[2]:at[3]], true
		} else {
			part.name = strings.TrimSuffix(uri[at[4]:at[5]], "+")
		}
		t.parts = append(t.parts, targetPart{text: text}, part)
		end = at[1]
	}
	t.parts = append(t.parts, targetPart{text: uri[end:]})
	// What the host is may be left to a variable.
	if host, _, _ := strings.Cut(uri[strings.Index(uri, "//")+2:], "/"); !strings.ContainsAny(host, "${}") {
		sample, err := url.Parse(t.Expand(func(string) string { return "x" }, nil))
		if err == nil {
			err = checkTarget(sample)
		} else {
			err = errors.Unwrap(err)
		}
		if err != nil && sample != nil {
			return nil, fmt.Errorf("uri: %w", err)
		}
		if err != nil {
			return nil, fmt.Errorf("uri: it is no URL: %w", err)
		}
	}
	return t, nil
}

// Names returns the parameters that stand in the URI.
func (t *Target) Names() []string {
	var names []string
	for _, part := range t.parts {
		if part.name != "" && !part.variable && !slices.Contains(names, part.name) {
			names = append(names, part.name)
		}
	}
	return names
}

// Expand returns the URI with values for what stands in it. A value is encoded as it has
// to be at its place, and keeps its slashes in the path.
func (t *Target) Expand(value func(name string) string, variables map[string]string) string {
	var b strings.Builder
	for _, part := range t.parts {
		switch {
		case part.name == "":
			b.WriteString(part.text)
		case part.variable:
			b.WriteString(variables[part.name])
		case part.query:
			b.WriteString(url.QueryEscape(value(part.name)))
		default:
			for i, segment := range strings.Split(value(part.name), "/") {
				if i > 0 {
					b.WriteByte('/')
				}
				b.WriteString(url.PathEscape(segment))
			}
		}
	}
	return b.String()
}

// Join puts a query behind what a URI has for one.
func Join(uri, query string) string {
	switch {
	case query == "":
		return uri
	case strings.HasSuffix(uri, "?"), strings.HasSuffix(uri, "&"):
		return uri + query
	case strings.Contains(uri, "?"):
		return uri + "&" + query
	}
	return uri + "?" + query
}
