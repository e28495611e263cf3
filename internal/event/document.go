package event

import (
	"bytes"

	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// A document is an event that has been read: the members that any format asks for, by the
// names that they have in the event. All of them are found in one walk, since most are asked
// for again and again, and mostly in vain: an event is recognised by what it does not have.
// What is not there is absent.
type document struct {
	root jsontape.Value

	// What a request is made of.
	httpMethod, path, resource, pathParameters     jsontape.Value
	headers, multiValueHeaders                     jsontape.Value
	queryStringParameters                          jsontape.Value
	multiValueQueryStringParameters                jsontape.Value
	version, routeKey, rawPath, rawQueryString     jsontape.Value
	cookies, body, isBase64Encoded                 jsontape.Value
	method, latticePath, latticeQuery, latticeCode jsontape.Value // raw_path and the like

	// What gives an authorizer's events away.
	typ, methodArn, routeArn jsontape.Value

	context contextMembers
}

// contextMembers are those of an event's requestContext, and of its http and identity.
type contextMembers struct {
	_ [0]func() // nobody compares them: no code for that is linked into a function

	object jsontape.Value // the requestContext itself

	stage, path, protocol, domainName, routeKey    jsontape.Value
	elb, http, identity, authentication            jsontape.Value
	serviceArn, serviceNetworkArn, targetGroupArn  jsontape.Value
	eventType, connectionID, connectedAt           jsontape.Value
	messageID, disconnectCode, disconnectReason    jsontape.Value
	httpMethod, httpPath, httpProtocol, httpClient jsontape.Value
	identityClient, identityCertificate            jsontape.Value
}

// read notes the members of an event.
func (d *document) read(root jsontape.Value) {
	d.root = root
	for m := jsontape.MembersOf(root); m.More(); m = m.Next() {
		if place := d.place(m.Key()); place != nil {
			*place = m.Value()
		}
	}
	c := &d.context
	for m := jsontape.MembersOf(c.object); m.More(); m = m.Next() {
		if place := c.place(m.Key()); place != nil {
			*place = m.Value()
		}
	}
	for m := jsontape.MembersOf(c.http); m.More(); m = m.Next() {
		switch string(m.Key()) {
		case "method":
			c.httpMethod = m.Value()
		case "path":
			c.httpPath = m.Value()
		case "protocol":
			c.httpProtocol = m.Value()
		case "sourceIp":
			c.httpClient = m.Value()
		}
	}
	for m := jsontape.MembersOf(c.identity); m.More(); m = m.Next() {
		switch string(m.Key()) {
		case "sourceIp":
			c.identityClient = m.Value()
		case "clientCert":
			c.identityCertificate = m.Value()
		}
	}
}

// place is where a member of the event is noted, nil for one that nobody asks for.
func (d *document) place(key []byte) *jsontape.Value {
	switch string(key) {
	case "httpMethod":
		return &d.httpMethod
	case "path":
		return &d.path
	case "resource":
		return &d.resource
	case "pathParameters":
		return &d.pathParameters
	case "headers":
		return &d.headers
	case "multiValueHeaders":
		return &d.multiValueHeaders
	case "queryStringParameters":
		return &d.queryStringParameters
	case "multiValueQueryStringParameters":
		return &d.multiValueQueryStringParameters
	case "requestContext":
		return &d.context.object
	case "body":
		return &d.body
	case "isBase64Encoded":
		return &d.isBase64Encoded
	case "version":
		return &d.version
	case "routeKey":
		return &d.routeKey
	case "rawPath":
		return &d.rawPath
	case "rawQueryString":
		return &d.rawQueryString
	case "cookies":
		return &d.cookies
	case "method":
		return &d.method
	case "raw_path":
		return &d.latticePath
	case "query_string_parameters":
		return &d.latticeQuery
	case "is_base64_encoded":
		return &d.latticeCode
	case "type":
		return &d.typ
	case "methodArn":
		return &d.methodArn
	case "routeArn":
		return &d.routeArn
	}
	return nil
}

// place is where a member of the requestContext is noted.
func (c *contextMembers) place(key []byte) *jsontape.Value {
	switch string(key) {
	case "stage":
		return &c.stage
	case "path":
		return &c.path
	case "protocol":
		return &c.protocol
	case "domainName":
		return &c.domainName
	case "routeKey":
		return &c.routeKey
	case "elb":
		return &c.elb
	case "http":
		return &c.http
	case "identity":
		return &c.identity
	case "authentication":
		return &c.authentication
	case "serviceArn":
		return &c.serviceArn
	case "serviceNetworkArn":
		return &c.serviceNetworkArn
	case "targetGroupArn":
		return &c.targetGroupArn
	case "eventType":
		return &c.eventType
	case "connectionId":
		return &c.connectionID
	case "connectedAt":
		return &c.connectedAt
	case "messageId":
		return &c.messageID
	case "disconnectStatusCode":
		return &c.disconnectCode
	case "disconnectReason":
		return &c.disconnectReason
	}
	return nil
}

// textSize is how much text, almost always, a request has of an event besides its header:
// path, query and cookies, the client's address, and what there is of a connection.
func (d *document) textSize() int {
	size := len("255.255.255.255:0") + d.cookies.TextSize() + d.cookies.Size()*len("; ")
	if !d.context.stage.Is("$default") {
		size += len("/") + d.context.stage.TextSize()
	}
	if catchAll := []byte("+}"); !bytes.HasSuffix(d.resource.Bytes(), catchAll) && !bytes.HasSuffix(d.routeKey.Bytes(), catchAll) {
		size += d.resource.TextSize() + d.routeKey.TextSize() + d.pathParameters.TextSize()
	}
	if d.context.connectionID.IsString() {
		size += d.context.object.TextSize() + len("//")
	}
	size += d.path.TextSize() + d.rawPath.TextSize() + d.latticePath.TextSize() + len("?")
	if d.rawQueryString.IsString() {
		return size + d.rawQueryString.TextSize()
	}
	for _, query := range [...]jsontape.Value{d.multiValueQueryStringParameters, d.queryStringParameters, d.latticeQuery} {
		if query.Size() > 0 {
			return size + query.TextSize() + query.Size() // with an escape, or a name that is repeated, for each
		}
	}
	return size
}
