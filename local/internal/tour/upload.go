package tour

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
)

// maxUpload is over what Lambda lets through in one event, so that the front
// door's limit is what a visitor meets first.
const maxUpload = 8 << 20

// upload answers with what arrived, for the browser to compare with what it sent.
func upload(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	file, header, err := r.FormFile("file")
	if err != nil {
		http.Error(w, `want multipart/form-data with a part "file", up to 8 MB`, http.StatusBadRequest)
		return
	}
	defer file.Close()

	first := make([]byte, 512) // as much as DetectContentType looks at
	n, err := io.ReadFull(file, first)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		http.Error(w, "the file broke off", http.StatusBadRequest)
		return
	}
	hash := sha256.New()
	hash.Write(first[:n])
	rest, err := io.Copy(hash, file)
	if err != nil {
		http.Error(w, "the file broke off", http.StatusBadRequest)
		return
	}
	writeJSON(w, map[string]any{
		"name":   header.Filename,
		"size":   int64(n) + rest,
		"type":   http.DetectContentType(first[:n]),
		"sha256": hex.EncodeToString(hash.Sum(nil)),
	})
}
