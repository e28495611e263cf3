package velocity

import (
	"fmt"
	"strconv"
	"strings"
)

func (r *renderer) callBoolean(b bool, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		if name == "booleanValue" {
			return b, nil
		}
	case 1:
		switch name {
		case "compareTo":
			other, ok := args[0].(bool)
			if !ok {
				return nil, fmt.Errorf("%s cannot be cast to java.lang.Boolean", className(args[0]))
			}
			return order(b) - order(other), nil
		case "parseBoolean", "valueOf":
			switch v := args[0].(type) {
			case string:
				return strings.EqualFold(v, "true"), nil
			case bool:
				if name == "valueOf" {
					return v, nil
				}
			case nil:
				return false, nil
			}
		case "hashCode":
			if v, ok := args[0].(bool); ok {
				return hashCode(v)
			}
		case "toString":
			if v, ok := args[0].(bool); ok {
				return strconv.FormatBool(v), nil
			}
		}
	case 2:
		a, ok := args[0].(bool)
		c, ok2 := args[1].(bool)
		if ok && ok2 {
			switch name {
			case "logicalAnd":
				return a && c, nil
			case "logicalOr":
				return a || c, nil
			case "logicalXor":
				return a != c, nil
			case "compare":
				return order(a) - order(c), nil
			}
		}
	}
	return nil, nil
}

func order(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
