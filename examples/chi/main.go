// Command chi is a small notes API on chi: JSON, a cookie, an image, an upload,
// and CORS for the page that calls it.
//
// The notes live in memory. Lambda runs as many instances of a function as it
// needs and drops idle ones, so each instance has notes of its own and forgets
// them with its end. A real service keeps them in a database.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/jub0bs/cors"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() { lambda.Start(adapter.Wrap(newApp())) }

// newApp returns the whole application. A chi.Mux is an http.Handler, and
// nothing in it knows of Lambda.
func newApp() http.Handler {
	access, err := cors.NewMiddleware(cors.Config{
		Origins:        []string{"https://notes.example.com"},
		Methods:        []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete},
		RequestHeaders: []string{"Content-Type"},
		Credentialed:   true,
	})
	if err != nil {
		panic(err) // the configuration above is wrong, whatever the request
	}

	app := chi.NewRouter()
	app.Use(access.Wrap)
	app.Use(middleware.RequestSize(4 << 20))

	notes := &notes{}
	app.Route("/notes", func(r chi.Router) {
		r.Get("/", notes.list)
		r.Post("/", notes.create)
		r.Get("/{id}", notes.get)
		r.Delete("/{id}", notes.remove)
	})
	app.Get("/theme", theme)
	app.Put("/theme/{name}", setTheme)
	app.Get("/logo.png", logo)
	app.Post("/uploads", upload)
	return app
}

func theme(w http.ResponseWriter, r *http.Request) {
	name := "light"
	if c, err := r.Cookie("theme"); err == nil {
		name = c.Value
	}
	writeJSON(w, http.StatusOK, map[string]string{"theme": name})
}

func setTheme(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "theme", Value: chi.URLParam(r, "name"), Path: "/", MaxAge: 86400, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	w.WriteHeader(http.StatusNoContent)
}

// logo draws a sunset. Bytes that are not text need no setting anywhere.
func logo(w http.ResponseWriter, _ *http.Request) {
	img := image.NewRGBA(image.Rect(0, 0, 128, 128))
	for y := range 128 {
		for x := range 128 {
			img.Set(x, y, color.RGBA{R: 255, G: uint8(180 - y), B: uint8(40 + y), A: 255})
		}
	}
	w.Header().Set("Content-Type", "image/png")
	png.Encode(w, img)
}

func upload(w http.ResponseWriter, r *http.Request) {
	file, header, err := r.FormFile("file")
	if err != nil {
		http.Error(w, `want multipart/form-data with a part "file"`, http.StatusBadRequest)
		return
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		http.Error(w, "the file broke off", http.StatusBadRequest)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"name": header.Filename, "size": size, "sha256": hex.EncodeToString(hash.Sum(nil))})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
