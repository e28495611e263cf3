package websocket

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// manage serves the @connections API: POST sends a message to a connection, GET
// tells about it, DELETE closes it. Errors carry their type in the header
// x-amzn-ErrorType, where SDKs look for it.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
func (a *API) manage(w http.ResponseWriter, r *http.Request, id string) {
	log := a.cfg.Logger.With("connection", id, "method", r.Method)
	if !isSigned(r) {
		log.Warn("unsigned call of @connections: AWS answers 403; use an AWS SDK, or curl --aws-sigv4 aws:amz:" + a.cfg.Account.Region + ":execute-api --user x:x")
		refuse(w, http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token")
		return
	}
	if !isConnectionID(id) {
		refuse(w, http.StatusBadRequest, "BadRequestException", "Invalid connectionId: "+id)
		return
	}
	c, ok := a.lookup(id)
	if !ok {
		log.Debug("the connection is gone")
		refuseGone(w)
		return
	}

	var err error
	switch r.Method {
	case http.MethodPost:
		err = c.post(w, r)
	case http.MethodGet:
		err = c.describe(w)
	case http.MethodDelete:
		err = c.delete(w)
	default:
		refuse(w, http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	switch {
	case err == nil:
	case errors.Is(err, errConnecting):
		log.Warn("a connection opens when its $connect has returned: until then @connections answers 410; send the first message from a later event")
		refuseGone(w)
	case errors.Is(err, errGone):
		log.Debug("the connection is gone")
		refuseGone(w)
	case errors.Is(err, errBufferFull):
		log.Warn("not sent", "error", err)
		refuse(w, http.StatusTooManyRequests, "LimitExceededException", "Too many requests: "+err.Error())
	case errors.Is(err, errMessageSize):
		log.Warn("not sent", "error", err)
		refuse(w, http.StatusRequestEntityTooLarge, "PayloadTooLargeException", fmt.Sprintf("Message too long: the limit is %d bytes", maxMessage))
	default: // the request itself broke off
		refuse(w, http.StatusBadRequest, "BadRequestException", err.Error())
	}
}

// isSigned reports whether r carries a signature. It is not checked: there is no
// account here whose keys it could be checked with.
func isSigned(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-") || r.URL.Query().Has("X-Amz-Signature")
}

// refuseGone answers as API Gateway does, without a body.
func refuseGone(w http.ResponseWriter) {
	w.Header().Set("X-Amzn-Errortype", "GoneException")
	w.WriteHeader(http.StatusGone)
}

// isConnectionID reports whether id has the shape that arrival.NewConnectionID gives it. The
// equals sign at its end is why ids are escaped in URLs.
func isConnectionID(id string) bool {
	if len(id) != 16 {
		return false
	}
	for _, alphabet := range []*base64.Encoding{base64.URLEncoding, base64.StdEncoding} {
		if b, err := alphabet.DecodeString(id); err == nil && len(b) == 11 {
			return true
		}
	}
	return false
}

func (c *conn) post(w http.ResponseWriter, r *http.Request) error {
	message, err := io.ReadAll(io.LimitReader(r.Body, maxMessage+1))
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	if err := c.send(c.text(message)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

func (c *conn) describe(w http.ResponseWriter) error {
	if err := c.reachable(); err != nil {
		return err
	}
	type identity struct {
		SourceIP  string `json:"sourceIp"`
		UserAgent string `json:"userAgent,omitempty"`
	}
	body, err := json.Marshal(struct {
		ConnectedAt  string   `json:"connectedAt"`
		Identity     identity `json:"identity"`
		LastActiveAt string   `json:"lastActiveAt"`
	}{
		ConnectedAt:  isoTime(c.ConnectedAt),
		Identity:     identity{c.SourceIP, c.UserAgent},
		LastActiveAt: isoTime(time.Unix(0, c.lastActive.Load())),
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
	return nil
}

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// delete closes the connection. The answer does not wait for the client's.
func (c *conn) delete(w http.ResponseWriter) error {
	if err := c.reachable(); err != nil {
		return err
	}
	c.shut(closedByRequest)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
