package certificate_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/certificate"
)

func TestLocalhost(t *testing.T) {
	now := time.Date(2026, 11, 27, 4, 30, 0, 0, time.UTC)
	folder := filepath.Join(t.TempDir(), "new", "folder")
	made, file, err := certificate.Localhost(folder, now)
	require.NoError(t, err)
	leaf := made.Leaf

	assert.False(t, leaf.IsCA, "it can sign nothing")
	assert.True(t, leaf.BasicConstraintsValid)
	assert.Zero(t, leaf.KeyUsage&x509.KeyUsageCertSign)
	assert.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, leaf.ExtKeyUsage)
	assert.LessOrEqual(t, leaf.NotAfter.Sub(leaf.NotBefore), 398*24*time.Hour)
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		assert.NoError(t, leaf.VerifyHostname(host))
	}
	assert.Error(t, leaf.VerifyHostname("example.com"))
	if runtime.GOOS != "windows" {
		for name, mode := range map[string]os.FileMode{"localhost-key.pem": 0o600, "localhost.pem": 0o644, ".": 0o700} {
			info, err := os.Stat(filepath.Join(folder, name))
			require.NoError(t, err)
			assert.Equal(t, mode, info.Mode().Perm(), name)
		}
	}
	assert.Equal(t, filepath.Join(folder, "localhost.pem"), file)

	again, _, err := certificate.Localhost(folder, now.Add(300*24*time.Hour))
	require.NoError(t, err)
	assert.Equal(t, leaf.SerialNumber, again.Leaf.SerialNumber, "it is kept")
	later, _, err := certificate.Localhost(folder, now.Add(364*24*time.Hour+time.Hour))
	require.NoError(t, err)
	assert.NotEqual(t, leaf.SerialNumber, later.Leaf.SerialNumber, "on its last day another one is made")

	require.NoError(t, os.WriteFile(file, []byte("no certificate"), 0o600))
	_, _, err = certificate.Localhost(folder, now)
	assert.NoError(t, err, "one that cannot be read is made anew")
	_, _, err = certificate.Localhost(filepath.Join(file, "below"), now)
	assert.ErrorContains(t, err, "certificate: ")
}
