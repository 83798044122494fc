package salesforce

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// token is one session. There is no refresh token in either flow; a session simply ends.
type token struct {
	user    string
	expires time.Time
}

type tokens struct {
	mu       sync.RWMutex
	live     map[string]token
	lifetime time.Duration // overrides Config.TokenLifetime when set
}

// SetTokenLifetime changes how long tokens issued from now on live.
func (s *Server) SetTokenLifetime(d time.Duration) {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	s.tokens.lifetime = d
}

// ExpireTokens ends every session there is.
func (s *Server) ExpireTokens() {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	clear(s.tokens.live)
}

// session returns who a request's token stands for.
func (s *Server) session(r *http.Request) (string, bool) {
	kind, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") && !strings.EqualFold(kind, "OAuth") {
		return "", false
	}
	s.tokens.mu.RLock()
	t, ok := s.tokens.live[strings.TrimSpace(value)]
	s.tokens.mu.RUnlock()
	if !ok || !s.cfg.Now().Before(t.expires) {
		return "", false
	}
	return t.user, true
}

// oauthError is the object that OAuth errors are; REST errors are arrays.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	s.calls.count("token")
	if r.Method != http.MethodPost {
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "must use HTTP POST"})
		return
	}
	if err := r.ParseForm(); err != nil {
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "malformed request"})
		return
	}
	var user, idToken string
	var refusal *oauthError
	switch r.Form.Get("grant_type") {
	case "client_credentials":
		user, refusal = s.clientCredentials(r)
	case "authorization_code":
		user, idToken, refusal = s.authorizationCode(r)
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		user, refusal = s.jwtBearer(r.Form.Get("assertion"), s.base(r))
	case "password": // blocked by default since Summer '23
		refusal = &oauthError{"invalid_grant", "authentication failure"}
	default:
		refusal = &oauthError{"unsupported_grant_type", "grant type not supported"}
	}
	if refusal != nil {
		writeJSON(w, http.StatusBadRequest, refusal)
		return
	}
	s.issue(w, r, user, idToken)
}

func (s *Server) issue(w http.ResponseWriter, r *http.Request, user, idToken string) {
	now := s.cfg.Now()
	value := s.orgID[:15] + "!AQ" + rand.Text() + "." + rand.Text()
	s.tokens.mu.Lock()
	lifetime := s.cfg.TokenLifetime
	if s.tokens.lifetime > 0 {
		lifetime = s.tokens.lifetime
	}
	for old, t := range s.tokens.live {
		if len(s.tokens.live) > 1000 && !now.Before(t.expires) {
			delete(s.tokens.live, old)
		}
	}
	s.tokens.live[value] = token{user, now.Add(lifetime)}
	s.tokens.mu.Unlock()
	id := s.base(r) + "/id/" + s.orgID + "/" + user
	issued := strconv.FormatInt(now.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(s.cfg.ClientSecret))
	mac.Write([]byte(id + issued))
	w.Header().Set("Cache-Control", "no-store")
	answer := map[string]string{"access_token": value, "instance_url": s.base(r), "id": id,
		"token_type": "Bearer", "issued_at": issued, "scope": "api id",
		"signature": base64.StdEncoding.EncodeToString(mac.Sum(nil))}
	if idToken != "" {
		answer["id_token"], answer["scope"] = idToken, "openid api id"
	}
	writeJSON(w, http.StatusOK, answer)
}

// clientCredentials takes the key and secret from the form or from HTTP Basic.
func (s *Server) clientCredentials(r *http.Request) (string, *oauthError) {
	id, secret := r.Form.Get("client_id"), r.Form.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		id, secret = user, pass
		if u, err := url.QueryUnescape(user); err == nil && u == s.cfg.ClientID { // RFC 6749 encodes both, most clients do not
			id = u
			secret, _ = url.QueryUnescape(pass)
		}
	}
	if id != s.cfg.ClientID {
		return "", &oauthError{"invalid_client_id", "client identifier invalid"}
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(s.cfg.ClientSecret)) != 1 {
		return "", &oauthError{"invalid_client", "invalid client credentials"}
	}
	if !s.activeUser(s.userID) {
		return "", &oauthError{"invalid_grant", "no client credentials user enabled"}
	}
	return s.userID, nil
}

