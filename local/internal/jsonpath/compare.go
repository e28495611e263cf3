package jsonpath

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// A node is an operand of a comparison.
type node struct {
	kind    nodeKind
	text    string
	number  javavalue.Decimal
	truth   bool
	value   any // one of javavalue's
	pattern *javaregexp.Regexp
}

type nodeKind int

const (
	undefinedNode nodeKind = iota
	nullNode
	booleanNode
	numberNode
	textNode
	jsonNode        // an object or an array of the document
	literalJSONNode // one in the filter, which equals none of the document
	patternNode
	pathNode // a text of a list that reads as a path, which equals nothing
)

func textOf(s string) node { return node{kind: textNode, text: s} }

func numberOf(d javavalue.Decimal) node { return node{kind: numberNode, number: d, text: d.String()} }

// nodeOf returns a value of the document.
func nodeOf(value any) node {
	switch v := value.(type) {
	case nil:
		return node{kind: nullNode}
	case bool:
		return node{kind: booleanNode, truth: v}
	case string:
		return textOf(v)
	case *javavalue.Map, *javavalue.List:
		return node{kind: jsonNode, value: v}
	}
	d, ok := javavalue.ParseDecimal(javavalue.String(value))
	if !ok {
		return node{kind: undefinedNode}
	}
	return numberOf(d)
}

// list returns the array that a node is.
func (n node) list() (*javavalue.List, bool) {
	list, ok := n.value.(*javavalue.List)
	return list, ok && (n.kind == jsonNode || n.kind == literalJSONNode)
}

func (n node) isJSON() bool { return n.kind == jsonNode || n.kind == literalJSONNode }

// equals is not symmetric: "1.0" equals 1 only from the side of the number.
func (n node) equals(other node) bool {
	switch n.kind {
	case nullNode, booleanNode:
		return n.kind == other.kind && n.truth == other.truth
	case textNode:
		return (other.kind == textNode || other.kind == numberNode) && n.text == other.text
	case numberNode:
		if other.kind == textNode {
			d, ok := javavalue.ParseDecimal(other.text)
			return ok && d.Cmp(n.number) == 0
		}
		return other.kind == numberNode && n.number.Cmp(other.number) == 0
	case jsonNode:
		return other.isJSON() && javavalue.Equal(n.value, other.value)
	}
	return false
}

// errValue is what a comparison with a list means that holds objects or arrays.
var errValue = fmt.Errorf("%w: a list of a filter holds an object or an array", ErrFailed)

// nodes returns the items of a list.
func nodes(list *javavalue.List) ([]node, error) {
	ns := make([]node, 0, list.Len())
	for _, value := range list.All() {
		n := nodeOf(value)
		switch n.kind {
		case jsonNode:
			return nil, errValue
		case textNode:
			n = listed(n.text)
		}
		ns = append(ns, n)
	}
	return ns, nil
}

// listed is a text of a list, which Jayway reads once more.
func listed(s string) node {
	trimmed := strings.TrimSpace(s)
	if strings.HasPrefix(trimmed, "$") || strings.HasPrefix(trimmed, "@") {
		if _, err := compile(trimmed, maxNesting); err == nil {
			return node{kind: pathNode}
		}
	}
	if len(trimmed) > 1 {
		ends := trimmed[:1] + trimmed[len(trimmed)-1:]
		if ends == "[]" || ends == "{}" {
			if value, err := parseLenient(trimmed); err == nil {
				return node{kind: literalJSONNode, value: value}
			}
		}
	}
	if len(s) > 1 {
		if ends := s[:1] + s[len(s)-1:]; ends == "''" || ends == `""` {
			s = s[1 : len(s)-1]
		}
		s = unescape(s)
	}
	return textOf(s)
}

func contains(list []node, n node) bool {
	return slices.ContainsFunc(list, n.equals)
}

// errNoList says that an operator wants a list.
var errNoList = invalid("an operator of a filter wants a list")

// items returns what is in the operand of an operator that wants a list; ok is false for
// an object.
func (n node) items() (items []node, ok bool, err error) {
	if !n.isJSON() {
		return nil, false, errNoList
	}
	list, ok := n.list()
	if !ok {
		return nil, false, nil
	}
	items, err = nodes(list)
	return items, true, err
}

// operators are the words and signs between two operands. Of these ALL, TYPE and MATCHES
// want operands that only a Java program can make.
var operators = []string{
	"==", "!=", "===", "!==", "<", "<=", ">", ">=", "=~",
	"IN", "NIN", "CONTAINS", "SIZE", "EMPTY", "ALL", "SUBSETOF", "ANYOF", "NONEOF",
	"EXISTS", "TYPE", "MATCHES",
}

