package format

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// REST is the format of REST APIs with Lambda proxy integration:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
type REST struct{}

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
	APIKey                        *string      `json:"apiKey"`
	APIKeyID                      *string      `json:"apiKeyId"`
	ClientCert                    *certificate `json:"clientCert"`
}

// write writes requestContext.identity.
func (i *restIdentity) write(w *Writer) {
	w.Object("identity")
	w.Nullable("cognitoIdentityPoolId", i.CognitoIdentityPoolID)
	w.Nullable("accountId", i.AccountID)
	w.Nullable("cognitoIdentityId", i.CognitoIdentityID)
	w.Nullable("caller", i.Caller)
	w.Text("sourceIp", i.SourceIP)
	w.Nullable("principalOrgId", i.PrincipalOrgID)
	w.Nullable("accessKey", i.AccessKey)
	w.Nullable("cognitoAuthenticationType", i.CognitoAuthenticationType)
	w.Nullable("cognitoAuthenticationProvider", i.CognitoAuthenticationProvider)
	w.Nullable("userArn", i.UserARN)
	w.Nullable("userAgent", i.UserAgent)
	w.Nullable("user", i.User)
	if i.APIKey != nil {
		w.Text("apiKey", *i.APIKey)
	}
	if i.APIKeyID != nil {
		w.Text("apiKeyId", *i.APIKeyID)
	}
	if i.ClientCert != nil {
		w.Value("clientCert", i.ClientCert)
	}
	w.End()
}

func (REST) Encode(a *arrival.Arrival) ([]byte, error) {
	const arnLimit = 1600
	arn := len("arn:aws:execute-api:") + len(a.API.Account.Region) + len(":") + len(a.API.Account.ID) + len(":") + len(a.API.ID) +
		len("/") + len(a.API.Stage) + len("/") + len(a.Method) + len(a.Path)
	if arn > arnLimit {
		return nil, door.Refusef(door.URITooLong, "the ARN of the method and path has %d bytes, REST APIs allow %d", arn, arnLimit)
	}
	var room usualLines
	headers := linesOf(a.Header, room[:0])
	body, err := bodyOf(a, MatchesAny(a.API.BinaryMediaTypes, headers.last("Content-Type")))
	if err != nil {
		return nil, err
	}
	identity := restIdentity{SourceIP: a.SourceIP, ClientCert: certificateOf(a.Certificate)}
	if agent := headers.last("User-Agent"); agent != "" {
		identity.UserAgent = new(agent)
	}
	if identity, err = masked(identity, a.Authorization.Identity); err != nil {
		return nil, err
	}
	query := linesOf(parameters(a.RawQuery), nil)
	// Through a custom domain both paths have the base path and neither the stage.
	path, rawPath := a.Mapping+a.Path, a.Mapping+a.Path
	if a.Mapping == "" {
		rawPath = a.RawPath
	}
	w := NewWriter() // in which what is missing is null
	w.Text("resource", a.Route.Path)
	w.Text("path", path)
	w.Text("httpMethod", a.Method)
	w.both("headers", "multiValueHeaders", headers)
	w.both("queryStringParameters", "multiValueQueryStringParameters", query)
	w.Texts("pathParameters", a.Route.Params)
	w.Texts("stageVariables", a.API.StageVariables)
	w.Object("requestContext")
	w.Text("resourceId", shortID(a.API.ID, a.Route.Path))
	if len(a.Authorization.Context) > 0 {
		w.document("authorizer", a.Authorization.Context)
	}
	w.Text("resourcePath", a.Route.Path)
	w.Text("httpMethod", a.Method)
	w.Text("extendedRequestId", a.ExtendedID)
	w.Text("requestTime", arrival.ClockTime(a.Time))
	w.Text("path", rawPath)
	w.Text("accountId", a.API.Account.ID)
	w.Text("protocol", a.Protocol)
	w.Text("stage", a.API.Stage)
	w.Text("domainPrefix", prefixOf(a.API.Domain))
	w.Number("requestTimeEpoch", a.Time.UnixMilli())
	w.Text("requestId", a.RequestID)
	identity.write(w)
	w.Text("domainName", a.API.Domain)
	w.Text("deploymentId", shortID(a.API.ID, a.API.Stage))
	w.Text("apiId", a.API.ID)
	w.End()
	w.Body(body, "null")
	w.Boolean("isBase64Encoded", body.base64)
	return w.Finish(a.MaxEvent)
}

// MatchesAny reports whether a media type is in an API's list of binary ones,
// where "*/*" and "image/*" stand for many.
func MatchesAny(list []string, contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	kind, _, ok := strings.Cut(media, "/")
	if slices.Contains(list, "*/*") {
		return true
	}
	return ok && (slices.Contains(list, media) || slices.Contains(list, kind+"/*"))
}

