package main

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// filmSize is close to what Lambda lets a function stream, 200 MB.
const filmSize = 200_000_000

// download serves a large file, with ranges: a player can seek in it, and a download
// that broke off can go on. Any io.ReadSeeker will do, such as an object of a store.
func download(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "film.bin", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), &film{})
}

// A film is a file that nobody has to store: byte n is n modulo 251.
type film struct{ at int64 }

// Read implements io.Reader.
func (f *film) Read(p []byte) (int, error) {
	if f.at >= filmSize {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), filmSize-f.at)]
	for i := range p[:min(len(p), 251)] {
		p[i] = byte((f.at + int64(i)) % 251)
	}
	for n := 251; n < len(p); n *= 2 {
		copy(p[n:], p[:n])
	}
	f.at += int64(len(p))
	return len(p), nil
}

// Seek implements io.Seeker.
func (f *film) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += filmSize
	}
	if offset < 0 {
		return 0, errors.New("film: before its beginning")
	}
	f.at = offset
	return offset, nil
}
