package gateway

import (
	"fmt"

	"github.com/lambridge-go/lambridge/local/internal/bucket"
)

// A Throttle limits how many requests a route takes: Rate a second on average, Burst at
// once. What is over it is answered with 429.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
type Throttle struct {
	Rate  float64
	Burst int
}

// Check returns what is wrong with the throttle, or nil. A nil one limits nothing.
func (t *Throttle) Check() error {
	if t != nil && (t.Rate < 0 || t.Burst < 0) {
		return fmt.Errorf("Throttle %v a second, %d at once: neither can be negative", t.Rate, t.Burst)
	}
	return nil
}

func newBucket(t *Throttle) (*bucket.Bucket, error) {
	if err := t.Check(); t == nil || err != nil {
		return nil, err
	}
	return bucket.New(t.Rate, t.Burst), nil
}
