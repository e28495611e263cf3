package event

import (
	"net/http"
	"strconv"

	"github.com/lambridge-go/lambridge/internal/field"
)

// The gateway half of VPC Lattice with a Lambda target, in both event structures:
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html

func (*latticeV1) profile() Profile { return latticeProfile() }

func (*latticeV2) profile() Profile {
	p := latticeProfile()
	p.Authorizers = true
	return p
}

func latticeProfile() Profile {
	return Profile{Name: "VPC Lattice services", Domain: ".7d67968.vpc-lattice-svcs.%s.on.aws", Listener: true}
}

func (*latticeV1) encodeEvent(a *Arrival) ([]byte, error) {
	body, err := a.body(!textual(field.Last(a.Header, "Content-Type")))
	if err != nil {
		return nil, err
	}
	w := newEvent()
	w.text("raw_path", a.Path)
	w.text("method", a.Method)
	w.texts("headers", joined(lowered(a.Header), ", "))
	query := lasts(parameters(a.RawQuery))
	if query == nil {
		query = map[string]string{}
	}
	w.texts("query_string_parameters", query)
	w.body(body, `""`)
	w.boolean("is_base64_encoded", body.base64)
	return w.finish(a.MaxEvent)
}

type latticeIdentity struct {
	SourceVPCARN   string `json:"sourceVpcArn"`
	Type           string `json:"type,omitempty"`
	Principal      string `json:"principal,omitempty"`
	PrincipalOrgID string `json:"principalOrgID,omitempty"`
	SessionName    string `json:"sessionName,omitempty"`
	X509IssuerOU   string `json:"x509IssuerOu,omitempty"`
	X509SANDNS     string `json:"x509SanDns,omitempty"`
	X509SANNameCN  string `json:"x509SanNameCn,omitempty"`
	X509SANURI     string `json:"x509SanUri,omitempty"`
	X509SubjectCN  string `json:"x509SubjectCn,omitempty"`
}

func (*latticeV2) encodeEvent(a *Arrival) ([]byte, error) {
	if a.Authorizer != nil {
		return nil, refusal(BadRequest, "VPC Lattice shows an identity and no authorizer")
	}
	body, err := a.body(!textual(field.Last(a.Header, "Content-Type")))
	if err != nil {
		return nil, err
	}
	arn := func(service, resource string) string {
		return "arn:aws:" + service + ":" + a.API.Region + ":" + a.API.AccountID + ":" + resource
	}
	identity := latticeIdentity{SourceVPCARN: arn("ec2", "vpc/vpc-"+a.API.ID)}
	if c := a.Certificate; c != nil {
		identity.X509SubjectCN = c.Subject.CommonName
		if len(c.Issuer.OrganizationalUnit) > 0 {
			identity.X509IssuerOU = c.Issuer.OrganizationalUnit[0]
		}
		if len(c.DNSNames) > 0 {
			identity.X509SANDNS = c.DNSNames[0]
		}
		if len(c.URIs) > 0 {
			identity.X509SANURI = c.URIs[0].String()
		}
	}
	if err := mask(&identity, a.Identity); err != nil {
		return nil, err
	}
	w := newEvent()
	w.text("version", "2.0")
	w.text("path", a.Path)
	w.text("method", a.Method)
	w.lists("headers", lowered(a.Header))
	if query := parameters(a.RawQuery); query != nil {
		w.lists("queryStringParameters", query)
	}
	w.object("requestContext")
	w.text("serviceNetworkArn", arn("vpc-lattice", "servicenetwork/sn-"+a.API.ID))
	w.text("serviceArn", arn("vpc-lattice", "service/svc-"+a.API.ID))
	w.text("targetGroupArn", arn("vpc-lattice", "targetgroup/tg-"+a.API.ID))
	w.value("identity", identity)
	w.text("region", a.API.Region)
	w.text("timeEpoch", strconv.FormatInt(a.Time.UnixMicro(), 10)) // microseconds
	w.end()
	w.body(body, "")
	if body.base64 { // it is there only for a body that needs it
		w.boolean("isBase64Encoded", true)
	}
	return w.finish(a.MaxEvent)
}

func (*latticeV1) decodeReply(_ *Arrival, reply []byte) (*Answer, error) { return latticeAnswer(reply) }
func (*latticeV2) decodeReply(_ *Arrival, reply []byte) (*Answer, error) { return latticeAnswer(reply) }

func latticeAnswer(reply []byte) (*Answer, error) {
	m, err := membersOf(reply)
	if err != nil {
		return nil, err
	}
	if !m.has("statusCode") {
		return nil, refusal(BadReply, "the reply has no statusCode")
	}
	status, err := m.status()
	if err != nil {
		return nil, err
	}
	fields, err := m.headers()
	if err != nil {
		return nil, err
	}
	answer := &Answer{Status: status, Header: spelled(fields)}
	for _, name := range []string{"multiValueHeaders", "cookies"} {
		if m.has(name) {
			answer.warn("%s is left out, VPC Lattice knows headers only", name)
		}
	}
	field.Drop(answer.Header, field.Connection()...)
	field.Drop(answer.Header, "Content-Length", "Date")
	if _, ok := field.Spelling(answer.Header, "Content-Type"); !ok {
		answer.Header["Content-Type"] = nil
	}
	answer.Body, err = m.content()
	if err != nil {
		return nil, err
	}
	return answer, nil
}

func (*latticeV1) refuse(f Failure) *Answer { return latticeError(f) }
func (*latticeV2) refuse(f Failure) *Answer { return latticeError(f) }

func latticeError(f Failure) *Answer {
	status := http.StatusInternalServerError
	switch f {
	case BadRequest:
		status = http.StatusBadRequest
	case Unauthorized:
		status = http.StatusForbidden
	case NoRoute, NoStage:
		status = http.StatusNotFound
	case URITooLong:
		status = http.StatusRequestURITooLong
	case HeadTooLarge:
		status = http.StatusRequestHeaderFieldsTooLarge
	case RequestTooLarge:
		status = http.StatusRequestEntityTooLarge
	case Throttled:
		status = http.StatusTooManyRequests
	case TimedOut:
		status = http.StatusGatewayTimeout
	}
	return &Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"text/plain"}},
		Body:   []byte(http.StatusText(status)),
	}
}

func (*latticeV1) stamp(*Arrival, *Answer, bool) {}
func (*latticeV2) stamp(*Arrival, *Answer, bool) {}
