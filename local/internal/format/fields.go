package format

import (
	"encoding/json"
	"hash/fnv"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/local/internal/door"
)

// Lasts returns the last value of every name: what a map of single values keeps
// of repeated headers and parameters.
func Lasts(all map[string][]string) map[string]string {
	if all == nil {
		return nil
	}
	one := make(map[string]string, len(all))
	for name, values := range all {
		if len(values) > 0 {
			one[name] = values[len(values)-1]
		}
	}
	return one
}

// joined returns all values of every name in one string.
func joined(all map[string][]string, separator string) map[string]string {
	if all == nil {
		return nil
	}
	one := make(map[string]string, len(all))
	for name, values := range all {
		one[name] = strings.Join(values, separator)
	}
	return one
}

// A single is a name with one value.
type single struct{ name, value string }

func (s single) compare(with single) int { return strings.Compare(s.name, with.name) }

// singles returns the header with names in lower case, in their order, and all values of
// each in one string. What is to be left out is named in lower case.
func singles(h http.Header, separator string, without ...string) []single {
	all := make([]single, 0, len(h)+2)
	var names names
	names.makeRoom(h)
	for name, values := range h {
		if name = names.lowered(name); !slices.Contains(without, name) {
			all = append(all, single{name, strings.Join(values, separator)})
		}
	}
	slices.SortFunc(all, single.compare)
	for n := 1; n < len(all); n++ {
		if all[n].name == all[n-1].name {
			return joinedSingles(h, separator, without)
		}
	}
	return all
}

// joinedSingles are the singles of a header some of whose names differ only in case.
func joinedSingles(h http.Header, separator string, without []string) []single {
	var all []single
	for name, values := range lowered(h) {
		if !slices.Contains(without, name) {
			all = append(all, single{name, strings.Join(values, separator)})
		}
	}
	slices.SortFunc(all, single.compare)
	return all
}

// lowered returns the header with names in lower case. Names that differ only in
// case become one, in their order.
func lowered(h http.Header) map[string][]string {
	var names names
	names.makeRoom(h)
	low := make(map[string][]string, len(h))
	for name, values := range h {
		low[names.lowered(name)] = values
	}
	if len(low) == len(h) {
		return low
	}
	clear(low)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		key := strings.ToLower(name)
		low[key] = slices.Concat(low[key], h[name])
	}
	return low
}

// names are the names of a header in one piece of memory.
type names struct{ strings.Builder }

// makeRoom makes room for those of h.
func (n *names) makeRoom(h http.Header) {
	size := 0
	for name := range h {
		size += len(name)
	}
	n.Grow(size)
}

// lowered returns a name in lower case.
func (n *names) lowered(name string) string {
	from := n.Len()
	writeLowered(&n.Builder, name)
	return n.String()[from:]
}

// writeLowered writes a name in lower case. Hardly any has more than ASCII.
func writeLowered(to *strings.Builder, name string) {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			to.WriteString(strings.ToLower(name[i:]))
			return
		}
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		to.WriteByte(c)
	}
}

// parameters returns the decoded query, or nil when there is none.
func parameters(raw string) map[string][]string {
	if raw == "" {
		return nil
	}
	query := make(map[string][]string)
	for pair := range strings.SplitSeq(raw, "&") {
		// What cannot be decoded is left out, as it is by the front doors.
		decoded, _ := url.ParseQuery(pair)
		for name, values := range decoded {
			name = writable(name)
			query[name] = append(query[name], values...)
		}
	}
	if len(query) == 0 {
		return nil
	}
	return query
}

// writable is a name as JSON can write it, with U+FFFD for what is not UTF-8: an object
// has no room for two names that differ in that.
func writable(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return string([]rune(name))
}

// unescaped decodes a path or a part of one. What cannot be decoded stays.
func unescaped(path string) string {
	plain, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return plain
}

func unescapedAll(params map[string]string) map[string]string {
	if params == nil {
		return nil
	}
	plain := make(map[string]string, len(params))
	for name, value := range params {
		plain[name] = unescaped(value)
	}
	return plain
}

// cookies splits Cookie headers into cookies.
func cookies(lines []string) []string {
	var all []string
	for _, line := range lines {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				all = append(all, cookie)
			}
		}
	}
	return all
}

// shortID makes an id of the shape that resources and deployments have. The same
// seed yields the same id, as the same resource does.
func shortID(seed string) string {
	h := fnv.New64a()
	h.Write([]byte(seed))
	id := strconv.FormatUint(h.Sum64()|1<<63, 36)
	return id[len(id)-6:]
}

// prefixOf returns the first label of a domain.
func prefixOf(domain string) string {
	prefix, _, _ := strings.Cut(domain, ".")
	return prefix
}

// mask writes the members of overrides over those of the identity.
func mask(identity any, overrides json.RawMessage) error {
	if overrides == nil {
		return nil
	}
	if err := json.Unmarshal(overrides, identity); err != nil {
		return door.Refusef(door.BadRequest, "the identity given for the request does not fit the event: %v", err)
	}
	return nil
}
