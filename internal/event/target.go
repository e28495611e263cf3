package event

import (
	"bytes"
	"net/url"
	"slices"
	"sort"

	"github.com/lambridge-go/lambridge/internal/jsontape"
	"github.com/lambridge-go/lambridge/internal/swar"
)

// This file rebuilds the request's target (RFC 9112, section 3.2): path and query,
// as r.URL and r.RequestURI. Front doors differ in whether they decode the path and
// the query before they write the event, and what one of them has decoded must not
// be decoded, or split, again.

// setEncodedPath takes a path that arrives as the client sent it. The escapes in
// it survive: %2F is no slash.
func (r *Request) setEncodedPath(path string) error {
	path, err := rooted(path)
	r.URL.Path, r.URL.RawPath = path, ""
	if err != nil || consistsOf(path, &pathBytes) {
		return err
	}
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return badRequest("invalid URL escape in path %q", cut(path))
	}
	r.URL.Path = decoded
	if consistsOf(path, &encodedPathBytes) {
		if r.URL.EscapedPath() != path {
			r.URL.RawPath = path
		}
	} else {
		// No client can have sent this: an event written by hand.
		r.setEscapedPath()
	}
	return nil
}

// setDecodedPath takes a path that the front door has decoded: every byte in it is
// itself, a percent sign as much as a question mark.
func (r *Request) setDecodedPath(path string) error {
	path, err := rooted(path)
	r.URL.Path, r.URL.RawPath = path, ""
	if err == nil && !consistsOf(path, &pathBytes) {
		r.setEscapedPath()
	}
	return err
}

// rooted is the path, "/" for a request without one.
func rooted(path string) (string, error) {
	switch {
	case path == "":
		return "/", nil
	case path[0] != '/':
		return "", badRequest("path %q does not begin with a slash", cut(path))
	}
	return path, nil
}

// setEscapedPath makes up the encoding that a client most likely sent: it escapes
// what cannot stand in a path and nothing else.
func (r *Request) setEscapedPath() {
	mark := r.in.text.mark()
	r.in.text.escape([]byte(r.URL.Path), &decodedPathBytes)
	if path := r.in.text.since(mark); r.URL.EscapedPath() != path {
		r.URL.RawPath = path
	}
}

// setQuery takes a query as the client sent it and completes the target. A control
// character can be none of a client's: net/http refuses it as well.
func (r *Request) setQuery(query []byte) error {
	r.setTarget(func() { r.in.text.writeBytes(query) })
	if query := r.URL.RawQuery; !swar.Plain(query) && !consistsOf(query, &printableBytes) {
		return badRequest("invalid control character in query %q", cut(query))
	}
	return nil
}

// setQueryMaps takes a query that arrives as maps of names and values: multi with
// a list for each name, or else single. Their order is lost: the names are sorted,
// so that the same event always makes the same query. Whether decoded names and
// values are encoded again, or those written that arrive encoded, is up to write.
func (r *Request) setQueryMaps(multi, single jsontape.Value, write func(*textRoom, []byte)) {
	maps := multi
	if multi.Size() == 0 {
		maps = single
	}
	r.setTarget(func() { r.writeQuery(maps, write) })
}

// setTarget writes path and query side by side, as they stand in the target. A path that
// stands for itself was written last, mostly, and is there already. A query of which nothing
// is written leaves no question mark.
func (r *Request) setTarget(writeQuery func()) {
	path := r.URL.Path
	if r.URL.RawPath != "" || !consistsOf(path, &pathBytes) {
		path = r.URL.EscapedPath()
	}
	mark, size := r.in.text.extend(path), len(path)
	r.in.text.write("?")
	writeQuery()
	target := r.in.text.since(mark)
	r.URL.RawQuery = target[size+1:]
	if r.URL.RawQuery == "" {
		target = target[:size]
	}
	r.RequestURI = target
}

