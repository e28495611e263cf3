package door

import (
	"net/http"
	"strconv"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
)

// loadBalancer is an Application Load Balancer with a Lambda target:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
type loadBalancer struct{ listener }

func (loadBalancer) Facts() Facts {
	return Facts{
		Plural: "Application Load Balancers",
		Has:    Has{NoUpgrades: true},
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
		Limits: Limits{Body: 1 << 20, Line: 16 << 10, Field: 16 << 10, Head: 64 << 10, Reply: 1 << 20, ReplyHead: 32 << 10},
	}
}

// Trace keeps the trace that the client sent and adds a field of its own:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
func (loadBalancer) Trace(sent string, now time.Time) string {
	return "Self=" + arrival.NewTraceRoot(now) + ";" + sent
}

func (loadBalancer) Finish(answer *Answer, _ bool) { finishPlain(answer) }

func (loadBalancer) Refuse(f Failure, _ string) *Answer {
	status := plainStatus(f, http.StatusBadGateway)
	switch f {
	case Unauthorized:
		status = http.StatusUnauthorized
	case AccessDenied:
		status = http.StatusForbidden
	}
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return &Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"text/html"}},
		Body: []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
			"</h1></center>\r\n</body>\r\n</html>\r\n"),
		Type: f,
	}
}

func (loadBalancer) Stamp(_ *arrival.Arrival, answer *Answer, _ bool) {
	answer.Header["Server"] = []string{"awselb/2.0"}
}
