package jsontape

// ParseFirst is Parse for a document that may have anything behind its outermost
// value: what stands there is not looked at.
func (t *Tape) ParseFirst(doc []byte) (Value, error) {
	t.Reset()
	p := parser{doc: doc, entries: t.entries, text: t.text}
	if p.value(p.space(0), 0, p.slot(0)); p.err != nil {
		return Value{}, p.err
	}
	t.doc, t.entries, t.text = doc, p.entries, p.text
	return Value{tape: t}, nil
}
