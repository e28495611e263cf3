package event

// What writes JSON strings and what spells names, lent to the tests.
var (
	AppendText         = appendText
	AppendQuotedString = appendString
	CanonicalName      = canonicalName
)

// CommonName is the name in the table that is spelt like that, "" if there is none.
func CommonName(spelt []byte) string { return commonNames.names[commonNames.find(spelt)].name }

// CommonNames are all of the table.
func CommonNames() []string {
	var all []string
	for _, n := range commonNames.names[1:] {
		all = append(all, n.name)
	}
	return all
}
