package webex

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// answerWithin is how long a receiver has, as documented.
const answerWithin = 5 * time.Second

// start runs a subscription's way out until it is deleted or the server
// closes. It is called under Server.mu.
func (h *hooks) start(k *hook) {
	k.queue = newOutbox(64<<20, func() {})
	h.s.life.Spawn(func(ctx context.Context) {
		client := &http.Client{Timeout: answerWithin, Transport: &http.Transport{MaxIdleConns: 4},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // not followed, as documented
		defer client.CloseIdleConnections()
		defer context.AfterFunc(ctx, k.queue.finish)()
		k.queue.drain(func(raw []byte) error { h.deliver(ctx, client, k, raw); return ctx.Err() })
	})
}

// deliver posts one webhook and remembers how it went.
func (h *hooks) deliver(ctx context.Context, client *http.Client, k *hook, raw []byte) {
	var e event
	_ = json.Unmarshal(raw, &e)
	task, _ := e.Data["taskId"].(string)
	d := Delivery{Subscription: k.ID, ID: e.ID, Type: e.Type, Task: task}
	h.mu.Lock()
	url, secret, version := k.DestinationURL, k.secret, k.ResourceVersion
	h.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(raw))
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
		if secret != "" {
			req.Header.Set("X-WebexCC-Signature", sign(raw, secret))
		}
		if k.version == 2 {
			req.Header.Set("X-WebexCC-Timestamp", e.Timestamp)
			req.Header.Set("X-WebexCC-Webhook-Version", versionFor(e.Type, version))
		}
		var resp *http.Response
		if resp, err = client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
			_ = resp.Body.Close()
			d.Status = resp.StatusCode
		}
	}
	if err != nil {
		d.Error = err.Error()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.past = append(h.past, d)
	if len(h.past) > maxDeliveries+maxDeliveries/4 {
		h.past = append([]Delivery(nil), h.past[len(h.past)-maxDeliveries:]...)
	}
}

// versionFor is the version of an event's resource: the one that the
// subscription named, or the first for other resources.
func versionFor(kind, asked string) string {
	resource, _, _ := strings.Cut(kind, ":")
	if strings.HasPrefix(asked, resource+":") {
		return asked
	}
	return resource + ":1.0.0"
}
