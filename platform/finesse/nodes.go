package finesse

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cordboard/platform"
)

// freshFor is how long an answer of SystemInfo serves all sessions that ask meanwhile.
const freshFor = 2 * time.Second

// node is one of the two Finesse servers of a site.
type node struct {
	rest *rest
	xmpp string // ws(s) URL, or host:port
}

// place is a node that is in service now.
type place struct {
	node
	info systemInfo
	body []byte // the SystemInfo as it came
}

// nodes finds the node to talk to. Its methods are safe for concurrent use.
type nodes struct {
	all      []node
	cfg      *Config
	tls      *tls.Config
	restHTTP *http.Transport
	wsHTTP   *http.Transport
	turn     chan struct{} // one asks at a time
	last     place
	lastErr  error
	at       time.Time
}

func newNodes(cfg *Config, tlsCfg *tls.Config) *nodes {
	n := &nodes{cfg: cfg, tls: tlsCfg, turn: make(chan struct{}, 1)}
	dial := (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	n.restHTTP = &http.Transport{
		DialContext: dial, TLSClientConfig: tlsCfg, TLSHandshakeTimeout: 10 * time.Second,
		MaxConnsPerHost: 16, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
	}
	// Sessions are connections for long: they must not use up the few of REST.
	n.wsHTTP = &http.Transport{
		DialContext: dial, TLSClientConfig: tlsCfg, TLSHandshakeTimeout: 10 * time.Second,
		ReadBufferSize: 1024, WriteBufferSize: 1024,
	}
	client := &http.Client{Transport: n.restHTTP, Timeout: 20 * time.Second}
	for _, a := range []struct{ url, xmpp string }{{cfg.URL, cfg.XMPP}, {cfg.Secondary, cfg.SecondaryXMPP}} {
		if a.url != "" {
			base := strings.TrimRight(a.url, "/")
			n.all = append(n.all, node{&rest{platform.Rest{Client: client, Base: base, Limit: maxDocument + 1}}, xmppAddress(cfg, base, a.xmpp)})
		}
	}
	return n
}

// xmppAddress is the address of the notification service beside a REST address.
func xmppAddress(cfg *Config, base, override string) string {
	if override != "" {
		return override
	}
	u, err := url.Parse(base)
	if err != nil { // Validate has parsed it
		return ""
	}
	if cfg.Transport == "tcp" {
		port := "5223"
		if cfg.Security == "none" || cfg.Security == "starttls" {
			port = "5222"
		}
		return net.JoinHostPort(u.Hostname(), port)
	}
	scheme := "wss"
	if u.Scheme == "http" {
		scheme = "ws"
	}
	return scheme + "://" + u.Host + "/ws/"
}

// inService returns a node that says it is in service, the primary first. Many sessions that ask at once share one
// answer.
func (n *nodes) inService(ctx context.Context, a *Agent) (place, error) {
	select {
	case n.turn <- struct{}{}:
		defer func() { <-n.turn }()
	case <-ctx.Done():
		return place{}, ctx.Err()
	}
	if time.Since(n.at) < freshFor {
		return n.last, n.lastErr
	}
	var failure error
	for _, node := range n.all {
		info, body, err := node.rest.systemInfo(ctx, a)
		if err == nil && info.status != inService {
			err = fmt.Errorf("node says %q: %w", info.status, errBusy)
		}
		if err == nil {
			n.last, n.lastErr, n.at = place{node, n.domains(info), body}, nil, time.Now()
			return n.last, nil
		}
		if failure == nil {
			failure = err
		}
	}
	if ctx.Err() == nil {
		n.last, n.lastErr, n.at = place{}, failure, time.Now()
	}
	return place{}, failure
}

func (n *nodes) domains(info systemInfo) systemInfo {
	if n.cfg.Domain != "" {
		info.domain, info.pubsub = n.cfg.Domain, "pubsub."+n.cfg.Domain
	}
	if n.cfg.PubSub != "" {
		info.pubsub = n.cfg.PubSub
	}
	return info
}

// dial opens a logged-in XMPP session of the agent.
func (n *nodes) dial(ctx context.Context, p place, a *Agent) (*xmpp, error) {
	var w wire
	var err error
	if n.cfg.Transport == "tcp" {
		direct := n.cfg.Security == "" || n.cfg.Security == "tls"
		w, err = dialTCP(ctx, p.xmpp, direct, n.tls)
	} else {
		w, err = dialWS(ctx, p.xmpp, &http.Client{Transport: n.wsHTTP})
	}
	if err != nil {
		return nil, err
	}
	x, err := openXMPP(ctx, w, login{
		domain: p.info.domain, user: a.ID, password: a.Password.Reveal(),
		resource: "cordboard-" + n.cfg.Name, startTLS: n.cfg.Security == "starttls",
	})
	if err != nil {
		w.close()
		return nil, err
	}
	return x, nil
}

func (n *nodes) closeIdle() {
	n.restHTTP.CloseIdleConnections()
	n.wsHTTP.CloseIdleConnections()
}
