package event

import (
	"encoding/binary"
	"strings"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// Most headers of most requests have one of these names, as http.CanonicalHeaderKey spells
// them. A request that has them takes them from here: they are neither spelt nor copied anew.
var commonNames = newNameTable(
	"Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Access-Control-Request-Headers",
	"Access-Control-Request-Method", "Authorization", "Cache-Control", "Cloudfront-Forwarded-Proto",
	"Cloudfront-Is-Desktop-Viewer", "Cloudfront-Is-Mobile-Viewer", "Cloudfront-Is-Smarttv-Viewer",
	"Cloudfront-Is-Tablet-Viewer", "Cloudfront-Viewer-Asn", "Cloudfront-Viewer-Country", "Connection",
	"Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location",
	"Content-Type", "Cookie", "Date", "Dnt", "Expect", "Forwarded", "From", "Host", "If-Match",
	"If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Keep-Alive",
	"Max-Forwards", "Origin", "Pragma", "Priority", "Proxy-Authorization", "Range", "Referer",
	"Sec-Ch-Ua", "Sec-Ch-Ua-Arch", "Sec-Ch-Ua-Mobile", "Sec-Ch-Ua-Model", "Sec-Ch-Ua-Platform",
	"Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-Gpc",
	"Sec-Websocket-Extensions", "Sec-Websocket-Key", "Sec-Websocket-Protocol", "Sec-Websocket-Version",
	"Te", "Traceparent", "Tracestate", "Trailer", "Transfer-Encoding", "Upgrade",
	"Upgrade-Insecure-Requests", "User-Agent", "Via", "X-Amz-Cf-Id", "X-Amz-Content-Sha256",
	"X-Amz-Date", "X-Amz-Security-Token", "X-Amzn-Lattice-Identity", "X-Amzn-Lattice-Network",
	"X-Amzn-Lattice-Target", "X-Amzn-Mtls-Clientcert", "X-Amzn-Mtls-Clientcert-Leaf",
	"X-Amzn-Oidc-Accesstoken", "X-Amzn-Oidc-Data", "X-Amzn-Oidc-Identity",
	"X-Amzn-Tls-Cipher-Suite", "X-Amzn-Tls-Version", "X-Amzn-Trace-Id", "X-Api-Key",
	"X-Correlation-Id", "X-Csrf-Token", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port",
	"X-Forwarded-Proto", "X-Request-Id", "X-Requested-With",
)

// A nameTable finds names, whatever the case of the letters in which they are asked for.
type nameTable struct {
	names []commonName // from 1 on
	at    [256]uint8   // by a sum of a name's bytes: its number, 0 for none
}

// A commonName has the bytes of the name with its letters small, and the bit that makes them
// so: another spelling of the name becomes the same when that bit is set. Both are words, as
// swar has them.
type commonName struct {
	name         string
	small, shift [4]uint64
}

func newNameTable(names ...string) *nameTable {
	t := &nameTable{names: make([]commonName, 1, 1+len(names))}
	for _, name := range names {
		n := commonName{name: name}
		for i, c := range []byte(strings.ToLower(name)) {
			n.small[i/8] |= uint64(c) << (i % 8 * 8)
			if 'a' <= c && c <= 'z' {
				n.shift[i/8] |= ('a' - 'A') << (i % 8 * 8)
			}
		}
		place := sumOf([]byte(name))
		for t.at[place] != 0 {
			place++
		}
		t.at[place] = uint8(len(t.names))
		t.names = append(t.names, n)
	}
	return t
}

// find is the number of a name, 0 if it is not in the table. Names that share a sum stand in
// a row.
func (t *nameTable) find(name []byte) uint8 {
	if len(name) == 0 || len(name) > 32 {
		return 0
	}
	for place := sumOf(name); ; place++ {
		number := t.at[place]
		if n := &t.names[number]; number == 0 || len(n.name) == len(name) && n.is(name) {
			return number
		}
	}
}

// sumOf is the same for all spellings of a name, and mostly another for another name.
func sumOf(name []byte) uint8 {
	first, size := firstWord(name)
	last := first
	if size == 8 {
		last, _ = firstWord(name[len(name)-8:])
	}
	outside := uint(64 - 8*size) // the bits of what stands behind the name
	first, last = (first|smallLetters)<<outside, (last|smallLetters)<<outside
	return uint8((first*31 + last + uint64(len(name))) * 0x9e3779b97f4a7c15 >> 56)
}

const smallLetters = swar.All >> 2

// is reports whether a name of the same length is n, but for its case.
func (n *commonName) is(name []byte) bool {
	i := 0
	for ; len(name) > 8; i++ {
		if binary.LittleEndian.Uint64(name)|n.shift[i&3] != n.small[i&3] {
			return false
		}
		name = name[8:]
	}
	word, size := firstWord(name)
	return ((word|n.shift[i&3])^n.small[i&3])<<(64-8*size) == 0
}
