package main

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

// TestContestantsAnswer holds that everybody does the whole work, so that nobody is fast by failing.
func TestContestantsAnswer(t *testing.T) {
	all, err := tasks()
	require.NoError(t, err)
	for _, task := range all {
		for _, c := range contestants() {
			if !c.serves(task.door) || isFloor(c.name) {
				continue
			}
			t.Run(task.String()+" "+c.name, func(t *testing.T) {
				reply, err := c.start(shop.Handler(), task)(context.Background(), task.event)
				require.NoError(t, err)
				assert.True(t, answered(reply), "%.200q", reply)
			})
		}
	}
}

func TestQuantile(t *testing.T) {
	tests := []struct {
		name    string
		figures []float64
		q, want float64
	}{
		{"one", []float64{7}, 0.5, 7},
		{"odd, unsorted", []float64{3, 1, 2}, 0.5, 2},
		{"even", []float64{1, 2, 3, 4}, 0.5, 2.5},
		{"lower quarter", []float64{1, 2, 3, 4, 5}, 0.25, 2},
		{"highest", []float64{1, 2, 3}, 1, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { assert.Equal(t, test.want, quantile(test.figures, test.q)) })
	}
	assert.True(t, math.IsNaN(quantile(nil, 0.5)), "none")
}

func TestDuration(t *testing.T) {
	for want, ns := range map[string]float64{"1.23 µs": 1234, "12.3 µs": 12345, "123 µs": 123456, "1.23 ms": 1234567} {
		assert.Equal(t, want, duration(ns))
	}
}
