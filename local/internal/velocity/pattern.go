package velocity

import (
	"sync"

	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
)

func (r *renderer) pattern(expr string) (*javaregexp.Regexp, error) {
	pattern, isNew, err := r.patterns.compile(expr)
	if err != nil || !isNew {
		return pattern, err
	}
	return pattern, r.use(64 * len(expr))
}

// patterns remembers the regular expressions of a template, which nearly
// always are constants.
type patterns struct {
	mu       sync.Mutex
	compiled map[string]*javaregexp.Regexp
}

// maxPatterns is how many expressions a template remembers. Computed ones
// beyond are compiled anew each time.
const maxPatterns = 100

func (p *patterns) compile(expr string) (pattern *javaregexp.Regexp, isNew bool, err error) {
	p.mu.Lock()
	pattern = p.compiled[expr]
	p.mu.Unlock()
	if pattern != nil {
		return pattern, false, nil
	}
	pattern, err = javaregexp.Compile(expr)
	if err != nil {
		return nil, false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.compiled == nil {
		p.compiled = map[string]*javaregexp.Regexp{}
	}
	if len(p.compiled) < maxPatterns {
		p.compiled[expr] = pattern
	}
	return pattern, true, nil
}
