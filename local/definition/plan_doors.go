package definition

import (
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A Door is one address of a plan: an API, a function URL or a load balancer.
type Door struct {
	Kind gateway.Kind
	// Name is its logical id, or the title of its document. Where several stacks have
	// a logical id, the name of the stack comes before it: "Prod/Api".
	Name string
	// Domain stands for the domain that AWS gives it: functions that are told of it are
	// told of the address here instead. A load balancer has none.
	Domain string
	// Path is where it begins: "/", or "/prod/" of a stage.
	Path   string
	Origin Origin
}

// Doors are the addresses of the plan, in the order of its lists.
func (p *Plan) Doors() []Door {
	var doors []Door
	var stacks []string
	add := func(stack string, d Door) {
		doors, stacks = append(doors, d), append(stacks, stack)
	}
	for _, api := range p.APIs {
		add(api.Stack, Door{
			Kind: api.Kind, Name: orElse(api.LogicalID, api.Name), Domain: domainOf(api.ID, "execute-api", api.Region, "amazonaws.com"),
			Path: api.path(), Origin: api.Origin,
		})
	}
	for _, api := range p.WebSocketAPIs {
		add(api.Stack, Door{
			Kind: gateway.WebSocketAPI, Name: api.LogicalID, Domain: domainOf(api.ID, "execute-api", api.Region, "amazonaws.com"),
			Path: "/" + orElse(api.Stage, undeployedStage), Origin: api.Origin,
		})
	}
	for _, u := range p.FunctionURLs {
		add(u.Stack, Door{Kind: gateway.LambdaURL, Name: u.LogicalID, Domain: domainOf(u.ID, "lambda-url", u.Region, "on.aws"), Path: "/", Origin: u.Origin})
	}
	for _, lb := range p.LoadBalancers {
		add("", Door{Kind: gateway.LoadBalancer, Name: lb.Name, Path: "/", Origin: lb.Origin})
	}
	named := map[string]int{}
	for _, d := range doors {
		named[d.Name]++
	}
	for n, stack := range stacks {
		if named[doors[n].Name] > 1 && stack != "" {
			doors[n].Name = stack + "/" + doors[n].Name
		}
	}
	return doors
}

// undeployedStage is the stage of a WebSocket API that has none.
const undeployedStage = "local"

func domainOf(id, service, region, suffix string) string {
	return fmt.Sprintf("%s.%s.%s.%s", id, service, region, suffix)
}

// path is where the API begins: the stage is the first segment, unless it is the one
// that does not show.
func (api *API) path() string {
	switch base := api.servedBasePath(); {
	case base != "":
		return strings.TrimSuffix(base, "/") + "/"
	case api.Stage == "" || api.Stage == "$default":
		return "/"
	default:
		return "/" + api.Stage + "/"
	}
}

// servedBasePath is the base path of a document that has no stage. Elsewhere the
// API is served by its stage, as its own domain has it.
func (api *API) servedBasePath() string {
	if api.LogicalID == "" {
		return api.BasePath
	}
	return ""
}

// Variables are the function's environment, KEY=VALUE, where addresses gives what
// stands for a domain of the plan here, such as 127.0.0.1:3000: a function that is
// told the URL of an API finds it.
func (f *Function) Variables(addresses map[string]string) []string {
	var replace []string
	for domain, address := range addresses {
		if domain != "" {
			replace = append(replace, "https://"+domain, "http://"+address, "wss://"+domain, "ws://"+address, domain, address)
		}
	}
	local := strings.NewReplacer(replace...)
	all := make([]string, 0, len(f.Environment))
	for _, v := range f.Environment {
		all = append(all, v.Name+"="+local.Replace(v.Value))
	}
	return all
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
