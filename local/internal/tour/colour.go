package tour

import (
	"image/color"
	"net/http"
	"slices"
)

// A colour is what the page is tinted with. The choice lives in a cookie, so it
// crosses the bridge with every request.
type colour struct {
	Name string
	rgb  color.RGBA
}

// colours returns the choices; the first is the default. tour.css knows them by name.
func colours() []colour {
	return []colour{
		{"tide", color.RGBA{0x0f, 0x7c, 0x8a, 0xff}},
		{"ember", color.RGBA{0xc2, 0x55, 0x2d, 0xff}},
		{"moss", color.RGBA{0x5a, 0x7d, 0x2a, 0xff}},
		{"plum", color.RGBA{0x84, 0x4b, 0x9c, 0xff}},
	}
}

// colourOf returns the visitor's choice.
func colourOf(r *http.Request) colour {
	if c, err := r.Cookie("colour"); err == nil {
		if chosen, ok := colourNamed(c.Value); ok {
			return chosen
		}
	}
	return colours()[0]
}

// setColour stores the form's choice and sends the browser back to the page.
func setColour(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	chosen, ok := colourNamed(r.PostFormValue("colour"))
	if !ok {
		http.Error(w, "no such colour", http.StatusBadRequest)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "colour", Value: chosen.Name, MaxAge: 30 * 86400, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	w.Header().Set("Location", "./#cookie") // relative as it stands: the path may be below a stage
	w.WriteHeader(http.StatusSeeOther)
}

func colourNamed(name string) (colour, bool) {
	all := colours()
	i := slices.IndexFunc(all, func(c colour) bool { return c.Name == name })
	if i < 0 {
		return colour{}, false
	}
	return all[i], true
}
