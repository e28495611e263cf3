package main

import (
	"fmt"
	"io"
	"slices"
)

// writePlot draws how long a GET takes through the front doors that the peers know, as an SVG
// that reads on light and on dark pages. Bars are in proportion to the median.
func writePlot(w io.Writer, results []*result) {
	const left, full, bar, gap = 210, 420, 18, 6
	titles := map[string]string{"rest": "REST API", "http": "HTTP API", "url": "function URL", "alb-multi": "ALB"}

	var body []string
	line := func(format string, args ...any) { body = append(body, fmt.Sprintf(format, args...)) }
	longest := 0.0
	for _, r := range results {
		if r.task.work == get && r.failure == "" {
			longest = max(longest, r.median())
		}
	}
	y := 34
	for _, door := range []string{"rest", "http", "url", "alb-multi"} {
		rows := slices.DeleteFunc(slices.Clone(results), func(r *result) bool {
			return r.task.door != door || r.task.work != get || r.failure != "" || r.contestant == lastRelease || isFloor(r.contestant) && r.contestant != "recorder"
		})
		if len(rows) == 0 {
			continue
		}
		line(`<text class="door" x="0" y="%d">%s</text>`, y+13, titles[door])
		for _, r := range rows {
			class, name := "peer", r.contestant
			switch name {
			case ours:
				class = "ours"
			case "recorder":
				class, name = "floor", "handler alone"
			}
			length := max(1, r.median()/longest*full)
			line(`<text class="name" x="%d" y="%d">%s</text>`, left-10, y+13, name)
			line(`<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="3"/>`, class, left, y, length, bar)
			line(`<text x="%.1f" y="%d">%s</text>`, left+length+8, y+13, duration(r.median()))
			y += bar + gap
		}
		y += 14
	}

	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 %d" role="img" aria-label="Time for one GET, event in to reply out, by adapter and front door">
<style>
text { font: 13px system-ui, sans-serif; fill: #3c434a } .name { text-anchor: end } .door { font-weight: 600 }
.ours { fill: #0f7c8a } .peer { fill: #b9bec4 } .floor { fill: none; stroke: #8b939b; stroke-dasharray: 3 2 }
@media (prefers-color-scheme: dark) { text { fill: #d5d9dd } .ours { fill: #5cc3cf } .peer { fill: #565d65 } }
</style>
<text class="door" x="0" y="16">One GET: event in, reply out, CPU time</text>
`, y)
	for _, l := range body {
		fmt.Fprintln(w, l)
	}
	fmt.Fprintln(w, "</svg>")
}
