package salesforce_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"cordboard/sim/salesforce"
)

func (o *org) grant(form url.Values, basic ...string) reply {
	o.t.Helper()
	req, _ := http.NewRequest("POST", o.URL()+"/services/oauth2/token", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(basic) == 2 {
		req.SetBasicAuth(basic[0], basic[1])
	}
	res, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	return reply{o.t, res.StatusCode, res.Header, string(raw)}
}

func assertion(t *testing.T, key *rsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`))
	raw, _ := json.Marshal(claims)
	text := head + "." + base64.RawURLEncoding.EncodeToString(raw)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

func TestClientCredentials(t *testing.T) {
	o := start(t, salesforce.Config{ClientID: "key", ClientSecret: "s3cret"})
	basic := o.grant(url.Values{"grant_type": {"client_credentials"}}, "key", "s3cret").want(200, `"token_type":"Bearer"`)
	if basic.str("instance_url") != o.URL() || strings.Contains(basic.text, "refresh") || strings.Contains(basic.text, "expires_in") {
		t.Errorf("unexpected token answer: %s", basic.text)
	}
	o.grant(url.Values{"grant_type": {"client_credentials"}, "client_id": {"key"}, "client_secret": {"no"}}).want(400, `{"error":"invalid_client"`)
	o.grant(url.Values{"grant_type": {"client_credentials"}, "client_id": {"other"}}).want(400, `"invalid_client_id"`)
	o.grant(url.Values{"grant_type": {"magic"}}).want(400, `"unsupported_grant_type"`)
	me := o.do("GET", "//services/oauth2/userinfo", nil).want(200, `"organization_id":"00D`)
	id := strings.TrimPrefix(basic.str("id"), o.URL()+"/")
	if got := o.do("GET", "//"+id, nil).want(200); got.str("user_id") != me.str("user_id") {
		t.Errorf("id URL and userinfo disagree: %s, %s", got.text, me.text)
	}
}

func TestJWTBearerAcceptsWhatClientsSend(t *testing.T) {
	o := start(t, salesforce.Config{})
	jwt := o.Ready()["jwt"].(map[string]any)
	block, _ := pem.Decode([]byte(jwt["private_key"].(string)))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(3 * time.Minute).Unix()
	base := map[string]any{"iss": jwt["issuer"], "sub": jwt["subject"]}
	try := func(change map[string]any) reply {
		claims := map[string]any{"aud": o.URL(), "exp": soon}
		for _, m := range []map[string]any{base, change} {
			for k, v := range m {
				claims[k] = v
			}
		}
		return o.grant(url.Values{"grant_type": {jwtGrant}, "assertion": {assertion(t, key, claims)}})
	}
	for _, aud := range []any{o.URL(), o.URL() + "/services/oauth2/token", "https://login.salesforce.com", "https://test.salesforce.com",
		"https://acme.my.salesforce.com", []string{"https://login.salesforce.com"}} {
		try(map[string]any{"aud": aud}).want(200, "access_token")
	}
	try(map[string]any{"exp": strconv.FormatInt(soon, 10)}).want(200, "access_token")
	try(map[string]any{"aud": "https://elsewhere.example"}).want(400, "audience is invalid")
	try(map[string]any{"exp": 1000}).want(400, "expired authorization code")
	try(map[string]any{"sub": "stranger@example.com"}).want(400, "user hasn't approved this consumer")
	other, _ := rsa.GenerateKey(rand.Reader, 2048)
	key = other
	try(nil).want(400, `"invalid_grant"`)
}

func TestTokensEnd(t *testing.T) {
	clock := time.Now()
	o := start(t, salesforce.Config{Now: func() time.Time { return clock }, TokenLifetime: time.Minute})
	o.do("GET", "/limits", nil).want(200)
	clock = clock.Add(time.Minute)
	o.do("GET", "/limits", nil).want(401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`)
	o.login()
	o.do("GET", "/limits", nil).want(200)
	o.ExpireTokens()
	o.do("GET", "/limits", nil).want(401)
}
