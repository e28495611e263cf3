package event

import (
	"github.com/lambridge-go/lambridge/internal/jsontape"

	"github.com/lambridge-go/lambridge/internal/source"
)

// httpV1 is API Gateway's HTTP API with payload format 1.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//
// Its event is that of a REST API with "version": "1.0". A named stage stands in
// front of the path, path parameters are decoded, and Content-Length is there.
type httpV1 struct{}

func (*httpV1) source() source.Source { return source.HTTPv1 }

func (*httpV1) terms() terms { return terms{reply: maxLambdaReply} }

// Some emulators of REST APIs send a version, too. Taking their events for these
// changes nothing that the application sees.
func (*httpV1) detect(e *document) bool {
	return e.version.Is("1.0") && e.context.object.Kind() == jsontape.Object && (&rest{}).detect(e)
}

func (*httpV1) decode(e *document, r *Request) error {
	r.setStage(e.context.stage)
	return r.decodeVersion1(e, false)
}

// setStage notes the stage in front of the path. The stage $default has no segment.
func (r *Request) setStage(stage jsontape.Value) {
	if name := stage.Bytes(); stage.IsString() && len(name) > 0 && string(name) != "$default" {
		r.StagePrefix = "/" + string(name)
	}
}

// Like a REST API's, but a value in both maps would be sent twice even where the
// two are the same.
func (*httpV1) appendHead(dst []byte, r *Reply) []byte {
	return (&rest{}).appendHead(dst, r)
}
