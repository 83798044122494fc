package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"time"

	"golang.org/x/oauth2"
)

// visit is one way to the provider and back. The window keeps it in a cookie of its own, so that whichever node it comes
// back to can go on.
type visit struct {
	State    string `json:"state"`    // what the provider brings back
	Nonce    string `json:"nonce"`    // what the id token has to hold
	Verifier string `json:"verifier"` // of the code (RFC 7636)
	Question string `json:"question"` // of the panel, which takes the answer to this one only
}

// visitLife is how long somebody may take to sign in.
const visitLife = 10 * time.Minute

// question is what a panel may ask with.
var question = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)

func newVisit(question string) visit {
	return visit{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Question: question}
}

// cookie is the name of the cookie. The prefix keeps other hosts and plain HTTP from setting it.
func cookie(secure bool) string {
	if secure {
		return "__Host-cordboard-signin"
	}
	return "cordboard-signin"
}

func (v visit) leave(w http.ResponseWriter, secure bool) {
	raw, err := json.Marshal(v)
	if err != nil { // plain data always marshals
		panic(err)
	}
	setCookie(w, secure, base64.RawURLEncoding.EncodeToString(raw), int(visitLife.Seconds()))
}

// setCookie sets the cookie, or takes it away with a negative age. The way back is a link from another site, with which
// Strict cookies do not come.
func setCookie(w http.ResponseWriter, secure bool, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookie(secure), Value: value, Path: "/", MaxAge: age, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// find returns the visit that a request comes back from; false when it is none that was begun in this browser.
func find(r *http.Request, secure bool) (v visit, ok bool) {
	c, err := r.Cookie(cookie(secure))
	if err != nil {
		return v, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(raw, &v) != nil || v.State == "" {
		return v, false
	}
	return v, subtle.ConstantTimeCompare([]byte(v.State), []byte(r.URL.Query().Get("state"))) == 1
}
