package event

// AppendQuoted and QuotedSize lend the tests what writes and measures JSON strings.
var (
	AppendQuoted       = appendQuoted[[]byte]
	AppendQuotedString = appendQuoted[string]
	QuotedSize         = quotedSize
)
