package event

import (
	"hash/fnv"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/internal/field"
)

// The gateway half of REST APIs with Lambda proxy integration:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

func (*rest) profile() Profile {
	return Profile{
		Name:             "REST APIs",
		Domain:           ".execute-api.%s.amazonaws.com",
		Stage:            "prod",
		Routes:           []string{"ANY /", "ANY /{proxy+}"},
		TrimRoot:         true,
		Mappings:         true,
		BinaryMediaTypes: true,
		Authorizers:      true,
		Claims:           []string{"claims"},
		Timeout:          29 * time.Second,
		StreamTimeout:    15 * time.Minute,
		MaxTimeout:       15 * time.Minute,
		Streams:          true,
		StreamBurst:      10_000_000,
		MaxBody:          10 << 20,
		MaxHead:          10240,
		MaxURL:           10240,
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
		Drops: []string{"Content-Length", "Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "WWW-Authenticate"},
	}
}

type restIdentity struct {
	CognitoIdentityPoolID         *string      `json:"cognitoIdentityPoolId"`
	AccountID                     *string      `json:"accountId"`
	CognitoIdentityID             *string      `json:"cognitoIdentityId"`
	Caller                        *string      `json:"caller"`
	SourceIP                      string       `json:"sourceIp"`
	PrincipalOrgID                *string      `json:"principalOrgId"`
	AccessKey                     *string      `json:"accessKey"`
	CognitoAuthenticationType     *string      `json:"cognitoAuthenticationType"`
	CognitoAuthenticationProvider *string      `json:"cognitoAuthenticationProvider"`
	UserARN                       *string      `json:"userArn"`
	UserAgent                     *string      `json:"userAgent"`
	User                          *string      `json:"user"`
	APIKey                        *string      `json:"apiKey,omitempty"`
	APIKeyID                      *string      `json:"apiKeyId,omitempty"`
	ClientCert                    *certificate `json:"clientCert,omitempty"`
}

func (*rest) encodeEvent(a *Arrival) ([]byte, error) {
	const arnLimit = 1600
	arn := "arn:aws:execute-api:" + a.API.Region + ":" + a.API.AccountID + ":" + a.API.ID + "/" + a.API.Stage + "/" + a.Method + a.Path
	if len(arn) > arnLimit {
		return nil, refusal(URITooLong, "the ARN of the method and path has %d bytes, REST APIs allow %d", len(arn), arnLimit)
	}
	body, err := a.body(matchesAny(a.API.BinaryMediaTypes, field.Last(a.Header, "Content-Type")))
	if err != nil {
		return nil, err
	}
	identity := restIdentity{SourceIP: a.SourceIP, ClientCert: certificateOf(a.Certificate)}
	if agent := field.Last(a.Header, "User-Agent"); agent != "" {
		identity.UserAgent = &agent
	}
	if err := mask(&identity, a.Identity); err != nil {
		return nil, err
	}
	query := parameters(a.RawQuery)
	// Through a custom domain both paths have the base path and neither the stage.
	path, rawPath := a.Mapping+a.Path, a.Mapping+a.Path
	if a.Mapping == "" {
		rawPath = a.RawPath
	}
	w := newEvent() // in which what is missing is null
	w.text("resource", a.Route.Path)
	w.text("path", path)
	w.text("httpMethod", a.Method)
	w.texts("headers", lasts(a.Header))
	w.lists("multiValueHeaders", a.Header)
	w.texts("queryStringParameters", lasts(query))
	w.lists("multiValueQueryStringParameters", query)
	w.texts("pathParameters", a.Route.Params)
	w.texts("stageVariables", a.API.StageVariables)
	w.object("requestContext")
	w.text("resourceId", shortID(a.API.ID+a.Route.Path))
	if len(a.Authorizer) > 0 {
		w.value("authorizer", a.Authorizer)
	}
	w.text("resourcePath", a.Route.Path)
	w.text("httpMethod", a.Method)
	w.text("extendedRequestId", a.ExtendedID)
	w.text("requestTime", clfTime(a.Time))
	w.text("path", rawPath)
	w.text("accountId", a.API.AccountID)
	w.text("protocol", a.Protocol)
	w.text("stage", a.API.Stage)
	w.text("domainPrefix", prefixOf(a.API.Domain))
	w.number("requestTimeEpoch", a.Time.UnixMilli())
	w.text("requestId", a.RequestID)
	w.value("identity", identity)
	w.text("domainName", a.API.Domain)
	w.text("deploymentId", shortID(a.API.ID+a.API.Stage))
	w.text("apiId", a.API.ID)
	w.end()
	w.body(body, "null")
	w.boolean("isBase64Encoded", body.base64)
	return w.finish(a.MaxEvent)
}

// matchesAny reports whether a media type is in an API's list of binary ones,
// where "*/*" and "image/*" stand for many.
func matchesAny(list []string, contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	kind, _, ok := strings.Cut(media, "/")
	if slices.Contains(list, "*/*") {
		return true
	}
	return ok && (slices.Contains(list, media) || slices.Contains(list, kind+"/*"))
}

// shortID makes an id of the shape that resources and deployments have. The same
// seed yields the same id, as the same resource does.
func shortID(seed string) string {
	h := fnv.New64a()
	h.Write([]byte(seed))
	id := strconv.FormatUint(h.Sum64()|1<<63, 36)
	return id[len(id)-6:]
}

// prefixOf returns the first label of a domain.
func prefixOf(domain string) string {
	prefix, _, _ := strings.Cut(domain, ".")
	return prefix
}

func (*rest) decodeReply(a *Arrival, reply []byte) (*Answer, error) {
	m, err := membersOf(reply)
	if err != nil {
		return nil, err
	}
	if err := only(m, "isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"); err != nil {
		return nil, err
	}
	answer, err := restHead(m)
	if err != nil {
		return nil, err
	}
	remap(answer, "Content-Length")
	encoded, err := m.encoded()
	if err != nil {
		return nil, err
	}
	text, err := m.text()
	if err != nil {
		return nil, err
	}
	answer.Body = text
	if encoded {
		accept := field.Last(a.Header, "Accept")
		if restDecodes(a.API.BinaryMediaTypes, accept) {
			if answer.Body, err = decoded(text, BadEncoding); err != nil {
				return nil, err
			}
		} else {
			answer.warn("the client gets the body as base64 text: its Accept %q begins with none of the binary media types %q", accept, a.API.BinaryMediaTypes)
		}
	}
	return answer, nil
}

// only refuses members that REST APIs do not know.
func only(m members, known ...string) error {
	for member := m.object.Members(); member.More(); member = member.Next() {
		if name := string(member.Key()); !slices.Contains(known, name) {
			return refusal(BadReply, "the reply has the key %q, which REST APIs do not know", name)
		}
	}
	return nil
}

// restDecodes reports whether a base64 body is decoded for a client: the first
// media type it accepts must be a binary one. A wildcard in Accept is not matched
// against the list, it is looked for in it.
func restDecodes(list []string, accept string) bool {
	first, _, _ := strings.Cut(accept, ",")
	if strings.HasPrefix(first, "*/") {
		return slices.Contains(list, "*/*")
	}
	return matchesAny(list, first)
}

// restHead reads what buffered replies and streamed metadata have in common.
func restHead(m members) (*Answer, error) {
	answer, err := m.answer()
	if err != nil {
		return nil, err
	}
	single, multi, err := m.allHeaders()
	if err != nil {
		return nil, err
	}
	answer.Header = restMerge(single, multi)
	field.Drop(answer.Header, "Transfer-Encoding")
	remap(answer, "Authorization", "Connection", "Content-MD5", "Date", "Expect", "Host", "Max-Forwards",
		"Proxy-Authenticate", "Server", "Trailer", "Upgrade", "User-Agent", "WWW-Authenticate")
	setDefaultType(answer.Header, "application/json")
	return answer, nil
}

// restMerge puts the lists first, and behind them what single values they lack.
// A field has the name that the lists spell it by.
func restMerge(single map[string]string, multi map[string][]string) http.Header {
	header := make(http.Header, len(single)+len(multi)+4)
	for _, name := range slices.Sorted(maps.Keys(multi)) {
		key, _ := field.Spelling(header, name)
		header[key] = append(header[key], multi[name]...)
	}
	for _, name := range slices.Sorted(maps.Keys(single)) {
		key, _ := field.Spelling(header, name)
		if !slices.Contains(header[key], single[name]) {
			header[key] = append(header[key], single[name])
		}
	}
	return header
}

func (*rest) decodePrelude(_ *Arrival, prelude []byte) (*Answer, error) {
	answer, err := restPrelude(prelude)
	if refused, ok := err.(*Refusal); ok {
		refused.Failure = BadStream
	}
	return answer, err
}

func restPrelude(prelude []byte) (*Answer, error) {
	m, err := membersOf(prelude)
	if err != nil {
		return nil, err
	}
	if err := only(m, "headers", "multiValueHeaders", "cookies", "statusCode"); err != nil {
		return nil, err
	}
	cookies, err := m.list("cookies")
	if err != nil {
		return nil, err
	}
	answer, err := restHead(m)
	if err != nil {
		return nil, err
	}
	spellLength(answer.Header)
	if len(cookies) > 0 {
		answer.Header["Set-Cookie"] = append(answer.Header["Set-Cookie"], cookies...)
	}
	return answer, nil
}

func (*rest) refuse(f Failure) *Answer {
	const internal = `{"message": "Internal server error"}`
	switch f {
	case NoRoute:
		return restError(http.StatusForbidden, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`)
	case NoStage:
		return restError(http.StatusForbidden, "ForbiddenException", `{"message":"Forbidden"}`)
	case Unauthorized:
		return restError(http.StatusUnauthorized, "UnauthorizedException", `{"message":"Unauthorized"}`)
	case BadRequest:
		return restError(http.StatusBadRequest, "BadRequestException", `{"message":"Bad Request"}`)
	case URITooLong:
		return restError(http.StatusRequestURITooLong, "RequestURITooLongException", `{"message":"Request URI too long"}`)
	case HeadTooLarge:
		return restError(http.StatusRequestHeaderFieldsTooLarge, "BadRequestException", `{"message":"Request Header Fields Too Large"}`)
	case RequestTooLarge:
		return restError(http.StatusRequestEntityTooLarge, "RequestTooLargeException", `{"message":"Request Too Long"}`)
	case TimedOut:
		return restError(http.StatusGatewayTimeout, "InternalServerErrorException", `{"message": "Endpoint request timed out"}`)
	case Throttled, BadEncoding, BadStream:
		return restError(http.StatusInternalServerError, "InternalServerErrorException", internal)
	}
	return restError(http.StatusBadGateway, "InternalServerErrorException", internal)
}

func restError(status int, kind, body string) *Answer {
	return &Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json"}, "x-amzn-ErrorType": {kind}},
		Body:   []byte(body),
	}
}

func (*rest) stamp(a *Arrival, answer *Answer, own bool) {
	answer.Header["x-amzn-RequestId"] = []string{a.RequestID}
	answer.Header["x-amz-apigw-id"] = []string{a.ExtendedID}
	answer.Header["Connection"] = []string{"keep-alive"}
	if !own {
		answer.Header["X-Amzn-Trace-Id"] = []string{a.TraceID}
	}
}
