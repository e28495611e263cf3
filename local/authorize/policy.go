package authorize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// A policy is an IAM policy document, read as far as a request to an API can meet
// it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type policy []statement

// A statement allows or denies some actions on some resources. The negated lists
// hold where the others are nil.
type statement struct {
	deny                bool
	principals          []string // nil is everybody
	actions, notActions []string
	resources, notIn    []string
	from, notFrom       []netip.Prefix // aws:SourceIp; nil does not ask
	unknown             []string       // conditions that are not evaluated, by name
}

// maxResource is how many characters an authorizer's policy may have in one
// Resource: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
const maxResource = 512

// parsePolicy reads a policy document. Statements may stand in a list or alone,
// and so may what they name.
func parsePolicy(document []byte) (policy, error) {
	var doc struct {
		Statement json.RawMessage
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, fmt.Errorf("the policy is no policy document: %w", err)
	}
	parts, err := listOf[json.RawMessage](doc.Statement)
	if err != nil || len(parts) == 0 {
		return nil, errors.New("the policy has no Statement")
	}
	p := make(policy, len(parts))
	for i, part := range parts {
		if p[i], err = parseStatement(part); err != nil {
			return nil, fmt.Errorf("statement %d of the policy %w", i+1, err)
		}
	}
	return p, nil
}

func parseStatement(data []byte) (statement, error) {
	var raw struct {
		Effect                                   string
		Action, NotAction, Resource, NotResource json.RawMessage
		Principal, NotPrincipal                  json.RawMessage
		Condition                                map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return statement{}, fmt.Errorf("cannot be read: %w", err)
	}
	var s statement
	switch raw.Effect {
	case "Allow":
	case "Deny":
		s.deny = true
	default:
		return s, fmt.Errorf("has the Effect %q, which is neither Allow nor Deny", raw.Effect)
	}
	var err error
	for _, list := range []struct {
		into *[]string
		from json.RawMessage
	}{{&s.actions, raw.Action}, {&s.notActions, raw.NotAction}, {&s.resources, raw.Resource}, {&s.notIn, raw.NotResource}} {
		if *list.into, err = listOf[string](list.from); err != nil {
			return s, fmt.Errorf("has a list that is none of strings: %w", err)
		}
	}
	if (s.actions == nil) == (s.notActions == nil) || (s.resources == nil) == (s.notIn == nil) {
		return s, errors.New("needs one of Action and NotAction, and one of Resource and NotResource")
	}
	for _, resource := range slices.Concat(s.resources, s.notIn) {
		if len(resource) > maxResource {
			return s, fmt.Errorf("has a Resource of %d characters, the limit is %d", len(resource), maxResource)
		}
	}
	if s.principals, err = principalsOf(raw.Principal); err != nil {
		return s, fmt.Errorf("has a Principal that is none: %w", err)
	}
	if raw.NotPrincipal != nil {
		s.unknown = append(s.unknown, "NotPrincipal")
	}
	return s, s.conditions(raw.Condition)
}

// principalsOf reads who a statement of a resource policy speaks of: "*", or
// {"AWS": …} with one or several. Policies of authorizers do not say.
func principalsOf(data json.RawMessage) ([]string, error) {
	names, err := listOf[string](data)
	if err != nil {
		var kinds map[string]json.RawMessage
		if err := json.Unmarshal(data, &kinds); err != nil {
			return nil, err
		}
		names = []string{}
		for _, list := range kinds {
			more, err := listOf[string](list)
			if err != nil {
				return nil, err
			}
			names = append(names, more...)
		}
	}
	if slices.Contains(names, "*") {
		return nil, nil
	}
	return names, nil
}

