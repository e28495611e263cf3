package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/certificate"
	"github.com/lambridge-go/lambridge/local/internal/head"
	"github.com/lambridge-go/lambridge/local/internal/sniff"
)

// tlsFlags say how the front doors are served over HTTPS.
type tlsFlags struct {
	TLS           bool   `name:"tls" help:"Serve the front doors over HTTPS, with a certificate for localhost that is made once for this user."`
	TLSCert       string `name:"tls-cert" placeholder:"FILE" help:"Certificate to serve HTTPS with instead, such as mkcert makes."`
	TLSKey        string `name:"tls-key" placeholder:"FILE" help:"Private key of that certificate."`
	TLSTruststore string `name:"tls-truststore" placeholder:"FILE" help:"Certificates of the authorities whose clients are let in, as PEM: mutual TLS, which events show."`
}

// secure reports whether the front doors speak TLS.
func (f *tlsFlags) secure() bool {
	return f.TLS || f.TLSCert != "" || f.TLSKey != "" || f.TLSTruststore != ""
}

// scheme is that of the front doors' URLs, to one of "http" and "ws".
func (f *tlsFlags) scheme(plain string) string {
	if f.secure() {
		return plain + "s"
	}
	return plain
}

// config is what the front doors' TLS is set up with, nil if they speak plain HTTP.
func (f *tlsFlags) config(logger *slog.Logger) (*tls.Config, error) {
	if !f.secure() {
		return nil, nil
	}
	shown, err := f.certificate(logger)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{shown}, MinVersion: tls.VersionTLS12}
	if f.TLSTruststore != "" {
		trusted, err := os.ReadFile(f.TLSTruststore)
		if err != nil {
			return nil, fmt.Errorf("local: --tls-truststore: %w", err)
		}
		config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		if !config.ClientCAs.AppendCertsFromPEM(trusted) {
			return nil, fmt.Errorf("local: --tls-truststore %s has no certificate in it", f.TLSTruststore)
		}
	}
	return config, nil
}

func (f *tlsFlags) certificate(logger *slog.Logger) (tls.Certificate, error) {
	if f.TLSCert != "" {
		shown, err := tls.LoadX509KeyPair(f.TLSCert, f.TLSKey)
		if err != nil {
			err = fmt.Errorf("local: --tls-cert and --tls-key: %w", err)
		}
		return shown, err
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("local: --tls: where the certificate is to be kept: %w", err)
	}
	shown, file, err := certificate.Localhost(filepath.Join(folder, "lambridge"), time.Now())
	if err != nil {
		return shown, fmt.Errorf("local: --tls: %w", err)
	}
	logger.Info("the certificate for localhost is signed by nobody else: clients have to be told to trust it (curl --cacert)", "file", file)
	return shown, nil
}

// checkTLS refuses half a certificate.
func (f *tlsFlags) checkTLS(refuse func(condition bool, message string)) {
	refuse((f.TLSCert == "") != (f.TLSKey == ""), "--tls-cert and --tls-key go together")
}

// serveSecure serves a handler over TLS. A function reaches the @connections API at the
// same port by plain HTTP, which is what its endpoint says. Other clients that speak
// plain HTTP there are told.
func (s *server) serveSecure(listener net.Listener, server *http.Server, h http.Handler) {
	secure, plain := sniff.Split(listener)
	config := s.tls.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	s.run(listener.Addr(), func() error { return server.Serve(head.Listener{Listener: tls.NewListener(secure, config)}) })

	var once sync.Once
	other := s.httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/@connections/") {
			h.ServeHTTP(w, r)
			return
		}
		once.Do(func() {
			s.logger.Warn("a client speaks plain HTTP to a port of HTTPS: its URL has to begin with https://", "port", listener.Addr().String(), "from", r.RemoteAddr)
		})
		http.Error(w, "This port speaks HTTPS: the URL has to begin with https://", http.StatusBadRequest)
	}))
	s.run(listener.Addr(), func() error { return other.Serve(plain) })
}

// servePlain serves a handler by plain HTTP, and tells if a client speaks TLS.
func (s *server) servePlain(listener net.Listener, server *http.Server) {
	noticing := sniff.Notice(listener, func(from net.Addr) {
		s.logger.Warn("a client speaks TLS to a port of plain HTTP: its URL has to begin with http://, or --tls has to be given", "port", listener.Addr().String(), "from", from.String())
	})
	s.run(listener.Addr(), func() error { return server.Serve(head.Listener{Listener: noticing}) })
}
