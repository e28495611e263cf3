package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// parameter is the value of a template parameter, or nil if there is none of the
// name.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func (s *Stack) parameter(name string) *document.Node {
	if value, ok := s.parameters[name]; ok {
		return value
	}
	declared := s.template.Find("Parameters", name)
	if declared == nil {
		return nil
	}
	value := s.valueOf(name, declared)
	if kind := declared.Get("Type").Value(); value.IsScalar() && (kind == "CommaDelimitedList" || strings.HasPrefix(kind, "List<")) {
		value = listOf(value)
	}
	s.parameters[name] = value
	return value
}

func (s *Stack) valueOf(name string, declared *document.Node) *document.Node {
	if value, ok := s.given[name]; ok && value != nil {
		return value
	}
	if s.parent == nil {
		if text, ok := s.set.options.Parameters[name]; ok {
			if allowed := declared.Get("AllowedValues").Strings(); len(allowed) > 0 && !slices.Contains(allowed, text) {
				s.set.problem(declared.Position(), "--parameter %s=%s is none of the allowed values %s", name, text, strings.Join(allowed, ", "))
			}
			return textAt(declared, text)
		}
	}
	kind := declared.Get("Type").Value()
	value := declared.Get("Default")
	switch {
	case strings.HasPrefix(kind, "AWS::SSM::Parameter::"):
		return unknown(declared, "the parameter %s is read from Systems Manager: give it with --parameter %s=VALUE", name, name)
	case value == nil:
		return unknown(declared, "the parameter %s has no default: give it with --parameter %s=VALUE", name, name)
	}
	return value
}

// pseudo is the value of a pseudo parameter, or nil if there is none of the name.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
func (s *Stack) pseudo(name string, at *document.Node) *document.Node {
	if !strings.HasPrefix(name, "AWS::") {
		return nil
	}
	if value, ok := s.set.options.Parameters[name]; ok {
		return textAt(at, value)
	}
	switch name {
	case "AWS::Region":
		return textAt(at, s.Region())
	case "AWS::AccountId":
		n := textAt(at, s.Account())
		if s.set.options.Account == "" && s.account == "" {
			n.Doubt = "the account is not known: give it with --account"
		}
		return n
	case "AWS::Partition":
		return textAt(at, "aws")
	case "AWS::URLSuffix":
		return textAt(at, "amazonaws.com")
	case "AWS::StackName":
		n := textAt(at, s.stackName())
		if n.Text == "" {
			n.Text = "local"
			n.Doubt = "the stack has no name here: give it one with --parameter AWS::StackName=NAME"
		}
		return n
	case "AWS::StackId":
		n := textAt(at, fmt.Sprintf("arn:aws:cloudformation:%s:%s:stack/%s/%s", s.Region(), s.Account(), orElse(s.stackName(), "local"), madeUpID(s.path)))
		n.Doubt = "the stack does not exist here"
		return n
	}
	return unknown(at, "%s is known to AWS only", name)
}

// stackName is the name of the stack, or of the one that it is nested in.
func (s *Stack) stackName() string {
	for ; s != nil; s = s.parent {
		if s.Name != "" {
			return s.Name
		}
	}
	return ""
}

// Region is the region of the stack, and Account its account.
func (s *Stack) Region() string { return orElse(s.region, orElse(s.set.options.Region, "us-east-1")) }

// Account is the account that the stack belongs to.
func (s *Stack) Account() string {
	return orElse(s.set.options.Account, orElse(s.account, "123456789012"))
}

// checkParameters tells of values that are given for nothing.
func (s *Set) checkParameters() {
	for _, name := range slices.Sorted(maps.Keys(s.options.Parameters)) {
		declared := slices.ContainsFunc(s.siblings, func(stack *Stack) bool {
			return stack.template.Find("Parameters", name) != nil || stack.resources[name] != nil
		})
		if !declared && !strings.HasPrefix(name, "AWS::") {
			s.problem(document.Position{}, "--parameter %s: there is no such parameter or resource", name)
		}
	}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// textAt is text that stands where at does.
func textAt(at *document.Node, text string) *document.Node {
	n := &document.Node{Kind: document.Text, Text: text}
	if at != nil {
		n.File, n.Line = at.File, at.Line
	}
	return n
}

// listOf splits text at its commas, as CommaDelimitedList does.
func listOf(value *document.Node) *document.Node {
	list := &document.Node{Kind: document.List, File: value.File, Line: value.Line}
	for item := range strings.SplitSeq(value.Text, ",") {
		list.Items = append(list.Items, textAt(value, strings.TrimSpace(item)))
	}
	return list
}

// unknown is a value that only AWS knows.
func unknown(at *document.Node, format string, args ...any) *document.Node {
	n := &document.Node{Kind: document.Unknown, Doubt: fmt.Sprintf(format, args...)}
	if at != nil {
		n.File, n.Line = at.File, at.Line
	}
	return n
}
