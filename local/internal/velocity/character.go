package velocity

import (
	"fmt"
	"unicode/utf8"
)

// A char is a Character: one UTF-16 unit.
type char uint16

// AppendJava implements javavalue.Printer.
func (c char) AppendJava(dst []byte, _ int) ([]byte, error) {
	return utf8.AppendRune(dst, rune(c)), nil
}

func (r *renderer) callCharacter(c char, name string, args []any) (any, error) {
	switch {
	case name == "charValue" && len(args) == 0:
		return c, nil
	case name == "compareTo" && len(args) == 1:
		if other, ok := args[0].(char); ok {
			return int32(c) - int32(other), nil
		}
		return nil, fmt.Errorf("%s cannot be cast to java.lang.Character", className(args[0]))
	}
	if len(args) == 1 {
		if _, ok := args[0].(char); ok {
			return nil, r.refuse(c, name) // the static methods of Character
		}
	}
	return nil, nil
}
