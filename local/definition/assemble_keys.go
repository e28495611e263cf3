package definition

import (
	"slices"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// keys are the keys of an API, if it asks for any.
func (a *assembler) keys(api *API) gateway.APIKeys {
	if api.Kind != gateway.RESTAPI || !slices.ContainsFunc(api.Routes, func(r *Route) bool { return r.APIKeyRequired }) {
		return nil
	}
	return a.knownKeys(api.Origin, api.label(), api.UsagePlans)
}

// webSocketKeys are the keys of a WebSocket API, if it asks for any.
func (a *assembler) webSocketKeys(api *WebSocketAPI) gateway.APIKeys {
	if !slices.ContainsFunc(api.Routes, func(r *WebSocketRoute) bool { return r.APIKeyRequired }) {
		return nil
	}
	return a.knownKeys(api.Origin, api.label(), api.UsagePlans)
}

// knownKeys are those keys of an API's usage plans whose values are known, and those that
// were given beside the definition.
func (a *assembler) knownKeys(origin Origin, label string, plans []*UsagePlan) gateway.APIKeys {
	var keys []authorize.APIKey
	for _, plan := range plans {
		for _, key := range plan.Keys {
			if key.Value != "" {
				keys = append(keys, authorize.APIKey{Name: key.Name, Value: key.Value, Disabled: key.Disabled, Plan: plan.authorize()})
			}
		}
	}
	for _, key := range a.options.Callers.APIKeys {
		key.Plan = planFor(plans, key.Name)
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		a.once(origin, label, "routes require API keys and no value of one is known: nobody can call them (--api-key NAME=VALUE gives one)")
	}
	made, err := authorize.NewAPIKeys(keys...)
	if err != nil {
		a.refuse(origin, label, err)
	}
	return made
}

// planFor is the usage plan of a key that was given beside the definition.
func planFor(plans []*UsagePlan, name string) *authorize.UsagePlan {
	for _, plan := range plans {
		if len(plans) == 1 || slices.ContainsFunc(plan.Keys, func(k APIKey) bool { return k.Name == name || k.ID == name }) {
			return plan.authorize()
		}
	}
	return nil
}

func (p *UsagePlan) authorize() *authorize.UsagePlan {
	plan := &authorize.UsagePlan{Quota: p.Quota, Period: authorize.Period(p.Period)}
	if p.Throttle != nil {
		plan.Rate, plan.Burst = p.Throttle.Rate, p.Throttle.Burst
	}
	return plan
}