func (REST) Decode(a *arrival.Arrival, reply []byte) (*door.Answer, error) {
	if isStreamed(reply) {
		return restWithoutBody(reply)
	}
	r, err := ReadReply(reply)
	if err != nil {
		return nil, err
	}
	if err := only(r, "isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"); err != nil {
		return nil, err
	}
	answer, err := restHead(r)
	if err != nil {
		return nil, err
	}
	encoded, err := r.encoded()
	if err != nil {
		return nil, err
	}
	text, err := r.text()
	if err != nil {
		return nil, err
	}
	answer.Body = text
	if encoded {
		accept := field.Last(a.Header, "Accept")
		if AcceptsAny(a.API.BinaryMediaTypes, accept) {
			if answer.Body, err = decoded(text, door.BadEncoding); err != nil {
				return nil, err
			}
		} else {
			answer.Warn("the client gets the body as base64 text: its Accept %q begins with none of the binary media types %q", accept, a.API.BinaryMediaTypes)
		}
	}
	return answer, nil
}

// restWithoutBody is what a REST API that does not stream makes of a streamed reply: its
// status and headers, and nothing of its body.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
func restWithoutBody(reply []byte) (*door.Answer, error) {
	prelude, _, _ := bytes.Cut(reply, []byte(delimiter))
	answer, err := restPrelude(prelude)
	if err != nil {
		return nil, err
	}
	answer.Warn("the function streams its reply and the API does not: the client gets no body; set responseTransferMode to STREAM (--stream here), or start the function with adapter.Wrap")
	return answer, nil
}

// only refuses members that REST APIs do not know.
func only(r *Reply, known ...string) error {
	for _, some := range [...][]member{r.first[:r.n], r.more} {
		for i := range some {
			if own := &some[i]; !slices.ContainsFunc(known, own.is) {
				return door.Refusef(door.BadReply, "the reply has the key %q, which REST APIs do not know", own.name.text())
			}
		}
	}
	return nil
}

// AcceptsAny reports whether a client is given bytes where a body is binary: the first
// media type it accepts must be in an API's list of binary ones. A wildcard in Accept is
// not matched against the list, it is looked for in it.
func AcceptsAny(list []string, accept string) bool {
	first, _, _ := strings.Cut(accept, ",")
	if strings.HasPrefix(first, "*/") {
		return slices.Contains(list, "*/*")
	}
	return MatchesAny(list, first)
}

// restHead reads what buffered replies and streamed metadata have in common.
func restHead(r *Reply) (*door.Answer, error) {
	answer, err := r.answer()
	if err != nil {
		return nil, err
	}
	single, multi, err := r.allHeaders()
	if err != nil {
		return nil, err
	}
	answer.Header = restMerge(single, multi)
	return answer, nil
}

// restMerge puts the lists first, and behind them what single values they lack.
// A field has the name that the lists spell it by.
func restMerge(single, multi http.Header) http.Header {
	switch { // most replies have one map, of fields that are all different
	case len(multi) == 0 && areApart(single):
		return single
	case len(single) == 0 && areApart(multi):
		return multi
	}
	header := make(http.Header, len(single)+len(multi)+4)
	// Which spelling a field goes by is remembered: to look for it among all would take
	// longer with each.
	spellings := make(map[string]string, len(single)+len(multi))
	keyOf := func(name string) string {
		lower := strings.ToLower(name)
		if spellings[lower] == "" {
			spellings[lower] = name
		}
		return spellings[lower]
	}
	for _, name := range slices.Sorted(maps.Keys(multi)) {
		key := keyOf(name)
		header[key] = append(header[key], multi[name]...)
	}
	for _, name := range slices.Sorted(maps.Keys(single)) {
		key := keyOf(name)
		if value := single[name][0]; !slices.Contains(header[key], value) {
			header[key] = append(header[key], value)
		}
	}
	return header
}

// areApart reports whether no two names of a header, which is not a large one, differ in
// case alone.
func areApart(h http.Header) bool {
	var room [16]string
	if len(h) > len(room) {
		return false
	}
	names := room[:0]
	for name := range h {
		if field.Among(names, name) {
			return false
		}
		names = append(names, name)
	}
	return true
}

func (REST) DecodePrelude(_ *arrival.Arrival, prelude []byte) (*door.Answer, error) {
	answer, err := restPrelude(prelude)
	if refused, ok := err.(*door.Refusal); ok {
		refused.Failure = door.BadStream
	}
	return answer, err
}

func restPrelude(prelude []byte) (*door.Answer, error) {
	r, err := ReadReply(prelude)
	if err != nil {
		return nil, err
	}
	if err := only(r, "headers", "multiValueHeaders", "cookies", "statusCode"); err != nil {
		return nil, err
	}
	cookies, err := r.list("cookies")
	if err != nil {
		return nil, err
	}
	answer, err := restHead(r)
	if err != nil {
		return nil, err
	}
	if len(cookies) > 0 {
		answer.Header["Set-Cookie"] = append(answer.Header["Set-Cookie"], cookies...)
	}
	return answer, nil
}
