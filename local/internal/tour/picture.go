package tour

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
)

// The picture's size in pixels, and the height of its waterline.
const (
	width, height = 960, 400
	waterline     = 288
)

// picture answers with a bridge on two lambdas, in the visitor's colour.
func picture(w http.ResponseWriter, r *http.Request) {
	img := paint(colourOf(r).rgb)
	w.Header().Set("Content-Type", "image/png")
	enc := png.Encoder{CompressionLevel: png.BestSpeed} // the visitor waits for it
	enc.Encode(w, img)
}

func paint(tint color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	base := toRGB(tint)
	for y := range waterline {
		for x := range width {
			img.SetRGBA(x, y, air(base, float64(x), float64(y)).rgba())
		}
	}
	// The water shows the air upside down: darker, and broken by waves that grow towards us.
	for y := waterline; y < height; y++ {
		depth := float64(y-waterline) / (height - waterline)
		for x := range width {
			wave := math.Sin(float64(y)*0.9+math.Sin(float64(x)*0.013)*3) * (1 + 7*depth)
			up := max(0, 2*waterline-1-y-int(wave*0.3))
			across := min(max(x+int(wave), 0), width-1)
			seen := toRGB(img.RGBAAt(across, up))
			img.SetRGBA(x, y, seen.mix(base.scale(0.32), 0.30+0.35*depth).rgba())
		}
	}
	return img
}

// air returns the colour of one point above the waterline.
func air(base rgb, x, y float64) rgb {
	pale := rgb{1, 0.93, 0.84}
	night := base.scale(0.45)
	c := night.mix(base, min(1, y/170)).mix(pale, smooth(70, 300, y)*0.85)

	if sun := math.Hypot(x-610, y-205); sun < 520 {
		c = c.mix(pale, 0.55*math.Exp(-sun/95))
		c = c.mix(rgb{1, 0.97, 0.90}, cover(sun-38))
	}

	for i, hill := range []struct{ level, swing, pace float64 }{{238, 22, 0.0075}, {262, 16, 0.012}} {
		if y < hill.level-hill.swing-6 {
			continue // above the highest peak
		}
		edge := hill.level + hill.swing*math.Sin(x*hill.pace+float64(i)*2.1) + 5*math.Sin(x*hill.pace*3.7)
		c = c.mix(base.scale(0.74-0.2*float64(i)).mix(pale, 0.28-0.16*float64(i)), cover(edge-y))
	}
	return c.mix(base.scale(0.17), bridge(x, y))
}

// bridge returns how much of the point the bridge covers, from 0 to 1.
func bridge(x, y float64) float64 {
	const deck, left, right, top, sag = 246.0, 270.0, 690.0, 62.0, 150.0
	ink := max(cover(math.Abs(y-deck)-3.2), cover(math.Abs(y-deck-9)-0.8))

	// Each pylon is a lambda: a long stroke through the deck and a short leg from its middle.
	for _, at := range [...]float64{left, right} {
		if math.Abs(x-at) > 50 {
			continue // most of the picture is far from both
		}
		ink = max(ink, cover(toSegment(x, y, at-13, top-12, at+30, waterline)-5.4))
		ink = max(ink, cover(toSegment(x, y, at+7, 168, at-32, waterline)-4.6))
		ink = max(ink, cover(toSegment(x, y, at-13, top-12, at-25, top-10)-4.4))
	}

	// The cable hangs in a parabola between the pylons and falls straight outside of them.
	middle, half := (left+right)/2, (right-left)/2
	off := math.Abs(x - middle)
	cable, slope := top+sag*(1-(off/half)*(off/half)), 2*sag*off/(half*half)
	if off > half {
		slope = (deck - top) / 230
		cable = top + (off-half)*slope
	}
	if cable < deck {
		ink = max(ink, cover(math.Abs(y-cable)/math.Hypot(1, slope)-1.7))
		if y > cable && y < deck {
			ink = max(ink, 0.75*cover(math.Abs(math.Mod(off+9, 18)-9)-0.5))
		}
	}
	return ink
}

// toSegment returns the distance from (x, y) to the segment (ax, ay)-(bx, by).
func toSegment(x, y, ax, ay, bx, by float64) float64 {
	dx, dy := bx-ax, by-ay
	t := min(1, max(0, ((x-ax)*dx+(y-ay)*dy)/(dx*dx+dy*dy)))
	return math.Hypot(x-ax-t*dx, y-ay-t*dy)
}

// cover turns a distance to an edge, negative inside, into the part of a pixel that is inside.
func cover(distance float64) float64 { return min(1, max(0, 0.5-distance)) }

// smooth rises from 0 at a to 1 at b without corners.
func smooth(a, b, v float64) float64 {
	t := min(1, max(0, (v-a)/(b-a)))
	return t * t * (3 - 2*t)
}

// rgb is a colour whose parts go from 0 to 1.
type rgb struct{ r, g, b float64 }

func toRGB(c color.RGBA) rgb {
	return rgb{float64(c.R) / 255, float64(c.G) / 255, float64(c.B) / 255}
}

func (c rgb) scale(by float64) rgb { return rgb{c.r * by, c.g * by, c.b * by} }

func (c rgb) mix(with rgb, part float64) rgb {
	return rgb{c.r + (with.r-c.r)*part, c.g + (with.g-c.g)*part, c.b + (with.b-c.b)*part}
}

func (c rgb) rgba() color.RGBA {
	return color.RGBA{uint8(c.r*255 + 0.5), uint8(c.g*255 + 0.5), uint8(c.b*255 + 0.5), 255}
}
