package javaregexp

import (
	"fmt"
	"strings"
	"unicode"
)

var (
	surrogates   = spans(0xD800, 0xDFFF)
	digits       = spans('0', '9')
	words        = spans('0', '9', 'A', 'Z', 'a', 'z', '_', '_')
	spaces       = chars(" \t\n\x0B\f\r")
	blanks       = chars(" \t\u00A0\u1680\u180e\u202f\u205f\u3000").or(spans('\u2000', '\u200a'))
	verticals    = chars("\n\x0B\f\r\u0085\u2028\u2029")
	newlines     = chars("\n\r\u0085\u2028\u2029")
	lowers       = spans('a', 'z')
	uppers       = spans('A', 'Z')
	letters      = lowers.or(uppers)
	casedLetters = table(unicode.Lu).or(table(unicode.Ll)).or(table(unicode.Lt))
	punctuation  = spans('!', '/', ':', '@', '[', '`', '{', '~')
)

// predefined returns the class of an escape such as \d.
func predefined(letter rune) (set, bool) {
	switch letter {
	case 'd':
		return digits, true
	case 'D':
		return digits.not(), true
	case 'w':
		return words, true
	case 'W':
		return words.not(), true
	case 's':
		return spaces, true
	case 'S':
		return spaces.not(), true
	case 'h':
		return blanks, true
	case 'H':
		return blanks.not(), true
	case 'v':
		return verticals, true
	case 'V':
		return verticals.not(), true
	}
	return nil, false
}

// property returns the class \p{name}.
func property(name string) (set, error) {
	switch name {
	case "Lower":
		return lowers, nil
	case "Upper":
		return uppers, nil
	case "ASCII":
		return spans(0, 0x7F), nil
	case "Alpha":
		return letters, nil
	case "Digit":
		return digits, nil
	case "Alnum":
		return letters.or(digits), nil
	case "Punct":
		return punctuation, nil
	case "Graph":
		return spans('!', '~'), nil
	case "Print":
		return spans(' ', '~'), nil
	case "Blank":
		return chars(" \t"), nil
	case "Cntrl":
		return spans(0, 0x1F, 0x7F, 0x7F), nil
	case "XDigit":
		return spans('0', '9', 'A', 'F', 'a', 'f'), nil
	case "Space":
		return spaces, nil
	case "L1":
		return spans(0, 0xFF), nil
	case "LC":
		return casedLetters, nil
	case "LD":
		return table(unicode.L).or(table(unicode.Nd)), nil
	case "all":
		return set(nil).not(), nil
	case "javaLowerCase", "IsLowercase":
		return table(unicode.Ll).or(table(unicode.Other_Lowercase)), nil
	case "javaUpperCase", "IsUppercase":
		return table(unicode.Lu).or(table(unicode.Other_Uppercase)), nil
	case "javaLetter":
		return table(unicode.L), nil
	case "javaDigit", "IsDigit":
		return table(unicode.Nd), nil
	case "javaLetterOrDigit":
		return table(unicode.L).or(table(unicode.Nd)), nil
	case "IsAlphabetic", "javaAlphabetic":
		return table(unicode.L).or(table(unicode.Nl)).or(table(unicode.Other_Alphabetic)), nil
	case "IsIdeographic":
		return table(unicode.Ideographic), nil
	case "IsLetter":
		return table(unicode.L), nil
	case "IsPunctuation":
		return table(unicode.P), nil
	case "IsWhite_Space", "IsWhiteSpace":
		return table(unicode.White_Space), nil
	}
	kind, value, named := strings.Cut(name, "=")
	switch {
	case named && (kind == "gc" || kind == "general_category"):
		if t, ok := unicode.Categories[value]; ok {
			return table(t), nil
		}
	case named && (kind == "sc" || kind == "script"):
		if t, ok := unicode.Scripts[title(value)]; ok {
			return table(t), nil
		}
	case strings.HasPrefix(name, "Is"):
		if t, ok := unicode.Categories[name[2:]]; ok {
			return table(t), nil
		}
		if t, ok := unicode.Scripts[title(name[2:])]; ok {
			return table(t), nil
		}
	default:
		if t, ok := unicode.Categories[name]; ok {
			return table(t), nil
		}
	}
	return nil, fmt.Errorf(`the property \p{%s} is not supported`, name)
}

// eitherCase returns the class that a property is where case does not count.
func eitherCase(name string, class set) set {
	_, value, named := strings.Cut(name, "=")
	if !named {
		value = strings.TrimPrefix(name, "Is")
	}
	switch value {
	case "Lower", "Upper":
		return letters
	case "Lu", "Ll", "Lt":
		return casedLetters
	case "javaLowerCase", "javaUpperCase", "Lowercase", "Uppercase":
		return class.fold(true)
	}
	return class
}

// title writes the name of a script as package unicode does. Java does not tell its cases apart.
func title(name string) string {
	words := strings.Split(strings.ToLower(name), "_")
	for i, word := range words {
		if word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "_")
}
