package platform_test

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/platform"
)

func TestRest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Retry-After", r.URL.Query().Get("wait"))
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, strings.Join([]string{r.Method, r.URL.Path, user, password, string(body)}, " "))
	}))
	defer server.Close()
	rest := platform.Rest{Client: server.Client(), Base: server.URL, Limit: 19}
	header := http.Header{"Authorization": {platform.Basic("ann", "p:w")}}
	for wait, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "9000000000000000000": 10 * time.Minute} {
		got, err := rest.Do(t.Context(), http.MethodPut, "/calls?wait="+wait, header, []byte("hold it"))
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != http.StatusTooManyRequests || got.OK() || string(got.Body) != "PUT /calls ann p:w " {
			t.Errorf("got %d %q", got.Status, got.Body)
		}
		if s := got.Seconds("Retry-After"); s != want {
			t.Errorf("Retry-After %q is %v, want %v", wait, s, want)
		}
	}
}

func TestRestErrorsTellNoAddress(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	rest := platform.Rest{Client: server.Client(), Base: server.URL, Limit: 1}
	for _, path := range []string{"/calls/+13175550123", "/calls/%zz13175550123"} {
		_, err := rest.Do(t.Context(), http.MethodGet, path, nil, nil)
		if err == nil || strings.Contains(err.Error(), "/calls/") {
			t.Errorf("%s: got %v, want an error without the path", path, err)
		}
	}
}

func TestTLSConfig(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	get := func(caFile string) error {
		cfg, err := platform.TLSConfig(caFile)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{TLSClientConfig: cfg}
		defer transport.CloseIdleConnections()
		rest := platform.Rest{Client: &http.Client{Transport: transport}, Base: server.URL}
		_, err = rest.Do(t.Context(), http.MethodGet, "/", nil, nil)
		return err
	}
	if err := get(""); err == nil {
		t.Error("a certificate that nobody vouches for was trusted")
	}
	if err := get(file); err != nil {
		t.Errorf("the certificate of the file was not trusted: %v", err)
	}
	for _, bad := range []string{file + ".gone", os.Args[0]} {
		if _, err := platform.TLSConfig(bad); err == nil || !strings.HasPrefix(err.Error(), "ca_file: ") {
			t.Errorf("%s: got %v, want an error of ca_file", bad, err)
		}
	}
}
