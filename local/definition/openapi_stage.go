package definition

import (
	"regexp"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// readStage takes the base path of the document for its stage, as it is in what API
// Gateway exports.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html
func (o *openAPI) readStage() {
	path, at := o.basePath()
	if path != "" && !stageName.MatchString(path) {
		o.api.BasePath = "/" + path
		o.warn(originOf(at), o.api.label(), "the base path /%s is no name that a stage may have: it is taken for the base path of a custom domain", path)
		return
	}
	o.api.Stage = path
}

// stageName is what API Gateway takes for the name of a stage.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html
var stageName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// prefix is what the paths of a document in a template begin with: nothing, unless the
// template says what is to become of the document's base path.
func (o *openAPI) prefix(mode *document.Node) string {
	path, _ := o.basePath()
	switch mode.Value() {
	case "prepend":
	case "split": // the first segment is left out
		_, path, _ = strings.Cut(path, "/")
	case "", "ignore":
		return ""
	default:
		o.warn(originOf(mode), o.api.label(), "the base path is ignored: %q is none of ignore, prepend and split", mode.Value())
		return ""
	}
	if path == "" {
		return ""
	}
	return "/" + path
}

// basePath is the base path of the document, without slashes around it, and where it stands.
func (o *openAPI) basePath() (path string, at *document.Node) {
	at = o.root
	if o.swagger() {
		path, at = o.root.Get("basePath").Value(), o.root.Get("basePath")
	} else if servers := o.root.Get("servers").Elements(); len(servers) > 0 {
		at = servers[0]
		path = basePathOf(at)
	}
	return strings.Trim(path, "/"), at
}

// basePathOf is the path that a server of OpenAPI 3 begins with: the variable
// basePath's default if there is one, else the path of the URL.
func basePathOf(server *document.Node) string {
	if base := server.Find("variables", "basePath", "default"); base != nil {
		return base.Value()
	}
	address := server.Get("url").Value()
	for name, variable := range server.Get("variables").All() {
		address = strings.ReplaceAll(address, "{"+name+"}", variable.Get("default").Value())
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		return path
	}
	return address
}
