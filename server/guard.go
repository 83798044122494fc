package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"

	"cordboard/config"
	"cordboard/platform"
)

// guard lets through who may see the console: whoever knows the password, or, when there is none, whoever comes from
// this machine. Requests that change something must come from a page of our own.
func guard(password config.Secret, next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	want := sha256.Sum256([]byte(password.Reveal()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if password.IsZero() {
			if !fromHere(r) {
				platform.Problem(w, http.StatusForbidden, "Only from this machine", "The console has no password yet (console.password_file in cordboard.yaml), so it answers on this machine only.")
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		_, given, _ := r.BasicAuth()
		got := sha256.Sum256([]byte(given))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="Cordboard", charset="UTF-8"`)
			platform.Problem(w, http.StatusUnauthorized, "Sign in", "The console asks for its password; any user name will do.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// fromHere reports whether the request comes from this machine and was meant for it: a page elsewhere that points its
// own name at this address (DNS rebinding) is not.
func fromHere(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopbackHost(host) {
		return false
	}
	asked := r.Host
	if h, _, err := net.SplitHostPort(asked); err == nil {
		asked = h
	}
	return loopbackHost(asked)
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
