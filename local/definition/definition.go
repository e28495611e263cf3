// Package definition reads the files that APIs are deployed from, and makes of them
// what runs on this machine.
//
// [Load] reads an OpenAPI 3.0 or Swagger 2.0 document with API Gateway's extensions,
// a SAM or CloudFormation template, or the folder that CDK (cdk.out) or the
// Serverless Framework (.serverless) has written. The [Plan] that it returns holds
// the APIs with their routes, the function URLs and load balancers, and the
// functions behind them; [Plan.Assemble] makes gateways of it.
//
// Nothing is silently dropped: what a definition asks for is in the plan, or among
// what is refused (by name, file and line, with what to do), or among what is
// ignored since it has no effect here. Nothing is fetched: a definition is what its
// files say.
//
// docs/definitions.md lists what is read, from which source, and how sure that is.
package definition

import (
	"errors"
	"fmt"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// Options are what a definition is read with. The zero value has defaults.
type Options struct {
	_ struct{}

	// Parameters are the values of a template's parameters. The logical id of a
	// resource gives what a Ref to it is, and AWS::StackName and its kind are
	// parameters too.
	Parameters map[string]string

	// Account and Region are those that ARNs and events name. "" is what the
	// definition says, else 123456789012 and us-east-1.
	Account, Region string

	// API decides what an OpenAPI 3.0 document is of that would do for both kinds.
	// "" is REST, since HTTP APIs tell themselves by payloadFormatVersion. A template
	// says it itself.
	API gateway.Kind

	// StageVariables are those of a document, which has no place for them. A template
	// has.
	StageVariables map[string]string
}

// Load reads a definition. An error is a document that cannot be read at all: broken,
// beyond a limit, or no definition. Everything else that is wrong is in the plan's
// notes, all of it at once.
func Load(file string, o Options) (*Plan, error) {
	set, err := cloudformation.Open(file, cloudformation.Options{Parameters: o.Parameters, Region: o.Region, Account: o.Account})
	if err != nil {
		return nil, fmt.Errorf("definition: %w", err)
	}
	defer set.Close()
	r := newReader(set, o)
	switch {
	case len(set.Stacks) > 0:
		r.stacks()
		if o.API != "" {
			r.refuse(Origin{}, "", "--api: a template says of which kind its APIs are")
		}
		if len(o.StageVariables) > 0 {
			r.refuse(Origin{}, "", "--stage-variable: a template says which variables its stages have")
		}
	case isOpenAPI(set.Root):
		if err := r.document(set.Root); err != nil {
			return nil, fmt.Errorf("definition: %w", err)
		}
	default:
		return nil, errors.New("definition: " + file + ": holds no stack")
	}
	return r.finish(), nil
}

// isOpenAPI reports whether a document says that it is OpenAPI or Swagger.
func isOpenAPI(root *document.Node) bool {
	return root.Get("openapi") != nil || root.Get("swagger") != nil
}
