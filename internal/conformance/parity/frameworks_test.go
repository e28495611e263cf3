package parity_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	jubcors "github.com/jub0bs/cors"
	rscors "github.com/rs/cors"
)

// frameworks are handlers that others have built on net/http, with what they bring.
func frameworks() []scenario {
	corsRequests := []request{
		get("/"),
		get("/", "Origin: https://app.example.com"),
		get("/", "Origin: https://evil.example"),
		send("OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type,x-custom"),
		send("OPTIONS", "/", "Origin: https://evil.example", "Access-Control-Request-Method: PUT"),
		send("OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: TRACE"),
		send("OPTIONS", "/"),
		get("/panic", "Origin: https://app.example.com"),
	}
	return []scenario{
		{"jub0bs/cors", same(jub0bsCORS), corsRequests},
		{"rs/cors", same(rsCORS), corsRequests},
		{"chi", same(chiApp), []request{
			get("/"), get("/users/42"), get("/users/a%2Fb"), get("/users/a%20b/posts/x/y"), get("/re/2026-11"), get("/re/nope"), get("/missing"),
			send("DELETE", "/users/42"), send("HEAD", "/users/42"), send("PUT", "/only-post"), get("/sub/inner"), get("/sub//inner"), get("/users/42/"),
			get("/report.json"), get("/panic"), get("/slow"), get("/big", "Accept-Encoding: gzip"), get("/big", "Accept-Encoding: deflate"), get("/big"),
			get("/ping"), get("/whoami", "X-Real-IP: 203.0.113.7"), get("/etag"), post("/json", "text/plain", "x"), post("/json", "application/json", "{}"),
			get("/private"), get("/private", "Authorization: Basic YWRhOmxvdmU="), get("/stream"), post("/override?_method=PUT", "text/plain", "x", "X-HTTP-Method-Override: PUT"),
			get("/redirect/"), post("/limited", "text/plain", strings.Repeat("x", 200)),
		}},
		{"gin", same(ginApp), []request{
			get("/"), get("/users/42"), get("/users/a%2Fb"), get("/users/caf%C3%A9"), get("/files/a/b/c.txt"), get("/missing"), send("DELETE", "/"),
			get("/trailing"), get("/Trailing/"), get("//trailing/"), get("/query?a=1&a=2&m[x]=1&m[y]=2&d"), post("/form", "application/x-www-form-urlencoded", "name=ada&tags=x&tags=y"),
			post("/json", "application/json", `{"name":"ada","age":36}`), post("/json", "application/json", `{"age":"x"}`), upload("/upload", picture(5000)),
			get("/xml"), get("/yaml"), get("/protobuf"), get("/string"), get("/html"), get("/redirect"), get("/status"), get("/abort"), get("/panic"),
			get("/cookie", "Cookie: c=1%202"), get("/sse"), get("/stream"), get("/ip", "X-Forwarded-For: 203.0.113.7"), get("/private"), get("/private", "Authorization: Basic YWRhOmxvdmU="),
			get("/reader"), get("/jsonp?callback=f"), send("HEAD", "/head"), get("/negotiate", "Accept: application/xml"), get("/negotiate", "Accept: application/json"), get("/error"),
		}},
	}
}

func jub0bsCORS() http.Handler {
	return must(jubcors.NewMiddleware(jubcors.Config{
		Origins: []string{"https://app.example.com"}, Methods: []string{"PUT", "DELETE"}, Credentialed: true,
		RequestHeaders: []string{"Content-Type", "X-Custom"}, ResponseHeaders: []string{"X-Total"}, MaxAgeInSeconds: 60,
	})).Wrap(corsApp())
}

func rsCORS() http.Handler {
	return rscors.New(rscors.Options{
		AllowedOrigins: []string{"https://app.example.com"}, AllowedMethods: []string{"PUT", "DELETE"}, AllowCredentials: true,
		AllowedHeaders: []string{"Content-Type", "X-Custom"}, ExposedHeaders: []string{"X-Total"}, MaxAge: 60,
	}).Handler(corsApp())
}

func corsApp() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Language")
		w.Header().Set("X-Total", "3")
		if r.URL.Path == "/panic" {
			panic("no matter: the browser is to see a 500")
		}
		fmt.Fprint(w, "shared")
	})
}

func chiApp() http.Handler {
	r := chi.NewRouter()
	r.Use(
		middleware.RequestSize(1000), middleware.CleanPath, middleware.GetHead,
		middleware.RequestLogger(silent{}), middleware.RequestID, middleware.Recoverer,
		middleware.Heartbeat("/ping"), middleware.NoCache, middleware.SetHeader("X-App", "chi"), middleware.Compress(5, "text/plain"),
		middleware.Timeout(time.Hour), middleware.Throttle(10), middleware.URLFormat,
	)
	show := func(w http.ResponseWriter, r *http.Request) {
		rc := chi.RouteContext(r.Context())
		format, _ := r.Context().Value(middleware.URLFormatCtxKey).(string)
		fmt.Fprintf(w, "%s %s %q %q", r.Method, rc.RoutePattern(), rc.URLParams.Values, format)
	}
	r.Get("/", show)
	r.Get("/users/{id}", show)
	r.Get("/users/{id}/posts/*", show)
	r.Get("/re/{year:[0-9]{4}}-{month}", show)
	r.Post("/only-post", show)
	r.Get("/report", show)
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("caught by Recoverer") })
	r.Get("/big", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, strings.Repeat("compress me ", 500))
	})
	//lint:ignore SA1019 it believes any client, and is what many applications have
	r.Get("/whoami", middleware.RealIP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("X-Real-IP")) })).ServeHTTP)
	r.Get("/etag", func(w http.ResponseWriter, r *http.Request) {
		wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		var copied strings.Builder
		wrapped.Tee(&copied)
		wrapped.Header().Set("ETag", `"1"`)
		io.Copy(wrapped, strings.NewReader("content"))
		fmt.Fprint(wrapped, wrapped.Status(), wrapped.BytesWritten(), copied.Len())
	})
	r.With(middleware.AllowContentType("application/json")).Post("/json", show)
	r.With(middleware.BasicAuth("realm", map[string]string{"ada": "love"})).Get("/private", show)
	r.Get("/stream", func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprintf(w, "%d\n", i)
			http.NewResponseController(w).Flush()
		}
	})
	r.Post("/override", show)
	r.With(middleware.StripSlashes).Get("/redirect/", show)
	r.With(middleware.RequestSize(100)).Post("/limited", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		}
	})
	r.Route("/sub", func(r chi.Router) {
		r.Use(middleware.Maybe(middleware.SetHeader("X-Sub", "1"), func(*http.Request) bool { return true }))
		r.Get("/inner", show)
	})
	r.Get("/slow", func(w http.ResponseWriter, r *http.Request) {
		deadline, ok := r.Context().Deadline()
		fmt.Fprint(w, ok, time.Until(deadline) > 0)
	})
	return r
}

