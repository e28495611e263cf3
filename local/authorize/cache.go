package authorize

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// A cache keeps the answers of one authorizer, by the values of its identity sources.
// A nil cache keeps nothing.
type cache struct {
	ttl time.Duration

	mu      sync.Mutex
	entries map[string]cached
}

type cached struct {
	answer  *answer
	expires time.Time
}

// maxCached bounds how many answers are kept: whoever can send requests can make up
// identities.
const maxCached = 10_000

func newCache(ttl time.Duration) *cache { return &cache{ttl: ttl, entries: map[string]cached{}} }

func (c *cache) get(identity []string, now time.Time) (*answer, bool) {
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.entries[cacheKey(identity)]
	if !ok || !now.Before(entry.expires) {
		return nil, false
	}
	return entry.answer, true
}

func (c *cache) put(identity []string, now time.Time, a *answer) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxCached {
		c.prune(now)
	}
	c.entries[cacheKey(identity)] = cached{a, now.Add(c.ttl)}
}

// prune makes room: what has expired goes, and if that is nothing, half of the rest.
func (c *cache) prune(now time.Time) {
	for key, entry := range c.entries {
		if !now.Before(entry.expires) {
			delete(c.entries, key)
		}
	}
	for key := range c.entries {
		if len(c.entries) < maxCached/2 {
			break
		}
		delete(c.entries, key)
	}
}

// cacheKey joins values so that no two lists of them have the same key.
func cacheKey(identity []string) string {
	if len(identity) == 1 {
		return identity[0]
	}
	var key strings.Builder
	for _, value := range identity {
		key.WriteString(strconv.Itoa(len(value)))
		key.WriteByte(':')
		key.WriteString(value)
	}
	return key.String()
}
