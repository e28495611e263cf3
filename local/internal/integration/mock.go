package integration

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// MockStatus returns the statusCode in what a mock integration's request template made, as
// leniently as API Gateway reads it: names may stand in single quotes or in none, there may
// be commas too many, and what follows a member without a colon is not looked at. The
// statusCode has to be a whole number, and may be any.
func MockStatus(rendered string) (int, error) {
	var strict map[string]json.RawMessage
	if json.Unmarshal([]byte(rendered), &strict) == nil {
		return status(string(strict["statusCode"]))
	}
	inner, opened := strings.CutPrefix(strings.TrimSpace(rendered), "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !opened || !closed {
		return 0, fmt.Errorf("integration: the mock's request is not an object: %.100q", rendered)
	}
	for _, member := range members(inner) {
		if member = strings.TrimSpace(member); member == "" {
			continue
		}
		if member[0] == '{' {
			return 0, fmt.Errorf("integration: a member of the mock's request has no name: %.100q", member)
		}
		name, value, ok := strings.Cut(member, ":")
		if !ok {
			break
		}
		name, err := unquoted(strings.TrimSpace(name))
		if err != nil {
			return 0, err
		}
		if name == "statusCode" {
			return status(strings.TrimSpace(value))
		}
	}
	return status("")
}

func status(text string) (int, error) {
	if text == "" {
		return 0, fmt.Errorf("integration: the mock's request has no statusCode")
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("integration: the mock's request has the statusCode %.100q, which is not a whole number", text)
	}
	return n, nil
}

// members cuts the inside of an object at its commas, not at those of what it holds.
func members(inner string) []string {
	var all []string
	depth, start, quote := 0, 0, byte(0)
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' && depth == 0:
			all = append(all, inner[start:i])
			start = i + 1
		}
	}
	return append(all, inner[start:])
}

// unquoted takes the quotes off a name, which must be the same at both ends.
func unquoted(name string) (string, error) {
	first, last := "", ""
	if name != "" {
		first, last = name[:1], name[len(name)-1:]
	}
	quoted := func(c string) bool { return c == "'" || c == `"` }
	switch {
	case !quoted(first) && !quoted(last):
		return name, nil
	case first == last && len(name) > 1:
		return name[1 : len(name)-1], nil
	}
	return "", fmt.Errorf("integration: the name %.100q in the mock's request is not closed", name)
}
