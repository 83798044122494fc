package http

import (
	"net/netip"
	"strings"
	"testing"

	"cordboard/config"
)

func TestConfig(t *testing.T) {
	for src, want := range map[string]string{
		`{ origins: [https://api.example.com, "https://b.example.com:8443/"], internal_origins: ["http://10.1.2.3:8080"] }`: "",
		`origins: [http://api.example.com]`:                                                                                                                   "only https",
		`origins: [https://api.example.com/path]`:                                                                                                             "not an origin",
		`origins: [https://*.example.com]`:                                                                                                                    "not an origin",
		`origins: [https://u@example.com]`:                                                                                                                    "not an origin",
		`origins: [api.example.com]`:                                                                                                                          "not an origin",
		`{ origins: [https://a.com], internal_origins: ["https://A.com:443"] }`:                                                                               "both lists",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://b.com, token: t }] }`:                                                           "may not go to",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com }] }`:                                                                     "exactly one",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com, token: t, password: p }] }`:                                              "exactly one",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com, signing_key: short }] }`:                                                 "base64",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com, token: t, header: Host }] }`:                                             "not free",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com, user: u, password: p, header: X-A }] }`:                                  "for a token",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com, client_id: i, client_secret: s, token_url: "https://login.a.com/t" }] }`: "",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com, client_id: i, client_secret: s }] }`:                                     "needs token_url",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com, client_id: i, token: t }] }`:                                             "without client_secret",
		`{ origins: [https://a.com], credentials: [{ name: x, origin: https://a.com, client_id: i, client_secret: s, token_url: "http://l.a.com/t" }] }`:      "only https",
		`{ origins: [https://a.com], rates: [{ origin: https://a.com, per_minute: 300 }] }`:                                                                   "",
		`{ origins: [https://a.com], rates: [{ origin: https://a.com, per_minute: 0 }] }`:                                                                     "at least one",
		`{ origins: [https://a.com], rates: [{ origin: https://b.com, per_minute: 5 }] }`:                                                                     "may not go to",
	} {
		var cfg Config
		problems := config.Decode("cordboard.yaml", []byte(src), &cfg)
		if want == "" && len(problems) > 0 || want != "" && (len(problems) == 0 || !strings.Contains(problems[0].Error(), want)) {
			t.Errorf("%s: %v, want %q", src, problems, want)
		}
	}
}

// Ensure that no address within the network is dialled for a public origin, and no link-local one for any.
func TestMayDial(t *testing.T) {
	for address, want := range map[string][2]bool{ // public, internal
		"93.184.216.34": {true, true}, "2606:2800:220:1:248:1893:25c8:1946": {true, true},
		"127.0.0.1": {false, true}, "127.9.9.9": {false, true}, "::1": {false, true}, "10.0.0.1": {false, true}, "172.31.0.1": {false, true},
		"192.168.1.1": {false, true}, "100.64.0.1": {false, true}, "fd00::1": {false, true}, "::ffff:127.0.0.1": {false, true},
		"::ffff:10.0.0.1": {false, true}, "64:ff9b::7f00:1": {false, true}, "2002:7f00:1::": {false, true}, "0.1.2.3": {false, true},
		"169.254.169.254": {false, false}, "::ffff:169.254.169.254": {false, false}, "fe80::1": {false, false},
		"0.0.0.0": {false, false}, "::": {false, false}, "224.0.0.1": {false, false}, "ff02::1": {false, false}, "255.255.255.255": {false, true},
	} {
		a := netip.MustParseAddr(address)
		if got := [2]bool{mayDial(a, false) == nil, mayDial(a, true) == nil}; got != want {
			t.Errorf("%s: public, internal %v, want %v", address, got, want)
		}
	}
	if mayDial(netip.Addr{}, true) == nil {
		t.Error("no address may be dialled")
	}
}
