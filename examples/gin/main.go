// Command gin is a small notes API on gin: JSON, a cookie, an image, an upload,
// and CORS for the page that calls it.
//
// The notes live in memory. Lambda runs as many instances of a function as it
// needs and drops idle ones, so each instance has notes of its own and forgets
// them with its end. A real service keeps them in a database.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/gin-gonic/gin"
	"github.com/jub0bs/cors"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() { lambda.Start(adapter.Wrap(newApp())) }

// newApp returns the whole application. A gin.Engine is an http.Handler, so that
// middleware for net/http goes around it, and nothing in it knows of Lambda.
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

	app := gin.New()
	app.Use(gin.Recovery())
	app.Use(limitBody(4 << 20))

	notes := &notes{}
	app.GET("/notes", notes.list)
	app.POST("/notes", notes.create)
	app.GET("/notes/:id", notes.get)
	app.DELETE("/notes/:id", notes.remove)
	app.GET("/theme", theme)
	app.PUT("/theme/:name", setTheme)
	app.GET("/logo.png", logo)
	app.POST("/uploads", upload)
	return access.Wrap(app)
}

func limitBody(bytes int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, bytes)
	}
}

func theme(c *gin.Context) {
	name, err := c.Cookie("theme")
	if err != nil {
		name = "light"
	}
	c.JSON(http.StatusOK, gin.H{"theme": name})
}

func setTheme(c *gin.Context) {
	c.SetSameSite(http.SameSiteLaxMode)
	c.SetCookie("theme", c.Param("name"), 86400, "/", "", false, true)
	c.Status(http.StatusNoContent)
}

// logo draws a sunset. Bytes that are not text need no setting in the program;
// of the front doors, only REST APIs need one (see template.yaml).
func logo(c *gin.Context) {
	img := image.NewRGBA(image.Rect(0, 0, 128, 128))
	for y := range 128 {
		for x := range 128 {
			img.Set(x, y, color.RGBA{R: 255, G: uint8(180 - y), B: uint8(40 + y), A: 255})
		}
	}
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, img); err != nil {
		c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	c.Data(http.StatusOK, "image/png", drawn.Bytes())
}

func upload(c *gin.Context) {
	header, err := c.FormFile("file")
	if err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": `want multipart/form-data with a part "file"`})
		return
	}
	file, err := header.Open()
	if err != nil {
		c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"name": header.Filename, "size": size, "sha256": hex.EncodeToString(hash.Sum(nil))})
}
