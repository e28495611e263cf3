// Package envfile reads files of environment variables, one KEY=VALUE a line.
//
// Values are literal, as Lambda's console and templates store them: a $ is a $. So
// the libraries that read such files for a shell do not serve, since they expand
// variables in values, and in a password or a hash there are many.
//
//	# a comment, as is what follows " #"
//	TABLE=orders
//	export TOKEN=pa$word            # export is for shells, and ignored
//	GREETING='say "hi", \n'         # as it is
//	KEY="-----BEGIN KEY-----
//	...                             # quotes may span lines; "..." knows \n \r \t \" \\ \$
//	-----END KEY-----"
//
// Its errors name the file, the line and, where it looks like one, the name of the
// variable. They never show a value, nor what may be one.
package envfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// maxSize is far more than the 4 KB that a function's variables may have in Lambda.
//
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxSize = 1 << 20

// Read returns the variables of a file as KEY=VALUE, in the file's order.
func Read(name string) ([]string, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("envfile: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("envfile: %w", err)
	}
	if len(text) > maxSize {
		return nil, fmt.Errorf("envfile: %s has more than %d bytes", name, maxSize)
	}
	variables, err := parse(text)
	if bad := (*lineError)(nil); errors.As(err, &bad) {
		return nil, fmt.Errorf("envfile: %s:%d: %s", name, bad.line, bad.what)
	}
	return variables, err
}

// A lineError says what is wrong with a line without showing what may be secret.
type lineError struct {
	line int
	what string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.what) }

// parse reads the text of a file.
func parse(text []byte) ([]string, error) {
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		return nil, &lineError{1, "the file is in UTF-16: save it as UTF-8"}
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	if begins := bytes.TrimSpace(text); len(begins) > 0 && begins[0] == '{' {
		return nil, &lineError{1, "this is JSON, as sam takes it with --env-vars: write one KEY=VALUE a line"}
	}
	s := scanner{rest: string(text), line: 1}
	var variables []string
	for s.rest != "" {
		variable, err := s.variable()
		if err != nil {
			return nil, err
		}
		if variable != "" {
			variables = append(variables, variable)
		}
	}
	return variables, nil
}

// A scanner is at the beginning of a line.
type scanner struct {
	rest string
	line int
}

// variable reads a variable, or "" from a line without one.
func (s *scanner) variable() (string, error) {
	line, _, _ := strings.Cut(s.rest, "\n")
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == '#' {
		s.next(len(line))
		return "", nil
	}
	key, value, found := strings.Cut(line, "=")
	if !found {
		return "", s.wrong("this is no KEY=VALUE")
	}
	name := strings.TrimSpace(key)
	if after, ok := strings.CutPrefix(name, "export"); ok && strings.TrimLeft(after, " \t") != after {
		name = strings.TrimSpace(after)
	}
	if !variableName.MatchString(name) {
		if !looksLikeName.MatchString(name) {
			return "", s.wrong("what stands before = is no variable name")
		}
		return "", s.wrong(fmt.Sprintf("%q is no variable name", name))
	}
	at := s.line
	if begins := strings.TrimLeft(value, " \t"); begins != "" && strings.ContainsRune("'\"`", rune(begins[0])) {
		s.rest = s.rest[len(line)-len(begins):]
		text, err := s.quoted(name)
		if err != nil {
			return "", err
		}
		return named(name, text, at)
	}
	s.next(len(line))
	return named(name, strings.TrimSpace(withoutComment(value)), at)
}

// withoutComment cuts what follows white space and a #.
func withoutComment(value string) string {
	for i := 1; i < len(value); i++ {
		if value[i] == '#' && (value[i-1] == ' ' || value[i-1] == '\t') {
			return value[:i]
		}
	}
	return value
}

// quoted reads a value that begins with a quote, and the rest of its last line.
func (s *scanner) quoted(name string) (string, error) {
	quote := s.rest[0]
	var value strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == quote:
			after, _, _ := strings.Cut(s.rest[i+1:], "\n")
			if trimmed := strings.TrimSpace(after); trimmed != "" && (trimmed[0] != '#' || trimmed == after) {
				s.line += strings.Count(s.rest[:i], "\n")
				return "", s.wrong(fmt.Sprintf("something follows the closing quote of %s", name))
			}
			s.next(i + 1 + len(after))
			return value.String(), nil
		case c == '\\' && quote == '"' && i+1 < len(s.rest) && escapes[s.rest[i+1]] != 0:
			i++
			value.WriteByte(escapes[s.rest[i]])
		default:
			value.WriteByte(c)
		}
	}
	return "", s.wrong(fmt.Sprintf("the quote that %s begins with is never closed", name))
}

// escapes are those of double quotes. Any other backslash is a backslash.
var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '"': '"', '\\': '\\', '$': '$'}

// next passes n bytes, and the line's end after them.
func (s *scanner) next(n int) {
	s.line += strings.Count(s.rest[:n], "\n")
	s.rest = s.rest[n:]
	if rest, ok := strings.CutPrefix(s.rest, "\n"); ok {
		s.rest = rest
		s.line++
	}
}

func (s *scanner) wrong(what string) error { return &lineError{s.line, what} }

func named(name, value string, line int) (string, error) {
	if strings.ContainsRune(value, 0) {
		return "", &lineError{line, fmt.Sprintf("the value of %s has a NUL byte, which no environment can hold", name)}
	}
	return name + "=" + value, nil
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

	// looksLikeName keeps what may be part of a secret, such as a line of a key in
	// base64 that ends with =, out of errors.
	looksLikeName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,39}$`)
)
