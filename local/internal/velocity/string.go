package velocity

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// callString calls a method of String. Java counts in UTF-16 units.
func (r *renderer) callString(s, name string, args []any) (any, error) {
	if err := r.use(0); err != nil {
		return nil, err
	}
	switch len(args) {
	case 0:
		return r.callString0(s, name)
	case 1:
		return r.callString1(s, name, args[0])
	case 2:
		return r.callString2(s, name, args)
	}
	if name == "join" {
		return r.join(args)
	}
	if isNamed(name, "regionMatches", "format", "getChars", "getBytes") {
		return nil, r.refuse(s, name)
	}
	return nil, nil
}

func (r *renderer) callString0(s, name string) (any, error) {
	switch name {
	case "length":
		return int32(units(s)), nil
	case "isEmpty":
		return s == "", nil
	case "isBlank":
		return strings.TrimFunc(s, isJavaSpace) == "", nil
	case "trim":
		return strings.TrimFunc(s, func(c rune) bool { return c <= ' ' }), nil
	case "strip":
		return strings.TrimFunc(s, isJavaSpace), nil
	case "stripLeading":
		return strings.TrimLeftFunc(s, isJavaSpace), nil
	case "stripTrailing":
		return strings.TrimRightFunc(s, isJavaSpace), nil
	case "toUpperCase":
		if isASCII(s) {
			return strings.ToUpper(s), r.makes(len(s))
		}
		s = cases.Upper(language.Und).String(s)
		return s, r.makes(len(s))
	case "toLowerCase":
		if isASCII(s) {
			return strings.ToLower(s), r.makes(len(s))
		}
		s = cases.Lower(language.Und).String(s)
		return s, r.makes(len(s))
	case "intern":
		return s, nil
	case "valueOf":
		return "", nil // of an array of no characters
	case "toCharArray":
		if err := r.use(sizeOfItem + 2*sizeOfSlot*len(s)); err != nil {
			return nil, err
		}
		encoded := utf16.Encode([]rune(s))
		items := make([]any, len(encoded))
		for i, unit := range encoded {
			items[i] = char(unit)
		}
		return &array{class: "[C", items: items}, nil
	case "getBytes", "chars", "codePoints", "lines", "stripIndent", "translateEscapes", "describeConstable":
		return nil, r.refuse(s, name)
	case "formatted":
		return nil, r.refuse(s, name)
	}
	return nil, nil
}

func (r *renderer) callString1(s, name string, arg any) (any, error) {
	if name == "valueOf" {
		return r.text(arg)
	}
	switch arg := arg.(type) {
	case string:
		switch name {
		case "contains":
			return strings.Contains(s, arg), nil
		case "startsWith":
			return strings.HasPrefix(s, arg), nil
		case "endsWith":
			return strings.HasSuffix(s, arg), nil
		case "equalsIgnoreCase":
			return strings.EqualFold(s, arg), nil
		case "contentEquals":
			return s == arg, nil
		case "indexOf":
			return int32(indexFrom(s, arg, 0)), nil
		case "lastIndexOf":
			return int32(lastIndexFrom(s, arg, len(s))), nil
		case "concat":
			if err := r.makes(len(s) + len(arg)); err != nil {
				return nil, err
			}
			return s + arg, nil
		case "compareTo":
			return compareUnits(s, arg), nil
		case "compareToIgnoreCase":
			return compareUnits(foldUnits(s), foldUnits(arg)), nil
		case "matches":
			pattern, err := r.pattern(arg)
			if err != nil {
				return nil, err
			}
			return pattern.Match(s)
		case "split":
			return r.split(s, arg, 0)
		case "join":
			return "", nil // of no parts
		case "format", "getBytes", "formatted":
			return nil, r.refuse(s, name)
		}
	case int32:
		switch name {
		case "charAt":
			u := unitsOf(s)
			if arg < 0 || int(arg) >= u.length() {
				return nil, fmt.Errorf("index %d is out of range", arg)
			}
			return char(u.at(int(arg))), nil
		case "codePointAt":
			u := unitsOf(s)
			if arg < 0 || int(arg) >= u.length() {
				return nil, fmt.Errorf("index %d is out of range", arg)
			}
			c, _ := utf8.DecodeRuneInString(u.slice(int(arg), u.length()))
			return c, nil
		case "substring":
			u := unitsOf(s)
			if arg < 0 || int(arg) > u.length() {
				return nil, fmt.Errorf("begin %d, end %d, length %d", arg, u.length(), u.length())
			}
			return u.slice(int(arg), u.length()), nil
		case "indexOf":
			return int32(indexFrom(s, string(arg), 0)), nil
		case "lastIndexOf":
			return int32(lastIndexFrom(s, string(arg), len(s))), nil
		case "repeat":
			return r.repeat(s, int(arg))
		case "codePointBefore", "indent":
			return nil, r.refuse(s, name)
		}
	case nil:
		if isNamed(name, "contains", "startsWith", "endsWith", "contentEquals", "concat", "matches", "split", "indexOf", "lastIndexOf", "compareTo", "compareToIgnoreCase") {
			return nil, fmt.Errorf("the argument of %s is null", name)
		}
		if name == "equalsIgnoreCase" {
			return false, nil
		}
	}
	if name == "compareTo" {
		return nil, fmt.Errorf("%s cannot be cast to java.lang.String", className(arg))
	}
	return nil, nil
}

