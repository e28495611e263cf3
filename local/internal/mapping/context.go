package mapping

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// Values are what $context holds of a request. A value that is empty exists
// and prints nothing, as recorded.
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference)
type Values struct {
	AccountID         string // accountId
	APIID             string // apiId
	DeploymentID      string // deploymentId
	DomainName        string // domainName
	DomainPrefix      string // domainPrefix
	ExtendedRequestID string // extendedRequestId
	HTTPMethod        string // httpMethod
	Path              string // path, with the stage
	Protocol          string // protocol: HTTP/1.1
	RequestID         string // requestId
	RequestTime       string // requestTime, as in 09/Apr/2015:12:34:56 +0000
	RequestTimeEpoch  int64  // requestTimeEpoch, in milliseconds
	ResourceID        string // resourceId
	ResourcePath      string // resourcePath, with the names in braces
	Stage             string // stage
	// Canary is isCanaryRequest on a stage with a canary, else nil.
	Canary *bool
	// Identity is identity.
	Identity Identity
	// Authorizer is authorizer: what an authorizer returned, as text, with
	// claims below it. nil where there is no authorizer.
	Authorizer *javavalue.Map
	// WebSocket adds what only events of WebSocket APIs have, nil elsewhere.
	WebSocket *WebSocketValues
}

// Identity is $context.identity.
type Identity struct {
	AccessKey, AccountID, APIKey, APIKeyID, Caller           string
	CognitoAuthenticationProvider, CognitoAuthenticationType string
	CognitoIdentityID, CognitoIdentityPoolID                 string
	PrincipalOrgID, SourceIP, User, UserAgent, UserARN       string
	ClientCertificate                                        *javavalue.Map // clientCert, nil without mutual TLS
}

// WebSocketValues are the names of $context that WebSocket APIs add.
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html)
type WebSocketValues struct {
	ConnectedAt  int64 // connectedAt, in milliseconds
	ConnectionID string
	EventType    string // CONNECT, MESSAGE or DISCONNECT
	MessageID    string
	RouteKey     string
	Status       string
}

// A Context is $context of one request. It is not safe for concurrent use.
type Context struct{ values *javavalue.Map }

// NewContext returns the $context of a request. Its names come in the order
// that was recorded.
func NewContext(v Values) *Context {
	c := javavalue.NewMap()
	put := func(name, value string) { c.Put(name, textOrNull(value)) }
	put("resourceId", v.ResourceID)
	put("resourcePath", v.ResourcePath)
	if v.Authorizer != nil {
		c.Put("authorizer", silenced(v.Authorizer))
	}
	put("httpMethod", v.HTTPMethod)
	put("extendedRequestId", v.ExtendedRequestID)
	put("requestTime", v.RequestTime)
	put("path", v.Path)
	put("accountId", v.AccountID)
	put("protocol", v.Protocol)
	c.Put("requestOverride", silent("path", javavalue.NewSilentMap(), "header", javavalue.NewSilentMap(), "querystring", javavalue.NewSilentMap()))
	put("stage", v.Stage)
	put("domainPrefix", v.DomainPrefix)
	c.Put("requestTimeEpoch", v.RequestTimeEpoch)
	put("requestId", v.RequestID)
	c.Put("identity", v.Identity.value())
	put("domainName", v.DomainName)
	put("deploymentId", v.DeploymentID)
	c.Put("responseOverride", silent("header", javavalue.NewSilentMap()))
	put("apiId", v.APIID)
	if v.Canary != nil {
		c.Put("isCanaryRequest", *v.Canary)
	}
	if w := v.WebSocket; w != nil {
		c.Put("connectedAt", w.ConnectedAt)
		put("connectionId", w.ConnectionID)
		put("eventType", w.EventType)
		put("messageId", w.MessageID)
		put("routeKey", w.RouteKey)
		put("status", w.Status)
	}
	return &Context{c}
}

