package mapping

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// util is the variable $util: functions of texts.
type util struct{}

// Get implements velocity.Object.
func (util) Get(string) any { return nil }

// Call implements velocity.Object. All functions take one text; what is no
// text counts as what it prints.
func (util) Call(name string, args []any) (any, error) {
	if len(args) != 1 {
		return nil, nil
	}
	function := functions[name]
	if function == nil {
		return nil, nil
	}
	printed, err := javavalue.AppendString(nil, args[0], maxText)
	if err != nil {
		return nil, err
	}
	v, err := function(string(printed))
	if err != nil {
		return nil, fmt.Errorf("$util.%s: %w", name, err)
	}
	return v, nil
}

// AppendJava implements javavalue.Printer: it fails, as that of $input does.
func (util) AppendJava(dst []byte, _ int) ([]byte, error) {
	return dst, errors.New("what $util prints as a whole is not known")
}

var functions = map[string]func(text string) (any, error){
	"escapeJavaScript": escapeJavaScript,
	"parseJson":        func(text string) (any, error) { return javavalue.Parse([]byte(text)) },
	"urlEncode":        urlEncode,
	"urlDecode":        func(text string) (any, error) { return url.QueryUnescape(text) },
	"base64Encode":     func(text string) (any, error) { return base64.StdEncoding.EncodeToString([]byte(text)), nil },
	"base64Decode":     base64Decode,
}

// escapeJavaScript escapes as the function of this name in Apache Commons Lang
// does: both quotation marks, the backslash, the slash, and all that is not
// printable ASCII. An escaped apostrophe is not JSON, as the documentation
// warns.
func escapeJavaScript(text string) (any, error) {
	dst := make([]byte, 0, len(text)+len(text)/8)
	for _, r := range text {
		switch {
		case r == '\'' || r == '"' || r == '\\' || r == '/':
			dst = append(dst, '\\', byte(r))
		case r < ' ' || r > 0x7f:
			dst = javavalue.AppendEscape(dst, r)
		default:
			dst = append(dst, byte(r))
		}
	}
	return string(dst), nil
}

// urlEncode encodes as HTML forms do, and Java's URLEncoder: a blank becomes a
// plus sign, and of the signs only . - * and _ stay.
func urlEncode(text string) (any, error) {
	const digits = "0123456789ABCDEF"
	dst := make([]byte, 0, len(text)+len(text)/4)
	for i := range len(text) {
		c := text[i]
		switch {
		case c == ' ':
			dst = append(dst, '+')
		case c >= utf8.RuneSelf || !isUnreserved(c):
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return string(dst), nil
}

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(".-*_", c) >= 0
}

// base64Decode decodes to text; padding may be missing.
func base64Decode(text string) (any, error) {
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil, err
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD"), nil
}
