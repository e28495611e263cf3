package event

// AppendQuoted and QuotedSize lend the tests what writes and measures JSON strings.
var (
	AppendQuoted       = appendQuoted
	AppendQuotedString = appendString
	QuotedSize         = quotedSize
)
