package event

import (
	"strings"

	"github.com/lambridge-go/lambridge/internal/jsontape"
	"github.com/lambridge-go/lambridge/internal/source"
)

// latticeV1 is VPC Lattice with version 1.0 of its event:
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
//
//	{
//	  "raw_path": "/notes", "method": "GET", "headers": {"host": "…"},
//	  "query_string_parameters": {"q": "b"}, "body": "", "is_base64_encoded": false
//	}
//
// Whether path and query arrive encoded is not documented: the path is read as
// encoded, and the query as decoded.
type latticeV1 struct{}

func (*latticeV1) source() source.Source { return source.LatticeV1 }

func (*latticeV1) terms() terms { return terms{reply: maxLambdaReply} }

func (*latticeV1) detect(e *document) bool {
	return e.latticePath.IsString() && e.method.IsString() &&
		e.context.object.Kind() == jsontape.Absent
}

func (*latticeV1) decode(e *document, r *Request) error {
	return r.decodeLattice(e, latticeMembers{
		method: e.method, path: e.latticePath, header: e.headers,
		query: e.latticeQuery, body: e.body, isBase64: e.latticeCode,
	})
}

func (*latticeV1) appendHead(dst []byte, r *Reply) []byte { return appendLatticeHead(dst, r) }

// latticeV2 is VPC Lattice with version 2.0 of its event, which calls the same
// members other names and has lists, or strings, for the values of headers and
// query parameters:
//
//	{
//	  "version": "2.0", "path": "/notes", "method": "GET", "headers": {"host": ["…"]},
//	  "queryStringParameters": {"q": ["a", "b"]}, "body": "",
//	  "requestContext": {"serviceArn": "arn:…", "identity": {…}, "timeEpoch": "1696331543569073"}
//	}
type latticeV2 struct{}

func (*latticeV2) source() source.Source { return source.LatticeV2 }

func (*latticeV2) terms() terms { return terms{reply: maxLambdaReply} }

func (*latticeV2) detect(e *document) bool {
	if !e.version.Is("2.0") || !e.path.IsString() || !e.method.IsString() {
		return false
	}
	return e.context.serviceNetworkArn.IsString() || e.context.serviceArn.IsString() ||
		e.context.targetGroupArn.IsString()
}

func (*latticeV2) decode(e *document, r *Request) error {
	return r.decodeLattice(e, latticeMembers{
		method: e.method, path: e.path, header: e.headers,
		query: e.queryStringParameters, body: e.body, isBase64: e.isBase64Encoded,
	})
}

func (*latticeV2) appendHead(dst []byte, r *Reply) []byte { return appendLatticeHead(dst, r) }

type latticeMembers struct {
	method, path, header, query, body, isBase64 jsontape.Value
}

func (r *Request) decodeLattice(e *document, m latticeMembers) error {
	if err := r.setHeader(e, m.header, jsontape.Value{}); err != nil {
		return err
	}
	if err := r.setMethod(m.method, jsontape.Value{}); err != nil {
		return err
	}
	if err := r.setLatticeTarget(m.path, m.query); err != nil {
		return err
	}
	r.RemoteAddr = r.hostPort(r.lastForwarded())
	r.setTLSIfHTTPS()
	return r.setBody(m.body, m.isBase64)
}

// setLatticeTarget allows for a query at the end of the path: the map then says
// nothing new.
func (r *Request) setLatticeTarget(target, query jsontape.Value) error {
	path, rawQuery, inPath := strings.Cut(r.keep(target), "?")
	if err := r.setEncodedPath(path); err != nil {
		return err
	}
	if inPath {
		return r.setQuery([]byte(rawQuery))
	}
	r.setQueryMaps(query, jsontape.Value{}, encodeQuery)
	return nil
}

// The reply has one value for a name; for several cookies there is no documented
// way.
func appendLatticeHead(dst []byte, r *Reply) []byte {
	dst = appendStatus(dst, r)
	return appendHeaders(dst, r.withOneCookie())
}
