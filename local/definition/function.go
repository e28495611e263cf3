package definition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// The ways to name a function.
//
// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html
var (
	invokeURI   = regexp.MustCompile(`^arn:[^:]+:apigateway:[^:]*:lambda:path/+([0-9-]+)/functions/(.+)/(invocations|response-streaming-invocations)$`)
	functionARN = regexp.MustCompile(`^arn:[^:]+:lambda:([^:]*):([^:]*):function:([^:/]+)(?::([^:/]+))?$`)
)

// namedFunction finds the function that an integration's URI or an ARN names. One
// that no template declares is added: its program is for the command line to name.
func (r *reader) namedFunction(uri string, at Origin, usedBy string) (*Function, error) {
	arn := uri
	if found := invokeURI.FindStringSubmatch(uri); found != nil {
		arn = found[2]
	}
	found := functionARN.FindStringSubmatch(arn)
	if found == nil {
		return nil, fmt.Errorf("%q names no function", uri)
	}
	name := found[3]
	f := r.functions[name]
	if f == nil {
		f = r.byLogicalID(name)
	}
	if f == nil {
		f = &Function{
			Name: name, ARN: strings.TrimSuffix(arn, ":"+found[4]), Origin: at,
			Source: Source{Missing: fmt.Sprintf("the definition only names it: give its program with --function %s=./folder", name)},
		}
		if found[4] == "" {
			f.ARN = arn
		}
		r.functions[name] = f
		r.plan.Functions = append(r.plan.Functions, f)
	}
	r.use(f, usedBy)
	return f, nil
}

func (r *reader) byLogicalID(id string) *Function {
	for _, f := range r.plan.Functions {
		if f.LogicalID == id {
			return f
		}
	}
	return nil
}

// use notes what leads to a function.
func (r *reader) use(f *Function, by string) {
	if by != "" && !slices.Contains(f.Used, by) {
		f.Used = append(f.Used, by)
	}
}

// functionText finds the function that a property names by ARN or by name, as URLs
// and target groups do.
func (r *reader) functionText(n *document.Node, what, usedBy string) (*Function, error) {
	s, err := text(n, what)
	if err != nil {
		return nil, err
	}
	if f := r.functions[s]; f != nil {
		r.use(f, usedBy)
		return f, nil
	}
	return r.namedFunction(s, originOf(n), usedBy)
}
