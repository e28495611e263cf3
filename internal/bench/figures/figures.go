// Package figures says what measured figures come to.
package figures

import "slices"

// Median returns the middle one of figures, of which there must be some.
func Median(figures []float64) float64 {
	return slices.Sorted(slices.Values(figures))[len(figures)/2]
}

// Certainty returns the figures between which the median of all that could be measured lies
// in 95 of 100 cases: of n figures, as many stand below it as of n coins show heads.
func Certainty(figures []float64) (low, high float64) {
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	outside, chance := 0.0, 1.0 // of k heads, times 2^-n
	for range n {
		chance /= 2
	}
	k := 0
	for ; k < n/2; k++ {
		if outside += chance; outside > 0.025 {
			break
		}
		chance *= float64(n-k) / float64(k+1)
	}
	k = max(k-1, 0)
	return sorted[k], sorted[n-1-k]
}
