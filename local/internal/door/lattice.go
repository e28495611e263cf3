package door

import (
	"net/http"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
)

// lattice is a VPC Lattice service with a Lambda target:
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
type lattice struct{ listener }

func (lattice) Facts() Facts {
	return Facts{Plural: "VPC Lattice services", Domain: ".7d67968.vpc-lattice-svcs.%s.on.aws"}
}

func (lattice) Finish(answer *Answer, _ bool) { finishPlain(answer) }

func (lattice) Refuse(f Failure, _ string) *Answer {
	status := plainStatus(f, http.StatusInternalServerError)
	switch f {
	case Unauthorized, AccessDenied, MissingAuthenticationToken, InvalidSignature, ExpiredToken:
		status = http.StatusForbidden
	case NoRoute, NoStage:
		status = http.StatusNotFound
	case FunctionBusy, Throttled:
		status = http.StatusTooManyRequests
	}
	answer := textAnswer(status, http.StatusText(status))
	answer.Type = f
	return answer
}

func (lattice) Stamp(*arrival.Arrival, *Answer, bool) {}
