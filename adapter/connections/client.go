package connections

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	api "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"

	"github.com/lambridge-go/lambridge/adapter"
)

// A Client talks to the connections of WebSocket APIs. It is safe for concurrent
// use; a function needs one.
type Client struct {
	api         *api.Client
	endpoint    string // "" takes it from the event
	concurrency int
}

// Options change what New makes. The zero value is right inside a function that
// answers the WebSocket API's own events.
type Options struct {
	// Endpoint is the URL of the API's stage, such as
	// https://abcdef.execute-api.eu-west-1.amazonaws.com/prod. "" takes it from
	// AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI, as far as the aws.Config knows it, and
	// otherwise from the event that the context belongs to. A function that is
	// invoked by anything else, such as a queue, has to give it; so has one behind a
	// custom domain that maps the API to a base path, of which the event says nothing.
	Endpoint string

	// Concurrency is how many sends of one Broadcast run at once. 0 means 64.
	Concurrency int
}

// MaxMessage is the size in bytes of the largest message API Gateway sends to a
// client.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
const MaxMessage = 128 << 10

// ErrGone reports that a connection is closed, never existed, or has not finished
// its $connect. Compare with errors.Is.
var ErrGone = errors.New("the connection is gone")

// New returns a Client that signs with the credentials of cfg. Calls to a loopback
// address, where the local gateway is, need no credentials.
func New(cfg aws.Config, o Options) *Client {
	if o.Concurrency <= 0 {
		o.Concurrency = 64
	}
	c := &Client{endpoint: o.Endpoint, concurrency: o.Concurrency}
	c.api = api.NewFromConfig(cfg, func(so *api.Options) {
		if c.endpoint == "" && so.BaseEndpoint != nil {
			c.endpoint = *so.BaseEndpoint
		}
		// The SDK keeps 10 idle connections to a host: a broadcast would open a new
		// one for most of its sends.
		if h, ok := so.HTTPClient.(*awshttp.BuildableClient); ok {
			so.HTTPClient = h.WithTransportOptions(func(t *http.Transport) {
				t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, o.Concurrency)
			})
		}
	})
	return c
}

// Send sends data, which must be text, to the connection. It fails with ErrGone if
// there is no such connection any more, and without trying if data is larger than
// MaxMessage. It returns when API Gateway has taken the message: what is sent one after
// another arrives in that order, what is sent at the same time in any.
func (c *Client) Send(ctx context.Context, id string, data []byte) error {
	at, err := c.at(ctx)
	if err == nil {
		err = c.post(ctx, id, data, at)
	}
	return failure("send to", id, err)
}

// Close closes the connection. It fails with ErrGone if that has happened before.
func (c *Client) Close(ctx context.Context, id string) error {
	at, err := c.at(ctx)
	if err == nil {
		_, err = c.api.DeleteConnection(ctx, &api.DeleteConnectionInput{ConnectionId: &id}, at)
	}
	return failure("close", id, err)
}

// Info is what API Gateway knows of a connection.
type Info struct {
	ConnectedAt  time.Time // when it was opened
	LastActiveAt time.Time // when it was last active
	SourceIP     string    // the client's address, without a port
	UserAgent    string    // "" if the client sent none
}

// Info asks about the connection. It fails with ErrGone if there is none.
func (c *Client) Info(ctx context.Context, id string) (Info, error) {
	at, err := c.at(ctx)
	if err != nil {
		return Info{}, failure("ask about", id, err)
	}
	out, err := c.api.GetConnection(ctx, &api.GetConnectionInput{ConnectionId: &id}, at)
	if err != nil {
		return Info{}, failure("ask about", id, err)
	}
	info := Info{ConnectedAt: aws.ToTime(out.ConnectedAt), LastActiveAt: aws.ToTime(out.LastActiveAt)}
	if out.Identity != nil {
		info.SourceIP = aws.ToString(out.Identity.SourceIp)
		info.UserAgent = aws.ToString(out.Identity.UserAgent)
	}
	return info, nil
}

func (c *Client) post(ctx context.Context, id string, data []byte, options ...func(*api.Options)) error {
	if err := checkSize(data); err != nil {
		return err
	}
	if data == nil {
		data = []byte{} // nil is a missing field to the SDK
	}
	_, err := c.api.PostToConnection(ctx, &api.PostToConnectionInput{ConnectionId: &id, Data: data}, options...)
	return err
}

func checkSize(data []byte) error {
	if len(data) > MaxMessage {
		return fmt.Errorf("the message has %d bytes, API Gateway sends at most %d: send it in parts, or send a link to it", len(data), MaxMessage)
	}
	return nil
}

// failure tells what failed. What it returns is ErrGone as well as the SDK's own
// error where both say the same.
func failure(action, id string, err error) error {
	if err == nil {
		return nil
	}
	if errors.As(err, new(*types.GoneException)) {
		return fmt.Errorf("connections: %s %q: %w: %w", action, id, ErrGone, err)
	}
	return fmt.Errorf("connections: %s %q: %w", action, id, err)
}

// at points a call to the API that ctx is about.
func (c *Client) at(ctx context.Context) (func(*api.Options), error) {
	endpoint := c.endpoint
	if endpoint == "" {
		ws, ok := adapter.WebSocketFrom(ctx)
		if !ok {
			return nil, errors.New("no endpoint: the context is not that of a WebSocket event; set Options.Endpoint or AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI")
		}
		endpoint = endpointOf(ws.DomainName, ws.Stage)
	}
	return func(o *api.Options) {
		o.BaseEndpoint = &endpoint
		if u, err := url.Parse(endpoint); err == nil && isLoopback(u.Hostname()) {
			o.Credentials = anyone
		}
	}, nil
}

// anyone signs calls of the local gateway, which refuses unsigned ones as AWS does
// but knows no accounts: a laptop needs none.
var anyone = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
})

// endpointOf returns the URL under which the API that sent an event has its
// @connections. A custom domain leads to one stage already.
//
// A loopback address is never AWS: there the local gateway listens, without TLS.
func endpointOf(domain, stage string) string {
	host := domain
	if h, _, err := net.SplitHostPort(domain); err == nil {
		host = h
	}
	switch {
	case isLoopback(host):
		return "http://" + domain + "/" + stage
	case strings.Contains(host, ".execute-api."):
		return "https://" + domain + "/" + stage
	default:
		return "https://" + domain
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