// compare applies an operator.
func compare(left node, operator string, right node) (bool, error) {
	switch operator {
	case "==":
		return left.equals(right), nil
	case "!=":
		return !left.equals(right), nil
	case "===":
		return sameKind(left, right) && left.equals(right), nil
	case "!==":
		return !sameKind(left, right) || !left.equals(right), nil
	case "<":
		order, ok := left.order(right)
		return ok && order < 0, nil
	case "<=":
		order, ok := left.order(right)
		return ok && order <= 0, nil
	case ">":
		order, ok := left.order(right)
		return ok && order > 0, nil
	case ">=":
		order, ok := left.order(right)
		return ok && order >= 0, nil
	case "=~":
		return matches(left, right)
	case "IN":
		return in(left, right)
	case "NIN":
		found, err := in(left, right)
		return !found, err
	case "CONTAINS":
		return holds(left, right)
	case "SIZE":
		return size(left, right), nil
	case "EMPTY":
		return empty(left, right)
	case "SUBSETOF":
		return subsetOf(left, right)
	case "ANYOF":
		return overlap(left, right, true)
	case "NONEOF":
		return overlap(left, right, false)
	case "EXISTS":
		switch {
		case left.kind == booleanNode && right.kind == booleanNode:
			return left.truth == right.truth, nil
		case left.kind != booleanNode && right.kind != booleanNode:
			return false, fmt.Errorf("%w: exists wants true or false", ErrFailed)
		}
	}
	return false, invalid("%s wants what cannot be written in an expression", operator)
}

func sameKind(l, r node) bool { return l.kind == r.kind || l.isJSON() && r.isJSON() }

// order compares numbers with numbers and texts with texts.
func (n node) order(other node) (c int, ok bool) {
	switch {
	case n.kind == numberNode && other.kind == numberNode:
		return n.number.Cmp(other.number), true
	case n.kind == textNode && other.kind == textNode:
		return compareUTF16(n.text, other.text), true
	}
	return 0, false
}

// compareUTF16 is String.compareTo.
func compareUTF16(a, b string) int {
	x, y := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return int(x[i]) - int(y[i])
		}
	}
	return len(x) - len(y)
}

// matches is =~: a pattern on either side has to match the whole text on the other.
func matches(l, r node) (bool, error) {
	if (l.kind == patternNode) == (r.kind == patternNode) {
		return false, nil
	}
	if r.kind == patternNode {
		l, r = r, l
	}
	if list, ok := r.list(); ok {
		items, err := nodes(list)
		if err != nil {
			return false, err
		}
		for _, item := range items {
			if ok, err := l.match(item); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	}
	return l.match(r)
}

func (n node) match(subject node) (bool, error) {
	input := subject.text
	if subject.kind == booleanNode {
		input = fmt.Sprint(subject.truth)
	}
	ok, err := n.pattern.Match(input)
	if err != nil {
		return false, errors.Join(ErrFailed, err)
	}
	return ok, nil
}

func in(l, r node) (bool, error) {
	items, ok, err := r.items()
	return ok && err == nil && contains(items, l), err
}

// holds is CONTAINS: a text in a text, or a value in a list.
func holds(l, r node) (bool, error) {
	if l.kind == textNode && r.kind == textNode {
		return strings.Contains(l.text, r.text), nil
	}
	list, ok := l.list()
	if !ok {
		return false, nil
	}
	items, err := nodes(list)
	return err == nil && contains(items, r), err
}

// size compares the length of a text or of a list; that of an object is -1.
func size(l, r node) bool {
	length := -1
	if list, ok := l.list(); ok {
		length = list.Len()
	} else if l.kind == textNode {
		length = len(utf16.Encode([]rune(l.text)))
	} else if !l.isJSON() {
		return false
	}
	want := r.number.BigInt()
	return r.kind == numberNode && want.IsInt64() && want.Int64() == int64(length)
}

// empty asks of a text or a list whether it is empty. Jayway cannot tell of an object.
func empty(l, r node) (bool, error) {
	is := l.kind == textNode && l.text == ""
	if list, ok := l.list(); ok {
		is = list.Len() == 0
	} else if l.isJSON() {
		return false, fmt.Errorf("%w: an object is asked whether it is empty", ErrFailed)
	} else if l.kind != textNode {
		return false, nil
	}
	if r.kind != booleanNode {
		return false, invalid("empty wants true or false")
	}
	return is == r.truth, nil
}

func subsetOf(l, r node) (bool, error) {
	right, ok, err := r.items()
	if !ok || err != nil {
		return false, err
	}
	left, ok, err := l.items()
	if !ok || err != nil {
		return false, err
	}
	return !slices.ContainsFunc(left, func(n node) bool { return !contains(right, n) }), nil
}

// overlap reports whether it is as asked that two lists have something in common. What is
// an object passes neither way.
func overlap(l, r node, want bool) (bool, error) {
	right, ok, err := r.items()
	if !ok || err != nil {
		return false, err
	}
	left, ok, err := l.items()
	if !ok || err != nil {
		return false, err
	}
	return slices.ContainsFunc(left, func(n node) bool { return contains(right, n) }) == want, nil
}
