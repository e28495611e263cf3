package main

import (
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/lambridge-go/lambridge/local/internal/guard"
)

// strangers warns of the first request to a front door that names a host which is
// not this machine's. It is answered, since applications may well have hosts of
// their own; but a web page may have given itself the name.
type strangers struct {
	hosts  guard.Hosts
	logger *slog.Logger
	once   sync.Once
}

func (s *strangers) notice(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if !s.hosts.Has(r.Host, local) {
			s.once.Do(func() {
				s.logger.Warn("a request has a host that is not this machine's: if you do not know it, a web page may be reading your function's answers (--allow-host says that you do)", "host", r.Host)
			})
		}
		h.ServeHTTP(w, r)
	})
}
