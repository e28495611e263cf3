package format

import (
	"strconv"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
)

// LatticeV1 and LatticeV2 are the event structures of VPC Lattice with a Lambda target:
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
type (
	LatticeV1 struct{}
	LatticeV2 struct{}
)

func (LatticeV1) Encode(a *arrival.Arrival) ([]byte, error) {
	var room usualLines
	headers := loweredLines(a.Header, room[:0])
	body, err := bodyOf(a, !textual(headers.last("content-type")))
	if err != nil {
		return nil, err
	}
	w := NewWriter()
	w.Text("raw_path", a.Path)
	w.Text("method", a.Method)
	w.joins("headers", headers, ", ")
	w.lasts("query_string_parameters", linesOf(parameters(a.RawQuery), nil))
	w.Body(body, `""`)
	w.Boolean("is_base64_encoded", body.base64)
	return w.Finish(a.MaxEvent)
}

type latticeIdentity struct {
	SourceVPCARN   string `json:"sourceVpcArn"`
	Type           string `json:"type"`
	Principal      string `json:"principal"`
	PrincipalOrgID string `json:"principalOrgID"`
	SessionName    string `json:"sessionName"`
	X509IssuerOU   string `json:"x509IssuerOu"`
	X509SANDNS     string `json:"x509SanDns"`
	X509SANNameCN  string `json:"x509SanNameCn"`
	X509SANURI     string `json:"x509SanUri"`
	X509SubjectCN  string `json:"x509SubjectCn"`
}

// write writes requestContext.identity, without what is not known.
func (i *latticeIdentity) write(w *Writer) {
	w.Object("identity")
	w.Text("sourceVpcArn", i.SourceVPCARN)
	w.known("type", i.Type)
	w.known("principal", i.Principal)
	w.known("principalOrgID", i.PrincipalOrgID)
	w.known("sessionName", i.SessionName)
	w.known("x509IssuerOu", i.X509IssuerOU)
	w.known("x509SanDns", i.X509SANDNS)
	w.known("x509SanNameCn", i.X509SANNameCN)
	w.known("x509SanUri", i.X509SANURI)
	w.known("x509SubjectCn", i.X509SubjectCN)
	w.End()
}

func (LatticeV2) Encode(a *arrival.Arrival) ([]byte, error) {
	if a.Authorization.Context != nil {
		return nil, door.Refusef(door.BadRequest, "VPC Lattice shows an identity and no authorizer")
	}
	var room usualLines
	headers := loweredLines(a.Header, room[:0])
	body, err := bodyOf(a, !textual(headers.last("content-type")))
	if err != nil {
		return nil, err
	}
	arn := func(service, resource string) string { // the API's
		return "arn:aws:" + service + ":" + a.API.Account.Region + ":" + a.API.Account.ID + ":" + resource + "-" + a.API.ID
	}
	identity := latticeIdentity{SourceVPCARN: arn("ec2", "vpc/vpc")}
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
	if identity, err = masked(identity, a.Authorization.Identity); err != nil {
		return nil, err
	}
	w := NewWriter()
	w.Text("version", "2.0")
	w.Text("path", a.Path)
	w.Text("method", a.Method)
	w.lists("headers", headers)
	if query := parameters(a.RawQuery); query != nil {
		w.lists("queryStringParameters", linesOf(query, nil))
	}
	w.Object("requestContext")
	w.Text("serviceNetworkArn", arn("vpc-lattice", "servicenetwork/sn"))
	w.Text("serviceArn", arn("vpc-lattice", "service/svc"))
	w.Text("targetGroupArn", arn("vpc-lattice", "targetgroup/tg"))
	identity.write(w)
	w.Text("region", a.API.Account.Region)
	w.Text("timeEpoch", strconv.FormatInt(a.Time.UnixMicro(), 10)) // microseconds
	w.End()
	w.Body(body, "")
	if body.base64 { // it is there only for a body that needs it
		w.Boolean("isBase64Encoded", true)
	}
	return w.Finish(a.MaxEvent)
}

func (LatticeV1) Decode(_ *arrival.Arrival, reply []byte) (*door.Answer, error) {
	return latticeAnswer(reply)
}
func (LatticeV2) Decode(_ *arrival.Arrival, reply []byte) (*door.Answer, error) {
	return latticeAnswer(reply)
}

func latticeAnswer(reply []byte) (*door.Answer, error) {
	r, err := ReadReply(reply)
	if err != nil {
		return nil, err
	}
	if !r.has("statusCode") {
		return nil, door.Refusef(door.BadReply, "the reply has no statusCode")
	}
	status, err := r.Status()
	if err != nil {
		return nil, err
	}
	fields, err := r.headers()
	if err != nil {
		return nil, err
	}
	answer := &door.Answer{Status: status, Header: fields}
	for _, name := range []string{"multiValueHeaders", "cookies"} {
		if r.has(name) {
			answer.Warn("%s is left out, VPC Lattice knows headers only", name)
		}
	}
	answer.Body, err = r.Content()
	if err != nil {
		return nil, err
	}
	return answer, nil
}
