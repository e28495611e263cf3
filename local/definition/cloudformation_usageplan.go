package definition

import (
	"bytes"
	"errors"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// apiKey reads AWS::ApiGateway::ApiKey.
func (r *reader) apiKey(res *cloudformation.Resource) {
	key := &APIKey{ID: res.ID(), Name: res.Get("Name").Value(), Origin: originOf(res.Node)}
	if value := res.Get("Value"); value.IsScalar() && value.Doubt == "" && !bytes.Contains([]byte(value.Text), []byte("{{resolve:")) {
		key.Value = value.Text
	}
	if enabled := res.Get("Enabled"); enabled != nil {
		key.Disabled = !enabled.True()
	} else {
		key.Disabled = true // as the service has it
	}
	if key.Name == "" {
		key.Name = res.LogicalID
	}
	r.keys[key.ID] = key
}

// usagePlan reads AWS::ApiGateway::UsagePlan.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-usageplan.html
func (r *reader) usagePlan(res *cloudformation.Resource) {
	plan := &UsagePlan{ID: res.ID(), Name: res.Get("UsagePlanName").Value(), Origin: originOf(res.Node)}
	r.planLimits(plan, res.Get("Throttle"), res.Get("Quota"))
	r.usagePlans[plan.ID] = plan
	for _, stage := range res.Get("ApiStages").Elements() {
		if stage.Get("Throttle").Is(document.Map) && len(stage.Get("Throttle").Pairs) > 0 {
			r.warn(originOf(stage), "usage plan "+res.LogicalID, "its limits for single methods are not kept: those of the plan are")
		}
		id, name := stage.Get("ApiId").Value(), stage.Get("Stage").Value()
		r.later(func() {
			if api := r.apis[id]; api != nil && r.covers(res, name, api.Stage) {
				api.UsagePlans = append(api.UsagePlans, plan)
			}
			if api := r.webSocket[id]; api != nil && r.covers(res, name, api.Stage) {
				api.UsagePlans = append(api.UsagePlans, plan)
			}
		})
	}
}

// covers reports whether a usage plan for a stage is one for the stage that is served. A
// name that cannot be resolved, such as that of a stage which SAM makes, is taken for it.
func (r *reader) covers(plan *cloudformation.Resource, stage, served string) bool {
	if stage == "" || served == "" || stage == served {
		return true
	}
	r.warn(originOf(plan.Node), "usage plan "+plan.LogicalID, "it is for the stage %s, and %s is served: its keys are turned down", stage, served)
	return false
}

func (r *reader) planLimits(plan *UsagePlan, throttle, quota *document.Node) {
	var errs [2]error
	plan.Throttle, errs[0] = throttleOf(throttle, "RateLimit", "BurstLimit")
	plan.Quota, errs[1] = integer(quota.Get("Limit"), "Limit")
	plan.Period = strings.ToUpper(quota.Get("Period").Value())
	if offset := quota.Get("Offset"); offset != nil && offset.Value() != "0" {
		r.warn(originOf(offset), "usage plan "+plan.Name, "the Offset of its quota has no effect here")
	}
	if err := errors.Join(errs[:]...); err != nil {
		r.refuse(plan.Origin, "usage plan "+plan.Name, "%s", oneLine(err))
	}
}

// usagePlanKey reads AWS::ApiGateway::UsagePlanKey.
func (r *reader) usagePlanKey(res *cloudformation.Resource) {
	plan, key := r.usagePlans[res.Get("UsagePlanId").Value()], r.keys[res.Get("KeyId").Value()]
	if plan == nil || key == nil {
		r.refuse(originOf(res.Node), "usage plan key "+res.LogicalID, "it joins no usage plan and key of the definition")
		return
	}
	plan.Keys = append(plan.Keys, *key)
}
