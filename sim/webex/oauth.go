package webex

import (
	"cordboard/sim/stage"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// OAuth as integrations and service apps use it ("Authentication",
// "Integrations", "Contact Center Service Apps"): an authorization code or a
// refresh token becomes an access token. An agent's token acts for that agent
// only; the service app's token administers and acts for nobody.

const (
	tokenPath     = "/v1/access_token"
	authorizePath = "/v1/authorize"

	scopeUser   = "cjp:user"
	scopeConfig = "cjp:config"
	scopeRead   = "cjp:config_read"
	scopeWrite  = "cjp:config_write"
)

// serviceScopes are those of the service app.
var serviceScopes = []string{scopeConfig, scopeRead, scopeWrite}

// grant is what a token stands for: an agent, or the service app when agent
// is nil.
type grant struct {
	agent   *agent
	expires time.Time
}

func (g grant) may(scope string) bool {
	if g.agent != nil {
		return scope == scopeUser
	}
	return slices.Contains(serviceScopes, scope)
}

// keyring holds all tokens. It has its own lock, so that a busy organization
// does not slow them down.
type keyring struct {
	mu       sync.Mutex
	cfg      Config
	lifetime time.Duration // of access tokens from now on
	access   map[string]grant
	refresh  map[string]grant
	current  map[*agent]string // the refresh token of each agent; of the service app under nil
	codes    map[string]*agent
	revoked  bool // all refresh tokens are refused
}

func (k *keyring) init(s *Server) {
	k.cfg, k.lifetime = s.cfg, s.cfg.TokenLifetime
	k.access, k.refresh, k.codes = map[string]grant{}, map[string]grant{}, map[string]*agent{}
	k.current = make(map[*agent]string, len(s.agents)+1)
	for _, a := range append([]*agent{nil}, s.agents...) {
		k.newRefresh(a)
	}
}

func (k *keyring) newRefresh(a *agent) string {
	token := "R" + rand.Text() + rand.Text()
	k.refresh[token] = grant{a, time.Now().Add(k.cfg.RefreshLifetime)}
	k.current[a] = token
	return token
}

func (k *keyring) refreshOf(a *agent) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.current[a]
}

func (k *keyring) service() string { return k.refreshOf(nil) }

// holder says whose access token a request carries.
func (k *keyring) holder(r *http.Request) (grant, bool) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return grant{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	g, ok := k.access[strings.TrimSpace(token)]
	return g, ok && time.Now().Before(g.expires)
}

// forget ends the access token of a request.
func (k *keyring) forget(r *http.Request) {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.access, strings.TrimSpace(token))
}

// issue makes an access token. Expired ones are swept when there are many.
func (k *keyring) issue(a *agent) string {
	now := time.Now()
	if len(k.access) > 4*len(k.current)+1000 {
		for old, g := range k.access {
			if now.After(g.expires) {
				delete(k.access, old)
			}
		}
	}
	token := "A" + rand.Text() + rand.Text()
	k.access[token] = grant{a, now.Add(k.lifetime)}
	return token
}

// tokens is what the token endpoint answers.
type tokens struct {
	AccessToken    string `json:"access_token"`
	ExpiresIn      int    `json:"expires_in"`
	RefreshToken   string `json:"refresh_token"`
	RefreshExpires int    `json:"refresh_token_expires_in"`
	TokenType      string `json:"token_type"`
	Scope          string `json:"scope"`
}

// exchange turns an authorization code or a refresh token into tokens, or
// says why not.
func (k *keyring) exchange(form url.Values) (tokens, string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if form.Get("client_id") != k.cfg.ClientID ||
		subtle.ConstantTimeCompare([]byte(form.Get("client_secret")), []byte(k.cfg.ClientSecret)) != 1 {
		return tokens{}, "Unknown client or wrong client secret."
	}
	var holder *agent
	switch form.Get("grant_type") {
	case "authorization_code":
		a, ok := k.codes[form.Get("code")]
		if !ok {
			return tokens{}, "The authorization code is invalid or was used before."
		}
		delete(k.codes, form.Get("code"))
		holder = a
	case "refresh_token":
		token := form.Get("refresh_token")
		g, ok := k.refresh[token]
		if !ok || k.revoked || time.Now().After(g.expires) {
			return tokens{}, "The refresh token provided is expired, revoked or malformed."
		}
		holder = g.agent
		if k.cfg.RotateRefresh {
			delete(k.refresh, token)
			k.newRefresh(holder)
		} else {
			k.refresh[token] = grant{holder, time.Now().Add(k.cfg.RefreshLifetime)}
		}
	default:
		return tokens{}, "The grant type is not supported."
	}
	scope := scopeUser
	if holder == nil {
		scope = strings.Join(serviceScopes, " ")
	}
	return tokens{k.issue(holder), int(k.lifetime / time.Second), k.current[holder],
		int(k.cfg.RefreshLifetime / time.Second), "Bearer", scope}, ""
}

func (s *Server) postToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		platformError(w, http.StatusBadRequest, "The request could not be understood.")
		return
	}
	t, why := s.keys.exchange(r.PostForm)
	if why != "" {
		platformError(w, http.StatusBadRequest, why)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	stage.Answer(w, http.StatusOK, t)
}

// getAuthorize stands for the page on which a user signs in and consents: the
// agent whom login_hint names (by mail address or id) consents at once.
func (s *Server) getAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if q.Get("client_id") != s.cfg.ClientID || q.Get("response_type") != "code" || err != nil || !back.IsAbs() {
		platformError(w, http.StatusBadRequest, "client_id, response_type or redirect_uri is not usable.")
		return
	}
	var who *agent
	for _, a := range s.agents {
		if hint := q.Get("login_hint"); hint == a.mail || hint == a.id {
			who = a
		}
	}
	out := url.Values{"state": {q.Get("state")}}
	if who == nil {
		out.Set("error", "access_denied")
	} else {
		s.keys.mu.Lock()
		code := rand.Text()
		s.keys.codes[code] = who
		s.keys.mu.Unlock()
		out.Set("code", code)
	}
	back.RawQuery = out.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// ExpireTokens ends all access tokens; refresh tokens stay good.
func (s *Server) ExpireTokens() {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	clear(s.keys.access)
}

// RevokeTokens ends all access tokens and refuses all refresh tokens, as when
// an administrator withdraws the integration; false takes it back.
func (s *Server) RevokeTokens(yes bool) {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.revoked = yes
	if yes {
		clear(s.keys.access)
	}
}

// SetTokenLifetime changes how long access tokens live that are issued from
// now on.
func (s *Server) SetTokenLifetime(d time.Duration) {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.lifetime = d
}
