// Package frameworks_test holds what lambdatest reads of frameworks that stream.
package frameworks_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// gin's Context.Stream writes and flushes.
func TestStreamOfGin(t *testing.T) {
	t.Parallel()
	gin.SetMode(gin.ReleaseMode)
	for _, source := range []lambdatest.Source{lambdatest.FunctionURL, lambdatest.REST} {
		t.Run(string(source), func(t *testing.T) {
			next, left := make(chan int, 3), make(chan bool, 1)
			for n := range 3 {
				next <- n
			}
			close(next)
			app := gin.New()
			app.GET("/events", func(c *gin.Context) {
				left <- c.Stream(func(io.Writer) bool {
					n, ok := <-next
					if ok {
						c.SSEvent("count", n)
					}
					return ok
				})
			})
			resp := lambdatest.Do(t, adapter.Stream(app), source, httptest.NewRequest("GET", "/events", nil))
			assert.Equal(t, "text/event-stream;charset=utf-8", resp.Header.Get("Content-Type"))
			lines := bufio.NewReader(resp.Body)
			for n := range 3 {
				for line := ""; line != fmt.Sprintf("data:%d\n", n); {
					var err error
					line, err = lines.ReadString('\n')
					require.NoError(t, err)
				}
			}
			assert.False(t, <-left, "the client has stayed")
		})
	}
}
