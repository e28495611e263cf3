package inspector

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// sendToTalk sends the client of a connection what the page gives.
func (i *Inspector) sendToTalk(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Message string `json:"message"`
	}
	if err := read(r, &ask); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	i.manage(w, r, http.MethodPost, ask.Message)
}

// closeTalk closes a connection.
func (i *Inspector) closeTalk(w http.ResponseWriter, r *http.Request) {
	i.manage(w, r, http.MethodDelete, "")
}

// manage calls the @connections API of a connection's own API, as a function would.
func (i *Inspector) manage(w http.ResponseWriter, r *http.Request, method, content string) {
	id := r.PathValue("id")
	i.store.mu.Lock()
	t := i.store.talks[id]
	i.store.mu.Unlock()
	if t == nil {
		refuse(w, http.StatusNotFound, errNoTalk)
		return
	}
	handler, path := t.via()
	target := strings.TrimSuffix(path, "/") + "/@connections/" + url.PathEscape(id)
	request, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), method, target, strings.NewReader(content))
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err)
		return
	}
	request.RequestURI, request.RemoteAddr = target, "127.0.0.1:0"
	// What asks is on this machine and behind the guard; the API only looks whether there
	// is a signature.
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=inspector")
	to := &recorder{header: http.Header{}}
	handler.ServeHTTP(to, request)
	if to.status >= 300 {
		refuse(w, http.StatusUnprocessableEntity, fmt.Errorf("@connections answers %d %s", to.status, to.content.data))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
