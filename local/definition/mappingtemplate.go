package definition

import (
	"slices"

	"github.com/lambridge-go/lambridge/local/internal/mapping"
)

// warnOfTemplates tells of what mapping templates do that API Gateway may do otherwise.
// One that is broken is named when the API is checked.
func (r *reader) warnOfTemplates(i *Integration, usedBy string) {
	templates := slices.Clip(i.RequestTemplates)
	for _, response := range i.Responses {
		templates = append(templates, response.Templates...)
	}
	for _, t := range templates {
		template, err := mapping.Parse(t.Value)
		if err != nil {
			continue
		}
		for _, warning := range template.Warnings() {
			r.warn(t.Origin, usedBy, "the template for %s: %s", t.Name, warning)
		}
	}
}
