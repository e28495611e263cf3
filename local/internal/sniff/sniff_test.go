package sniff_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/certificate"
	"github.com/lambridge-go/lambridge/local/internal/sniff"
)

func listen(t *testing.T) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func says(text string) *http.Server {
	return &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, text+" "+r.Proto) }), ReadHeaderTimeout: time.Minute}
}

func get(t *testing.T, client *http.Client, url string) string {
	response, err := client.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

func TestSplit(t *testing.T) {
	l := listen(t)
	made, _, err := certificate.Localhost(t.TempDir(), time.Now())
	require.NoError(t, err)
	secure, plain := sniff.Split(l)
	over, under := says("over"), says("under")
	over.TLSConfig = &tls.Config{Certificates: []tls.Certificate{made}}
	go over.ServeTLS(secure, "", "")
	go under.Serve(plain)
	t.Cleanup(func() { over.Close(); under.Close() })

	client := func(http2 bool) *http.Client {
		return &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: http2, DisableKeepAlives: !http2,
		}}
	}
	address := l.Addr().String()
	assert.Equal(t, "over HTTP/1.1", get(t, client(false), "https://"+address))
	assert.Equal(t, "over HTTP/2.0", get(t, client(true), "https://"+address))
	assert.Equal(t, "under HTTP/1.1", get(t, client(false), "http://"+address))

	// One that sends nothing is in nobody's way, and is let go of at the end.
	silent, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer silent.Close()
	assert.Equal(t, "under HTTP/1.1", get(t, client(false), "http://"+address))
	require.NoError(t, l.Close())
	_, err = silent.Read(make([]byte, 1))
	assert.Error(t, err)
	_, err = plain.Accept()
	assert.ErrorIs(t, err, net.ErrClosed)
}

func TestNotice(t *testing.T) {
	var noticed atomic.Int32
	l := listen(t)
	server := says("plain")
	go server.Serve(sniff.Notice(l, func(net.Addr) { noticed.Add(1) }))
	t.Cleanup(func() { server.Close() })
	address := l.Addr().String()
	assert.Equal(t, "plain HTTP/1.1", get(t, http.DefaultClient, "http://"+address))
	assert.Zero(t, noticed.Load())
	for range 2 {
		_, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		assert.Error(t, err)
	}
	assert.EqualValues(t, 1, noticed.Load())
}
