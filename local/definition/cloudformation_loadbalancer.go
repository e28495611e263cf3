package definition

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// listener reads AWS::ElasticLoadBalancingV2::Listener: its default action.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html
func (r *reader) listener(res *cloudformation.Resource) {
	lb := r.loadBalancer(res.ID(), res.LogicalID, originOf(res.Node))
	r.addRule(lb, res.Get("DefaultActions"), ListenerRule{Priority: 1 << 30, Origin: originOf(res.Node)})
}

// listenerRule reads AWS::ElasticLoadBalancingV2::ListenerRule. Its listener may be
// one that only its ARN names.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html
func (r *reader) listenerRule(res *cloudformation.Resource) {
	arn := res.Get("ListenerArn")
	id := arn.Value()
	if id == "" {
		id = "the listener"
	}
	rule := ListenerRule{Origin: originOf(res.Node)}
	var err error
	if rule.Priority, err = integer(res.Get("Priority"), "Priority"); err != nil {
		rule.Refused = err.Error()
	}
	for _, condition := range res.Get("Conditions").Elements() {
		rule.Refused = orElse(rule.Refused, rule.add(condition))
	}
	if len(res.Get("Transforms").Elements()) > 0 {
		rule.Refused = orElse(rule.Refused, "its Transforms, which rewrite hosts and URLs, are not done here")
	}
	r.addRule(r.loadBalancer(id, nameOfListener(id), originOf(arn)), res.Get("Actions"), rule)
}

// nameOfListener is the name in the ARN of a listener that no template declares.
func nameOfListener(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) > 2 && strings.HasPrefix(arn, "arn:") {
		return parts[2]
	}
	return arn
}

// add adds a condition, or says why it cannot be held.
func (rule *ListenerRule) add(n *document.Node) (why string) {
	patterns := func(lists ...*document.Node) (all []string) {
		for _, item := range slices.Concat(lists[0].Elements(), lists[len(lists)-1].Elements()) {
			value, err := text(item, "a value of the condition "+n.Get("Field").Value())
			if err != nil { // a condition less would let in what AWS turns away
				why = err.Error()
			}
			all = append(all, value)
		}
		if len(all) == 0 { // as one of regular expressions
			why = "the condition " + n.Get("Field").Value() + " has no values that are compared here"
		}
		return all
	}
	values := func(config string) []string { return patterns(n.Get("Values"), n.Find(config, "Values")) }
	switch field := n.Get("Field").Value(); field {
	case "path-pattern":
		rule.Paths = append(rule.Paths, values("PathPatternConfig")...)
	case "host-header":
		rule.Hosts = append(rule.Hosts, values("HostHeaderConfig")...)
	case "http-request-method":
		rule.Methods = append(rule.Methods, values("HttpRequestMethodConfig")...)
	case "source-ip":
		rule.SourceIPs = append(rule.SourceIPs, values("SourceIpConfig")...)
	case "http-header":
		header := n.Get("HttpHeaderConfig")
		rule.Headers = append(rule.Headers, Named[[]string]{header.Get("HttpHeaderName").Value(), values("HttpHeaderConfig"), originOf(n)})
	case "query-string":
		queries := n.Find("QueryStringConfig", "Values").Elements()
		if len(queries) == 0 {
			why = "the condition query-string has no values that are compared here"
		}
		for _, query := range queries {
			value, err := text(query.Get("Value"), "a value of the condition query-string")
			if err != nil {
				why = err.Error()
			}
			rule.Queries = append(rule.Queries, Named[[]string]{query.Get("Key").Value(), []string{value}, originOf(query)})
		}
	default:
		return "there is no condition " + field
	}
	return why
}

// loadBalancer finds the listener, or adds it. One that leads to no function at all
// is no part of the plan.
func (r *reader) loadBalancer(id, name string, at Origin) *LoadBalancer {
	if lb := r.listeners[id]; lb != nil {
		return lb
	}
	lb := &LoadBalancer{Name: name, Origin: at}
	r.listeners[id] = lb
	r.later(func() {
		if !slices.ContainsFunc(lb.Rules, func(rule ListenerRule) bool { return rule.Function != nil }) {
			r.ignoreAt(at, "listeners without a function")
			return
		}
		slices.SortStableFunc(lb.Rules, func(a, b ListenerRule) int { return cmp.Compare(a.Priority, b.Priority) })
		r.plan.LoadBalancers = append(r.plan.LoadBalancers, lb)
		for _, rule := range lb.Rules {
			if rule.Refused != "" {
				r.refuse(rule.Origin, "listener "+lb.Name, "%s", rule.Refused)
			}
		}
	})
	return lb
}

// addRule adds a rule with what it does: its last action, unless one before it lets
// in only those who log in.
func (r *reader) addRule(lb *LoadBalancer, actions *document.Node, rule ListenerRule) {
	if rule.Refused == "" {
		rule.Refused = r.act(lb, actions, &rule)
	}
	lb.Rules = append(lb.Rules, rule)
}

// act reads the actions of a rule, or says why they cannot be taken.
func (r *reader) act(lb *LoadBalancer, actions *document.Node, rule *ListenerRule) (why string) {
	for _, action := range actions.Elements() {
		switch kind := action.Get("Type").Value(); kind {
		case "forward":
			return r.forward(lb, action, rule)
		case "fixed-response":
			return rule.fix(action.Get("FixedResponseConfig"))
		default:
			if strings.HasPrefix(kind, "authenticate") {
				return "the action " + kind + " is not taken: nobody here knows the users"
			}
			return "the action " + kind + " is not taken here"
		}
	}
	return "the rule has no action"
}

// fix reads an answer of the load balancer's own.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-elasticloadbalancingv2-listenerrule-fixedresponseconfig.html
func (rule *ListenerRule) fix(n *document.Node) (why string) {
	status, err := integer(n.Get("StatusCode"), "StatusCode")
	if err != nil || status < 200 || status > 599 {
		return "the action fixed-response has no status"
	}
	rule.Fixed = &FixedAnswer{Status: status, ContentType: n.Get("ContentType").Value(), Body: n.Get("MessageBody").Value()}
	return ""
}

// forward finds the function behind the first target group of an action.
func (r *reader) forward(lb *LoadBalancer, action *document.Node, rule *ListenerRule) (why string) {
	arn := action.Get("TargetGroupArn").Value()
	if groups := action.Find("ForwardConfig", "TargetGroups").Elements(); arn == "" && len(groups) > 0 {
		arn = groups[0].Get("TargetGroupArn").Value()
		if len(groups) > 1 {
			r.warn(originOf(action), "listener "+lb.Name, "of %d target groups the first gets all requests, whatever their weights", len(groups))
		}
	}
	group := r.set.Resource(arn)
	if group == nil || group.Get("TargetType").Value() != "lambda" {
		return "it forwards to a target that is no function"
	}
	targets := group.Get("Targets").Elements()
	if len(targets) == 0 {
		return "its target group " + group.LogicalID + " has no target"
	}
	f, err := r.functionText(targets[0].Get("Id"), "the target of the target group "+group.LogicalID, "listener "+lb.Name)
	if err != nil {
		return err.Error()
	}
	rule.Function = f
	for _, attribute := range group.Get("TargetGroupAttributes").Elements() {
		if attribute.Get("Key").Value() == "lambda.multi_value_headers.enabled" {
			rule.MultiValue = attribute.Get("Value").True()
		}
	}
	return ""
}
