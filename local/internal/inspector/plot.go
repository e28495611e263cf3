package inspector

import (
	"slices"
	"time"
)

// A plot is what the last minutes were like, in steps.
type plot struct {
	steps [plotSteps]step
}

const (
	plotSteps = 60
	plotStep  = 5 * time.Second

	// maxSamples is how many durations of a step are kept; of more, every other one.
	maxSamples = 512
)

// A step is what happened in a few seconds.
type step struct {
	number    int64 // of steps since 1970
	count     int
	errors    int
	cold      int
	durations []time.Duration
	every     int // of so many one is kept
}

// at returns the step of a time, or nil if it is over.
func (p *plot) at(t time.Time) *step {
	number := t.UnixNano() / int64(plotStep)
	s := &p.steps[number%plotSteps]
	switch {
	case s.number > number:
		return nil
	case s.number < number:
		*s = step{number: number, every: 1, durations: s.durations[:0]}
	}
	return s
}

func (p *plot) exchange(end time.Time, d time.Duration, status int) {
	s := p.at(end)
	if s == nil {
		return
	}
	s.count++
	if status >= 500 {
		s.errors++
	}
	if s.count%s.every != 0 {
		return
	}
	if len(s.durations) == maxSamples {
		for n := range maxSamples / 2 {
			s.durations[n] = s.durations[2*n]
		}
		s.durations = s.durations[:maxSamples/2]
		s.every *= 2
	}
	s.durations = append(s.durations, d)
}

func (p *plot) coldStart(t time.Time) {
	if s := p.at(t); s != nil {
		s.cold++
	}
}

// A point is a step as a page draws it. Ago counts steps, P50 and P95 are milliseconds.
type point struct {
	Ago    int     `json:"ago"`
	Count  int     `json:"count"`
	Errors int     `json:"errors"`
	Cold   int     `json:"cold"`
	P50    float64 `json:"p50"`
	P95    float64 `json:"p95"`
}

// points are the steps that have something in them, the oldest first.
func (p *plot) points(now time.Time) []point {
	all := []point{}
	current := now.UnixNano() / int64(plotStep)
	for ago := int64(plotSteps - 1); ago >= 0; ago-- {
		s := &p.steps[(current-ago)%plotSteps]
		if s.number != current-ago || s.count+s.cold == 0 {
			continue
		}
		sorted := slices.Sorted(slices.Values(s.durations))
		all = append(all, point{int(ago), s.count, s.errors, s.cold, quantile(sorted, 50), quantile(sorted, 95)})
	}
	return all
}

func quantile(sorted []time.Duration, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return milliseconds(sorted[min(len(sorted)*percent/100, len(sorted)-1)])
}
