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

// A commonName has the words that a name stands in, as swar has them, with its letters small,
// and the bits that make them so: another spelling of the name becomes the same when they are
// set. A short name stands in one word; of any other, the last word ends where the name does.
type commonName struct {
	name         string
	small, shift [4]uint64
}

func newNameTable(names ...string) *nameTable {
	t := &nameTable{names: make([]commonName, 1, 1+len(names))}
	for _, name := range names {
		n := commonName{name: name}
		small := []byte(strings.ToLower(name))
		for i := range n.small {
			n.small[i] = wordAt(small, i*8)
			n.shift[i] = swar.Letters(n.small[i]) >> 2
		}
		place := sumOf(n.small[0], n.small[(len(name)-1)/8], len(name))
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
	first, last := wordAt(name, 0), wordAt(name, len(name))
	for place := sumOf(first, last, len(name)); ; place++ {
		number := t.at[place]
		if n := &t.names[number]; number == 0 || len(n.name) == len(name) && n.is(first, last, name) {
			return number
		}
	}
}

// sumOf is the same for all spellings of a name that begins and ends with these words, and
// mostly another for another name.
func sumOf(first, last uint64, size int) uint8 {
	return uint8(((first|smallLetters)*31 + (last | smallLetters) + uint64(size)) * 0x9e3779b97f4a7c15 >> 56)
}

const smallLetters = swar.All >> 2

// is reports whether a name of the same length, of which the first and the last word are
// these, is n but for its case.
func (n *commonName) is(first, last uint64, name []byte) bool {
	end := (len(name) - 1) / 8 & 3
	if first|n.shift[0] != n.small[0] || last|n.shift[end] != n.small[end] {
		return false
	}
	for i := 1; i < end; i++ {
		if wordAt(name, i*8)|n.shift[i] != n.small[i] {
			return false
		}
	}
	return true
}

// wordAt is the word of name that begins there, or the last one, which ends where name does.
// Of less than eight bytes, zeros complete it.
func wordAt(name []byte, at int) uint64 {
	if len(name) >= 8 {
		return binary.LittleEndian.Uint64(name[min(at, len(name)-8):])
	}
	word, size := firstWord(name)
	return word & (1<<(8*size) - 1)
}
