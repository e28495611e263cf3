package schema

import "github.com/santhosh-tekuri/jsonschema/v6"

// place notes a schema and all that it is made of by where they stand, as errors name
// them.
func (m *Models) place(s *jsonschema.Schema) {
	if s == nil || m.places[s.Location] != nil {
		return
	}
	m.places[s.Location] = s
	parts := [][]*jsonschema.Schema{{s.Ref, s.Not}, s.AllOf, s.AnyOf, s.OneOf}
	for _, part := range s.Properties {
		m.place(part)
	}
	for _, part := range s.PatternProperties {
		m.place(part)
	}
	may := []any{s.AdditionalProperties, s.AdditionalItems, s.Items}
	for _, part := range s.Dependencies {
		may = append(may, part)
	}
	for _, part := range may { // of several types, schemas among them
		switch part := part.(type) {
		case *jsonschema.Schema:
			m.place(part)
		case []*jsonschema.Schema:
			parts = append(parts, part)
		}
	}
	for _, list := range parts {
		for _, part := range list {
			m.place(part)
		}
	}
}
