package format

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/textproto"
	"slices"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// HTTPv1 is payload format 1.0 of HTTP APIs:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type HTTPv1 struct{}

type httpV1Identity struct {
	AccessKey                     *string      `json:"accessKey"`
	AccountID                     *string      `json:"accountId"`
	Caller                        *string      `json:"caller"`
	ClientCert                    *certificate `json:"clientCert"`
	CognitoAMR                    *string      `json:"cognitoAmr"`
	CognitoAuthenticationProvider *string      `json:"cognitoAuthenticationProvider"`
	CognitoAuthenticationType     *string      `json:"cognitoAuthenticationType"`
	CognitoIdentityID             *string      `json:"cognitoIdentityId"`
	CognitoIdentityPoolID         *string      `json:"cognitoIdentityPoolId"`
	PrincipalOrgID                *string      `json:"principalOrgId"`
	SourceIP                      string       `json:"sourceIp"`
	User                          *string      `json:"user"`
	UserAgent                     string       `json:"userAgent"`
	UserARN                       *string      `json:"userArn"`
}

// write writes requestContext.identity.
func (i *httpV1Identity) write(w *Writer) {
	w.Object("identity")
	w.Nullable("accessKey", i.AccessKey)
	w.Nullable("accountId", i.AccountID)
	w.Nullable("caller", i.Caller)
	if i.ClientCert != nil {
		w.Value("clientCert", i.ClientCert)
	}
	w.Nullable("cognitoAmr", i.CognitoAMR)
	w.Nullable("cognitoAuthenticationProvider", i.CognitoAuthenticationProvider)
	w.Nullable("cognitoAuthenticationType", i.CognitoAuthenticationType)
	w.Nullable("cognitoIdentityId", i.CognitoIdentityID)
	w.Nullable("cognitoIdentityPoolId", i.CognitoIdentityPoolID)
	w.Nullable("principalOrgId", i.PrincipalOrgID)
	w.Text("sourceIp", i.SourceIP)
	w.Nullable("user", i.User)
	w.Text("userAgent", i.UserAgent)
	w.Nullable("userArn", i.UserARN)
	w.End()
}

func (HTTPv1) Encode(a *arrival.Arrival) ([]byte, error) {
	var room usualLines
	headers := linesOf(a.Header, room[:0])
	body, err := bodyOf(a, !textual(headers.last("Content-Type")))
	if err != nil {
		return nil, err
	}
	identity := httpV1Identity{
		SourceIP:   a.SourceIP,
		UserAgent:  headers.last("User-Agent"),
		ClientCert: certificateOf(a.Certificate),
	}
	if identity, err = masked(identity, a.Authorization.Identity); err != nil {
		return nil, err
	}
	query := linesOf(parameters(a.RawQuery), nil)
	w := NewWriter() // in which what is missing is null
	w.Text("version", "1.0")
	w.Text("resource", a.Route.Path)
	w.Text("path", a.RawPath)
	w.Text("httpMethod", a.Method)
	w.both("headers", "multiValueHeaders", headers)
	w.both("queryStringParameters", "multiValueQueryStringParameters", query)
	w.Object("requestContext")
	w.Text("accountId", a.API.Account.ID)
	w.Text("apiId", a.API.ID)
	if context := cmp.Or(string(a.Authorization.ContextV1), string(a.Authorization.Context)); context != "" {
		w.document("authorizer", json.RawMessage(context))
	}
	w.Text("domainName", a.API.Domain)
	w.Text("domainPrefix", prefixOf(a.API.Domain))
	w.Text("extendedRequestId", a.ExtendedID)
	w.Text("httpMethod", a.Method)
	identity.write(w)
	w.Text("path", unescaped(a.RawPath))
	w.Text("protocol", a.Protocol)
	w.Text("requestId", a.ExtendedID)
	w.Text("requestTime", arrival.ClockTime(a.Time))
	w.Number("requestTimeEpoch", a.Time.UnixMilli())
	w.Text("resourceId", a.Route.Key())
	w.Text("resourcePath", a.Route.Path)
	w.Text("stage", a.API.Stage)
	w.End()
	w.Texts("pathParameters", unescapedAll(a.Route.Params))
	w.Texts("stageVariables", a.API.StageVariables)
	w.Body(body, "null")
	w.Boolean("isBase64Encoded", body.base64)
	return w.Finish(a.MaxEvent)
}

func (HTTPv1) Decode(_ *arrival.Arrival, reply []byte) (*door.Answer, error) {
	r, err := ReadReply(reply)
	if err != nil {
		return nil, err
	}
	if !r.has("statusCode") {
		return nil, door.Refusef(door.BadReply, "the reply has no statusCode, which payload format 1.0 needs")
	}
	status, err := r.Status()
	if err != nil {
		return nil, err
	}
	single, multi, err := r.allHeaders()
	if err != nil {
		return nil, err
	}
	answer := &door.Answer{Status: status, Header: field.Canonical(single)}
	if len(single) == 0 && len(multi) > 0 && field.AreCanonical(multi) { // as most replies have it
		answer.Header, multi = multi, nil
	}
	for _, name := range slices.Sorted(maps.Keys(multi)) {
		// Values that are in both maps are sent twice, unlike those of REST APIs.
		// Only a second content type is left out.
		key := textproto.CanonicalMIMEHeaderKey(name)
		if _, ok := answer.Header[key]; ok {
			if key == "Content-Type" {
				continue
			}
			answer.Warn("the client gets %q twice, it is in headers and in multiValueHeaders", key)
		}
		answer.Header[key] = append(answer.Header[key], multi[name]...)
	}
	if r.has("cookies") {
		answer.Warn("cookies are left out, payload format 1.0 has them in multiValueHeaders")
	}
	answer.Body, err = r.Content()
	if err != nil {
		return nil, err
	}
	return answer, nil
}
