package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cordboard/config"
	"cordboard/platform"
)

// tokens gives out the access token ("Client Credentials Grant"). It is fetched once for everybody who waits for one, and
// again before it expires. It is safe for concurrent use.
type tokens struct {
	http   platform.Rest
	id     string
	secret config.Secret
	lock   chan struct{} // held by whoever looks at or fetches the token

	token string
	until time.Time // when it is renewed
}

func newTokens(login, id string, secret config.Secret, client *http.Client) *tokens {
	return &tokens{http: platform.Rest{Client: client, Base: login, Limit: 64 << 10}, id: id, secret: secret, lock: make(chan struct{}, 1)}
}

// get returns a token that is good for a while. Its error wraps platform.ErrRefused when the org refuses the client.
func (t *tokens) get(ctx context.Context) (string, error) {
	select {
	case t.lock <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-t.lock }()
	if t.token != "" && time.Now().Before(t.until) {
		return t.token, nil
	}
	token, life, err := t.fetch(ctx)
	if err != nil {
		return "", fmt.Errorf("genesys login: %w", err)
	}
	t.token, t.until = token, time.Now().Add(life-life/10) // tokens live from 5 minutes to 2 days
	return token, nil
}

// drop forgets a token that the org does not take any more, unless there is a newer one.
func (t *tokens) drop(token string) {
	t.lock <- struct{}{}
	defer func() { <-t.lock }()
	if t.token == token {
		t.token = ""
	}
}

func (t *tokens) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	resp, err := t.http.Do(ctx, http.MethodPost, "/oauth/token", http.Header{
		"Authorization": {platform.Basic(t.id, t.secret.Reveal())}, "Content-Type": {"application/x-www-form-urlencoded"},
	}, []byte("grant_type=client_credentials"))
	if err != nil {
		return "", 0, err
	}
	switch {
	case resp.Status == http.StatusTooManyRequests || resp.Status >= 500:
		return "", 0, fmt.Errorf("status %d: %w", resp.Status, errBusy)
	case resp.Status != http.StatusOK:
		return "", 0, fmt.Errorf("status %d%s: %w", resp.Status, oauthReason(resp.Body), platform.ErrRefused)
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal(resp.Body, &answer); err != nil || answer.AccessToken == "" || answer.ExpiresIn <= 0 {
		return "", 0, errors.New("the answer holds no access token: is this the login address?")
	}
	return answer.AccessToken, time.Duration(answer.ExpiresIn) * time.Second, nil
}

// oauthReason is the word that the token endpoint gives for a refusal (RFC 6749, 5.2), such as invalid_client.
func oauthReason(body []byte) string {
	var answer struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Error == "" || strings.Trim(answer.Error, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return " " + answer.Error
}
