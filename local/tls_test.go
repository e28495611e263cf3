package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// over sends a request with a client of its own.
func over(t *testing.T, config *tls.Config, http2 bool, url string) (*http.Response, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config.Clone(), ForceAttemptHTTP2: http2, DisableKeepAlives: true}}
	response, err := client.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(body)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	c := startCommandWith(t, t.TempDir(), []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "AppData=" + home},
		"--exec", os.Args[0], "--env", mirrorVariable+"=1", "--addr", "127.0.0.1:0", "--inspect", "off", "--tls")
	url := c.find(`(https://127\.0\.0\.1:\d+)/ +HTTP API`)
	file := c.find(`file="?([^"\s]*localhost\.pem)`)
	shown, err := os.ReadFile(file)
	require.NoError(t, err)
	trusting := &tls.Config{RootCAs: x509.NewCertPool()}
	require.True(t, trusting.RootCAs.AppendCertsFromPEM(shown))

	response, body := over(t, trusting, true, url+"/nothing/event")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, "HTTP/2.0", response.Proto)
	assert.Contains(t, body, `"protocol":"HTTP/1.1"`, "which is what events say of HTTP/2, too")
	response, _ = over(t, trusting, false, url)
	assert.Equal(t, "HTTP/1.1", response.Proto)

	// The WebSocket API and the functions' way back are at the same port.
	socket := c.find(`(wss://\S+) +WebSocket API`)
	ws, _, err := websocket.Dial(t.Context(), socket, &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: trusting.Clone()}}})
	require.NoError(t, err)
	ws.CloseNow()
	plain := "http" + url[len("https"):]
	back, err := http.Get(plain + "/local/@connections/R0oXAdfD0kwCH6w%3D")
	require.NoError(t, err)
	back.Body.Close()
	assert.Equal(t, "MissingAuthenticationTokenException", back.Header.Get("X-Amzn-Errortype"), "@connections answers by plain HTTP")

	for range 2 {
		response, body = over(t, nil, false, plain)
		assert.Equal(t, 400, response.StatusCode)
		assert.Equal(t, "This port speaks HTTPS: the URL has to begin with https://\n", body)
	}
	c.find(`a client speaks plain HTTP to a port of HTTPS`)
	assert.Equal(t, 0, c.interrupt())
}

func TestTLSOnPlainPort(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "off")
	address := c.find(`http://(127\.0\.0\.1:\d+)/ +HTTP API`)
	_, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	require.Error(t, err)
	c.find(`a client speaks TLS to a port of plain HTTP`)
	assert.Equal(t, 0, c.interrupt())
}

// A client proves who it is, and the event shows it.
func TestMutualTLS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ann"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}, DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	cert, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))

	self, err := os.Executable()
	require.NoError(t, err)
	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "off", "--exec", self, "--env", mirrorVariable+"=1",
		"--tls-cert", cert, "--tls-key", keyFile, "--tls-truststore", cert)
	url := c.find(`(https://127\.0\.0\.1:\d+)/ +HTTP API`)
	pair, err := tls.LoadX509KeyPair(cert, keyFile)
	require.NoError(t, err)
	_, body := over(t, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}}, false, url+"/event")
	assert.Contains(t, body, `CN=ann`)
	assert.Contains(t, body, `BEGIN CERTIFICATE`)
	_, err = (&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}).Get(url)
	assert.Error(t, err, "a client without a certificate")
	assert.Equal(t, 0, c.interrupt())
}
