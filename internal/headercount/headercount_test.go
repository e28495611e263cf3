package headercount_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/headercount"
)

func TestUnlimit(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Count", fmt.Sprint(len(r.Header)))
	}))
	headercount.Unlimit(server.Config)
	server.Start()
	defer server.Close()
	for _, headers := range []int{499, 501, 1001, 20_000} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
		require.NoError(t, err)
		for n := range headers {
			request.Header.Set(fmt.Sprintf("X-%d", n), "1")
		}
		response, err := server.Client().Do(request)
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, fmt.Sprint(headers+2), response.Header.Get("X-Count"), "with User-Agent and Accept-Encoding")
	}
}
