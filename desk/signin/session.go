package signin

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// errSession means that a session is over, or none of ours.
var errSession = errors.New("signin: the session is over")

// seal makes and reads sessions: a JSON object and its HMAC.
type seal struct{ key []byte }

// session is what a panel proves with that somebody has signed in.
type session struct {
	Person string    `json:"person"` // as the claim says
	Until  time.Time `json:"until"`
}

func newSeal(clientSecret string) seal {
	key, err := hkdf.Key(sha256.New, []byte(clientSecret), nil, "cordboard desk session v1", sha256.Size)
	if err != nil { // its length is fine
		panic(err)
	}
	return seal{key}
}

func (s seal) mac(body string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (s seal) make(what session) string {
	raw, err := json.Marshal(what)
	if err != nil { // plain data always marshals
		panic(err)
	}
	body := base64.RawURLEncoding.EncodeToString(raw)
	return body + "." + s.mac(body)
}

// read returns the person of a session that is not over. It fails with errSession.
func (s seal) read(text string, now time.Time) (person string, err error) {
	body, mac, _ := strings.Cut(text, ".")
	if !hmac.Equal([]byte(mac), []byte(s.mac(body))) {
		return "", errSession
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return "", errSession
	}
	var what session
	if json.Unmarshal(raw, &what) != nil || what.Person == "" || !now.Before(what.Until) {
		return "", errSession
	}
	return what.Person, nil
}
