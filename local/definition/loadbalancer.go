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
	r.addRule(lb, res, res.Get("DefaultActions"), ListenerRule{Priority: 1 << 30, Origin: originOf(res.Node)})
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
		r.refuse(rule.Origin, "listener rule "+res.LogicalID, "%v", err)
		return
	}
	for _, condition := range res.Get("Conditions").Elements() {
		if why := rule.add(condition); why != "" {
			r.refuse(rule.Origin, "listener rule "+res.LogicalID, "%s", why)
			return
		}
	}
	r.addRule(r.loadBalancer(id, nameOfListener(id), originOf(arn)), res, res.Get("Actions"), rule)
}

// nameOfListener is the name in the ARN of a listener that no template declares.
func nameOfListener(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) > 2 && strings.HasPrefix(arn, "arn:") {
		return parts[2]
	}
	return arn
}

// add adds a condition, or says why it cannot be held.
func (rule *ListenerRule) add(n *document.Node) string {
	values := func(config string) []string {
		return append(n.Get("Values").Strings(), n.Get(config).Get("Values").Strings()...)
	}
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
		rule.Headers = append(rule.Headers, Named[[]string]{header.Get("HttpHeaderName").Value(), header.Get("Values").Strings(), originOf(n)})
	case "query-string":
		for _, query := range n.Find("QueryStringConfig", "Values").Elements() {
			rule.Queries = append(rule.Queries, Named[[]string]{query.Get("Key").Value(), query.Get("Value").Strings(), originOf(query)})
		}
	default:
		return "there is no condition " + field
	}
	return ""
}

// loadBalancer finds the listener, or adds it.
func (r *reader) loadBalancer(id, name string, at Origin) *LoadBalancer {
	if lb := r.listeners[id]; lb != nil {
		return lb
	}
	lb := &LoadBalancer{Name: name, Origin: at}
	r.listeners[id] = lb
	return lb
}

// addRule adds a rule that forwards to a function.
func (r *reader) addRule(lb *LoadBalancer, res *cloudformation.Resource, actions *document.Node, rule ListenerRule) {
	for _, action := range actions.Elements() {
		if kind := action.Get("Type").Value(); kind != "forward" {
			if strings.HasPrefix(kind, "authenticate") {
				r.refuse(rule.Origin, "listener "+res.LogicalID, "the action %s is not taken: nobody here knows the users", kind)
				return
			}
			continue // a fixed answer or a redirect is no function's
		}
		arn := action.Get("TargetGroupArn").Value()
		if arn == "" {
			if groups := action.Find("ForwardConfig", "TargetGroups").Elements(); len(groups) > 0 {
				arn = groups[0].Get("TargetGroupArn").Value()
			}
		}
		group := r.set.Resource(arn)
		if group == nil || group.Get("TargetType").Value() != "lambda" {
			continue
		}
		targets := group.Get("Targets").Elements()
		if len(targets) == 0 {
			continue
		}
		f, err := r.functionText(targets[0].Get("Id"), "the target", "listener "+lb.Name)
		if err != nil {
			r.refuse(rule.Origin, "target group "+group.LogicalID, "%v", err)
			return
		}
		rule.Function = f
		for _, attribute := range group.Get("TargetGroupAttributes").Elements() {
			if attribute.Get("Key").Value() == "lambda.multi_value_headers.enabled" {
				rule.MultiValue = attribute.Get("Value").True()
			}
		}
		if len(lb.Rules) == 0 {
			r.plan.LoadBalancers = append(r.plan.LoadBalancers, lb)
		}
		lb.Rules = append(lb.Rules, rule)
		slices.SortStableFunc(lb.Rules, func(a, b ListenerRule) int { return cmp.Compare(a.Priority, b.Priority) })
		return
	}
}
