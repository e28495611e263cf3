package gateway

import (
	"context"
	"strconv"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// Mock answers requests of a REST API without a backend: the statusCode that a request
// template makes chooses the response.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
func Mock(m Mapping) Integration { return &mock{m} }

// A mock is what Mock returns.
type mock struct{ Mapping }

func (m *mock) bind(b *binding) endpoint {
	return &mockEndpoint{bindMapping(b, m.Mapping, nil, false)}
}

// A mockEndpoint is a mock behind a route.
type mockEndpoint struct{ *translation }

func (*mockEndpoint) name() string { return "mock" }

func (m *mockEndpoint) serve(ctx context.Context, x *exchange) error {
	rendered, err := m.render(ctx, x)
	if err != nil {
		return err
	}
	x.seen.Mapped = &Mapped{}
	x.seen.Mapped.Body, x.seen.Mapped.Size = observed(rendered.body)
	status, err := integration.MockStatus(string(rendered.body))
	if err != nil {
		return door.Refusef(door.APIConfigurationError, "%v", err)
	}
	answer, err := m.answer(ctx, rendered, reply{selector: strconv.Itoa(status), mocked: true})
	if err != nil {
		return err
	}
	x.send(answer)
	return nil
}
