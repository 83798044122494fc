package webex_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"cordboard/sim/webex"
)

func TestTokens(t *testing.T) {
	s := start(t, webex.Config{})
	first := s.Ready()["agents"].([]webex.AgentToken)[0]
	form := func() url.Values {
		return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.RefreshToken}}
	}
	code, body := tokenRequest(t, s, form())
	if code != 200 || body["refresh_token"] != first.RefreshToken || body["expires_in"].(float64) != 1209600 || body["refresh_token_expires_in"].(float64) != 7776000 {
		t.Errorf("refresh: %d %v", code, body)
	}
	for name, change := range map[string]func(url.Values){
		"wrong secret":  func(v url.Values) { v.Set("client_secret", "x") },
		"wrong client":  func(v url.Values) { v.Set("client_id", "x") },
		"unknown token": func(v url.Values) { v.Set("refresh_token", "x") },
		"other grant":   func(v url.Values) { v.Set("grant_type", "password") },
		"unknown code":  func(v url.Values) { v.Set("grant_type", "authorization_code"); v.Set("code", "x") },
	} {
		v := form()
		change(v)
		if code, body := tokenRequest(t, s, v); code != 400 || body["message"] == "" || body["trackingId"] == "" {
			t.Errorf("%s: %d %v", name, code, body)
		}
	}
	s.RevokeTokens(true)
	if code, _ := tokenRequest(t, s, form()); code != 400 {
		t.Errorf("a revoked refresh token: %d", code)
	}
	s.RevokeTokens(false)
	if code, _ := tokenRequest(t, s, form()); code != 200 {
		t.Errorf("after the revocation was taken back: %d", code)
	}
}

func TestRefreshTokensRotate(t *testing.T) {
	s := start(t, webex.Config{RotateRefresh: true, Agents: 1})
	old := s.Ready()["agents"].([]webex.AgentToken)[0].RefreshToken
	_, body := tokenRequest(t, s, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}})
	renewed := body["refresh_token"].(string)
	if renewed == old {
		t.Error("the refresh token stayed")
	}
	if code, _ := tokenRequest(t, s, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}}); code != 400 {
		t.Errorf("the old refresh token: %d", code)
	}
	refresh(t, s, renewed)
}

func TestAccessTokensExpire(t *testing.T) {
	s := start(t, webex.Config{})
	u := agent(t, s, 0)
	path := "/v1/agents/reload"
	u.order(path, nil)
	s.ExpireTokens()
	if code, body := u.do("POST", path, nil); code != 401 || body["trackingId"] == "" {
		t.Errorf("after expiry: %d %v", code, body)
	}
	s.SetTokenLifetime(-time.Second)
	u = agent(t, s, 0)
	if code, _ := u.do("POST", path, nil); code != 401 {
		t.Errorf("a token that was born expired: %d", code)
	}
	if code, _ := (&user{t: t, s: s}).do("POST", path, nil); code != 401 {
		t.Errorf("without a token: %d", code)
	}
}

func TestScopes(t *testing.T) {
	s := start(t, webex.Config{})
	u, adm := agent(t, s, 0), admin(t, s)
	for path, who := range map[string]*user{"/v1/notification/subscribe": adm, "/v1/agents/reload": adm, "/search": u, "/v2/subscriptions": u, "/v1/dialer/campaign": u} {
		if code, _ := who.do("POST", path, "{}"); code != 403 {
			t.Errorf("POST %s with the wrong token: %d", path, code)
		}
	}
	if code, _ := u.do("GET", "/v1/nothing", nil); code != 404 {
		t.Errorf("an unknown resource: %d", code)
	}
}

// TestConsent goes the way of an integration: the user signs in and consents,
// the code becomes tokens, once.
func TestConsent(t *testing.T) {
	s := start(t, webex.Config{})
	ready := s.Ready()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(hint string) url.Values {
		q := url.Values{"client_id": {ready["client_id"].(string)}, "response_type": {"code"}, "redirect_uri": {"http://127.0.0.1:1/back"},
			"scope": {"cjp:user"}, "state": {"xyz"}, "login_hint": {hint}}
		resp, err := client.Get(s.URL() + "/v1/authorize?" + q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		to, err := resp.Location()
		if resp.StatusCode != 302 || err != nil {
			t.Fatalf("authorize: %d %v", resp.StatusCode, err)
		}
		return to.Query()
	}
	defer client.CloseIdleConnections()
	if q := ask("nobody@cc.example"); q.Get("error") != "access_denied" {
		t.Errorf("an unknown user: %v", q)
	}
	q := ask("agent2@cc.example")
	form := url.Values{"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "redirect_uri": {"http://127.0.0.1:1/back"}}
	code, body := tokenRequest(t, s, form)
	if code != 200 || q.Get("state") != "xyz" || body["scope"] != "cjp:user" {
		t.Fatalf("%d %v", code, body)
	}
	u := &user{t, s, ready["agents"].([]webex.AgentToken)[1].ID, body["access_token"].(string)}
	u.listen(nil) // checks whose socket it is
	if code, _ := tokenRequest(t, s, form); code != 400 {
		t.Errorf("the code a second time: %d", code)
	}
}
