package format

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
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

// A line is a name with all its values.
type line struct {
	name   string
	values []string
}

// lines are what a map has, in the order of its names. nil is no map.
type lines []line

// usualLines has room for as many as most requests have.
type usualLines [24]line

// linesOf appends what a map has to lines, which are empty.
func linesOf(all map[string][]string, to lines) lines {
	if all == nil {
		return nil
	}
	for name, values := range all {
		to = append(to, line{name, values})
	}
	to.sort()
	return to
}

// usualNames are those of most fields of most requests, in lower case.
var usualNames = func() map[string]string {
	lowered := make(map[string]string)
	for _, name := range []string{
		"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Encoding",
		"Content-Length", "Content-Type", "Cookie", "Host", "If-Modified-Since", "If-None-Match", "Origin", "Pragma",
		"Priority", "Range", "Referer", "Sec-Ch-Ua", "Sec-Ch-Ua-Mobile", "Sec-Ch-Ua-Platform", "Sec-Fetch-Dest",
		"Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Traceparent", "Tracestate",
		"Upgrade-Insecure-Requests", "User-Agent", "Via", "X-Amzn-Trace-Id", "X-Api-Key", "X-Forwarded-For",
		"X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Request-Id", "X-Requested-With",
	} {
		lowered[name] = strings.ToLower(name)
	}
	return lowered
}()

// loweredLines appends the fields of a header to lines, which are empty, with names in
// lower case. Names that differ only in case become one, in their order.
func loweredLines(h http.Header, to lines) lines {
	for name, values := range h {
		low := usualNames[name]
		if low == "" {
			low = strings.ToLower(name)
		}
		to = append(to, line{low, values})
	}
	to.sort()
	for n := 1; n < len(to); n++ {
		if to[n].name == to[n-1].name {
			return linesOf(lowered(h), to[:0])
		}
	}
	return to
}

// lowered returns a header with names in lower case likewise.
func lowered(h http.Header) map[string][]string {
	low := make(map[string][]string, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		key := strings.ToLower(name)
		low[key] = slices.Concat(low[key], h[name])
	}
	return low
}

func (l lines) sort() {
	if len(l) > len(usualLines{}) {
		slices.SortFunc(l, func(a, b line) int { return strings.Compare(a.name, b.name) })
		return
	}
	for n := range l { // of few, each is soon in its place
		for ; n > 0 && l[n-1].name > l[n].name; n-- {
			l[n-1], l[n] = l[n], l[n-1]
		}
	}
}

// last is the last value of a field, whose name may be spelled in any case, or "".
func (l lines) last(name string) string {
	for _, own := range slices.Backward(l) {
		if n := len(own.values); n > 0 && len(own.name) == len(name) && strings.EqualFold(own.name, name) {
			return own.values[n-1]
		}
	}
	return ""
}

// of are the values of a name.
func (l lines) of(name string) []string {
	for _, own := range l {
		if own.name == name {
			return own.values
		}
	}
	return nil
}

// without returns l without a name. It uses l's memory.
func (l lines) without(name string) lines {
	return slices.DeleteFunc(l, func(own line) bool { return own.name == name })
}

// with returns l with a value in place of all that a name has. It uses l's memory.
func (l lines) with(name, value string) lines {
	at, found := slices.BinarySearchFunc(l, name, func(own line, name string) int { return strings.Compare(own.name, name) })
	if !found {
		l = append(l, line{})
		copy(l[at+1:], l[at:])
		l[at].name = name
	}
	l[at].values = []string{value}
	return l
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

// shortID makes an id of the shape that resources and deployments have of what it names of an
// API. The same resource has the same id.
func shortID(api, of string) string {
	hash := uint64(14695981039346656037) // FNV-1a
	for _, seed := range [...]string{api, of} {
		for i := range len(seed) {
			hash = (hash ^ uint64(seed[i])) * 1099511628211
		}
	}
	hash |= 1 << 63 // so that it has more digits than are taken
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	var id [6]byte
	for i := range id {
		id[len(id)-1-i] = digits[hash%uint64(len(digits))]
		hash /= uint64(len(digits))
	}
	return string(id[:])
}

// prefixOf returns the first label of a domain.
func prefixOf(domain string) string {
	prefix, _, _ := strings.Cut(domain, ".")
	return prefix
}

// masked returns an identity with the members of overrides over its own.
func masked[I any](identity I, overrides json.RawMessage) (I, error) {
	if overrides == nil {
		return identity, nil
	}
	whole := identity
	if err := json.Unmarshal(overrides, &whole); err != nil {
		return identity, door.Refusef(door.BadRequest, "the identity given for the request does not fit the event: %v", err)
	}
	return whole, nil
}
