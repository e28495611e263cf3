package event

// What writes JSON strings and what spells names, lent to the tests.
var (
	AppendText         = appendText
	AppendQuotedString = appendString
	CanonicalName      = canonicalName
)
