package genesys_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cordboard/sim/genesys"
)

// BenchmarkCalls plays whole predictive calls, one after the other, to one channel's socket whose reader throws
// everything away; it reports messages a second, written and read by the end.
func BenchmarkCalls(b *testing.B) {
	org := genesys.New(genesys.Config{Users: 500, RateLimit: -1, RecordDelay: -1, MaxQueue: 1 << 30})
	if err := org.Listen(); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- org.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}()
	users := org.Users()
	conn := subscribed(b, ctx, org, users)
	script, _ := genesys.Script("predictive")
	read := make(chan int, 1)
	go func() { // until the pong that follows the last message
		for n := 0; ; n++ {
			_, data, err := conn.Read(ctx)
			if err != nil || bytes.Contains(data, []byte(`"pong"`)) {
				read <- n
				return
			}
		}
	}()
	b.ResetTimer()
	for i := range b.N {
		if _, err := org.Play(ctx, script, genesys.Call{Agents: []string{users[i%len(users)].ID}}); err != nil {
			b.Fatal(err)
		}
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"message":"ping"}`)); err != nil {
		b.Fatal(err)
	}
	n := <-read
	b.StopTimer()
	if n != org.Published() {
		b.Errorf("%d messages were read, %d written", n, org.Published())
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
	_ = conn.CloseNow()
}

// subscribed opens the socket of a channel that hears of the users.
func subscribed(b *testing.B, ctx context.Context, s *genesys.Server, users []genesys.User) *websocket.Conn {
	b.Helper()
	var topics []map[string]string
	for _, u := range users {
		topics = append(topics, map[string]string{"id": userTopic(u, "conversations")})
	}
	ready := s.Ready()
	var token struct {
		Text string `json:"access_token"`
	}
	var made struct{ ID, ConnectURI string }
	ask(b, ctx, "POST", s.URL()+"/oauth/token", "Basic "+base64.StdEncoding.EncodeToString(
		[]byte(ready["client_id"].(string)+":"+ready["client_secret"].(string))), "grant_type=client_credentials", &token)
	ask(b, ctx, "POST", s.URL()+"/api/v2/notifications/channels", "Bearer "+token.Text, nil, &made)
	ask(b, ctx, "PUT", s.URL()+"/api/v2/notifications/channels/"+made.ID+"/subscriptions", "Bearer "+token.Text, topics, nil)
	conn, _, err := websocket.Dial(ctx, made.ConnectURI, nil)
	if err != nil {
		b.Fatal(err)
	}
	conn.SetReadLimit(-1)
	return conn
}

func ask(b *testing.B, ctx context.Context, method, url, authorization string, body, into any) {
	b.Helper()
	var reader io.Reader = http.NoBody
	kind := "application/json"
	switch v := body.(type) {
	case nil:
	case string:
		reader, kind = strings.NewReader(v), "application/x-www-form-urlencoded"
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			b.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set("Content-Type", kind)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	if into != nil {
		if err := json.NewDecoder(res.Body).Decode(into); err != nil {
			b.Fatalf("%s %s: %s %v", method, url, res.Status, err)
		}
	}
}
