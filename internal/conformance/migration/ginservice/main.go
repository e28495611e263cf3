// Command ginservice is a service as many are that were written for
// aws-lambda-go-api-proxy: a global that init fills, a Handler that main starts, and tests
// that call it with events. The test of the folder above moves it by two edits.
package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	ginadapter "github.com/awslabs/aws-lambda-go-api-proxy/gin"
	"github.com/gin-gonic/gin"
)

var ginLambda *ginadapter.GinLambda

func init() {
	gin.SetMode(gin.ReleaseMode)
	ginLambda = ginadapter.New(router())
}

func main() {
	lambda.Start(Handler)
}

// Handler answers requests of a REST API.
func Handler(ctx context.Context, req events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return ginLambda.ProxyWithContext(ctx, req)
}

// An order is what the service keeps.
type order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Product  string `json:"product" binding:"required"`
	Quantity int    `json:"quantity" binding:"min=1"`
}

func router() *gin.Engine {
	var mu sync.Mutex
	orders := map[string]order{"1": {"1", "ana", "tea", 2}}

	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/ping", func(c *gin.Context) { c.String(http.StatusOK, "pong") })
	r.GET("/label", func(c *gin.Context) { c.Data(http.StatusOK, "image/png", []byte("\x89PNG\r\n\x1a\n")) })
	r.GET("/search", func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"words": c.QueryArray("q"), "language": c.GetHeader("Accept-Language")})
	})

	guarded := r.Group("/orders", func(c *gin.Context) {
		if customer(c) == "" {
			c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{"error": "who are you?"})
		}
	})
	guarded.GET("/:id", func(c *gin.Context) {
		mu.Lock()
		defer mu.Unlock()
		o, ok := orders[c.Param("id")]
		if !ok || o.Customer != customer(c) {
			c.JSON(http.StatusNotFound, gin.H{"error": "no such order"})
			return
		}
		c.JSON(http.StatusOK, o)
	})
	guarded.POST("", func(c *gin.Context) {
		var o order
		if err := c.ShouldBindJSON(&o); err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"error": "no order"})
			return
		}
		mu.Lock()
		defer mu.Unlock()
		o.ID, o.Customer = "2", customer(c)
		orders[o.ID] = o
		c.SetCookie("last", o.ID, 60, "/", "", true, true)
		c.SetCookie("seen", "yes", 60, "/", "", true, true)
		c.Header("Location", "/orders/"+o.ID)
		c.JSON(http.StatusCreated, o)
	})
	return r
}

// customer is who calls, as the API's authorizer has found out, or "".
func customer(c *gin.Context) string {
	request, ok := core.GetAPIGatewayContextFromContext(c.Request.Context())
	if !ok {
		return ""
	}
	claims, _ := request.Authorizer["claims"].(map[string]any)
	sub, _ := claims["sub"].(string)
	return sub
}
