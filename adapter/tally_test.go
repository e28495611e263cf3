package adapter

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTally(t *testing.T) {
	const none = -1
	for _, row := range []struct {
		name     string
		declared int64
		writes   []int
		refused  []bool // for each write
		want     tally
		left     int64
		whole    bool
		accepted int64
	}{
		{"nothing written, nothing declared", none, nil, nil, tally{declared: none}, 0, false, 0},
		{"without a length all is accepted", none, []int{3, 4000, 5}, []bool{false, false, false}, tally{none, 4008, 0}, 0, false, 4008},
		{"as much as declared", 5, []int{2, 3}, []bool{false, false}, tally{5, 5, 0}, 0, true, 5},
		{"less than declared", 5, []int{2}, []bool{false}, tally{5, 2, 0}, 3, false, 2},
		{"a piece that goes beyond is refused whole", 5, []int{3, 5}, []bool{false, true}, tally{5, 8, 5}, 0, false, 3},
		{"what was refused still counts: a smaller piece does not fit any more", 5, []int{3, 5, 1}, []bool{false, true, true}, tally{5, 9, 6}, 0, false, 3},
		{"one byte more than all", 5, []int{5, 1}, []bool{false, true}, tally{5, 6, 1}, 0, false, 5},
		{"a length of nothing takes nothing", 0, []int{1}, []bool{true}, tally{0, 1, 1}, 0, false, 0},
		{"a length of nothing, and nothing written", 0, nil, nil, tally{}, 0, true, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := tally{declared: row.declared}
			for i, n := range row.writes {
				err := got.write(n)
				if row.refused[i] {
					assert.Equal(t, http.ErrContentLength, err, "write %d", i)
				} else {
					assert.NoError(t, err, "write %d", i)
				}
			}
			assert.Equal(t, row.want, got)
			assert.Equal(t, row.left, got.left())
			assert.Equal(t, row.whole, got.whole())
			assert.Equal(t, row.accepted, got.accepted())
		})
	}
}
