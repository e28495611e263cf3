package websocket

import (
	"context"

	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// Mock answers without a backend: the statusCode that a request template makes chooses the
// response, whose template is what the sender of a message hears. It is how a $default tells
// clients that they ask for what there is not.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integrations.html
func Mock(m Mapping) Integration { return &mock{m} }

// A mock is what Mock returns.
type mock struct{ Mapping }

func (m *mock) bind(b *binding) endpoint {
	return &mockEndpoint{bindMapping(b, m.Mapping, byStatus)}
}

// A mockEndpoint is a mock behind a route.
type mockEndpoint struct{ *translation }

func (*mockEndpoint) name() string { return "mock" }

func (m *mockEndpoint) serve(ctx context.Context, r *request) (*reply, error) {
	on, err := m.render(ctx, r)
	if err != nil {
		return nil, err
	}
	status, err := integration.MockStatus(string(on.body))
	if err != nil {
		return nil, misconfigured("%w", err)
	}
	return m.reply(ctx, on, returned{status: status})
}
