package figures_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/internal/bench/figures"
)

func TestCertainty(t *testing.T) {
	count := func(n int) (all []float64) {
		for i := range n {
			all = append(all, float64(n-i))
		}
		return all
	}
	// The tables of the sign test have these.
	for n, want := range map[int][2]float64{1: {1, 1}, 5: {1, 5}, 6: {1, 6}, 10: {2, 9}, 20: {6, 15}, 50: {18, 33}} {
		low, high := figures.Certainty(count(n))
		assert.Equal(t, want, [2]float64{low, high}, "of %d", n)
	}
}
