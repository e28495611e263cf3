package velocity

import "github.com/lambridge-go/lambridge/local/internal/javavalue"

// A group is (x).
type group struct {
	expressionNode
	of expression
}

func (g *group) value(r *renderer, s *scope) (any, error) { return g.of.value(r, s) }

func (g *group) truth(r *renderer, s *scope) (bool, error) { return g.of.truth(r, s) }

// A negation is !x.
type negation struct {
	expressionNode
	of expression
}

func (n *negation) value(r *renderer, s *scope) (any, error) { return n.truth(r, s) }

func (n *negation) truth(r *renderer, s *scope) (bool, error) {
	holds, err := n.of.truth(r, s)
	return !holds, err
}

// An operation is two expressions with an operator between them.
type operation struct {
	expressionNode
	operator    kind
	left, right expression
	at          position
}

func (o *operation) truth(r *renderer, s *scope) (bool, error) {
	switch o.operator {
	case and:
		holds, err := o.left.truth(r, s)
		if err != nil || !holds {
			return false, err
		}
		return o.right.truth(r, s)
	case or:
		holds, err := o.left.truth(r, s)
		if err != nil || holds {
			return holds, err
		}
		return o.right.truth(r, s)
	case plus, minus, times, divide, modulo:
		return false, nil // a calculated value is no condition, whatever it is
	}
	left, right, err := o.operands(r, s)
	if err != nil {
		return false, err
	}
	switch o.operator {
	case equals:
		same, err := r.same(left, right)
		return same, o.at.fail(err)
	case notEquals:
		same, err := r.same(left, right)
		return !same, o.at.fail(err)
	}
	if !isNumber(left) || !isNumber(right) {
		return false, nil
	}
	c, err := compare(left, right)
	if err != nil {
		return false, o.at.fail(err)
	}
	switch o.operator {
	case less:
		return c < 0, nil
	case lessEqual:
		return c <= 0, nil
	case greater:
		return c > 0, nil
	default:
		return c >= 0, nil
	}
}

func (o *operation) value(r *renderer, s *scope) (any, error) {
	switch o.operator {
	case plus, minus, times, divide, modulo:
	default:
		return o.truth(r, s)
	}
	left, right, err := o.operands(r, s)
	if err != nil {
		return nil, err
	}
	if o.operator == plus {
		_, leftText := left.(string)
		_, rightText := right.(string)
		if leftText || rightText {
			v, err := o.concatenate(r, left, right)
			return v, o.at.fail(err)
		}
	}
	if !isNumber(left) || !isNumber(right) {
		return nil, nil
	}
	v, err := calculate(o.operator, left, right)
	if err != nil {
		return nil, o.at.fail(err)
	}
	if isBig(v) || isDecimal(v) {
		return v, o.at.fail(r.use(maxBits / 8)) // at most
	}
	return v, nil
}

func (o *operation) operands(r *renderer, s *scope) (left, right any, err error) {
	if err := r.step(); err != nil {
		return nil, nil, o.at.fail(err)
	}
	if left, err = o.left.value(r, s); err != nil {
		return nil, nil, err
	}
	right, err = o.right.value(r, s)
	return left, right, err
}

// concatenate joins two values of which one is a text. In the place of null
// stands how the operand is written.
func (o *operation) concatenate(r *renderer, left, right any) (any, error) {
	if left == nil {
		left = o.left.literal()
	} else if right == nil {
		right = o.right.literal()
	}
	a, err := r.text(left)
	if err != nil {
		return nil, err
	}
	b, err := r.text(right)
	if err != nil {
		return nil, err
	}
	if err := r.makes(len(a) + len(b)); err != nil {
		return nil, err
	}
	return a + b, nil
}

// same is the == of templates: numbers by value, values of one class by
// equals, all else by their texts.
func (r *renderer) same(left, right any) (bool, error) {
	if a, ok := left.(string); ok {
		if b, ok := right.(string); ok {
			return a == b, nil
		}
	}
	if isNumber(left) && isNumber(right) {
		c, err := compare(left, right)
		return c == 0, err
	}
	if left == nil || right == nil {
		return left == nil && right == nil, nil
	}
	if sameClass(left, right) {
		return equal(left, right), nil
	}
	a, err := r.text(left)
	if err != nil {
		return false, err
	}
	b, err := r.text(right)
	return a == b, err
}

// text returns what Java's toString gives.
func (r *renderer) text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case *definition:
		text, _, err := v.text(r)
		return text, err
	}
	text, err := javavalue.AppendString(nil, v, maxOutput)
	if err != nil {
		return "", err
	}
	return string(text), r.use(len(text))
}
