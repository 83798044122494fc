package finesse

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/platformtest"
	"log/slog"
)

const (
	realDomain = "finesse.test"
	realNode   = "/finesse/api/User/2001001/Dialogs"
)

// prosody is a real XMPP server on loopback ports: Finesse's notification service is an XMPP server too.
type prosody struct {
	tcp, ws string
	config  string
	pool    *x509.CertPool
	cmd     *exec.Cmd
}

func startProsody(t *testing.T) *prosody {
	t.Helper()
	if _, err := exec.LookPath("prosody"); err != nil {
		t.Skip("prosody is not installed: the client is not proved against a real XMPP server here")
	}
	dir := t.TempDir()
	p := &prosody{config: filepath.Join(dir, "prosody.cfg.lua")}
	p.tcp, p.ws = freeAddress(t), freeAddress(t)
	_, tcpPort, _ := net.SplitHostPort(p.tcp)
	_, wsPort, _ := net.SplitHostPort(p.ws)
	p.ws = "ws://" + p.ws + "/ws"
	cert, key := p.certificate(t, dir)
	accounts := filepath.Join(dir, "data", "finesse%2etest", "accounts")
	if err := os.MkdirAll(accounts, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"2001001", "publisher"} {
		write(t, filepath.Join(accounts, user+".dat"), `return { ["password"] = "pw-`+user+`"; };`)
	}
	write(t, p.config, fmt.Sprintf(`
run_as_root = true
daemonize = false
pidfile = %q
data_path = %q
log = { warn = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { %s }
c2s_direct_tls_ports = { }
http_ports = { %s }
http_interfaces = { "127.0.0.1" }
https_ports = { }
http_default_host = %q
http_paths = { websocket = "/ws" }
modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "websocket", "posix" }
modules_disabled = { "s2s" }
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
consider_websocket_secure = true
admins = { "publisher@%[6]s" }
ssl = { certificate = %[7]q, key = %[8]q }
VirtualHost %[6]q
Component "pubsub.%[6]s" "pubsub"
  autocreate_on_publish = true
  autocreate_on_subscribe = true
`, filepath.Join(dir, "pid"), filepath.Join(dir, "data"), tcpPort, wsPort, realDomain, realDomain, cert, key))
	p.start(t)
	return p
}

func (p *prosody) start(t *testing.T) {
	t.Helper()
	p.cmd = exec.Command("prosody", "-F", "--config", p.config)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	http := strings.TrimSuffix(strings.TrimPrefix(p.ws, "ws://"), "/ws")
	for _, address := range []string{p.tcp, http} {
		awaitListener(t, address)
	}
}

// awaitListener asks the address until somebody listens there.
func awaitListener(t *testing.T, address string) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
	}
	t.Fatal("prosody does not listen")
}

func (p *prosody) stop() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// certificate makes a certificate for the domain and trusts it.
func (p *prosody) certificate(t *testing.T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: realDomain}, DNSNames: []string{realDomain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, certFile, string(certPEM))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	p.pool = x509.NewCertPool()
	p.pool.AppendCertsFromPEM(certPEM)
	return certFile, keyFile
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// dial logs in over ws, tcp or starttls.
func (p *prosody) dial(ctx context.Context, transport, user, password string) (*xmpp, error) {
	var w wire
	var err error
	if transport == "ws" {
		w, err = dialWS(ctx, p.ws, http.DefaultClient)
	} else {
		w, err = dialTCP(ctx, p.tcp, false, &tls.Config{RootCAs: p.pool, ServerName: realDomain})
	}
	if err != nil {
		return nil, err
	}
	x, err := openXMPP(ctx, w, login{domain: realDomain, user: user, password: password, resource: "r", startTLS: transport == "starttls"})
	if err != nil {
		w.close()
	}
	return x, err
}

// publish sends a payload to a node as Finesse does: escaped, in a notification element.
func (p *prosody) publish(t *testing.T, node, payload string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	x, err := p.dial(ctx, "tcp", "publisher", "pw-publisher")
	if err != nil {
		t.Fatal(err)
	}
	defer x.w.close()
	_, err = x.ask(ctx, "set", "pubsub."+realDomain, `<pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="`+node+
		`"><item><notification xmlns="http://jabber.org/protocol/pubsub">`+escape(payload)+`</notification></item></publish></pubsub>`)
	if err != nil {
		t.Fatal(err)
	}
}

func TestXMPPAgainstProsody(t *testing.T) {
	p := startProsody(t)
	for _, transport := range []string{"ws", "tcp", "starttls"} {
		t.Run(transport, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := p.dial(ctx, transport, "2001001", "wrong-one"); !errors.Is(err, platform.ErrRefused) {
				t.Errorf("a wrong password gives %v", err)
			} else if strings.Contains(err.Error(), "wrong-one") {
				t.Error("the error holds the password")
			}
			x, err := p.dial(ctx, transport, "2001001", "pw-2001001")
			if err != nil {
				t.Fatal(err)
			}
			defer x.w.close()
			if x.jid != "2001001@"+realDomain+"/r" {
				t.Errorf("bound to %q", x.jid)
			}
			if err := x.subscribe(ctx, "pubsub."+realDomain, realNode, true); err != nil {
				t.Fatal(err)
			}
			if err := x.presence(ctx, realDomain); err != nil {
				t.Fatal(err)
			}
			if err := x.ping(ctx, realDomain); err != nil {
				t.Fatal(err)
			}
			want := "<Update><data><note>a &amp; b ü " + transport + "</note></data></Update>"
			p.publish(t, realNode, want)
			text, err := x.next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var tr tree
			if err := tr.parse(text); err != nil {
				t.Fatal(err)
			}
			item := tr.child(tr.child(tr.child(tr.root(), "event"), "items"), "item")
			if got := tr.text(item, "notification"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if x.heard.Load() == 0 {
				t.Error("nothing was heard")
			}
			if err := x.subscribe(ctx, "pubsub."+realDomain, realNode, false); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestConnectorAgainstProsody runs the whole connector: notifications come from a real XMPP server, which is restarted
// in the middle.
func TestConnectorAgainstProsody(t *testing.T) {
	p := startProsody(t)
	dialogs := func() string { return "<Dialogs></Dialogs>" }
	rest := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/SystemInfo") {
			fmt.Fprintf(w, "<SystemInfo><status>IN_SERVICE</status><xmppDomain>%s</xmppDomain><xmppPubSubDomain>pubsub.%s</xmppPubSubDomain></SystemInfo>", realDomain, realDomain)
			return
		}
		fmt.Fprint(w, dialogs())
	}))
	defer rest.Close()
	c, err := Open(Config{Name: "real", URL: rest.URL, XMPP: p.ws, Subscribe: true,
		Agents: []Agent{{ID: "2001001", Password: config.NewSecret("pw-2001001"), Extension: "3001"}}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	Hurry(c)
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	p.publish(t, realNode, "<Update><broken")
	p.publish(t, realNode, string(bareUpdate("2001001", "88001", "ALERTING")))
	sink.AwaitEvent(t, "ALERTING")
	sink.Await(t, "the nonsense to be kept", func() bool { return len(sink.Kept()) == 1 })
	p.stop()
	sink.AwaitState(t, platform.Waiting)
	p.start(t)
	sink.AwaitState(t, platform.Up) // the dialog is not in the snapshot any more
	sink.AwaitEvent(t, "DROPPED")
	p.publish(t, realNode, string(bareUpdate("2001001", "88002", "ACTIVE")))
	sink.AwaitEvent(t, "ACTIVE")
	stop()
}
