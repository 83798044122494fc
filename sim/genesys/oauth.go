package genesys

import (
	"cordboard/sim/stage"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// tokens are the access tokens that were given out, expired ones included: an expired token is refused with other
// words than an unknown one.
type tokens struct {
	mu    sync.Mutex
	live  map[string]*token
	count int // logins so far
}

type token struct {
	id      string
	expires time.Time
	window  time.Time // when the minute of the rate limit began
	used    int       // requests within it
}

// login answers POST /oauth/token: the client credentials grant, with the client's id and secret in the Basic header or
// in the form. The refusal's words were published by people who met it; its status 400 likewise.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(correlationHeader, newID())
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	} else if plain, err := url.QueryUnescape(secret); err == nil && secret != s.cfg.ClientSecret {
		secret = plain // RFC 6749 has clients encode it, most do not
	}
	switch {
	case r.PostFormValue("grant_type") != "client_credentials":
		refuseLogin(w, "unsupported_grant_type", "the grant type is not supported by this client")
	case id != s.cfg.ClientID:
		refuseLogin(w, "invalid_client", "client not found")
	case subtle.ConstantTimeCompare([]byte(secret), []byte(s.cfg.ClientSecret)) != 1:
		refuseLogin(w, "invalid_client", "authentication failed")
	default:
		t := s.tokens.issue(s.cfg.TokenLifetime)
		w.Header().Set("Cache-Control", "no-store")
		stage.Answer(w, http.StatusOK, map[string]any{"access_token": t.id, "token_type": "bearer",
			"expires_in": int(s.cfg.TokenLifetime / time.Second)})
	}
}

func refuseLogin(w http.ResponseWriter, code, why string) {
	stage.Answer(w, http.StatusBadRequest, map[string]string{"error": code, "description": why, "error_description": why})
}

func (t *tokens) issue(life time.Duration) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	made := &token{id: strings.ReplaceAll(newID()+newID(), "-", ""), expires: time.Now().Add(life)}
	t.live[made.id] = made
	t.count++
	return made
}

// check finds the token of a request.
func (t *tokens) check(r *http.Request) (*token, *apiError) {
	kind, id, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "bearer") || id == "" {
		return nil, unauthorized("authentication.required", "No authentication bearer token specified in authorization header.")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.live[strings.TrimSpace(id)]
	switch {
	case found == nil:
		return nil, unauthorized("bad.credentials", "Invalid login credentials.")
	case !time.Now().Before(found.expires):
		return nil, unauthorized("credentials.expired", "The supplied credentials are expired and cannot be used.")
	}
	return found, nil
}

// spend counts a request against the token's minute and says how many it has made, and when the minute is over.
func (t *tokens) spend(of *token) (used int, reset time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if now.Sub(of.window) >= time.Minute {
		of.window, of.used = now, 0
	}
	of.used++
	return of.used, time.Minute - now.Sub(of.window)
}

// ExpireTokens makes every access token expire now. Sockets that are open go on (inferred).
func (s *Server) ExpireTokens() {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	for _, t := range s.tokens.live {
		t.expires = time.Now()
	}
}

// Logins is how many access tokens were given out.
func (s *Server) Logins() int {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	return s.tokens.count
}
