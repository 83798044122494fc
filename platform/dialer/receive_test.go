package dialer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/dialer"
	"cordboard/platform/platformtest"
	"cordboard/webhook"
)

const signingKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// open returns a connector that takes the token and the signing key, with the sink that it delivers to; it runs.
func open(t *testing.T) (*dialer.Connector, *platformtest.Sink, func()) {
	t.Helper()
	c, err := dialer.Open(dialer.Config{Name: "dialer", Token: config.NewSecret(token), SigningKey: config.NewSecret(signingKey)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	return c, sink, stop
}

// post sends a body with the token and returns the answer.
func post(c *dialer.Connector, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	c.Receive(w, r)
	return w
}

func answered(t testing.TB) string {
	return string(story(t, "2 one c1 Regular-Call CustAnswered Predictive")[0].raw())
}

func TestPost(t *testing.T) {
	c, sink, _ := open(t)
	if w := post(c, answered(t)); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"taken":1}` {
		t.Errorf("one message: %d %s", w.Code, w.Body)
	}
	var all []string
	for _, m := range story(t, "9 one c1 Regular-Call Hold Predictive\n12 one c1 Regular-Call ACW Predictive\n13 one c1 Regular-Call DROPPED Predictive") {
		m.name = "n-" + m.event
		all = append(all, string(m.raw()))
	}
	many := "[" + strings.Join(append(all, `{"id":"bad","message":{}}`, `17`), ",") + "]"
	w := post(c, many)
	want := `{"taken":5,"kept":[{"message":4,"reason":"there is no message in it: message.call tells of a call"},{"message":5,"reason":"the message is not a JSON object"}]}`
	if w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("many messages: %d %s", w.Code, w.Body)
	}
	if got := words(sink.Events()); strings.Count(got, "\n") != 4 || !strings.HasSuffix(got, "DROPPED customer one ended\n") {
		t.Errorf("got %s", got)
	}
	if kept := sink.Kept(); len(kept) != 2 || string(kept[0].Message.Message) != `{"id":"bad","message":{}}` || kept[0].Message.Source != dialer.Source {
		t.Errorf("kept %v", kept)
	}
	if w := post(c, `[{"half":`); w.Code != http.StatusOK || string(sink.Kept()[2].Message.Text()) != `[{"half":` {
		t.Errorf("half a message: %d, kept %q", w.Code, sink.Kept()[2].Message.Message)
	}
}

func TestWhoMaySend(t *testing.T) {
	c, sink, _ := open(t)
	key, err := webhook.ParseKey(config.NewSecret(signingKey))
	if err != nil {
		t.Fatal(err)
	}
	body := answered(t)
	signed := func(at time.Time, over string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Del("Authorization")
			key.Sign(r.Header, "m1", at, []byte(over))
		}
	}
	header := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	for name, x := range map[string]func(*http.Request){
		"nobody": header(""), "another token": header("Bearer another token, as long"), "no scheme": header(token), "basic": header("Basic " + token),
		"signed an hour ago": signed(time.Now().Add(-time.Hour), body), "another body": signed(time.Now(), body+" "),
	} {
		w := post(c, body, x)
		var problem struct{ Detail string }
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Detail != "" {
			t.Errorf("%s: the refusal tells %q (%v)", name, problem.Detail, err)
		}
		if w.Code != http.StatusUnauthorized || w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	if n := len(sink.Events()); n != 0 {
		t.Errorf("%d events of strangers", n)
	}
	for name, x := range map[string]func(*http.Request){"bearer": header("bearer " + token), "signed": signed(time.Now(), body)} {
		if w := post(c, body, x); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestRefusals(t *testing.T) {
	c, sink, stop := open(t)
	at := func(method, path string) func(*http.Request) {
		return func(r *http.Request) { r.Method, r.URL.Path = method, path }
	}
	for name, x := range map[string]struct {
		body   string
		change func(*http.Request)
		want   int
	}{
		"elsewhere":     {answered(t), at("POST", "/events"), http.StatusNotFound},
		"put":           {answered(t), at("PUT", "/"), http.StatusMethodNotAllowed},
		"get":           {"", at("GET", "/"), http.StatusUpgradeRequired},
		"too large":     {strings.Repeat("x", 2<<20), at("POST", "/"), http.StatusRequestEntityTooLarge},
		"too many":      {"[" + strings.Repeat("1,", 2000) + "1]", at("POST", "/"), http.StatusRequestEntityTooLarge},
		"not to an end": {"", func(r *http.Request) { r.Body = io.NopCloser(brokenReader{}) }, http.StatusBadRequest},
	} {
		if w := post(c, x.body, x.change); w.Code != x.want {
			t.Errorf("%s: %d, want %d", name, w.Code, x.want)
		}
	}
	stop()
	w := post(c, answered(t))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("while it does not run: %d %v", w.Code, w.Header())
	}
	if len(sink.Events())+len(sink.Kept()) > 0 {
		t.Error("something was taken of it")
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Ensure that requests that wait together are stored together, and answered only then.
func TestTogether(t *testing.T) {
	c, sink, _ := open(t)
	release := sink.Block()
	var senders sync.WaitGroup
	codes := make(chan int, 20)
	send := func(n int) {
		senders.Go(func() {
			m := told{after: float64(n), agent: fmt.Sprint("a", n), id: fmt.Sprint("c", n), callType: "Regular-Call", event: "CustAnswered", campaignType: "Predictive"}
			codes <- post(c, string(m.raw())).Code
		})
	}
	send(0)
	sink.Await(t, "a delivery", func() bool { return sink.Waiting() == 1 })
	for n := 1; n < 20; n++ {
		send(n)
	}
	select {
	case code := <-codes:
		t.Errorf("answered %d before it was stored", code)
	default:
	}
	release()
	senders.Wait()
	for range 20 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("answered %d", code)
		}
	}
	if n := len(sink.Events()); n != 20 {
		t.Errorf("%d events", n)
	}
}

// Ensure that what the journal does not take is not acknowledged.
func TestRefusedByTheJournal(t *testing.T) {
	c, err := dialer.Open(dialer.Config{Token: config.NewSecret(token)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	sink := platformtest.NewSink()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(t.Context(), sink) }()
	sink.AwaitState(t, platform.Up)
	sink.Fail()
	if w := post(c, answered(t)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("answered %d", w.Code)
	}
	if err := <-ended; err == nil {
		t.Error("Run ends without an error")
	}
}

// Ensure that a socket's messages are acknowledged by their names, once they are durable, and that it is told to come
// back when the connection stops.
func TestSocket(t *testing.T) {
	c, sink, stop := open(t)
	front := httptest.NewServer(http.HandlerFunc(c.Receive))
	defer front.Close()
	ctx := t.Context()
	if _, resp, err := websocket.Dial(ctx, front.URL, nil); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Fatalf("a stranger: %v", err)
	}
	conn, _, err := websocket.Dial(ctx, front.URL, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	sink.Await(t, "the socket", func() bool {
		all := sink.States()
		return strings.Contains(all[len(all)-1].Detail, "sockets open: 1")
	})
	release := sink.Block()
	m := story(t, "2 one c1 Regular-Call CustAnswered Predictive")[0]
	m.name = "first"
	for _, frame := range []string{string(m.raw()), `{"id":"odd","message":{"call":{}}}`, "[" + answered(t) + ",null]"} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(frame)); err != nil {
			t.Fatal(err)
		}
	}
	sink.Await(t, "a delivery", func() bool { return sink.Waiting() == 1 })
	release()
	var acks, kepts []any
	for len(acks) < 4 {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Ack, Kept []any }
		if err := json.Unmarshal(frame, &got); err != nil {
			t.Fatal(err)
		}
		acks, kepts = append(acks, got.Ack...), append(kepts, got.Kept...)
	}
	if diff := cmp.Diff([]any{"first", 2.0, 3.0, 4.0}, acks); diff != "" {
		t.Errorf("acknowledged (-want +got)\n%s", diff)
	}
	if len(kepts) != 2 || len(sink.Kept()) != 2 || len(sink.Events()) != 1 {
		t.Errorf("told as kept %v; kept %d, events %d", kepts, len(sink.Kept()), len(sink.Events()))
	}
	gone := make(chan error, 1)
	go func() { _, _, err := conn.Read(ctx); gone <- err }()
	stop()
	if err := <-gone; websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
		t.Errorf("closed with %v", err)
	}
	_, resp, err := websocket.Dial(ctx, front.URL, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	if err == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a socket while nothing runs: %v", err)
	}
}

func TestConfig(t *testing.T) {
	for src, want := range map[string]string{
		`{}`:           "nobody could send anything",
		`token: short`: "can be guessed",
		`{ token: "long enough, it is", old_token: no }`:                                        "can be guessed",
		`signing_key: not-base64!`:                                                              "base64",
		`{ token: "long enough, it is", events: [Ringing, Singing] }`:                           `"Singing" is no word`,
		`{ token: "long enough, it is", events: [ringing], variables: { customer: [Number] } }`: "",
	} {
		var cfg dialer.Config
		problems := config.Decode("cordboard.yaml", []byte(src), &cfg)
		if want == "" && len(problems) > 0 || want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), want)) {
			t.Errorf("%s: %v, want %q", src, problems, want)
		}
		if _, err := dialer.Open(cfg, slog.New(slog.DiscardHandler)); (err == nil) != (want == "") {
			t.Errorf("%s: opened: %v", src, err)
		}
	}
}

// follower is a sink that is told who waits.
type follower struct {
	*platformtest.Sink
	waits chan *platform.Wait
}

func (f follower) Follow(ctx context.Context, events []call.Event, waits []*platform.Wait) error {
	if err := f.Accept(ctx, events); err != nil {
		return err
	}
	for _, w := range waits {
		if w != nil {
			f.waits <- w
		}
	}
	return nil
}

// Ensure that who waits is answered when everything is over, and who does not is not held up by others.
func TestWait(t *testing.T) {
	c, err := dialer.Open(dialer.Config{Token: config.NewSecret(token)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	sink := follower{platformtest.NewSink(), make(chan *platform.Wait, 10)}
	stop := platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	waiting := func(body string) <-chan *httptest.ResponseRecorder {
		answer := make(chan *httptest.ResponseRecorder, 1)
		go func() { answer <- post(c, body, func(r *http.Request) { r.URL.RawQuery = "wait=done" }) }()
		return answer
	}
	all := story(t, "1 one c1 Regular-Call CustAnswered Predictive\n2 two c2 Regular-Call CustAnswered Predictive")
	answer := waiting("[" + string(all[0].raw()) + "," + string(all[1].raw()) + "]")
	first, second := <-sink.waits, <-sink.waits
	if w := post(c, string(story(t, "3 three c3 Regular-Call CustAnswered Predictive")[0].raw())); w.Code != http.StatusOK {
		t.Errorf("somebody else: %d", w.Code)
	}
	first.End(platform.Ends{Done: 1})
	second.End(platform.Ends{Done: 1, Dead: 1})
	if w := <-answer; w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"taken":2,"steps":{"done":2,"dead":1}}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	answer = waiting(string(story(t, "4 four c4 Regular-Call CustAnswered Predictive")[0].raw()))
	late := <-sink.waits
	stop()
	if w := <-answer; w.Code != http.StatusAccepted || !late.Left() {
		t.Errorf("when the connection stops: %d %s", w.Code, w.Body)
	}
	plain, _, _ := open(t)
	if w := post(plain, answered(t), func(r *http.Request) { r.URL.RawQuery = "wait=done" }); w.Code != http.StatusNotImplemented {
		t.Errorf("nobody can tell: %d", w.Code)
	}
}