// conditions reads the conditions on the client's address. The others are named:
// nothing on a laptop decides them.
func (s *statement) conditions(all map[string]map[string]json.RawMessage) error {
	for operator, keys := range all {
		for key, value := range keys {
			into := map[string]*[]netip.Prefix{"ipaddress": &s.from, "notipaddress": &s.notFrom}[strings.ToLower(operator)]
			if into == nil || !strings.EqualFold(key, "aws:SourceIp") {
				s.unknown = append(s.unknown, operator+" "+key)
				continue
			}
			ranges, err := listOf[string](value)
			if err != nil {
				return fmt.Errorf("has an aws:SourceIp that is no address: %w", err)
			}
			*into = []netip.Prefix{}
			for _, text := range ranges {
				prefix, err := parsePrefix(text)
				if err != nil {
					return fmt.Errorf("has the aws:SourceIp %q, which is no address", text)
				}
				*into = append(*into, prefix)
			}
		}
	}
	slices.Sort(s.unknown)
	return nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// listOf reads a list, or what stands in place of a list of one. Nothing is nil.
func listOf[T any](data json.RawMessage) ([]T, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	if data[0] == '[' {
		list := []T{}
		return list, json.Unmarshal(data, &list)
	}
	var one T
	return []T{one}, json.Unmarshal(data, &one)
}

// An access is what a request asks a policy for.
type access struct {
	action   string // "execute-api:Invoke"
	resource string // the ARN of the method and path

	// short is how a resource policy may write the same: execute-api:/stage/METHOD/path.
	// "" is for other policies.
	short string

	principal string // the ARN of who signed, "" for everybody else
	sourceIP  string
}

// invokeAction is what every request to an API does.
const invokeAction = "execute-api:Invoke"

// A verdict is what a policy says of an access.
type verdict int

const (
	implicitDeny verdict = iota // the policy does not speak of it
	allowed
	explicitDeny // which beats every allowance
)

func (p policy) judge(a access) verdict {
	found := implicitDeny
	for i := range p {
		switch s := &p[i]; {
		case !s.applies(a):
		case s.deny:
			return explicitDeny
		default:
			found = allowed
		}
	}
	return found
}

// ignored names the conditions that judge passes over.
func (p policy) ignored() []string {
	var names []string
	for i := range p {
		names = append(names, p[i].unknown...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// applies reports whether the statement speaks of an access. A condition that is
// not evaluated is taken in the client's favour: what it would allow is allowed, and
// what it would deny is not denied.
func (s *statement) applies(a access) bool {
	if s.deny && len(s.unknown) > 0 {
		return false
	}
	// IAM compares actions without case, resources with it.
	action := strings.ToLower(a.action)
	if !listed(s.actions, s.notActions, func(pattern string) bool { return glob(strings.ToLower(pattern), action) }) {
		return false
	}
	if !listed(s.resources, s.notIn, func(pattern string) bool { return glob(pattern, a.resource) || a.short != "" && glob(pattern, a.short) }) {
		return false
	}
	if s.principals != nil && !slices.ContainsFunc(s.principals, a.is) {
		return false
	}
	ip, err := netip.ParseAddr(a.sourceIP)
	within := func(ranges []netip.Prefix) bool {
		return err == nil && slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
	}
	return (s.from == nil || within(s.from)) && (s.notFrom == nil || !within(s.notFrom))
}

// is reports whether who signed is a principal: a user or role by its ARN, or all of
// an account by its number or its root.
func (a access) is(principal string) bool {
	parts := strings.SplitN(a.principal, ":", 6)
	return a.principal != "" && (principal == a.principal ||
		len(parts) == 6 && (principal == parts[4] || principal == "arn:aws:iam::"+parts[4]+":root"))
}

// listed reports whether a list has a match, or a negated list has none.
func listed(list, negated []string, match func(pattern string) bool) bool {
	if list != nil {
		return slices.ContainsFunc(list, match)
	}
	return !slices.ContainsFunc(negated, match)
}

// glob matches a text to a pattern of IAM's, in which * stands for any characters,
// slashes and colons among them, and ? for one. It takes time in proportion to the
// product of both lengths, whatever the pattern.
func glob(pattern, text string) bool {
	p, t := 0, 0
	star, resume := -1, 0 // the last *, and the text behind what it stands for
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
