package definition

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// readBody reads the models of a request's body.
func (o *openAPI) readBody(route *Route, operation *document.Node) error {
	if o.swagger() {
		for _, n := range operation.Get("parameters").Elements() {
			n, err := o.deref(n)
			if err != nil || n.Get("in").Value() != "body" {
				continue // told by readParameters
			}
			media := operation.Get("consumes").Strings()
			if len(media) == 0 {
				media = o.root.Get("consumes").Strings()
			}
			if len(media) == 0 {
				media = []string{"application/json"}
			}
			model, err := o.model(n.Get("schema"))
			if err != nil || model == nil {
				return err
			}
			for _, m := range media {
				route.Models = append(route.Models, Named[*Model]{m, model, originOf(n)})
			}
		}
		return nil
	}
	body, err := o.deref(operation.Get("requestBody"))
	if err != nil {
		return err
	}
	for media, content := range body.Get("content").All() {
		model, err := o.model(content.Get("schema"))
		if err != nil {
			return err
		}
		if model != nil {
			route.Models = append(route.Models, Named[*Model]{media, model, originOf(content)})
		}
	}
	return nil
}

// readModels reads the schemas that the document names.
func (o *openAPI) readModels() {
	if o.api.Kind != gateway.RESTAPI {
		return
	}
	for name, schema := range o.schemas().All() {
		if !modelName.MatchString(name) {
			o.warn(originOf(schema), o.api.label(), "the schema %s makes a model, whose name may have letters and digits only: API Gateway refuses it", name)
		}
		o.api.Models = append(o.api.Models, &Model{Name: name, ContentType: "application/json", Schema: o.schema(schema), Imported: true, Origin: originOf(schema)})
	}
}

// modelName is what API Gateway takes for the name of a model.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
var modelName = regexp.MustCompile(`^[A-Za-z0-9]+$`)

func (o *openAPI) schemas() *document.Node {
	if o.swagger() {
		return o.root.Get("definitions")
	}
	return o.root.Find("components", "schemas")
}

// schemaPointer begins references to schemas.
func (o *openAPI) schemaPointer() string {
	if o.swagger() {
		return "#/definitions/"
	}
	return "#/components/schemas/"
}

// schema is JSON text whose references lead to models, as the import makes them.
func (o *openAPI) schema(n *document.Node) []byte {
	return bytes.ReplaceAll(n.AppendJSON(nil), []byte(`"$ref":"`+o.schemaPointer()), []byte(`"$ref":"`+modelURL(o.api.ID)))
}

// modelURL begins references to the models of an API.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
func modelURL(apiID string) string {
	return "https://apigateway.amazonaws.com/restapis/" + apiID + "/models/"
}

// model finds the model that a schema refers to, or makes one of a schema that
// stands in its operation.
func (o *openAPI) model(schema *document.Node) (*Model, error) {
	if schema == nil {
		return nil, nil
	}
	if ref := schema.Get("$ref"); ref != nil {
		name, ok := strings.CutPrefix(ref.Value(), o.schemaPointer())
		if model := modelOf(o.api, name); ok && model != nil {
			return model, nil
		}
		return nil, fmt.Errorf("the $ref %q leads nowhere", ref.Value())
	}
	// No model of a user's has a colon in its name.
	model := &Model{Name: "inline:" + strconv.Itoa(len(o.api.Models)+1), ContentType: "application/json", Schema: o.schema(schema), Imported: true, Origin: originOf(schema)}
	o.api.Models = append(o.api.Models, model)
	return model, nil
}

func modelOf(api *API, name string) *Model {
	for _, m := range api.Models {
		if m.Name == name {
			return m
		}
	}
	return nil
}
