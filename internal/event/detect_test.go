package event_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/internal/source"
)

// An event is told by its structure, whoever wrote it.
func TestEventsAreToldApart(t *testing.T) {
	for name, row := range map[string]struct {
		payload string
		want    source.Source
	}{
		"REST": {`{"resource":"/a","path":"/a","httpMethod":"GET","requestContext":{}}`, source.REST},
		"REST, a test event of the console without a path (rule 23)": {`{"resource":"/a","httpMethod":"GET","headers":null,"requestContext":{}}`, source.REST},
		"Netlify, which has neither resource nor requestContext":     {`{"path":"/a","httpMethod":"GET","headers":{}}`, source.REST},
		"payload 1.0": {`{"version":"1.0","resource":"/a","path":"/a","httpMethod":"GET","requestContext":{}}`, source.HTTPv1},
		"payload 2.0": {`{"version":"2.0","rawPath":"/a","requestContext":{"http":{"method":"GET"}}}`, source.HTTPv2},
		"payload 2.0 by hand, without its version":         {`{"rawPath":"/a","requestContext":{"http":{"method":"GET"}}}`, source.HTTPv2},
		"payload 2.0 by hand, with an empty version":       {`{"version":"","rawPath":"/a","requestContext":{"http":{"method":"GET"}}}`, source.HTTPv2},
		"a function URL without route and stage (rule 64)": {`{"version":"2.0","rawPath":"/a","requestContext":{"domainName":"x.lambda-url.eu-west-1.on.aws","http":{"method":"GET"}}}`, source.FunctionURL},
		"a load balancer":                                 {`{"path":"/a","httpMethod":"GET","headers":{},"requestContext":{"elb":{}}}`, source.ALB},
		"a load balancer with multi-value headers":        {`{"path":"/a","httpMethod":"GET","multiValueHeaders":{},"requestContext":{"elb":{}}}`, source.ALBMulti},
		"Lattice 1.0":                                     {`{"raw_path":"/a","method":"GET"}`, source.LatticeV1},
		"Lattice 2.0 by its network":                      {`{"version":"2.0","path":"/a","method":"GET","requestContext":{"serviceNetworkArn":"arn:x"}}`, source.LatticeV2},
		"Lattice 2.0 by its service (rule 92)":            {`{"version":"2.0","path":"/a","method":"GET","requestContext":{"serviceArn":"arn:x"}}`, source.LatticeV2},
		"Lattice 2.0 by its target group":                 {`{"version":"2.0","path":"/a","method":"GET","requestContext":{"targetGroupArn":"arn:x"}}`, source.LatticeV2},
		"a WebSocket API":                                 {`{"requestContext":{"connectionId":"c","eventType":"MESSAGE","routeKey":"a"}}`, source.WebSocket},
		"a Bedrock agent, which has httpMethod (rule 90)": {`{"path":"/a","httpMethod":"GET","headers":{},"messageVersion":"1.0"}`, ""},
		"an agent's API path":                             {`{"path":"/a","httpMethod":"GET","headers":{},"apiPath":"/a"}`, ""},
		"a REST authorizer (rule 88)":                     {`{"type":"REQUEST","methodArn":"arn:x","resource":"/a","path":"/a","httpMethod":"GET","requestContext":{}}`, ""},
		"a token authorizer":                              {`{"type":"TOKEN","methodArn":"arn:x","resource":"/a","path":"/a","httpMethod":"GET","requestContext":{}}`, ""},
		"an HTTP API's authorizer (rule 87)":              {`{"version":"2.0","type":"REQUEST","routeArn":"arn:x","rawPath":"/a","requestContext":{"http":{"method":"GET"}}}`, ""},
		"a WebSocket API's authorizer (rule 89)":          {`{"type":"REQUEST","methodArn":"arn:x","requestContext":{"connectionId":"c","eventType":"CONNECT"}}`, ""},
		"a text (rule 94)":                                {`"x"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var r event.Request
			err := event.DecodeRequest([]byte(row.payload), &r)
			assert.Equal(t, row.want, r.Source())
			if row.want == "" {
				assert.ErrorAs(t, err, new(*event.NotHTTPError))
				return
			}
			assert.NoError(t, err)
		})
	}
}
