package socket_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"cordboard/socket"
)

func TestOrigins(t *testing.T) {
	good, bad := socket.ParseOrigins([]string{
		"https://Org.example/", "http://local.example:8080", "https://*.wild.example", "org.example", "https://path.example/x", "https://user@org.example",
	})
	if !slices.Equal(good, socket.Origins{"https://org.example", "http://local.example:8080"}) || len(bad) != 4 {
		t.Errorf("good %v, bad %v", good, bad)
	}
	for origin, want := range map[string]bool{
		"":                                 true,
		"https://own.example":              true,
		"https://org.example":              true,
		"https://ORG.example":              true,
		"http://local.example:8080":        true,
		"http://local.example":             false,
		"http://org.example":               false,
		"https://org.example.evil.example": false,
		"https://a.wild.example":           false,
		"null":                             false,
	} {
		r := httptest.NewRequest("GET", "https://own.example/socket", nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		if got := good.Allow(r); got != want {
			t.Errorf("origin %q: %v", origin, got)
		}
	}
}