func (i Identity) value() *javavalue.Map {
	m := silent(
		"cognitoIdentityPoolId", textOrNull(i.CognitoIdentityPoolID),
		"accountId", textOrNull(i.AccountID),
		"cognitoIdentityId", textOrNull(i.CognitoIdentityID),
		"caller", textOrNull(i.Caller),
		"sourceIp", textOrNull(i.SourceIP),
		"principalOrgId", textOrNull(i.PrincipalOrgID),
		"accessKey", textOrNull(i.AccessKey),
		"cognitoAuthenticationType", textOrNull(i.CognitoAuthenticationType),
		"cognitoAuthenticationProvider", textOrNull(i.CognitoAuthenticationProvider),
		"userArn", textOrNull(i.UserARN),
		"userAgent", textOrNull(i.UserAgent),
		"user", textOrNull(i.User),
	)
	if i.APIKey != "" {
		m.Put("apiKey", i.APIKey)
	}
	if i.APIKeyID != "" {
		m.Put("apiKeyId", i.APIKeyID)
	}
	if i.ClientCertificate != nil {
		m.Put("clientCert", silenced(i.ClientCertificate))
	}
	return m
}

// An Override is what templates assigned below $context.requestOverride or
// $context.responseOverride, in the order of the assignments.
type Override struct {
	Path, Querystring, Header []Param
	// Status is that of the response, 0 where none was assigned, or none from
	// 100 to 599.
	Status int
}

// RequestOverride returns what the request template overrides in the request
// to the integration.
func (c *Context) RequestOverride() Override { return c.override("requestOverride") }

// ResponseOverride returns what the templates override in the response to the
// client.
func (c *Context) ResponseOverride() Override { return c.override("responseOverride") }

func (c *Context) override(name string) Override {
	of, ok := member(c.values, name).(*javavalue.Map)
	if !ok {
		return Override{}
	}
	params := func(name string) (params []Param) {
		m, ok := member(of, name).(*javavalue.Map)
		if !ok {
			return nil
		}
		for key, value := range m.All() {
			if value != nil {
				params = append(params, Param{javavalue.String(key), javavalue.String(value)})
			}
		}
		return params
	}
	return Override{
		Path: params("path"), Querystring: params("querystring"), Header: params("header"),
		Status: status(member(of, "status")),
	}
}

func member(of *javavalue.Map, name string) any {
	v, _ := of.Get(name)
	return v
}

// status reads the status of a response, a number or digits.
func status(v any) int {
	n := int64(0)
	switch v := v.(type) {
	case int32:
		n = int64(v)
	case int64:
		n = v
	case string:
		parsed, err := strconv.ParseInt(v, 10, 32)
		if err != nil {
			return 0
		}
		n = parsed
	case float64:
		if v != math.Trunc(v) {
			return 0
		}
		n = int64(v)
	}
	if n < 100 || n > 599 {
		return 0
	}
	return int(n)
}

// Value returns a value of $context by its name with dots, as parameter
// mappings name it: identity.sourceIp. It is nil where there is none.
func (c *Context) Value(name string) any {
	var v any = c.values
	for part := range strings.SplitSeq(name, ".") {
		m, ok := v.(*javavalue.Map)
		if !ok {
			return nil
		}
		v = member(m, part)
	}
	return v
}

// silent returns a map that prints nothing: what stands in $context was
// recorded to, as a whole.
func silent(pairs ...any) *javavalue.Map {
	m := javavalue.NewSilentMap()
	for i := 0; i < len(pairs); i += 2 {
		m.Put(pairs[i], pairs[i+1])
	}
	return m
}

// silenced returns a copy of a map, and of the maps in it, that prints nothing. Of
// $context.authorizer.claims AWS's documentation says that it is null, while what is in it
// can be read.
func silenced(m *javavalue.Map) *javavalue.Map {
	all := javavalue.NewSilentMap()
	for key, value := range m.All() {
		if inner, ok := value.(*javavalue.Map); ok {
			value = silenced(inner)
		}
		all.Put(key, value)
	}
	return all
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// sortedMap returns stage variables as a map, by name, since their own order
// is lost.
func sortedMap(values map[string]string) *javavalue.Map {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	m := javavalue.NewMap()
	for _, name := range names {
		m.Put(name, values[name])
	}
	return m
}
