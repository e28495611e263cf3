package main

import (
	"fmt"
	"io"
	"math"
)

// A chart shows how something grows. Both axes are logarithmic: what grows in proportion is a
// line that climbs with the grid.
type chart struct {
	title, across string
	x, y          func(float64) string // write a figure with its unit
	least, most   float64              // what y shows at least, 0 for what the curves have
	curves        []curve
}

type curve struct {
	name   string
	points []point
}

type point struct{ x, y float64 }

// writeCharts draws charts side by side as an SVG that reads on light and on dark pages.
func writeCharts(w io.Writer, charts []chart) {
	const width, height = 360, 300
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="How %s and %s grow with %s">
<style>
text { font: 12px system-ui, sans-serif; fill: #3c434a } .title { font-weight: 600 } .end { text-anchor: end } .mid { text-anchor: middle } .key { font-size: 11px }
polyline { fill: none; stroke-width: 2 } .grid { stroke: #d5d9dd } .c0 { stroke: #0f7c8a } .c1 { stroke: #b5541c } .c2 { stroke: #6a4fa3 } .c3 { stroke: #5c7f1e }
@media (prefers-color-scheme: dark) { text { fill: #d5d9dd } .grid { stroke: #3c434a } .c0 { stroke: #5cc3cf } .c1 { stroke: #f0a070 } .c2 { stroke: #b9a3e6 } .c3 { stroke: #a9cf62 } }
</style>
`, width*len(charts), height, charts[0].title, charts[len(charts)-1].title, charts[0].across)
	for i, c := range charts {
		fmt.Fprintf(w, "<g transform=\"translate(%d 0)\">\n", i*width)
		c.write(w, width, height)
		fmt.Fprintln(w, "</g>")
	}
	fmt.Fprintln(w, "</svg>")
}

func (c chart) write(w io.Writer, width, height float64) {
	const left, right, top, bottom = 64, 30, 30, 62
	x, y := c.axes()
	across := func(v float64) float64 { return left + x.at(v)*(width-left-right) }
	up := func(v float64) float64 { return height - bottom - y.at(v)*(height-top-bottom) }

	fmt.Fprintf(w, "<text class=\"title\" x=\"%d\" y=\"16\">%s</text>\n", left, c.title)
	for v := y.from; v <= y.to*1.01; v *= 10 {
		fmt.Fprintf(w, "<line class=\"grid\" x1=\"%d\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\"/>", left, width-right, up(v), up(v))
		fmt.Fprintf(w, "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>\n", left-6, up(v)+4, c.y(v))
	}
	points := c.curves[0].points
	for _, p := range []point{points[0], points[len(points)/2], points[len(points)-1]} {
		fmt.Fprintf(w, "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", across(p.x), height-bottom+16, c.x(p.x))
	}
	fmt.Fprintf(w, "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", (left+width-right)/2, height-bottom+32, c.across)

	for i, curve := range c.curves {
		fmt.Fprintf(w, "<polyline class=\"c%d\" points=\"", i)
		for _, p := range curve.points {
			fmt.Fprintf(w, "%.1f,%.1f ", across(p.x), up(max(p.y, y.from)))
		}
		at := left + float64(i)*(width-left-right)/float64(len(c.curves))
		fmt.Fprintf(w, "\"/><line class=\"c%d\" stroke-width=\"2\" x1=\"%.0f\" x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\"/><text class=\"key\" x=\"%.0f\" y=\"%.0f\">%s</text>\n",
			i, at, at+10, height-10, height-10, at+13, height-6, curve.name)
	}
}

// An axis reaches from one figure to another.
type axis struct{ from, to float64 }

func (a axis) at(v float64) float64 { return math.Log(v/a.from) / math.Log(a.to/a.from) }

// axes are those that hold all curves: exactly in x, in whole powers of ten in y. What is 0
// has no logarithm and lies on the lowest line.
func (c chart) axes() (x, y axis) {
	x, y = axis{math.Inf(1), 0}, axis{math.Inf(1), c.most}
	if c.least > 0 {
		y.from = c.least
	}
	for _, curve := range c.curves {
		for _, p := range curve.points {
			x.from, x.to = min(x.from, p.x), max(x.to, p.x)
			if p.y > 0 {
				y.from, y.to = min(y.from, p.y), max(y.to, p.y)
			}
		}
	}
	if math.IsInf(y.from, 1) { // nothing but 0
		y = axis{1, 10}
	}
	y.from = math.Pow(10, math.Floor(math.Log10(y.from)))
	y.to = max(y.from*10, math.Pow(10, math.Ceil(math.Log10(y.to))))
	return x, y
}

// writeFigures writes what charts show as a table, a row for each x.
func writeFigures(w io.Writer, charts []chart) {
	fmt.Fprintf(w, "\n| %s |", charts[0].across)
	rule := "|--:|"
	for _, c := range charts {
		for _, curve := range c.curves {
			fmt.Fprintf(w, " %s: %s |", curve.name, c.title)
			rule += "--:|"
		}
	}
	fmt.Fprintln(w, "\n"+rule)
	for i, p := range charts[0].curves[0].points {
		fmt.Fprintf(w, "| %s |", charts[0].x(p.x))
		for _, c := range charts {
			for _, curve := range c.curves {
				fmt.Fprintf(w, " %s |", c.y(curve.points[i].y))
			}
		}
		fmt.Fprintln(w)
	}
}

func count(n float64) string { return fmt.Sprintf("%.0f", n) }

func share(part float64) string { return fmt.Sprintf("%.3g %%", 100*part) }
