// Package guard keeps web pages away from the ports that are for tools: the
// Runtime API, the Invoke API and whatever else is served to a developer's own
// programs.
//
// These ports are on loopback, where no other machine reaches them, but every page
// in the developer's browser does. A page may send a request to any address, and
// its browser then says where the page came from (Origin, Sec-Fetch-Site). Or the
// page has a name of its own resolve to 127.0.0.1, so that the browser takes the
// port for the page's own server ("DNS rebinding"): then only the name, in Host,
// tells.
//
//   - https://www.w3.org/TR/fetch-metadata/
//   - https://fetch.spec.whatwg.org/#origin-header
//   - RFC 6761, section 6.3, of the names below localhost
package guard

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Hosts are the names and addresses, without a port, that a listener answers to
// beside those that are always its own. The zero value has no more.
type Hosts []string

// Has reports whether host, a Host header's value, is one that a request to the
// listener at local may carry: a loopback name or address, the address that the
// connection came to, or one of h. Ports are not compared, since a forwarded port
// has another number outside. An empty host is no browser's.
func (h Hosts) Has(host string, local net.Addr) bool {
	name := hostname(host)
	if host == "" || name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	for _, allowed := range h {
		if name == hostname(allowed) {
			return true
		}
	}
	ip, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	own, isTCP := local.(*net.TCPAddr)
	return ip.Unmap().IsLoopback() || isTCP && ip.Unmap() == own.AddrPort().Addr().Unmap().WithZone("")
}

// hostname returns the host of a Host header as one would compare it.
func hostname(host string) string {
	if name, port, err := net.SplitHostPort(host); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil && port != "" {
			return host // no browser's either
		}
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// Tools lets requests through to h that come from the developer's own programs, or
// from a page that h itself has served. Others are answered 403.
//
// With a token, for a listener that other machines reach, a request must also show
// it: in the header X-Lambridge-Token, as a bearer token, as the access key id that
// an AWS SDK signs with, or in the cookie that a first visit with ?token= leaves
// behind. "" asks for none.
func Tools(h http.Handler, hosts Hosts, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := checkHost(r, hosts); err != nil {
			refuse(w, err)
			return
		}
		if err := checkOrigin(r); err != nil {
			refuse(w, err)
			return
		}
		if token != "" && !admit(w, r, token) {
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Runtime lets requests through to h, the Runtime API, that no browser has sent:
// no runtime is a web page. Others are answered 403.
func Runtime(h http.Handler, hosts Hosts) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := checkHost(r, hosts); err != nil {
			refuse(w, err)
			return
		}
		for _, mark := range browserMarks {
			if _, marked := r.Header[mark]; marked {
				refuse(w, fmt.Errorf("a request with the header %s comes from a browser", mark))
				return
			}
		}
		// Node's own fetch says cors, and so may a runtime.
		if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "cors" {
			refuse(w, fmt.Errorf("a request with Sec-Fetch-Mode %q comes from a browser", mode))
			return
		}
		if strings.HasPrefix(r.UserAgent(), "Mozilla/") {
			refuse(w, fmt.Errorf("a request with the User-Agent %q comes from a browser", r.UserAgent()))
			return
		}
		h.ServeHTTP(w, r)
	})
}

// browserMarks are fields that browsers send and no runtime does: older browsers not the
// first of them, for an image or a script.
var browserMarks = []string{
	"Origin", "Sec-Fetch-Site", "Sec-Fetch-Dest", "Sec-Fetch-User", "Sec-Purpose", "Sec-Ch-Ua", "Sec-Ch-Ua-Mobile", "Sec-Websocket-Key",
	"Referer", "Cookie", "Upgrade-Insecure-Requests",
	"Access-Control-Request-Method", "Access-Control-Request-Headers", "Access-Control-Request-Private-Network",
}

func checkHost(r *http.Request, hosts Hosts) error {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !hosts.Has(r.Host, local) {
		return fmt.Errorf("the host %q is not this server's: allow it with --allow-host", r.Host)
	}
	return nil
}

// checkOrigin refuses what another site's page has sent, or asked its browser to
// open. A page's own site is the same host and the same port.
func checkOrigin(r *http.Request) error {
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "none", "same-origin":
	default:
		return fmt.Errorf("a request with Sec-Fetch-Site %q comes from another site's page", site)
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
		return fmt.Errorf("a request with the Origin %q comes from another site's page", origin)
	}
	return nil
}

const (
	tokenHeader = "X-Lambridge-Token"
	tokenCookie = "lambridge-token"
	tokenQuery  = "token"
)

// admit reports whether the request shows the token. It answers those that do not,
// and the first visit of a browser, whose address it cleans of the token.
func admit(w http.ResponseWriter, r *http.Request, token string) bool {
	cookie := ""
	if c, err := r.Cookie(tokenCookie); err == nil {
		cookie = c.Value
	}
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	for _, shown := range []string{r.Header.Get(tokenHeader), bearer, accessKey(r), cookie} {
		if same(shown, token) {
			return true
		}
	}
	query := r.URL.Query()
	if !same(query.Get(tokenQuery), token) {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "This port asks for the token that was printed when the server started: open it with ?token=TOKEN, "+
			"send "+tokenHeader+", or let the AWS SDK sign with the token as its access key id.", http.StatusUnauthorized)
		return false
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return true
	}
	http.SetCookie(w, &http.Cookie{Name: tokenCookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	query.Del(tokenQuery)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	// The path is made relative to the host by hand: "//evil.example" is another host.
	target := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: query.Encode()}
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
	return false
}

// accessKey returns the access key id of a request that is signed with AWS's
// signature version 4.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
func accessKey(r *http.Request) string {
	_, credential, found := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !found {
		return ""
	}
	key, _, _ := strings.Cut(credential, "/")
	return key
}

// same compares in constant time. The sums have one length whatever was shown.
func same(shown, token string) bool {
	a, b := sha256.Sum256([]byte(shown)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

func refuse(w http.ResponseWriter, reason error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, "refused: %v\n", reason)
}
