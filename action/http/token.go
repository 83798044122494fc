package http

import (
	"context"
	"errors"
	"fmt"
	nethttp "net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"cordboard/engine"
)

// tokens are the access tokens of one credential (OAuth 2.0 client credentials, RFC 6749 section 4.4): one at a time, fetched
// once for all who wait for it, and again before it runs out or when a server does not take it any more.
type tokens struct {
	cfg    clientcredentials.Config
	client *nethttp.Client
	turn   chan struct{} // held while the token is looked at or fetched
	now    *oauth2.Token
}

func newTokens(c *Credential, client *nethttp.Client) *tokens {
	return &tokens{client: client, turn: make(chan struct{}, 1), cfg: clientcredentials.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), TokenURL: c.TokenURL, Scopes: c.Scopes,
	}}
}

// tokenError is why there is no token.
type tokenError struct{ error }

// Unwrap returns the cause.
func (e tokenError) Unwrap() error { return e.error }

// get returns a token that is good for a while. The error is a tokenError.
func (t *tokens) get(ctx context.Context) (string, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", tokenError{ctx.Err()}
	}
	if !t.now.Valid() {
		fresh, err := t.cfg.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
		if err != nil {
			return "", tokenError{err}
		}
		t.now = fresh
	}
	return t.now.AccessToken, nil
}

// spoil forgets a token that a server did not take, unless it is another one by now.
func (t *tokens) spoil(token string) {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	if t.now != nil && t.now.AccessToken == token {
		t.now = nil
	}
}

// send sends a request, with a token where its credential has tokens. One that a server does not take is fetched anew, once: it may
// have been withdrawn before its time.
func (a *Action) send(req *nethttp.Request, auth string) (*nethttp.Response, error) {
	t := a.credentials[auth].tokens
	if t == nil {
		return a.client.Do(req)
	}
	for last := false; ; last = true {
		token, err := t.get(req.Context())
		if err != nil {
			return nil, err
		}
		again := req.Clone(req.Context())
		if req.GetBody != nil {
			if again.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
		again.Header.Set("Authorization", "Bearer "+token)
		resp, err := a.client.Do(again)
		if err != nil || resp.StatusCode != nethttp.StatusUnauthorized || last {
			return resp, err
		}
		resp.Body.Close()
		t.spoil(token)
	}
}

// untold classifies the want of a token. What the token's server said may hold a secret, but for its code and status.
func untold(err tokenError) engine.Outcome {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err.error)
	if !ok || refused.Response == nil {
		return engine.Again("http-unreachable", "the server that gives out tokens could not be reached, or gave none")
	}
	switch status := refused.Response.StatusCode; {
	case status == nethttp.StatusTooManyRequests:
		return engine.Park("parked-limit", "the server that gives out tokens answered 429", retryAfter(refused.Response.Header, time.Now()))
	case status >= 500 || status < 300:
		return engine.Again("http-failed", fmt.Sprintf("the server that gives out tokens answered %d", status))
	default:
		return engine.Park("http-denied", fmt.Sprintf("the server that gives out tokens answered %d: is the credential right?", status), time.Time{})
	}
}
