package salesforce

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// The org as a provider of OpenID Connect ("OpenID Connect Discovery Endpoint", "OAuth 2.0 Web Server Flow for Web App
// Integration"). Its log-in page asks for a user name and no password.
const (
	discoveryPath = "/.well-known/openid-configuration"
	authorizePath = "/services/oauth2/authorize"
	keysPath      = "/id/keys"

	keyID = "cordboard-sim"
	// codeLife is how long an authorization code is good ("OAuth 2.0 Web Server Flow": 15 minutes).
	codeLife = 15 * time.Minute
	// idTokenLife is how long an id token is good. The vendor's example shows two minutes.
	idTokenLife = 2 * time.Minute
)

// grant is what a code stands for.
type grant struct {
	user, redirect, challenge, nonce string
	openid                           bool
	expires                          time.Time
}

// grants are the codes that nobody has used yet.
type grants struct {
	mu  sync.Mutex
	all map[string]grant
}

func (g *grants) put(code string, what grant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all == nil {
		g.all = map[string]grant{}
	}
	g.all[code] = what
}

// take returns what a code stands for, once.
func (g *grants) take(code string) (grant, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	what, ok := g.all[code]
	delete(g.all, code)
	return what, ok
}

func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	base := s.base(r)
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": base, "authorization_endpoint": base + authorizePath, "token_endpoint": base + "/services/oauth2/token",
		"revocation_endpoint": base + "/services/oauth2/revoke", "userinfo_endpoint": base + "/services/oauth2/userinfo", "jwks_uri": base + keysPath,
		"response_types_supported": []string{"code", "token", "token id_token"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "scopes_supported": []string{"openid", "profile", "email", "id", "api"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic", "private_key_jwt"},
	})
}

func (s *Server) serveKeys(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: s.key.public(), KeyID: keyID, Algorithm: string(jose.RS256), Use: "sig"}}})
}

// serveAuthorize shows the log-in page, and sends who is known back with a code.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	back, err := url.Parse(r.Form.Get("redirect_uri"))
	// Who does not know the address to go back to must not go there.
	if r.Form.Get("client_id") != s.cfg.ClientID {
		http.Error(w, "error=invalid_client_id&error_description=client%20identifier%20invalid", http.StatusBadRequest)
		return
	}
	if err != nil || !s.mayReturn(back) {
		http.Error(w, "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration", http.StatusBadRequest)
		return
	}
	if r.Form.Get("response_type") != "code" {
		goBack(w, r, back, url.Values{"error": {"unsupported_response_type"}})
		return
	}
	if method := r.Form.Get("code_challenge_method"); r.Form.Get("code_challenge") != "" && method != "S256" {
		goBack(w, r, back, url.Values{"error": {"invalid_request"}, "error_description": {"code_challenge_method must be S256"}})
		return
	}
	if r.Form.Get("deny") != "" {
		goBack(w, r, back, url.Values{"error": {"access_denied"}, "error_description": {"end-user denied authorization"}})
		return
	}
	s.mu.RLock()
	u := s.findUser(r.Form.Get("username"))
	s.mu.RUnlock()
	if u == nil || u.vals["IsActive"] != true {
		s.servePageOfLogin(w, r)
		return
	}
	code := "aPrx" + rand.Text() + rand.Text()
	s.grants.put(code, grant{
		user: u.id, redirect: r.Form.Get("redirect_uri"), challenge: r.Form.Get("code_challenge"), nonce: r.Form.Get("nonce"),
		openid: slices.Contains(strings.Fields(r.Form.Get("scope")), "openid"), expires: s.cfg.Now().Add(codeLife),
	})
	goBack(w, r, back, url.Values{"code": {code}})
}

// mayReturn reports whether the app lists an address; an org whose app lists none takes those of the same machine.
func (s *Server) mayReturn(back *url.URL) bool {
	if len(s.cfg.Callbacks) > 0 {
		return slices.Contains(s.cfg.Callbacks, back.String())
	}
	return back.Hostname() == "127.0.0.1" || back.Hostname() == "localhost"
}

func goBack(w http.ResponseWriter, r *http.Request, back *url.URL, with url.Values) {
	if state := r.Form.Get("state"); state != "" {
		with.Set("state", state)
	}
	there := *back
	there.RawQuery = with.Encode()
	http.Redirect(w, r, there.String(), http.StatusFound)
}

var loginPage = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Login | Simulated Salesforce</title></head>
<body style="font:16px system-ui;max-width:22rem;margin:4rem auto">
<h1 style="font-size:1.2rem">Simulated Salesforce</h1>
{{if .Wrong}}<p role="alert">No active user has that name.</p>{{end}}
<form method="post">
<label>Username<br><input name="username" value="{{.Name}}" autofocus style="font:inherit;width:100%"></label>
<p><button style="font:inherit">Log In</button> <button name="deny" value="1" style="font:inherit">Deny</button></p>
</form></body></html>
`))

func (s *Server) servePageOfLogin(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Frame-Options", "DENY") // the vendor's log-in page cannot be framed ("Clickjack Protection")
	name := r.Form.Get("username")
	if name == "" {
		name = r.Form.Get("login_hint")
	}
	_ = loginPage.Execute(w, map[string]any{"Name": name, "Wrong": r.Form.Get("username") != ""})
}

// authorizationCode exchanges a code for a session and, when that was asked for, an id token.
func (s *Server) authorizationCode(r *http.Request) (user, idToken string, refusal *oauthError) {
	if _, refusal = s.clientCredentials(r); refusal != nil {
		return "", "", refusal
	}
	g, ok := s.grants.take(r.Form.Get("code"))
	switch {
	case !ok:
		return "", "", &oauthError{"invalid_grant", "invalid authorization code"}
	case !s.cfg.Now().Before(g.expires):
		return "", "", &oauthError{"invalid_grant", "expired authorization code"}
	case g.redirect != r.Form.Get("redirect_uri"):
		return "", "", &oauthError{"redirect_uri_mismatch", "redirect_uri must match configuration"}
	case g.challenge != "" && subtle.ConstantTimeCompare([]byte(g.challenge), []byte(challengeOf(r.Form.Get("code_verifier")))) != 1:
		return "", "", &oauthError{"invalid_grant", "invalid code verifier"}
	case !g.openid:
		return g.user, "", nil
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: s.key.get()}, (&jose.SignerOptions{}).WithHeader("kid", keyID))
	if err == nil {
		now := s.cfg.Now()
		idToken, err = jwt.Signed(signer).Claims(map[string]any{
			"iss": s.base(r), "sub": s.base(r) + "/id/" + s.orgID + "/" + g.user, "aud": s.cfg.ClientID, "nonce": g.nonce,
			"iat": now.Unix(), "exp": now.Add(idTokenLife).Unix(),
		}).Serialize()
	}
	if err != nil { // our own key always signs
		panic(fmt.Sprintf("salesforce simulator: %v", err))
	}
	return g.user, idToken, nil
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
