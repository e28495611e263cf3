package definition

import (
	"errors"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// url reads AWS::Lambda::Url.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html
func (r *reader) url(res *cloudformation.Resource) {
	u := &FunctionURL{LogicalID: res.LogicalID, Stack: res.Stack.Name, ID: res.ID(), Region: res.Stack.Region(), Account: res.Stack.Account(), Origin: originOf(res.Node)}
	f, err := r.functionText(res.Get("TargetFunctionArn"), "TargetFunctionArn", "function URL "+res.LogicalID)
	if err != nil {
		r.refuse(u.Origin, "function URL "+res.LogicalID, "%v", err)
		return
	}
	u.Function = f
	r.addURL(u, res.Get("AuthType"), res.Get("InvokeMode"), res.Get("Cors"))
	r.checkURLPermissions(u, res.Stack)
}

// checkURLPermissions tells of a URL that anybody may call here, and nobody in AWS:
// since October 2025 that takes a second permission.
//
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
func (r *reader) checkURLPermissions(u *FunctionURL, stack *cloudformation.Stack) {
	if u.IAM {
		return
	}
	has := map[string]bool{}
	for _, res := range stack.Resources {
		if res.Type == "AWS::Lambda::Permission" {
			has[res.Get("Action").Value()+" "+strings.ToLower(res.Get("InvokedViaFunctionUrl").Value())] = true
		}
	}
	if has["lambda:InvokeFunctionUrl "] && !has["lambda:InvokeFunction true"] {
		r.warn(u.Origin, "function URL "+u.LogicalID, "AWS answers 403: beside lambda:InvokeFunctionUrl the template grants no lambda:InvokeFunction with InvokedViaFunctionUrl, which URLs need since October 2025")
	}
}

// addURL reads what AWS::Lambda::Url and FunctionUrlConfig spell alike.
func (r *reader) addURL(u *FunctionURL, authType, invokeMode, corsConfiguration *document.Node) {
	auth, noAuth := text(authType, "AuthType")
	mode, noMode := optional(invokeMode, "InvokeMode")
	if err := errors.Join(noAuth, noMode); err != nil { // nobody knows whom to let in, or how to answer
		r.refuse(u.Origin, "function URL "+u.LogicalID, "%s", oneLine(err))
		return
	}
	u.IAM, u.Stream = strings.EqualFold(auth, "AWS_IAM"), strings.EqualFold(mode, "RESPONSE_STREAM")
	cors, err := corsOf(corsConfiguration, upperCORS)
	if err != nil {
		r.refuse(originOf(corsConfiguration), "function URL "+u.LogicalID, "%s", oneLine(err))
	}
	u.CORS = cors
	r.plan.FunctionURLs = append(r.plan.FunctionURLs, u)
}