func (r *Request) writeQuery(maps jsontape.Value, write func(*textRoom, []byte)) {
	var room [8]pair
	pairs := room[:0]
	for m := jsontape.MembersOf(maps); m.More(); m = m.Next() {
		name := m.Key()
		if m.Value().Kind() != jsontape.Array {
			pairs = append(pairs, pair{name, text(m.Value()), len(pairs)})
			continue
		}
		for element := jsontape.MembersOf(m.Value()); element.More(); element = element.Next() {
			pairs = append(pairs, pair{name, text(element.Value()), len(pairs)})
		}
	}
	for i, p := range sorted(pairs) {
		if i > 0 {
			r.in.text.write("&")
		}
		write(&r.in.text, p.name)
		r.in.text.write("=")
		write(&r.in.text, p.value)
	}
}

type pair struct {
	name, value []byte
	at          int // its place in the event
}

// sorted sorts by name, and leaves pairs of one name in their order.
func sorted(pairs []pair) []pair {
	if len(pairs) > 8 {
		// The copy keeps the caller's few pairs off the heap.
		many := byName(slices.Clone(pairs))
		sort.Sort(&many)
		return many
	}
	for i := range pairs {
		for ; i > 0 && bytes.Compare(pairs[i-1].name, pairs[i].name) > 0; i-- {
			pairs[i-1], pairs[i] = pairs[i], pairs[i-1]
		}
	}
	return pairs
}

type byName []pair

func (p *byName) Len() int      { return len(*p) }
func (p *byName) Swap(i, j int) { (*p)[i], (*p)[j] = (*p)[j], (*p)[i] }
func (p *byName) Less(i, j int) bool {
	a, b := &(*p)[i], &(*p)[j]
	if c := bytes.Compare(a.name, b.name); c != 0 {
		return c < 0
	}
	return a.at < b.at
}

// text is the text of a string, number or boolean, without a copy: it may not
// outlive the event.
func text(v jsontape.Value) []byte {
	switch v.Kind() {
	case jsontape.String, jsontape.Number, jsontape.Bool:
		return v.Bytes()
	}
	return nil
}

// encodeQuery writes a decoded name or value the way url.QueryEscape does.
func encodeQuery(t *textRoom, s []byte) {
	if consistsOf(s, &unreservedBytes) {
		t.writeBytes(s)
		return
	}
	for {
		word, rest, more := bytes.Cut(s, []byte(" "))
		t.escape(word, &unreservedBytes)
		if !more {
			return
		}
		t.write("+")
		s = rest
	}
}

// passQuery writes a name or value that arrives encoded, except for what cannot
// stand in a query at all.
func passQuery(t *textRoom, s []byte) { t.escape(s, &encodedQueryBytes) }

const unreserved = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.~"

var (
	unreservedBytes = bytesIn(unreserved)
	// pathBytes stand for themselves in a path, and net/url writes them so.
	pathBytes = bytesIn(unreserved + "$&+,/:;=@")
	// encodedPathBytes may stand in an encoded path (RFC 3986, section 3.3, and
	// the brackets that net/url allows besides), decodedPathBytes in a decoded one too.
	encodedPathBytes = bytesIn(unreserved + "$&+,/:;=@!'()*[]%")
	decodedPathBytes = bytesIn(unreserved + "$&+,/:;=@!'()*[]")
	// encodedQueryBytes may stand in a name or value of an encoded query.
	encodedQueryBytes = bytesIn(unreserved + "$+,/:;=@!'()*[]%?\\^`{|}<>")
	// printableBytes are all but control characters.
	printableBytes = func() (set [256]bool) {
		for c := range set {
			set[c] = c >= ' ' && c != 0x7f
		}
		return set
	}()
)

func consistsOf[text string | []byte](s text, set *[256]bool) bool {
	for i := range len(s) {
		if !set[s[i]] {
			return false
		}
	}
	return true
}

func bytesIn(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}