func (r *renderer) callString2(s, name string, args []any) (any, error) {
	if name == "join" {
		return r.join(args)
	}
	first, firstText := args[0].(string)
	second, secondText := args[1].(string)
	from, firstNumber := args[0].(int32)
	to, secondNumber := args[1].(int32)
	switch {
	case firstText && secondText:
		switch name {
		case "replace":
			return r.replaceText(s, first, second)
		case "replaceAll", "replaceFirst":
			return r.replacePattern(s, name, first, second)
		case "format":
			return nil, r.refuse(s, name)
		}
	case firstText && secondNumber:
		switch name {
		case "split":
			return r.split(s, first, int(to))
		case "indexOf":
			return int32(indexFrom(s, first, int(to))), nil
		case "lastIndexOf":
			return int32(lastIndexFrom(s, first, int(to))), nil
		case "startsWith":
			u := unitsOf(s)
			return to >= 0 && int(to) <= u.length() && strings.HasPrefix(u.slice(int(to), u.length()), first), nil
		}
	case firstNumber && secondNumber:
		switch name {
		case "substring", "subSequence":
			u := unitsOf(s)
			if from < 0 || from > to || int(to) > u.length() {
				return nil, fmt.Errorf("begin %d, end %d, length %d", from, to, u.length())
			}
			return u.slice(int(from), int(to)), nil
		case "indexOf":
			return int32(indexFrom(s, string(from), int(to))), nil
		case "lastIndexOf":
			return int32(lastIndexFrom(s, string(from), int(to))), nil
		case "codePointCount", "offsetByCodePoints":
			return nil, r.refuse(s, name)
		}
	}
	if name == "replace" {
		from, ok := args[0].(char)
		to, ok2 := args[1].(char)
		if ok && ok2 {
			return r.replaceText(s, string(rune(from)), string(rune(to)))
		}
	}
	if name == "format" {
		return nil, r.refuse(s, name)
	}
	if (firstText || args[0] == nil) && (secondText || args[1] == nil) && isNamed(name, "replace", "replaceAll", "replaceFirst") {
		return nil, fmt.Errorf("an argument of %s is null", name)
	}
	if args[0] == nil && secondNumber && isNamed(name, "lastIndexOf", "indexOf", "startsWith", "split") {
		return nil, fmt.Errorf("the first argument of %s is null", name)
	}
	return nil, nil
}

// replaceText replaces all of one text by another. The empty text stands
// between all UTF-16 units.
func (r *renderer) replaceText(s, from, to string) (any, error) {
	count := strings.Count(s, from)
	if err := r.makes(len(s) + count*max(0, len(to)-len(from))); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s, from, to), nil
}

func (r *renderer) replacePattern(s, name, expr, replacement string) (any, error) {
	pattern, err := r.pattern(expr)
	if err != nil {
		return nil, err
	}
	var result string
	if name == "replaceAll" {
		result, err = pattern.ReplaceAll(s, replacement)
	} else {
		result, err = pattern.ReplaceFirst(s, replacement)
	}
	if err != nil {
		return nil, err
	}
	return result, r.makes(len(result))
}

func (r *renderer) repeat(s string, count int) (any, error) {
	if count < 0 {
		return nil, fmt.Errorf("count is negative: %d", count)
	}
	if len(s) > 0 && count > maxOutput/len(s) {
		return nil, r.makes(maxOutput + 1)
	}
	if err := r.makes(len(s) * count); err != nil {
		return nil, err
	}
	return strings.Repeat(s, count), nil
}

// join is the static String.join: a text between texts, or between the items of
// a list, which must be texts.
func (r *renderer) join(args []any) (any, error) {
	separator, ok := args[0].(string)
	if !ok {
		return nil, nil
	}
	parts, listed := args[1:], false
	if len(parts) == 1 {
		switch list := parts[0].(type) {
		case *javavalue.List, *view, *part:
			parts, listed = collectionItems(list), true
		case *array:
			if list.class != textArray {
				return nil, nil
			}
			parts = list.all()
		case nil:
			return nil, nil
		}
	}
	var b strings.Builder
	for i, part := range parts {
		if text, ok := part.(string); ok && b.Len()+len(separator)+len(text) > maxOutput {
			return nil, r.makes(b.Len() + len(separator) + len(text))
		}
		if i > 0 {
			b.WriteString(separator)
		}
		switch part := part.(type) {
		case string:
			b.WriteString(part)
		case nil:
			b.WriteString("null")
		default:
			if listed {
				return nil, fmt.Errorf("%s cannot be cast to java.lang.CharSequence", className(part))
			}
			return nil, nil
		}
		if b.Len() > maxOutput {
			return nil, r.makes(b.Len())
		}
	}
	return b.String(), r.makes(b.Len())
}
