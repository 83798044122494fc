package genesys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"cordboard/platform"
)

const (
	pathChannels = "/api/v2/notifications/channels"
	maxMessage   = 4 << 20
	dialTime     = 20 * time.Second
)

// channel is a notification channel with its socket ("Notification service"): it is created and subscribed by REST, and what
// it tells comes over a WebSocket, one for each channel.
type channel struct {
	rest  *rest
	id    string
	conn  *websocket.Conn
	heard atomic.Int64 // when something came last, in nanoseconds

	// rejected counts the topics that the org refused, and why says what was missing.
	rejected int
	why      string
}

// openChannel creates a channel, subscribes it and connects to it. Nothing of what is published afterwards is missed.
func openChannel(ctx context.Context, r *rest, subscribe []string) (*channel, error) {
	answer, err := r.do(ctx, urgent, http.MethodPost, pathChannels, struct{}{})
	if err != nil {
		return nil, refused(err)
	}
	var made struct {
		ID  string `json:"id"`
		URI string `json:"connectUri"`
	}
	if err := json.Unmarshal(answer, &made); err != nil || made.ID == "" || made.URI == "" {
		return nil, errors.New("genesys REST: the channel has no address")
	}
	c := &channel{rest: r, id: made.ID}
	if err := c.subscribe(ctx, http.MethodPut, subscribe); err != nil {
		return nil, refused(err)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, made.URI, &websocket.DialOptions{HTTPClient: r.http.Client, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil, fmt.Errorf("genesys socket: %w", platform.Bare(err))
	}
	conn.SetReadLimit(maxMessage)
	c.conn = conn
	c.heard.Store(time.Now().UnixNano())
	return c, nil
}

// subscribe adds topics (POST), or replaces all (PUT), which also lets the channel live for another day.
func (c *channel) subscribe(ctx context.Context, method string, topics []string) error {
	type topic struct {
		ID string `json:"id"`
	}
	body := make([]topic, 0, len(topics))
	for _, t := range topics {
		body = append(body, topic{t})
	}
	path := pathChannels + "/" + c.id + "/subscriptions"
	if method == http.MethodPost {
		path += "?ignoreErrors=true"
	}
	answer, err := c.rest.do(ctx, urgent, method, path, body)
	if err != nil {
		return err
	}
	c.count(answer)
	return nil
}

// count notes the agents' topics that were rejected. Those of a conversation are only rejected when it is over.
func (c *channel) count(answer []byte) {
	var list struct {
		Entities []struct {
			ID      string   `json:"id"`
			State   string   `json:"state"`
			Reason  string   `json:"rejectionReason"`
			Missing []string `json:"missingPermissions"`
		} `json:"entities"`
	}
	if json.Unmarshal(answer, &list) != nil {
		return
	}
	for _, e := range list.Entities {
		if !strings.EqualFold(e.State, "Rejected") || !strings.HasPrefix(e.ID, "v2.users.") {
			continue
		}
		c.rejected++
		if c.why = "rejected"; len(e.Missing) > 0 {
			c.why = "missing " + strings.Join(e.Missing, ", ")
		}
	}
}

// read returns the next message.
func (c *channel) read(ctx context.Context) ([]byte, error) {
	_, raw, err := c.conn.Read(ctx)
	if err == nil {
		c.heard.Store(time.Now().UnixNano())
	}
	return raw, err
}

// ping asks the org for a sign of life, which comes as a message.
func (c *channel) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	return c.conn.Write(ctx, websocket.MessageText, []byte(`{"message":"ping"}`))
}

// lastHeard is when something came last.
func (c *channel) lastHeard() time.Time { return time.Unix(0, c.heard.Load()) }

// silence is how long nothing has come.
func (c *channel) silence() time.Duration { return time.Since(c.lastHeard()) }

// close ends the socket. The channel itself is left: it has no end but its age, and the org drops channels without a socket
// first when there are too many.
func (c *channel) close() { c.conn.CloseNow() }

// system is the name of a message about the socket itself; "" for all others.
func system(raw []byte) string {
	if !bytes.Contains(raw, []byte(`"v2.system.`)) && !bytes.Contains(raw, []byte(`"channel.metadata"`)) {
		return ""
	}
	var m struct {
		TopicName string `json:"topicName"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return ""
	}
	if m.TopicName == "channel.metadata" {
		return heartbeat
	}
	name, _ := strings.CutPrefix(m.TopicName, "v2.system.")
	if name == m.TopicName {
		return ""
	}
	return name
}

// The messages about a socket ("Notification service").
const (
	heartbeat     = "heartbeat"
	socketClosing = "socket_closing"       // it will be closed soon
	unsubscribed  = "no_longer_subscribed" // another channel has a topic
	tokenRevoked  = "token_revoked"
)
