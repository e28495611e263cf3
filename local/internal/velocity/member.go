package velocity

import (
	"fmt"
	"math/big"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// property returns what $of.name stands for: the result of a getter, for a map
// the value under the name, for all else the result of an is-method. nil where
// there is none of them.
//
// The getter comes first, which is why a member of JSON that is called "class"
// cannot be read as $body.class.
func (r *renderer) property(of any, name string) (any, error) {
	if name == "class" || name == "Class" {
		if o, ok := of.(Object); ok {
			return o.Get(name), nil
		}
		return class(className(of)), nil
	}
	switch of := of.(type) {
	case *javavalue.Map:
		v, _ := of.GetText(name)
		return v, nil
	case *loopScope:
		return of.property(name), nil
	case *array:
		return nil, nil // Velocity lends an array the methods of a list, not its properties
	case *mapEntry:
		switch name {
		case "key", "Key":
			return of.key, nil
		case "value", "Value":
			return of.value(), nil
		}
	case class:
		switch lowerFirst(name) {
		case "name", "typeName", "canonicalName":
			return string(of), nil
		case "simpleName":
			return of.simpleName(), nil
		}
		return nil, r.refuse(of, "get"+upperFirst(name))
	case string:
		if lowerFirst(name) == "bytes" {
			return nil, r.refuse(of, "getBytes")
		}
	case Object:
		return of.Get(name), nil
	}
	// An is-method of the name, which all the values have few of.
	switch lowerFirst(name) {
	case "empty":
		return r.call(of, "isEmpty", nil)
	case "blank":
		return r.call(of, "isBlank", nil)
	case "naN", "infinite":
		return r.call(of, "is"+upperFirst(name), nil)
	}
	return nil, nil
}

// setProperty assigns $of.name. What cannot be assigned is left alone.
func (r *renderer) setProperty(of any, name string, value any) error {
	switch of := of.(type) {
	case *javavalue.Map:
		of.Put(name, value)
		return r.holdEntry(name, value)
	case *loopScope:
		of.storage().Put(name, value)
		return r.holdEntry(name, value)
	case *mapEntry:
		if lowerFirst(name) == "value" {
			of.of.Put(of.key, value)
			return r.hold(value)
		}
	}
	return nil
}

// setIndex assigns $of[index].
func (r *renderer) setIndex(of, index, value any) error {
	switch of := of.(type) {
	case *javavalue.List:
		i, ok := index.(int32)
		if !ok {
			return nil
		}
		if i < 0 || int(i) >= of.Len() {
			return outOfBounds(int(i), of.Len())
		}
		of.Set(int(i), value)
		return r.hold(value)
	case *array:
		i, ok := index.(int32)
		if !ok {
			return nil
		}
		if err := of.set(int(i), value); err != nil {
			return err
		}
		return r.hold(value)
	case *javavalue.Map:
		of.Put(index, value)
		return r.holdEntry(index, value)
	case *loopScope:
		of.storage().Put(index, value)
		return r.holdEntry(index, value)
	}
	return nil
}

// item returns what $of[index] stands for: the result of get.
func (r *renderer) item(of, index any) (any, error) {
	switch of := of.(type) {
	case *javavalue.List:
		if i, ok := index.(int32); ok && i >= 0 && int(i) < of.Len() {
			return of.At(int(i)), nil
		}
	case *array:
		if i, ok := index.(int32); ok && i >= 0 && int(i) < of.length() {
			return of.at(int(i)), nil
		}
	case *javavalue.Map:
		v, _ := of.Get(index)
		return v, nil
	}
	return r.call(of, "get", []any{index})
}

// call returns the result of $of.name(args), which is nil where Java has no
// such method for such arguments. A method that Java has and this package has
// not is an error, since nothing must silently print nothing that prints
// something on AWS.
func (r *renderer) call(of any, name string, args []any) (any, error) {
	switch name {
	case "toString", "equals", "hashCode", "getClass", "wait", "notify", "notifyAll":
		if v, done, err := r.callAny(of, name, args); done {
			return v, err
		}
	}
	v, err := r.callOwn(of, name, args)
	if v == nil && err == nil && len(args) > 0 && hasNullary(of, name) {
		// Velocity takes a method without parameters for any call of its name
		// that fits no other, and Java then finds the arguments too many.
		return nil, fmt.Errorf("wrong number of arguments for %s of %s", name, className(of))
	}
	return v, err
}

// callAny calls a method that all values have.
func (r *renderer) callAny(of any, name string, args []any) (v any, done bool, err error) {
	if _, ok := of.(Object); ok {
		return nil, false, nil
	}
	switch {
	case name == "equals" && len(args) == 1:
		return equal(of, args[0]), true, nil
	case name == "wait" || name == "notify" || name == "notifyAll":
		return nil, true, r.refuse(of, name)
	case len(args) > 0:
		return nil, false, nil
	case name == "toString":
		text, err := r.text(of)
		return text, true, err
	case name == "hashCode":
		v, err := hashCode(of)
		return v, true, err
	case name == "getClass":
		return class(className(of)), true, nil
	}
	return nil, false, nil
}

func (r *renderer) callOwn(of any, name string, args []any) (any, error) {
	switch of := of.(type) {
	case string:
		return r.callString(of, name, args)
	case *javavalue.Map:
		return r.callMap(of, name, args)
	case *javavalue.List:
		return r.callList(of, name, args)
	case bool:
		return r.callBoolean(of, name, args)
	case int32, int64, float64, float32, *big.Int, javavalue.Decimal:
		return r.callNumber(of, name, args)
	case char:
		return r.callCharacter(of, name, args)
	case *loopScope:
		return r.callLoop(of, name, args)
	case *view:
		return r.callView(of, name, args)
	case *part:
		return r.callPart(of, name, args)
	case *mapEntry:
		return r.callEntry(of, name, args)
	case *iterator:
		return r.callIterator(of, name, args)
	case *array:
		return r.callArray(of, name, args)
	case class:
		return r.callClass(of, name, args)
	case Object:
		r.looks = 0 // nobody knows how long it takes
		return of.Call(name, args)
	}
	return nil, nil
}

// refuse is the error of a method that Java has and templates are not given
// here.
func (r *renderer) refuse(of any, name string) error {
	return fmt.Errorf("the method %s of %s is not available in templates here", name, className(of))
}

func outOfBounds(index, length int) error {
	return fmt.Errorf("index %d out of bounds for length %d", index, length)
}

// hasNullary reports whether a value has a method of the name that takes no
// arguments, in its class or any above it.
func hasNullary(of any, name string) bool {
	if isNamed(name, "toString", "hashCode", "getClass", "notify", "notifyAll", "wait") {
		return true
	}
	switch v := of.(type) {
	case string:
		return isNamed(name, "length", "isEmpty", "isBlank", "trim", "strip", "stripLeading", "stripTrailing", "toUpperCase",
			"toLowerCase", "intern", "toCharArray", "getBytes", "chars", "codePoints", "lines", "stripIndent", "translateEscapes", "describeConstable")
	case *javavalue.Map, *loopScope:
		if _, ok := v.(*loopScope); ok && isNamed(name, "getIndex", "getCount", "hasNext", "getHasNext", "isFirst", "getFirst", "isLast",
			"getLast", "getParent", "getTopmost", "getReplaced", "getInfo") {
			return true
		}
		return isNamed(name, "size", "isEmpty", "keySet", "values", "entrySet", "clear") || name == "clone" && className(of) != loopScopeClass
	case *javavalue.List:
		return isNamed(name, "size", "isEmpty", "iterator", "listIterator", "clear", "toArray", "clone", "trimToSize", "stream", "parallelStream", "spliterator") ||
			v.IsJSON() && name == "toJSONString"
	case *array:
		return isNamed(name, "size", "isEmpty", "iterator", "listIterator", "clear", "toArray", "stream", "parallelStream", "spliterator")
	case *view, *part:
		return isNamed(name, "size", "isEmpty", "iterator", "clear", "toArray", "stream", "parallelStream", "spliterator")
	case *mapEntry:
		return isNamed(name, "getKey", "getValue")
	case *iterator:
		return isNamed(name, "hasNext", "next", "remove")
	case char:
		return isNamed(name, "charValue", "describeConstable")
	case bool:
		return isNamed(name, "booleanValue", "describeConstable")
	case int32, int64, float64, float32:
		return isNamed(name, "intValue", "longValue", "doubleValue", "floatValue", "shortValue", "byteValue") ||
			isNamed(name, "describeConstable", "resolveConstantDesc") || isNamed(name, "isNaN", "isInfinite") && isFraction(of)
	case *big.Int, javavalue.Decimal:
		return isNamed(name, "intValue", "longValue", "doubleValue", "floatValue", "shortValue", "byteValue")
	}
	return false
}

func isFraction(v any) bool {
	switch v.(type) {
	case float64, float32:
		return true
	}
	return false
}

func lowerFirst(name string) string {
	if name != "" && name[0] >= 'a' && name[0] <= 'z' {
		return name
	}
	first, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[n:]
}

func upperFirst(name string) string {
	first, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[n:]
}

// isNamed reports whether a name is one of a list.
func isNamed(name string, names ...string) bool {
	return slices.Contains(names, name)
}
