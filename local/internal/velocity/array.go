package velocity

import (
	"errors"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// An array is one of Java's. Velocity gives it the methods of a list. One of
// texts, which split makes, has them as they are.
type array struct {
	class string
	texts []string
	items []any     // of one that is none of texts
	few   [3]string // which texts may be
}

// textArray is the class of an array of texts.
const textArray = "[Ljava.lang.String;"

func (a *array) length() int {
	if a.class == textArray {
		return len(a.texts)
	}
	return len(a.items)
}

func (a *array) at(i int) any {
	if a.class == textArray {
		return a.texts[i]
	}
	return a.items[i]
}

// set replaces an item, for one of the kind that the array is of.
func (a *array) set(i int, item any) error {
	if i < 0 || i >= a.length() {
		return outOfBounds(i, a.length())
	}
	if a.class != textArray {
		a.items[i] = item
		return nil
	}
	text, ok := item.(string)
	if !ok {
		return errors.New("array element type mismatch")
	}
	a.texts[i] = text
	return nil
}

// all returns the items in a slice of their own.
func (a *array) all() []any {
	items := make([]any, a.length())
	for i := range items {
		items[i] = a.at(i)
	}
	return items
}

// AppendJava implements javavalue.Printer. Java prints where the array lies in
// memory, which no template can mean.
func (a *array) AppendJava(dst []byte, _ int) ([]byte, error) {
	return append(append(dst, a.class...), "@0"...), nil
}

func (r *renderer) callArray(a *array, name string, args []any) (any, error) {
	switch name {
	case "size":
		if len(args) == 0 {
			return int32(a.length()), nil
		}
	case "set":
		if len(args) != 2 {
			break
		}
		i, ok := args[0].(int32)
		if !ok {
			return nil, nil
		}
		if i < 0 || int(i) >= a.length() {
			return nil, outOfBounds(int(i), a.length())
		}
		old := a.at(int(i))
		if err := a.set(int(i), args[1]); err != nil {
			return old, err
		}
		return old, r.hold(args[1])
	case "clone", "trimToSize", "toJSONString", "appendElement":
		return nil, nil
	}
	switch name {
	case "add", "addAll", "remove", "removeAll", "retainAll", "clear", "set":
		if len(args) > 2 || (len(args) == 0) != (name == "clear") {
			return nil, nil
		}
		return nil, errors.New("UnsupportedOperationException: an array cannot grow or shrink")
	}
	if err := r.use(sizeOfItem + sizeOfSlot*a.length()); err != nil {
		return nil, err
	}
	return r.callList(javavalue.NewList(a.all()...), name, args)
}
