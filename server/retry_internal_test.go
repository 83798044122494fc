package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/action/contact"
	tablestep "cordboard/action/table"
	"cordboard/action/wait"
	"cordboard/action/when"
	"cordboard/call"
	"cordboard/calling"
	"cordboard/config"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/platform/genesys"
	"cordboard/sim/scenario"
	"cordboard/store/sqlite"
	"cordboard/table"
	"cordboard/workflow"

	sim "cordboard/sim/genesys"
)

// office is the real thing from the connector to the journal, in a bubble of synthetic time: there are no sockets in between,
// which a bubble cannot have.
type office struct {
	*testing.T
	org     *sim.Server
	wire    *wire
	folder  string
	links   *genesys.Connector
	decoder *genesys.Decoder
	store   *sqlite.Store
	engine  *engine.Engine
	rules   *workflow.Set
	tables  *table.Tables
	end     func()

	mu   sync.Mutex
	drop func(topic string) bool // events that never arrive
}

// wire carries requests to the org and its events back, by calling.
type wire struct {
	org   http.Handler
	hear  func(event []byte)
	mu    sync.Mutex
	spoil func(*http.Request) (status int, header http.Header) // an answer in the place of the org's; 0 for none
	lose  func(*http.Request) bool                             // the org does it, and the answer is lost
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/bus") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		w.hear(body)
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	}
	w.mu.Lock()
	spoil, lose := w.spoil, w.lose
	w.mu.Unlock()
	if spoil != nil {
		if status, header := spoil(r); status != 0 {
			return &http.Response{StatusCode: status, Header: header, Body: http.NoBody, Request: r}, nil
		}
	}
	lost := lose != nil && lose(r)
	answer := httptest.NewRecorder()
	w.org.ServeHTTP(answer, r.Clone(r.Context()))
	if lost {
		return nil, io.ErrUnexpectedEOF
	}
	return answer.Result(), nil
}

// inOffice runs a test at noon of a working day in New York, where the org's contacts are.
func inOffice(t *testing.T, f func(o *office)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 12, 11, 15, 0, 0, 0, time.UTC))) // a Friday, 10:00 in New York
		o := &office{T: t, folder: t.TempDir(), wire: &wire{}}
		o.org = sim.New(sim.Config{
			Contacts: 1, Users: 3, Heartbeat: -1, RateLimit: -1, ClientID: "c", ClientSecret: "s",
			Client: &http.Client{Transport: o.wire}, URL: "http://genesys.test",
		})
		defer o.org.Close()
		o.wire.org, o.wire.hear = o.org.Handler(), o.hear
		var err error
		o.links, err = genesys.Open(genesys.Config{
			URL: "http://genesys.test", LoginURL: "http://genesys.test", ClientID: "c", ClientSecret: config.NewSecret("s"), Transport: o.wire,
		}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		o.decoder = genesys.NewDecoder()
		o.rules = o.compile()
		if err := o.org.AddTarget(sim.Target{URL: "http://genesys.test/bus"}); err != nil {
			t.Fatal(err)
		}
		o.number(o.contact(), "+12125550123")
		o.begin()
		defer func() { o.end() }()
		f(o)
	})
}

// compile takes the file as it ships.
func (o *office) compile() *workflow.Set {
	o.Helper()
	set, problems, err := LoadWorkflows([]string{"recommended/preview-retry.yaml"}, nil)
	if err != nil {
		o.Fatal(err, problems)
	}
	return set
}

// begin starts the journal and the engine; end stops both.
func (o *office) begin() {
	o.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	if o.store, err = sqlite.Open(ctx, o.folder+"/journal.db", sqlite.Options{CheckpointEvery: time.Hour}); err != nil {
		o.Fatal(err)
	}
	gate := calling.NewGate(calling.Shipped(), o.store, nil)
	actions := contact.Actions(contact.Config{Policy: &callable{gate, o.store, "US"}, List: func(connection string) platform.ContactList {
		if connection != "genesys" {
			return nil
		}
		return o.links
	}})
	actions["when"], actions["wait"] = when.Action{}, wait.New(nil)
	files, err := loadTables([]string{recommended}, nil)
	if err != nil {
		o.Fatal(err)
	}
	o.tables = table.New(o.store)
	if err := o.tables.Adopt(ctx, files); err != nil {
		o.Fatal(err)
	}
	maps.Copy(actions, tablestep.Actions(o.tables))
	o.engine = engine.New(engine.Config{Journal: o.store, Rules: o.rules, Actions: actions, Calls: calling.Listener{Region: "US"}})
	var wg sync.WaitGroup
	wg.Go(func() { _ = o.store.Run(ctx) })
	stopped, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := o.engine.Run(stopped); err != nil {
			o.Error(err)
		}
	}()
	o.end = func() {
		stop()
		<-over
		cancel()
		wg.Wait()
		if err := o.store.Close(); err != nil {
			o.Error(err)
		}
	}
}

