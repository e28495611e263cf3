package cloudformation

import (
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// A decision is what a condition comes to.
type decision struct {
	holds   bool
	decided bool // false while it is being decided
}

// holds reports whether a condition of the template does. One that cannot be
// decided here does not.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
func (s *Stack) holds(name string, at *document.Node) bool {
	if known, ok := s.conditions[name]; ok {
		if !known.decided {
			s.set.problem(at.Position(), "the condition %s depends on itself", name)
		}
		return known.holds
	}
	node := s.template.Find("Conditions", name)
	if node == nil {
		s.set.problem(at.Position(), "there is no condition %s", name)
		return false
	}
	known := &decision{}
	s.conditions[name] = known
	known.holds = s.decide(node)
	known.decided = true
	return known.holds
}

// decide evaluates a condition.
func (s *Stack) decide(n *document.Node) bool {
	if n.Is(document.Map) && len(n.Pairs) == 1 {
		p := n.Pairs[0]
		args := p.Value.Elements()
		switch p.Key {
		case "Condition":
			return s.holds(p.Value.Value(), n)
		case "Fn::Not":
			return len(args) == 1 && !s.decide(args[0])
		case "Fn::And":
			all := true
			for _, arg := range args {
				all = s.decide(arg) && all
			}
			return all
		case "Fn::Or":
			some := false
			for _, arg := range args {
				some = s.decide(arg) || some
			}
			return some
		case "Fn::Equals":
			if len(args) == 2 {
				return s.equal(args[0], args[1])
			}
		}
	}
	s.set.problem(n.Position(), "this is no condition: Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition make one")
	return false
}

func (s *Stack) equal(a, b *document.Node) bool {
	left, right := s.Eval(a), s.Eval(b)
	for _, side := range []*document.Node{left, right} {
		if side.IsUnknown() {
			s.set.problem(a.Position(), "the condition cannot be decided and does not hold: %s", side.Doubt)
			return false
		}
	}
	if left.IsScalar() && right.IsScalar() {
		return left.Text == right.Text
	}
	return string(left.AppendJSON(nil)) == string(right.AppendJSON(nil))
}
