package definition

import (
	"errors"
	"net/http"
)

// webSocket makes a WebSocket API.
func (a *assembler) webSocket(api *WebSocketAPI) http.Handler {
	err := errors.New("WebSocket APIs are not served")
	a.refuse(api.Origin, api.label(), err)
	return a.broken(api.label(), err)
}
