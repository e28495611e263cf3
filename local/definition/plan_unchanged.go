package definition

import "reflect"

// Unchanged reports of each door of a plan whether it is a WebSocket API that the
// plan before had alike, wherever it was written then: its connections may stay.
func Unchanged(before, after *Plan) []bool {
	unchanged := make([]bool, len(after.Doors()))
	if before == nil {
		return unchanged
	}
	for n, api := range after.WebSocketAPIs {
		for _, old := range before.WebSocketAPIs {
			if old.ID == api.ID && alike(reflect.ValueOf(old), reflect.ValueOf(api)) {
				unchanged[len(after.APIs)+n] = true
			}
		}
	}
	return unchanged
}

// alike compares parts of plans but for where they were written. Functions are alike
// by their names.
func alike(a, b reflect.Value) bool {
	if a.Type() != b.Type() {
		return false
	}
	switch a.Type() {
	case reflect.TypeFor[Origin]():
		return true
	case reflect.TypeFor[*Function]():
		x, y := a.Interface().(*Function), b.Interface().(*Function)
		return x == nil && y == nil || x != nil && y != nil && x.Name == y.Name
	}
	switch a.Kind() {
	case reflect.Pointer:
		return a.IsNil() && b.IsNil() || !a.IsNil() && !b.IsNil() && alike(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}
