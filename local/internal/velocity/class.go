package velocity

import (
	"math/big"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// A class is a java.lang.Class, known by its name.
type class string

// AppendJava implements javavalue.Printer.
func (c class) AppendJava(dst []byte, _ int) ([]byte, error) {
	return append(append(dst, "class "...), c...), nil
}

func (c class) simpleName() string {
	for i := len(c) - 1; i >= 0; i-- {
		if c[i] == '.' || c[i] == '$' {
			return string(c[i+1:])
		}
	}
	return string(c)
}

func (r *renderer) callClass(c class, name string, args []any) (any, error) {
	if len(args) == 0 {
		switch name {
		case "getName", "getTypeName", "getCanonicalName":
			return string(c), nil
		case "getSimpleName":
			return c.simpleName(), nil
		}
	}
	return nil, r.refuse(c, name)
}

const loopScopeClass = "org.apache.velocity.runtime.directive.ForeachScope"

// className returns the name of a value's class in Java.
func className(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "java.lang.String"
	case bool:
		return "java.lang.Boolean"
	case int32:
		return "java.lang.Integer"
	case int64:
		return "java.lang.Long"
	case float32:
		return "java.lang.Float"
	case float64:
		return "java.lang.Double"
	case *big.Int:
		return "java.math.BigInteger"
	case javavalue.Decimal:
		return "java.math.BigDecimal"
	case char:
		return "java.lang.Character"
	case *javavalue.Map:
		return "java.util.LinkedHashMap"
	case *javavalue.List:
		if v.IsJSON() {
			return "net.minidev.json.JSONArray"
		}
		return "java.util.ArrayList"
	case *view:
		return v.class()
	case *part:
		return "java.util.ArrayList$SubList"
	case *mapEntry:
		return "java.util.LinkedHashMap$Entry"
	case *iterator:
		return "java.util.Iterator"
	case *array:
		return v.class
	case class:
		return "java.lang.Class"
	case *loopScope:
		return loopScopeClass
	case *definition:
		return "org.apache.velocity.runtime.directive.Block$Reference"
	}
	return "java.lang.Object"
}

// sameClass reports whether == compares two values by equals: those of one
// class, or of two where one extends the other.
func sameClass(a, b any) bool {
	switch a.(type) {
	case *javavalue.List:
		_, ok := b.(*javavalue.List)
		return ok
	case Object:
		return a == b
	}
	return className(a) == className(b)
}

// equal is equals of Java, for the values of javavalue and those of this
// package.
func equal(a, b any) bool {
	switch a := a.(type) {
	case *view:
		b, ok := b.(*view)
		return ok && a.equal(b)
	case *part:
		items, err := a.items()
		return err == nil && equal(javavalue.NewList(items...), b)
	case *mapEntry:
		b, ok := b.(*mapEntry)
		return ok && javavalue.Equal(a.key, b.key) && javavalue.Equal(a.value(), b.value())
	case *array, *iterator, *definition, *loopScope, Object:
		return a == b
	}
	switch b := b.(type) {
	case *part:
		items, err := b.items()
		return err == nil && javavalue.Equal(a, javavalue.NewList(items...))
	case *view, *mapEntry, *array, *iterator, *definition, *loopScope, Object:
		return false
	}
	return javavalue.Equal(a, b)
}
