// Package certificate makes the certificate that a server on this machine shows its
// own clients: for localhost, 127.0.0.1 and ::1, and for nothing else.
//
// It is signed by its own key and can sign nothing: whoever gets hold of the key can
// pretend to be localhost, and nobody else. A client that is to trust it is given the
// certificate itself (curl --cacert), or one that its user's own authority has signed
// takes its place (mkcert makes such).
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// life is how long a certificate is good for: browsers refuse more than 398 days.
const life = 365 * 24 * time.Hour

// hosts are what the certificate is for.
var (
	hostNames     = []string{"localhost"}
	hostAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
)

// Localhost returns the certificate in a folder, which is made if it is not there, and
// the file that it stands in. One that is about to end, or cannot be read, is made
// anew. The key stands beside it, for its owner alone to read.
func Localhost(folder string, now time.Time) (certificate tls.Certificate, file string, err error) {
	file, keyFile := filepath.Join(folder, "localhost.pem"), filepath.Join(folder, "localhost-key.pem")
	if certificate, err = tls.LoadX509KeyPair(file, keyFile); err == nil && good(certificate.Leaf, now) {
		return certificate, file, nil
	}
	if err = issue(file, keyFile, now); err != nil {
		return certificate, file, fmt.Errorf("certificate: %w", err)
	}
	certificate, err = tls.LoadX509KeyPair(file, keyFile)
	return certificate, file, err
}

// good reports whether a certificate still has a day, and is for all of this machine's
// own names.
func good(leaf *x509.Certificate, now time.Time) bool {
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter.Add(-24*time.Hour)) || leaf.IsCA {
		return false
	}
	for _, address := range hostAddresses {
		if leaf.VerifyHostname(address.String()) != nil {
			return false
		}
	}
	return leaf.VerifyHostname(hostNames[0]) == nil
}

func issue(file, keyFile string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "localhost", Organization: []string{"Lambridge on this machine"}},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(life),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, // and no authority
		DNSNames:              hostNames,
		IPAddresses:           hostAddresses,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	// The key first: a certificate without its key would be made anew.
	if err := write(keyFile, "PRIVATE KEY", private, 0o600); err != nil {
		return err
	}
	return write(file, "CERTIFICATE", der, 0o644)
}

// write replaces a file by another one, whose mode it never had before.
func write(file, kind string, data []byte, mode os.FileMode) error {
	temporary, err := os.CreateTemp(filepath.Dir(file), ".localhost-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // unless it has its name by then
	err = pem.Encode(temporary, &pem.Block{Type: kind, Bytes: data})
	if closed := temporary.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(temporary.Name(), mode)
	}
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	return err
}