// hear takes what the org tells in, as the connector's pump does.
func (o *office) hear(event []byte) {
	var e struct {
		Detail struct {
			Topic string `json:"topicName"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		o.Error(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.drop != nil && o.drop(e.Detail.Topic) {
		return
	}
	now := time.Now().UTC()
	events, err := o.decoder.Decode(platform.Message{Connection: "genesys", Source: "genesys-eventbridge", At: now, Message: event})
	if err != nil {
		o.Error(err)
	}
	o.accept(events)
}

func (o *office) accept(events []call.Event) {
	s := sink{connection: "genesys", engine: o.engine, journal: o.store}
	if err := s.Accept(context.Background(), events); err != nil {
		o.Errorf("accept: %v", err)
	}
}

// contact is the org's only contact.
func (o *office) contact() sim.Contact { return o.org.Contacts()[0] }

// ask asks the org for something by REST, as somebody else would.
func (o *office) ask(method, path string, body any) {
	o.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		o.Fatal(err)
	}
	login := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader("grant_type=client_credentials"))
	login.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	login.SetBasicAuth("c", "s")
	answer := httptest.NewRecorder()
	o.org.Handler().ServeHTTP(answer, login)
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &token); err != nil {
		o.Fatal(err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+token.Access)
	answer = httptest.NewRecorder()
	o.org.Handler().ServeHTTP(answer, r)
	if answer.Code >= 300 {
		o.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
}

func (o *office) contacts() string {
	return fmt.Sprintf("/api/v2/outbound/contactlists/%v/contacts", o.org.Ready()["contact_list_id"])
}

// number gives a contact another number.
func (o *office) number(k sim.Contact, number string) {
	k.Data["Phone"] = number
	o.ask(http.MethodPut, o.contacts()+"/"+k.ID, map[string]any{"data": k.Data, "callable": true})
}

// play plays a call of the simulator with the next contact and returns what it was made of.
func (o *office) play(script string, c sim.Call) sim.Result {
	o.Helper()
	s, ok := scenario.Find(sim.Scripts(), script)
	if !ok {
		o.Fatalf("there is no script %s", script)
	}
	c.Scale = 1
	result, err := o.org.Play(o.Context(), s, c)
	if err != nil {
		o.Fatal(err)
	}
	synctest.Wait()
	return result
}

// submissions are the requests that put contacts into lists.
func (o *office) submissions() (all []sim.Request) {
	for _, r := range o.org.Requests() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/contacts") {
			all = append(all, r)
		}
	}
	return all
}

// steps are the retry's steps of a conversation: kind, state and reason.
func (o *office) steps(conversation string) []string {
	o.Helper()
	synctest.Wait()
	rows, err := o.store.Calls(o.Context(), engine.Filter{Text: conversation})
	if err != nil || len(rows) != 1 {
		o.Fatalf("calls of %s: %d, %v", conversation, len(rows), err)
	}
	story, err := o.store.Story(o.Context(), rows[0].State.ID)
	if err != nil {
		o.Fatal(err)
	}
	var all []string
	for _, s := range story.Steps {
		all = append(all, strings.TrimSuffix(fmt.Sprintf("%s=%s/%s", s.Kind, s.State, s.Reason), "/"))
	}
	return all
}

// want compares the steps with what they should be.
func (o *office) want(conversation, steps string) {
	o.Helper()
	if got := strings.Join(o.steps(conversation), " "); got != steps {
		o.Errorf("steps\n%s, want\n%s", got, steps)
	}
}

const (
	looked  = "contact.get=done table.get=done when=done contact.check=done"
	waited  = looked + " wait=done table.get=done when=done"
	waiting = looked + " wait=pending/waiting table.get=pending when=pending contact.submit=pending"
	sent    = waited + " contact.submit=done"
)

// rest are the steps from the wait on, skipped.
func rest(reason string) (text string) {
	for _, kind := range []string{"wait", "table.get", "when", "contact.submit"} {
		text += " " + kind + "=skipped/" + reason
	}
	return text
}

// A preview that is skipped comes back after the time of the policy: submitted once, with its id and its data, and offered
// again in a new conversation.
func TestSkippedPreviewIsRetried(t *testing.T) {
	inOffice(t, func(o *office) {
		before := o.contact()
		first := o.play("preview_skipped", sim.Call{})
		skipped := time.Now()
		time.Sleep(time.Minute)
		o.want(first.Conversation, waiting)
		time.Sleep(2 * time.Hour)
		o.end() // an upgrade
		time.Sleep(time.Hour)
		o.begin()
		time.Sleep(time.Until(skipped.Add(240 * time.Minute)))
		if n := len(o.submissions()); n != 0 {
			t.Fatalf("submitted %d times before its time", n)
		}
		time.Sleep(time.Minute)
		o.want(first.Conversation, sent)
		all := o.submissions()
		if len(all) != 1 || all[0].Query != "priority=false&clearSystemData=false&doNotQueue=false" || !strings.Contains(all[0].Body, before.Data["OpportunityId"]) {
			t.Fatalf("submissions: %+v", all)
		}
		after := o.contact()
		if after.ID != before.ID || after.Data["OpportunityId"] != before.Data["OpportunityId"] || !after.Queued || !after.Created.After(before.Created) {
			t.Fatalf("the contact was %+v and is %+v", before, after)
		}
		second := o.play("preview_skipped", sim.Call{})
		if second.Conversation == first.Conversation || second.Contact != first.Contact {
			t.Fatalf("the second offer is %+v, the first was %+v", second, first)
		}
		time.Sleep(5 * time.Hour)
		o.want(second.Conversation, sent)
		third := o.play("preview_skipped", sim.Call{}) // 20:00 in New York on Friday: it is moved to Saturday
		time.Sleep(24 * time.Hour)
		o.want(third.Conversation, sent)
		fourth := o.play("preview_skipped", sim.Call{})
		time.Sleep(24 * time.Hour)
		o.want(fourth.Conversation, "contact.get=done table.get=done when=done contact.check=skipped/capped-life"+rest("capped-life"))
		if n := len(o.submissions()); n != 3 {
			t.Errorf("submitted %d times, want three times, as the policy's row says", n)
		}
	})
}

// Variants of the story: each submits as often as it should, and says why not.
func TestPreviewVariants(t *testing.T) {
	for _, v := range []struct {
		name   string
		script string
		call   sim.Call
		before func(o *office)
		during func(o *office) // while the contact waits
		steps  string
		sent   int
	}{
		{name: "user.end before the wrap-up", script: "preview_skipped", call: sim.Call{UserEndFirst: true}, steps: sent, sent: 1},
		{
			name: "the end is told twice", script: "preview_skipped", steps: sent, sent: 1,
			before: func(o *office) {
				deaf := o.wire.hear
				o.wire.hear = func(event []byte) { deaf(event); deaf(event) }
			},
		},
		{
			name: "the end is told again after a restart", script: "preview_skipped", steps: sent, sent: 1,
			before: func(o *office) {
				heard := o.wire.hear
				o.wire.hear = func(event []byte) {
					heard(event)
					o.decoder = genesys.NewDecoder()
					heard(event)
				}
			},
		},
		{name: "a dialled preview", script: "preview_dialed", steps: "contact.get=done table.get=done when=skipped/not-met contact.check=skipped/not-met" + rest("not-met")},
		{
			name: "the contact is deleted", script: "preview_skipped",
			during: func(o *office) { o.ask(http.MethodDelete, o.contacts()+"/"+o.contact().ID, nil) },
			steps:  waited + " contact.submit=skipped/contact-gone",
		},
		{
			name: "somebody made it uncallable", script: "preview_skipped",
			during: func(o *office) {
				k := o.contact()
				o.ask(http.MethodPut, o.contacts()+"/"+k.ID, map[string]any{"data": k.Data, "callable": false})
			},
			steps: waited + " contact.submit=skipped/not-callable",
		},
		{
			name: "somebody submitted it meanwhile", script: "preview_skipped",
			during: func(o *office) {
				k := o.contact()
				o.ask(http.MethodPost, o.contacts(), []any{map[string]any{"id": k.ID, "data": k.Data}})
			},
			steps: waited + " contact.submit=skipped/touched", sent: 1,
		},
		{
			name: "somebody called it meanwhile", script: "preview_skipped",
			during: func(o *office) { o.play("preview_skipped", sim.Call{Contact: o.contact().ID}) },
			steps:  waited + " contact.submit=skipped/touched", sent: 1,
		},
		{
			name: "the policy's row is removed meanwhile", script: "preview_skipped",
			during: func(o *office) {
				if _, err := o.tables.Change(o.Context(), "preview_retries_wrap_policy", "somebody", table.Change{Key: "ININ-OUTBOUND-PREVIEW-SKIPPED", Delete: true}); err != nil {
					o.Fatal(err)
				}
			},
			steps: looked + " wait=done table.get=done when=skipped/not-met contact.submit=skipped/not-met",
		},
		{
			name: "the list takes no more for a while", script: "preview_skipped", steps: sent, sent: 1,
			during: func(o *office) {
				refusals := 3
				o.wire.setSpoil(func(r *http.Request) (int, http.Header) {
					if refusals == 0 || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/contacts") {
						return 0, nil
					}
					refusals--
					return http.StatusTooManyRequests, http.Header{"Retry-After": {"60"}}
				})
			},
		},
		{
			name: "the answer is lost", script: "preview_skipped", steps: sent, sent: 1,
			during: func(o *office) {
				once := true
				o.wire.setLose(func(r *http.Request) bool {
					lost := once && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/contacts")
					once = once && !lost
					return lost
				})
			},
		},
		{
			name: "the token expires meanwhile", script: "preview_skipped", steps: sent, sent: 1,
			during: func(o *office) {
				once := true
				o.wire.setSpoil(func(r *http.Request) (int, http.Header) {
					if !once || !strings.Contains(r.URL.Path, "/contactlists/") {
						return 0, nil
					}
					once = false
					return http.StatusUnauthorized, nil
				})
			},
		},
		{
			name: "the right to read lists is taken away for an hour", script: "preview_skipped", steps: sent, sent: 1,
			during: func(o *office) {
				until := time.Now().Add(5 * time.Hour)
				o.wire.setSpoil(func(r *http.Request) (int, http.Header) {
					if time.Now().After(until) || !strings.Contains(r.URL.Path, "/contactlists/") {
						return 0, nil
					}
					return http.StatusForbidden, nil
				})
			},
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				if v.before != nil {
					v.before(o)
				}
				first := o.play(v.script, v.call)
				time.Sleep(time.Minute)
				if v.during != nil {
					v.during(o)
				}
				time.Sleep(7 * time.Hour)
				o.want(first.Conversation, v.steps)
				if n := len(o.submissions()) - o.refused(); n != v.sent {
					t.Errorf("submitted %d times, want %d", n, v.sent)
				}
			})
		})
	}
}

// refused is how many submissions the org did not take.
func (o *office) refused() (n int) {
	for _, r := range o.submissions() {
		if r.Status >= 300 {
			n++
		}
	}
	return n
}

func (w *wire) setSpoil(f func(*http.Request) (int, http.Header)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spoil = f
}

func (w *wire) setLose(f func(*http.Request) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = f
}

// A retry whose time comes in the evening is moved to the morning, and says so.
func TestRetryOutsideHours(t *testing.T) {
	inOffice(t, func(o *office) {
		time.Sleep(8 * time.Hour) // 18:00 in New York on Friday: four hours later the day is over
		first := o.play("preview_skipped", sim.Call{})
		time.Sleep(5 * time.Hour)
		o.want(first.Conversation, waited+" contact.submit=pending/outside-hours")
		time.Sleep(time.Until(time.Date(2026, 12, 12, 13, 59, 0, 0, time.UTC)))
		if n := len(o.submissions()); n != 0 {
			t.Errorf("submitted %d times at night", n)
		}
		time.Sleep(2 * time.Minute)
		o.want(first.Conversation, sent)
	})
}

// Two contacts with one number are two contacts.
func TestContactsWithOneNumber(t *testing.T) {
	inOffice(t, func(o *office) {
		twin := strings.Repeat("ab", 16)
		k := o.contact()
		o.ask(http.MethodPost, o.contacts(), []any{map[string]any{"id": twin, "data": k.Data}})
		first := o.play("preview_skipped", sim.Call{Contact: k.ID})
		second := o.play("preview_skipped", sim.Call{Contact: twin})
		time.Sleep(5 * time.Hour)
		o.want(first.Conversation, sent)
		o.want(second.Conversation, sent)
		var ids []string
		for _, r := range o.submissions()[1:] {
			var body []struct{ ID string }
			if err := json.Unmarshal([]byte(r.Body), &body); err != nil || len(body) != 1 {
				t.Fatalf("%s: %v", r.Body, err)
			}
			ids = append(ids, body[0].ID)
		}
		slices.Sort(ids)
		want := []string{k.ID, twin}
		slices.Sort(want)
		if !slices.Equal(ids, want) {
			t.Errorf("submitted %v, want %v", ids, want)
		}
	})
}
