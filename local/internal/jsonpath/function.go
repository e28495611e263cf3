package jsonpath

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
)

// errOutside is what the first and last item of an empty array are. An index before the
// function forgives it.
var errOutside = fmt.Errorf("%w: the array is empty", ErrFailed)

// errEmpty is what aggregates say without numbers.
var errEmpty = fmt.Errorf("%w: there is nothing to aggregate", ErrFailed)

// call applies a function to a value.
func call(name string, model any) (any, error) {
	list, isList := model.(*javavalue.List)
	object, isObject := model.(*javavalue.Map)
	switch name {
	case "length", "size":
		switch {
		case isList:
			return int32(list.Len()), nil
		case isObject:
			return int32(object.Len()), nil
		}
		return nil, nil
	case "keys":
		if !isObject {
			return nil, nil
		}
		keys := javavalue.NewList()
		for key := range object.All() {
			keys.Append(key)
		}
		return keys, nil
	case "first", "last":
		switch {
		case !isList:
			return nil, errEmpty
		case list.Len() == 0:
			return nil, errOutside
		case name == "first":
			return list.At(0), nil
		}
		return list.At(list.Len() - 1), nil
	case "concat":
		var b strings.Builder
		if isList {
			for _, value := range list.All() {
				if text, ok := value.(string); ok {
					b.WriteString(text)
				}
			}
		}
		return b.String(), nil
	case "append":
		return model, nil
	case "min", "max", "sum", "avg", "stddev":
		if !isList {
			return nil, errEmpty
		}
		return aggregateNumbers(name, list)
	}
	return nil, invalid("there is no function %s", name)
}

// aggregate applies the function at the end to all that the path before it finds.
func (p *Path) aggregate(e *evaluation) (any, error) {
	name := p.tokens[len(p.tokens)-1].names[0]
	over := p.over
	if name == "length" || name == "size" {
		// Jayway counts what is below the values it finds.
		over = &Path{text: p.text, document: p.document, tokens: append(slices.Clone(over.tokens), token{kind: wildcard})}
		over.finish()
	}
	found, err := over.read(e, e.document)
	if err != nil {
		return nil, err
	}
	switch name {
	case "length", "size", "min", "max", "sum", "avg", "stddev":
		return call(name, found)
	case "concat":
		list, _ := found.(*javavalue.List)
		return concat(list), nil
	}
	return call(name, e.document)
}

// concat joins the texts of all values but null.
func concat(list *javavalue.List) string {
	var b strings.Builder
	for _, value := range list.All() {
		if value != nil {
			b.WriteString(javavalue.String(value))
		}
	}
	return b.String()
}

// aggregateNumbers computes one number of those in a list.
func aggregateNumbers(name string, list *javavalue.List) (any, error) {
	var count, sum, squares float64
	least, most := math.MaxFloat64, -math.MaxFloat64
	for _, value := range list.All() {
		n, ok := float(value)
		if !ok {
			continue
		}
		count++
		sum += n
		squares += n * n
		least, most = min(least, n), max(most, n)
	}
	switch {
	case count == 0:
		return nil, errEmpty
	case name == "min":
		return least, nil
	case name == "max":
		return most, nil
	case name == "sum":
		return sum, nil
	case name == "avg":
		return sum / count, nil
	}
	return math.Sqrt(squares/count - sum*sum/count/count), nil
}

// float returns a number as Java's doubleValue does.
func float(value any) (float64, bool) {
	switch n := value.(type) {
	case int32:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(n).Float64()
		return f, true
	case javavalue.Decimal:
		return n.Float64(), true
	}
	return 0, false
}
