package javaregexp

import "errors"

// class reads what follows an opening bracket. The right side of && ends before the bracket
// that closes the class around it.
func (t *translator) class(opened bool) (set, error) {
	if t.depth++; t.depth > maxDepth {
		return nil, errors.New("it is nested too deeply")
	}
	defer func() { t.depth-- }()
	negated := opened && t.skip("^")
	var class set
	for empty := true; ; empty = false {
		switch c := t.peek(); {
		case c == end:
			return nil, errors.New("a [ is not closed")
		case c == ']' && !empty:
			if opened {
				t.at++
			}
			if class = class.tidy(); negated {
				class = class.not()
			}
			return class, nil
		case c == '[':
			t.at++
			inner, err := t.class(true)
			if err != nil {
				return nil, err
			}
			class = append(class, inner...)
		case c == '&' && t.skip("&&"):
			right, given, err := t.rightSide()
			switch {
			case err != nil:
				return nil, err
			case empty && !given:
				return nil, errors.New("a && stands between nothing")
			case empty:
				class = right
			case given:
				class = class.tidy().and(right)
			}
		default:
			item, err := t.item()
			if err != nil {
				return nil, err
			}
			class = append(class, item...)
		}
	}
}

// rightSide reads what follows && up to the bracket that closes the class or to another &&.
func (t *translator) rightSide() (class set, given bool, err error) {
	for {
		var part set
		switch c := t.peek(); c {
		case end:
			return nil, false, errors.New("a [ is not closed")
		case ']', '&':
			return class.tidy(), given, nil
		case '[':
			t.at++
			part, err = t.class(true)
		default:
			part, err = t.class(false)
		}
		if err != nil {
			return nil, false, err
		}
		class, given = append(class, part...), true
	}
}

// item reads one character of a class, a range or an escape.
func (t *translator) item() (set, error) {
	low, class, err := t.classChar()
	if err != nil || class != nil {
		return class, err
	}
	if t.peek() != '-' || t.at+1 < len(t.source) && (t.source[t.at+1] == ']' || t.source[t.at+1] == '[') {
		return t.literal(low), nil
	}
	t.at++
	high, class, err := t.classChar()
	if err == nil && (class != nil || high < low) {
		err = errors.New("a range of a class does not go from one character to a later one")
	}
	return t.folded(set{{low, high}}), err
}

// classChar reads a character of a class, or an escape that stands for several.
func (t *translator) classChar() (c rune, class set, err error) {
	c = t.next()
	if c == end {
		return 0, nil, errors.New("a [ is not closed")
	}
	if c != '\\' {
		return c, nil, nil
	}
	if class, ok := predefined(t.peek()); ok {
		t.at++
		return 0, class, nil
	}
	if next := t.peek(); next == 'p' || next == 'P' {
		class, err := t.property()
		if err == nil && class == nil {
			class = set{}
		}
		return 0, class, err
	}
	c, err = t.escaped()
	return c, nil, err
}
