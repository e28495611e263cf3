package mapping

import (
	"errors"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/jsonpath"
)

// input is $input.
type input struct {
	body   string
	paths  *paths
	params *javavalue.Map // of path, querystring and header
	header []Param        // those of any case, or nil

	document any // the body, while no template can change it
	parsed   bool
	invalid  bool // the body is no JSON
}

func newInput(in *Input, paths *paths) *input {
	params := javavalue.NewMap()
	params.Put("path", paramMap(in.Path))
	params.Put("querystring", paramMap(in.Querystring))
	params.Put("header", paramMap(in.Header))
	body := strings.ToValidUTF8(string(in.Body), "\uFFFD")
	if body == "" {
		body = "{}" // as recorded, also where the body is put into other text
	}
	made := &input{body: body, paths: paths, params: params}
	if in.AnyCase {
		made.header = in.Header
	}
	return made
}

// Get implements velocity.Object.
func (in *input) Get(name string) any {
	if name == "body" || name == "Body" {
		return in.body
	}
	return nil
}

// Call implements velocity.Object.
func (in *input) Call(name string, args []any) (any, error) {
	var arg string
	if len(args) == 1 {
		text, ok := args[0].(string)
		if !ok {
			return nil, nil // there is no such method
		}
		arg = text
	}
	switch {
	case name == "getBody" && len(args) == 0:
		return in.body, nil
	case name == "params" && len(args) == 0:
		return in.params, nil
	case name == "params" && len(args) == 1:
		return in.param(arg), nil
	case name == "path" && len(args) == 1:
		v, _, err := in.read(arg)
		switch v.(type) {
		case *javavalue.Map, *javavalue.List:
			in.document, in.parsed = nil, false // it is the template's now
		}
		return v, err
	case name == "json" && len(args) == 1:
		v, found, err := in.read(arg)
		if err != nil {
			return nil, err
		}
		if !found {
			// A body that is no JSON was recorded to give two quotation
			// marks, the JSON of the empty text that $input.path gives.
			v = ""
		}
		text, err := javavalue.AppendJSON(nil, v, maxText)
		return string(text), err
	}
	return nil, nil
}

// AppendJava implements javavalue.Printer: it fails, since what API Gateway prints for the
// object is not known, and is nothing that a template could mean.
func (*input) AppendJava(dst []byte, _ int) ([]byte, error) {
	return dst, errors.New("what $input prints as a whole is not known; $input.body is the text of the body")
}

// maxText bounds the texts that $input and $util make; that of a payload is
// 10 MB.
const maxText = 16 << 20

// param looks a parameter up in the path, the query and the header, in this
// order.
func (in *input) param(name string) any {
	for _, values := range in.params.All() {
		if v, ok := values.(*javavalue.Map).Get(name); ok {
			return v
		}
	}
	for _, p := range in.header {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return nil
}

// read returns what a JSONPath expression finds in the body, nil where it
// finds nothing or the body is no JSON. Each reading begins with the body as
// it came, so what a template changes in one result it does not see in the
// next.
func (in *input) read(expr string) (v any, found bool, err error) {
	path, err := in.paths.compile(expr)
	if err != nil {
		return nil, false, err
	}
	if !in.parse() {
		return nil, false, nil
	}
	v, err = path.Read(in.document)
	switch {
	case err == nil:
		return v, true, nil
	case errors.Is(err, jsonpath.ErrNotFound):
		return nil, false, nil
	}
	return nil, false, err
}

// parse reads the body as JSON, unless it was read and not handed out since.
func (in *input) parse() bool {
	if !in.parsed && !in.invalid {
		document, err := javavalue.Parse([]byte(in.body))
		in.document, in.parsed, in.invalid = document, err == nil, err != nil
	}
	return in.parsed
}
