package definition

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// unresolved stands between the name of a value and the reason why it is not known.
const unresolved = " cannot be resolved: "

// text is a scalar that must be there. The error says why it is not, without where.
func text(n *document.Node, what string) (string, error) {
	switch {
	case n.IsUnknown():
		return "", errors.New(what + unresolved + n.Doubt)
	case n.IsNull():
		return "", fmt.Errorf("%s is missing", what)
	case !n.IsScalar():
		return "", fmt.Errorf("%s is no text", what)
	}
	return n.Text, nil
}

// optional is a scalar that need not be there.
func optional(n *document.Node, what string) (string, error) {
	if n.IsNull() {
		return "", nil
	}
	return text(n, what)
}

// truth is a truth value, false if there is none.
func truth(n *document.Node, what string) (bool, error) {
	s, err := optional(n, what)
	return strings.EqualFold(s, "true"), err
}

// texts are the scalars of a list, or one that stands alone. A list that lacks what cannot
// be resolved would be another one: of scopes, for instance, it would let more in.
func texts(n *document.Node, what string) ([]string, error) {
	var all []string
	var wrong []error
	for _, item := range n.Elements() {
		s, err := text(item, what)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		all = append(all, s)
	}
	return all, errors.Join(wrong...)
}

// milliseconds is a timeout, 0 if there is none.
func milliseconds(n *document.Node, what string) (time.Duration, error) {
	number, err := integer(n, what)
	return time.Duration(number) * time.Millisecond, err
}

// seconds is a duration, 0 if there is none.
func seconds(n *document.Node, what string) (time.Duration, error) {
	number, err := integer(n, what)
	return time.Duration(number) * time.Second, err
}

// integer is a whole number, 0 if there is none.
func integer(n *document.Node, what string) (int, error) {
	s, err := optional(n, what)
	if s == "" || err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(s)
	if err != nil || number < 0 || number > 1<<31 {
		return 0, fmt.Errorf("%s %q is no whole number", what, s)
	}
	return number, nil
}

// decimal is a number, 0 if there is none.
func decimal(n *document.Node, what string) (float64, error) {
	s, err := optional(n, what)
	if s == "" || err != nil {
		return 0, err
	}
	number, err := strconv.ParseFloat(s, 64)
	if err != nil || number < 0 {
		return 0, fmt.Errorf("%s %q is no number", what, s)
	}
	return number, nil
}

// named reads a map of texts in its order. What is no text is told by its key.
func named(n *document.Node, what string) ([]Named[string], error) {
	if n.IsNull() {
		return nil, nil
	}
	if n.IsUnknown() {
		return nil, errors.New(what + unresolved + n.Doubt)
	}
	if !n.Is(document.Map) {
		return nil, fmt.Errorf("%s is no map", what)
	}
	all := make([]Named[string], 0, len(n.Pairs))
	var wrong []error
	for key, value := range n.All() {
		s, err := "", error(nil)
		if !value.IsNull() { // an empty template is one
			s, err = text(value, what+" "+strconv.Quote(key))
		}
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		all = append(all, Named[string]{Name: key, Value: s, Origin: originOf(value)})
	}
	return all, errors.Join(wrong...)
}

// mapped is a map of texts.
func mapped(n *document.Node) map[string]string {
	if n == nil || len(n.Pairs) == 0 {
		return nil
	}
	all := make(map[string]string, len(n.Pairs))
	for key, value := range n.All() {
		if value.IsScalar() {
			all[key] = value.Text
		}
	}
	return all
}

// unknownIn is why something in a value is known to AWS only, "" if all is known.
func unknownIn(n *document.Node) string {
	if n.IsUnknown() {
		return n.Doubt
	}
	if n.Is(document.List) {
		for _, item := range n.Items {
			if doubt := unknownIn(item); doubt != "" {
				return doubt
			}
		}
	}
	for _, value := range n.All() {
		if doubt := unknownIn(value); doubt != "" {
			return doubt
		}
	}
	return ""
}
