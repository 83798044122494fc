package webex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"cordboard/config"
	"cordboard/platform"
)

// early is how long before its end an access token is replaced.
const early = 5 * time.Minute

// maxToken bounds the answer of the token endpoint.
const maxToken = 64 << 10

// tokens gets and keeps the access token of one agent. It is safe for concurrent use: one request serves all who wait.
type tokens struct {
	http    platform.Rest // its base is the address of the token endpoint
	id      string
	secret  config.Secret
	mu      sync.Mutex
	refresh config.Secret
	access  string
	until   time.Time
}

// get returns an access token that is good for a while. It wraps platform.ErrRefused when the refresh token or the client
// is not accepted.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access != "" && time.Until(t.until) > 0 {
		return t.access, nil
	}
	form := url.Values{
		"grant_type": {"refresh_token"}, "client_id": {t.id}, "client_secret": {t.secret.Reveal()}, "refresh_token": {t.refresh.Reveal()},
	}
	resp, err := t.http.Do(ctx, http.MethodPost, "", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	switch {
	case resp.Status == http.StatusBadRequest, resp.Status == http.StatusUnauthorized, resp.Status == http.StatusForbidden:
		return "", fmt.Errorf("token: %w: status %d", platform.ErrRefused, resp.Status)
	case resp.Status != http.StatusOK:
		return "", fmt.Errorf("token: status %d", resp.Status)
	}
	var answer struct {
		Access  string `json:"access_token"`
		Expires int64  `json:"expires_in"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal(resp.Body, &answer); err != nil || answer.Access == "" {
		return "", errors.New("token: the answer holds no access token")
	}
	t.access = answer.Access
	life := time.Duration(answer.Expires) * time.Second
	t.until = time.Now().Add(max(life-early, life/2))
	if answer.Refresh != "" { // it may be a new one, and the old one's time may end
		t.refresh = config.NewSecret(answer.Refresh)
	}
	return t.access, nil
}

// spoil forgets a token that was refused.
func (t *tokens) spoil(access string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access == access {
		t.access = ""
	}
}
