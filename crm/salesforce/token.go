package salesforce

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"cordboard/crm"
)

const (
	tokenTimeout = 10 * time.Second
	assertionFor = 3 * time.Minute // "OAuth 2.0 JWT Bearer Flow": at most a few minutes ahead
	// refusedFor is how long a refused sign-in is not tried again: it needs a person, and orgs limit sign-ins an hour.
	refusedFor = 5 * time.Second
)

// session holds the access token. A token is fetched once for everybody who waits for one.
type session struct {
	form    func(now time.Time) (url.Values, error)
	address string
	http    *http.Client

	mu      sync.Mutex
	token   string
	refused error
	until   time.Time // when refused is forgotten
	fetches flights[string]
}

// get returns the current token, fetching one when there is none.
func (s *session) get(ctx context.Context) (string, error) {
	if token, err := s.current(time.Now()); token != "" || err != nil {
		return token, err
	}
	return s.fetches.do(ctx, "", func(ctx context.Context) (string, error) {
		if token, err := s.current(time.Now()); token != "" || err != nil {
			return token, err
		}
		token, err := s.fetch(ctx)
		s.keep(token, err, time.Now())
		return token, err
	})
}

func (s *session) current(now time.Time) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused != nil && now.Before(s.until) {
		return "", s.refused
	}
	return s.token, nil
}

func (s *session) keep(token string, err error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.refused = token, nil
	if e, ok := errors.AsType[*crm.Error](err); ok && e.Kind == crm.Denied {
		s.refused, s.until = err, now.Add(refusedFor)
	}
}

// expire forgets a token that the org refused, unless a newer one is there already.
func (s *session) expire(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = ""
	}
}

func (s *session) fetch(ctx context.Context) (string, error) {
	form, err := s.form(time.Now())
	if err != nil {
		return "", &crm.Error{Kind: crm.Denied, Code: "key", Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("token request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := s.http.Do(req)
	if err != nil {
		return "", lost(err)
	}
	defer resp.Body.Close()
	body, err := readBody(resp.Body)
	if err != nil {
		return "", lost(err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", oauthError(resp.StatusCode, body)
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.AccessToken == "" {
		return "", &crm.Error{Kind: crm.Denied, Code: "token", Message: "the token endpoint's answer holds no access token: check the address"}
	}
	return answer.AccessToken, nil
}

// newSession prepares the flow that cfg asks for.
func newSession(cfg Config, client *http.Client) (*session, error) {
	s := &session{address: cfg.LoginURL + "/services/oauth2/token", http: client}
	if cfg.Key.IsZero() {
		s.form = func(time.Time) (url.Values, error) {
			return url.Values{
				"grant_type": {"client_credentials"}, "client_id": {cfg.ClientID}, "client_secret": {cfg.ClientSecret.Reveal()},
			}, nil
		}
		return s, nil
	}
	key, err := rsaKey([]byte(cfg.Key.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("salesforce: key: %w", err)
	}
	s.form = func(now time.Time) (url.Values, error) {
		assertion, err := sign(key, cfg.ClientID, cfg.Username, cfg.Audience, now.Add(assertionFor))
		return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}, err
	}
	return s, nil
}

// rsaKey reads a private key in PEM, PKCS #1 or PKCS #8.
func rsaKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("this is no PEM block: begin with -----BEGIN PRIVATE KEY-----")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("a PEM block %q holds no private key that can be read (is it encrypted?)", block.Type)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("the key is not an RSA key, and Salesforce takes RS256 only")
	}
	return key, nil
}

// sign makes the assertion of the JWT bearer flow.
func sign(key *rsa.PrivateKey, issuer, subject, audience string, expires time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"iss": issuer, "sub": subject, "aud": audience, "exp": expires.Unix()})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"RS256"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return text + "." + encode(signature), err
}
