package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBudgets(t *testing.T) {
	var budgeted []string
	for _, b := range budgets() {
		budgeted = append(budgeted, b.door)
	}
	assert.Equal(t, doors(), budgeted, "every front door has a budget")
}

func TestBudgetHold(t *testing.T) {
	tests := []struct {
		name           string
		ratios, allocs []float64
		want           string // the error, "" for none
	}{
		{"within", []float64{2.9, 3, 3}, []float64{3, 3, 3}, ""},
		{"one pair went wrong", []float64{2.9, 40, 3}, []float64{4, 4, 90}, ""},
		{"as slow as it may be", []float64{3.5}, []float64{4}, ""},
		{"too slow", []float64{3.6, 3.7, 0.1}, []float64{4}, "rest: 3.60 times the recorder, the budget is 3.50"},
		{"an allocation of the runtime now and then", []float64{3}, []float64{4.3}, ""},
		{"an allocation too many", []float64{3}, []float64{5, 5.02, 4.98}, "rest: 5 allocations more than the recorder, the budget is 4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := budget{door: "rest", ratio: 3.5, allocs: 4}.hold(&duel{ratios: test.ratios, allocs: test.allocs})
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, test.want)
			}
		})
	}
}
