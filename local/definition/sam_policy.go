package definition

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// A policyStatement is one that SAM writes for a short form of its own.
type policyStatement struct {
	Effect    string
	Principal any
	Action    string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// samPolicyLists are the short forms of SAM's resource policies. Those of accounts
// name who is allowed or denied; the others allow everybody, and deny whom the
// condition speaks of.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-resourcepolicystatement.html
var samPolicyLists = map[string]struct{ effect, operator, key string }{
	"AwsAccountWhitelist":    {effect: "Allow"},
	"AwsAccountBlacklist":    {effect: "Deny"},
	"IpRangeWhitelist":       {"Deny", "NotIpAddress", "aws:SourceIp"},
	"IpRangeBlacklist":       {"Deny", "IpAddress", "aws:SourceIp"},
	"SourceVpcWhitelist":     {"Deny", "StringNotEquals", ""},
	"SourceVpcBlacklist":     {"Deny", "StringEquals", ""},
	"IntrinsicVpcWhitelist":  {"Deny", "StringNotEquals", "aws:SourceVpc"},
	"IntrinsicVpcBlacklist":  {"Deny", "StringEquals", "aws:SourceVpc"},
	"IntrinsicVpceWhitelist": {"Deny", "StringNotEquals", "aws:SourceVpce"},
	"IntrinsicVpceBlacklist": {"Deny", "StringEquals", "aws:SourceVpce"},
}

// samPolicy adds what a ResourcePolicy says of some resources to the policy of its
// API. Statements of one's own name their resources themselves.
func (r *reader) samPolicy(api *API, n *document.Node, resources []string) {
	for key, value := range n.All() {
		form, short := samPolicyLists[key]
		switch {
		case key == "CustomStatements":
			for _, statement := range value.Elements() {
				r.resolvedPolicy(api, statement)
				addStatement(api, statement.AppendJSON(nil))
			}
		case !short:
			r.locked[api] = fmt.Errorf("the resource policy's %s is not read: write it as CustomStatements", key)
		case !r.resolvedPolicy(api, value):
		case form.operator == "":
			addSAMStatement(api, policyStatement{Effect: form.effect, Principal: map[string][]string{"AWS": value.Strings()}, Resource: resources})
		default:
			name := form.key
			if name == "" {
				name = "aws:SourceVpc"
				if list := value.Strings(); len(list) > 0 && strings.HasPrefix(list[0], "vpce-") {
					name = "aws:SourceVpce"
				}
			}
			addSAMStatement(api, policyStatement{Effect: "Allow", Principal: "*", Resource: resources})
			addSAMStatement(api, policyStatement{Effect: "Deny", Principal: "*", Resource: resources,
				Condition: map[string]map[string][]string{form.operator: {name: value.Strings()}}})
		}
	}
}

func addSAMStatement(api *API, s policyStatement) {
	s.Action = "execute-api:Invoke"
	text, _ := json.Marshal(s) // lists of text never fail
	addStatement(api, text)
}

// addStatement adds a statement to a policy, unless the same is there.
func addStatement(api *API, statement json.RawMessage) {
	var policy struct {
		Version   string
		Statement json.RawMessage
	}
	_ = json.Unmarshal(api.Policy, &policy) // a policy that is none is told when it is put into use
	var all []json.RawMessage
	if one := bytes.TrimSpace(policy.Statement); len(one) > 0 && one[0] == '{' {
		all = []json.RawMessage{one}
	} else {
		_ = json.Unmarshal(one, &all)
	}
	if !slices.ContainsFunc(all, func(other json.RawMessage) bool { return bytes.Equal(other, statement) }) {
		all = append(all, statement)
	}
	policy.Version = orElse(policy.Version, "2012-10-17")
	policy.Statement, _ = json.Marshal(all)
	api.Policy, _ = json.Marshal(policy)
}

// policyResources are the routes at a path as SAM names them in policies, where a
// parameter of the path is any text. "" is every path.
func policyResources(api *API, at string) (resources []string) {
	for _, route := range api.Routes {
		method, path, _ := strings.Cut(route.Key, " ")
		if at != "" && path != at {
			continue
		}
		if method == "ANY" {
			method = "*"
		}
		resources = append(resources, "execute-api:/"+api.Stage+"/"+method+parameter.ReplaceAllString(path, "*"))
	}
	return resources
}
