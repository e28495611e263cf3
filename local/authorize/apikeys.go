package authorize

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// An APIKey lets a client call the routes that ask for one. It tells clients apart;
// it is no proof of who they are.
type APIKey struct {
	_ struct{}

	// Name is the key's, and Value what clients send: 20 to 128 characters.
	Name, Value string

	// ID is what events show. "" makes one up of the name.
	ID string

	// Disabled turns the key down.
	Disabled bool

	// Plan limits what the key may be used for. nil does not. Keys of one plan have
	// their limits each for itself.
	Plan *UsagePlan
}

// A UsagePlan says how often one key may be used. The zero value sets no limits.
type UsagePlan struct {
	_ struct{}

	// Rate is how many requests a second the key may make, after Burst at once. 0
	// does not limit them.
	Rate  float64
	Burst int

	// Quota is how many requests the key may make in one Period, which begins with
	// the day, the Monday or the month, in UTC. 0 does not limit them.
	Quota  int
	Period Period
}

// A Period is what a quota is for.
type Period string

// The periods.
const (
	Day   Period = "DAY"
	Week  Period = "WEEK"
	Month Period = "MONTH"
)

// APIKeys are the keys of an API and what is left of their quotas. They are safe for
// concurrent use.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
type APIKeys struct {
	keys map[string]*keyUse // by value
}

// A keyUse is a key and what it has been used for.
type keyUse struct {
	key APIKey

	mu     sync.Mutex
	tokens float64 // requests that may be made at once
	filled time.Time
	used   int
	period string // that used counts
}

// NewAPIKeys returns keys that nobody has used yet. The error joins all that is wrong
// with them.
func NewAPIKeys(keys ...APIKey) (*APIKeys, error) {
	k := &APIKeys{keys: make(map[string]*keyUse, len(keys))}
	var wrong []error
	for _, key := range keys {
		wrong = append(wrong, key.check()...)
		if _, ok := k.keys[key.Value]; ok {
			wrong = append(wrong, fmt.Errorf("authorize: API key %q has the value of another one", key.Name))
		}
		if key.ID == "" {
			h := fnv.New64a()
			h.Write([]byte(key.Name))
			key.ID = strconv.FormatUint(h.Sum64()|1<<63, 36)[:10]
		}
		use := &keyUse{key: key}
		if key.Plan != nil {
			use.tokens = float64(key.Plan.Burst)
		}
		k.keys[key.Value] = use
	}
	return k, errors.Join(wrong...)
}

func (k APIKey) check() (wrong []error) {
	fail := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("authorize: API key %q "+format, append([]any{k.Name}, args...)...))
	}
	if n := len(k.Value); n < 20 || n > 128 {
		fail("has a value of %d characters, which has to have 20 to 128", n)
	}
	if p := k.Plan; p != nil {
		if p.Rate < 0 || p.Rate > 0 && p.Burst < 1 || math.IsNaN(p.Rate) {
			fail("has a plan with the rate %v and the burst %d", p.Rate, p.Burst)
		}
		if p.Quota < 0 || p.Quota > 0 && p.Period != Day && p.Period != Week && p.Period != Month {
			fail("has a plan with the quota %d in the period %q", p.Quota, p.Period)
		}
	}
	return wrong
}

// Admit counts a request made with a key, and returns the key's id. An error is a
// *gateway.Denied: INVALID_API_KEY, THROTTLED or QUOTA_EXCEEDED.
func (k *APIKeys) Admit(value string, now time.Time) (id string, err error) {
	use, ok := k.keys[value]
	switch {
	case value == "":
		return "", &gateway.Denied{Type: gateway.InvalidAPIKey, Reason: "the request has no API key"}
	case !ok:
		return "", &gateway.Denied{Type: gateway.InvalidAPIKey, Reason: "the request's API key is unknown"}
	case use.key.Disabled:
		return "", &gateway.Denied{Type: gateway.InvalidAPIKey, Reason: fmt.Sprintf("the API key %q is disabled", use.key.Name)}
	}
	return use.key.ID, use.count(now.UTC())
}

// count takes a request off the key's plan. What the plan turns down does not count.
func (u *keyUse) count(now time.Time) error {
	plan := u.key.Plan
	if plan == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if period := plan.Period.of(now); period != u.period {
		u.period, u.used = period, 0
	}
	if plan.Quota > 0 && u.used >= plan.Quota {
		return &gateway.Denied{Type: gateway.QuotaExceeded, Reason: fmt.Sprintf("the API key %q has used up its %d requests of the %s", u.key.Name, plan.Quota, plan.Period)}
	}
	if plan.Rate > 0 {
		if !u.filled.IsZero() {
			u.tokens = min(float64(plan.Burst), u.tokens+now.Sub(u.filled).Seconds()*plan.Rate)
		}
		u.filled = now
		if u.tokens < 1 {
			return &gateway.Denied{Type: gateway.Throttled, Reason: fmt.Sprintf("the API key %q has made more than %v requests a second", u.key.Name, plan.Rate)}
		}
		u.tokens--
	}
	u.used++
	return nil
}

// of names the period that a time is in.
func (p Period) of(t time.Time) string {
	switch p {
	case Week:
		year, week := t.ISOWeek()
		return fmt.Sprint(year, "-", week)
	case Month:
		return t.Format("2006-01")
	}
	return t.Format("2006-01-02")
}