func ginApp() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, cause any) {
		c.AbortWithStatusJSON(http.StatusInternalServerError, gin.H{"caught": fmt.Sprint(cause)})
	}))
	r.Use(func(c *gin.Context) {
		c.Header("X-App", "gin")
		c.Next()
	})
	r.HandleMethodNotAllowed = true
	r.RedirectFixedPath = true
	show := func(c *gin.Context) { c.String(http.StatusOK, "%s %v", c.FullPath(), c.Params) }
	r.GET("/", show)
	r.GET("/users/:id", show)
	r.GET("/files/*path", show)
	r.GET("/trailing/", show)
	r.HEAD("/head", show)
	r.GET("/query", func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"a": c.QueryArray("a"), "m": c.QueryMap("m"), "d": c.DefaultQuery("d", "default")})
	})
	r.POST("/form", func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"name": c.PostForm("name"), "tags": c.PostFormArray("tags")})
	})
	r.POST("/json", func(c *gin.Context) {
		var in struct {
			Name string `json:"name" binding:"required"`
			Age  int    `json:"age"`
		}
		if err := c.ShouldBindJSON(&in); err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
			return
		}
		c.PureJSON(http.StatusCreated, in)
	})
	r.POST("/upload", func(c *gin.Context) {
		file, err := c.FormFile("file")
		if err != nil {
			c.String(http.StatusBadRequest, err.Error())
			return
		}
		c.String(http.StatusOK, "%s %d %s", file.Filename, file.Size, c.PostForm("title"))
	})
	r.GET("/xml", func(c *gin.Context) { c.XML(http.StatusOK, gin.H{"a": "<1>"}) })
	r.GET("/yaml", func(c *gin.Context) { c.YAML(http.StatusOK, gin.H{"a": 1}) })
	r.GET("/protobuf", func(c *gin.Context) { c.Data(http.StatusOK, "application/x-protobuf", []byte{8, 150, 1}) })
	r.GET("/string", func(c *gin.Context) { c.String(http.StatusOK, "täxt") })
	r.GET("/html", func(c *gin.Context) { c.Data(http.StatusOK, "text/html; charset=utf-8", []byte("<p>é</p>")) })
	r.GET("/redirect", func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, "/users/1?x=1") })
	r.GET("/status", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	r.GET("/abort", func(c *gin.Context) { c.AbortWithStatus(http.StatusTeapot) })
	r.GET("/error", func(c *gin.Context) { _ = c.AbortWithError(http.StatusBadGateway, errors.New("hidden")) })
	r.GET("/panic", func(*gin.Context) { panic("caught by Recovery") })
	r.GET("/cookie", func(c *gin.Context) {
		value, err := c.Cookie("c")
		c.SetSameSite(http.SameSiteLaxMode)
		c.SetCookie("d", "x y", 60, "/", "example.com", true, true)
		c.SetCookie("e", "1", -1, "/", "", false, false)
		c.String(http.StatusOK, "%s %v", value, err)
	})
	r.GET("/sse", func(c *gin.Context) {
		c.SSEvent("message", gin.H{"n": 1})
		c.SSEvent("message", "two")
	})
	r.GET("/stream", func(c *gin.Context) {
		n := 0
		c.Stream(func(w io.Writer) bool {
			n++
			fmt.Fprintf(w, "%d\n", n)
			return n < 3
		})
	})
	r.GET("/ip", func(c *gin.Context) { c.String(http.StatusOK, "%s", c.RemoteIP()) })
	r.GET("/private", gin.BasicAuth(gin.Accounts{"ada": "love"}), show)
	r.GET("/reader", func(c *gin.Context) {
		c.DataFromReader(http.StatusOK, 5000, "image/png", strings.NewReader(picture(5000)), map[string]string{"Content-Disposition": `attachment; filename="p.png"`})
	})
	r.GET("/jsonp", func(c *gin.Context) { c.JSONP(http.StatusOK, gin.H{"a": "<b>"}) })
	r.GET("/negotiate", func(c *gin.Context) {
		c.Negotiate(http.StatusOK, gin.Negotiate{Offered: []string{gin.MIMEJSON, gin.MIMEXML}, Data: gin.H{"a": 1}})
	})
	return r
}

// silent is a log of chi's that says nothing, not even of panics.
type silent struct{}

func (silent) NewLogEntry(*http.Request) middleware.LogEntry   { return silent{} }
func (silent) Write(int, int, http.Header, time.Duration, any) {}
func (silent) Panic(any, []byte)                               {}