func (s *Server) activeUser(id string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	u := s.lookup(id)
	return u != nil && u.vals["IsActive"] == true
}

// jwtBearer checks an RS256 assertion. Clients differ: aud is the login host, the test host, this org or its token
// address, a string or a list; exp is a number or a string and at most three to five minutes away (not enforced).
func (s *Server) jwtBearer(assertion, base string) (string, *oauthError) {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return "", &oauthError{"invalid_grant", "invalid assertion"}
	}
	var head struct{ Alg string }
	var claims struct {
		Iss, Sub, Prn string
		Aud, Exp      any
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || decodePart(parts[0], &head) != nil || decodePart(parts[1], &claims) != nil || head.Alg != "RS256" {
		return "", &oauthError{"invalid_grant", "invalid assertion"}
	}
	if claims.Iss != s.cfg.ClientID {
		return "", &oauthError{"invalid_client_id", "client identifier invalid"}
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	key := s.cfg.JWTKey
	if key == nil {
		key = s.key.public()
	}
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) != nil {
		return "", &oauthError{"invalid_grant", "invalid assertion"}
	}
	if !goodAudience(claims.Aud, base) {
		return "", &oauthError{"invalid_grant", "audience is invalid"}
	}
	exp, err := strconv.ParseFloat(fmt.Sprint(claims.Exp), 64)
	if err != nil || s.cfg.Now().After(time.Unix(int64(exp), 0)) {
		return "", &oauthError{"invalid_grant", "expired authorization code"}
	}
	if claims.Sub == "" {
		claims.Sub = claims.Prn
	}
	s.mu.RLock()
	found := s.findUser(claims.Sub)
	s.mu.RUnlock()
	if found == nil || found.vals["IsActive"] != true {
		return "", &oauthError{"invalid_grant", "user hasn't approved this consumer"}
	}
	return found.id, nil
}

func (s *Server) findUser(username string) *record {
	t := s.table("User")
	if found := t.byKey(t.obj.byName["Username"], username); len(found) == 1 {
		return found[0]
	}
	return nil
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func goodAudience(aud any, base string) bool {
	list, ok := aud.([]any)
	if !ok {
		list = []any{aud}
	}
	for _, a := range list {
		host := strings.TrimSuffix(strings.TrimSuffix(str(a), "/"), "/services/oauth2/token")
		switch host {
		case base, "https://login.salesforce.com", "https://test.salesforce.com":
			return true
		}
		if u, err := url.Parse(host); err == nil && u.Scheme == "https" && strings.HasSuffix(u.Host, ".salesforce.com") {
			return true
		}
	}
	return false
}

// keyPair is made when somebody first asks for it.
type keyPair struct {
	once sync.Once
	key  *rsa.PrivateKey
}

func (k *keyPair) get() *rsa.PrivateKey {
	k.once.Do(func() {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(fmt.Sprintf("salesforce simulator: no randomness: %v", err))
		}
		k.key = key
	})
	return k.key
}

func (k *keyPair) public() *rsa.PublicKey { return &k.get().PublicKey }

func (k *keyPair) privatePEM() string {
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k.get())}
	return string(pem.EncodeToMemory(block))
}

// identity answers /services/oauth2/userinfo and the identity URL.
func (s *Server) identity(w http.ResponseWriter, r *http.Request) {
	user, ok := s.session(r)
	if !ok {
		http.Error(w, "Bad_OAuth_Token", http.StatusForbidden)
		return
	}
	s.mu.RLock()
	u := s.lookup(user)
	s.mu.RUnlock()
	base := s.base(r)
	urls := map[string]string{"rest": base + "/services/data/v{version}/", "sobjects": base + "/services/data/v{version}/sobjects/",
		"search": base + "/services/data/v{version}/search/", "query": base + "/services/data/v{version}/query/",
		"profile": base + "/" + user, "custom_domain": base}
	writeJSON(w, http.StatusOK, map[string]any{"id": base + "/id/" + s.orgID + "/" + user, "sub": base + "/id/" + s.orgID + "/" + user,
		"user_id": user, "organization_id": s.orgID, "username": u.text("Username"), "preferred_username": u.text("Username"),
		"name": u.text("Name"), "display_name": u.text("Name"), "email": u.text("Email"), "active": u.vals["IsActive"],
		"user_type": "STANDARD", "urls": urls})
}
