package event

// What writes and measures JSON strings and what spells names, lent to the tests.
var (
	AppendQuoted       = appendQuoted
	AppendQuotedString = appendString
	QuotedSize         = quotedSize
	CanonicalName      = canonicalName
)
