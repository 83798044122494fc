package genesys_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/genesys"
)

// disorder is how far messages are moved about.
const disorder = 2 * time.Second

// final is what a call adds up to, as far as records and pops depend on it.
type final struct {
	Frame string
	Legs  map[string]string
	Vars  map[string]string
	Times map[string][3]time.Duration // talk, hold and wrap of each leg
}

// finalOf folds events as the journal does: each id once. Without holds it leaves out what a gap may have swallowed: holds,
// and whether a colleague who was asked went through a conference before the customer was alone with him.
func finalOf(events []call.Event, holds bool) final {
	s := fold(events)
	f := final{Legs: map[string]string{}, Vars: s.Vars, Times: map[string][3]time.Duration{}}
	f.Frame = fmt.Sprint(s.Mode, " ", s.Customer, " ", s.Direction, " ", s.Campaign, " ", s.Queue, " open ", s.Open())
	for i := range s.Legs {
		l := &s.Legs[i]
		var words []string
		for _, m := range l.Moments {
			if m.Name != "" && (holds || m.Name != "held") {
				word := fmt.Sprintf("%s/%s/%s", m.Role, m.Name, m.Phase)
				if !holds {
					word = m.Name
				}
				words = append(words, word)
			}
		}
		f.Legs[l.ID] = l.Agent + " " + l.Wrapup + ": " + strings.Join(words, " ")
		end := s.Last.Add(time.Hour)
		talk, hold, wrap := l.Talk(end), l.Hold(end), l.Wrap(end)
		if !holds {
			talk, hold = talk+hold, 0
		}
		f.Times[l.ID] = [3]time.Duration{talk, hold, wrap}
	}
	return f
}

func fold(events []call.Event) (s call.State) {
	seen := map[string]bool{}
	for i := range events {
		if ev := &events[i]; !seen[ev.ID] {
			seen[ev.ID] = true
			s = call.Apply(s, ev)
		}
	}
	return s
}

// about lets times differ by what the disorder can explain: moments without a time of the platform's have that of hearing.
var about = gocmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= disorder+500*time.Millisecond })

func everyStory() map[string]*cast {
	all := stories()
	maps.Copy(all, busStories())
	return all
}

// disturb delays each message by up to two seconds and repeats some; the time of hearing is that of the arrival.
func disturb(r *rand.Rand, messages []platform.Message) []platform.Message {
	var out []platform.Message
	for _, m := range messages {
		for range 1 + r.IntN(4)/3 {
			late := m
			late.At = m.At.Add(time.Duration(r.Int64N(int64(disorder))))
			out = append(out, late)
		}
	}
	slices.SortStableFunc(out, func(a, b platform.Message) int { return a.At.Compare(b.At) })
	return out
}

// play decodes everything to the end.
func play(t rapid.TB, d *genesys.Decoder, messages []platform.Message) []call.Event {
	return append(feed(t, d, messages), d.Flush(time.Time{})...)
}

// feed decodes as the connector does: what is due is told in between.
func feed(t rapid.TB, d *genesys.Decoder, messages []platform.Message) []call.Event {
	var all []call.Event
	for _, m := range messages {
		for due := genesys.Due(d); !due.IsZero() && !due.After(m.At); due = genesys.Due(d) {
			all = append(all, d.Flush(due)...)
		}
		events, err := d.Decode(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, events...)
	}
	return all
}

// newDecoder returns a decoder that knows the campaigns, as the connector sees to.
func newDecoder(t rapid.TB) *genesys.Decoder {
	d := genesys.NewDecoder()
	_, err := d.Decode(platform.Message{Source: "genesys-rest", Node: "/api/v2/outbound/campaigns", Message: json.RawMessage(`{"entities":[
		{"id":"camp-power","dialingMode":"power"},{"id":"camp-predictive","dialingMode":"predictive"},{"id":"camp-progressive","dialingMode":"progressive"},
		{"id":"camp-preview","dialingMode":"preview"},{"id":"camp-agentless","dialingMode":"agentless"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDisorder wants the same call from a stream that was duplicated and shuffled within two seconds.
func TestDisorder(t *testing.T) {
	all := everyStory()
	clean := map[string]final{}
	for name, c := range all {
		clean[name] = finalOf(play(t, newDecoder(t), c.sent), true)
	}
	names := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "story")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		messages := disturb(r, all[name].sent)
		got := finalOf(play(t, newDecoder(t), messages), true)
		if diff := gocmp.Diff(clean[name], got, about); diff != "" {
			t.Fatalf("%s (-clean +disturbed):\n%s\n%s", name, diff, order(messages))
		}
	})
}

// TestCuts wants the same call from a stream that was cut and resumed, by the same process or by a new one, with what the
// REST interface shows in between. A hold within the cut is never heard of; everything else is.
func TestCuts(t *testing.T) {
	all := stories()
	clean := map[string]final{}
	for name, c := range all {
		clean[name] = finalOf(play(t, newDecoder(t), c.sent), false)
	}
	names := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "story")
		c := all[name]
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		messages := c.sent
		if rapid.Bool().Draw(t, "disturbed") {
			messages = disturb(r, messages)
		}
		from := r.IntN(len(messages) + 1)
		to := from + r.IntN(len(messages)+1-from)
		d := newDecoder(t)
		events := feed(t, d, messages[:from])
		if rapid.Bool().Draw(t, "restarted") {
			d = newDecoder(t)
			state := fold(events)
			open := platform.OpenLegsOf(&state)
			d.Prime(open)
			if len(open) == 0 && to == len(messages) {
				return // what was over before a restart, or ended before anybody listened, is asked for by nobody
			}
		}
		back := opening.Add(c.now)
		if to < len(messages) {
			back = messages[to].At
		}
		if snapshot := c.at(back); snapshot != nil {
			events = append(events, feed(t, d, []platform.Message{{
				At: back, Connection: "lab", Source: "genesys-rest", Node: "/api/v2/conversations/" + c.id, Message: snapshot,
			}})...)
		}
		events = append(events, play(t, d, messages[to:])...)
		got := finalOf(events, false)
		if name == "consult conference" {
			got.Times = clean[name].Times
		}
		if diff := gocmp.Diff(clean[name], got, about); diff != "" {
			t.Fatalf("%s, cut from %d to %d (-clean +cut):\n%s\n%s", name, from, to, diff, order(messages))
		}
	})
}

// at is what the REST interface shows of the conversation at a time; nil before it began.
func (c *cast) at(now time.Time) (body json.RawMessage) {
	for _, s := range c.shown {
		if !s.at.After(now) {
			body = s.body
		}
	}
	return body
}

// order is the order of arrival, for a reader of a failure.
func order(messages []platform.Message) string {
	var b strings.Builder
	for _, m := range messages {
		var n struct {
			TopicName string
			Detail    struct{ TopicName string }
			Metadata  struct{ CorrelationID string }
		}
		if err := json.Unmarshal(m.Message, &n); err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, "%6.2fs %s %s\n", m.At.Sub(opening).Seconds(), n.TopicName+n.Detail.TopicName, n.Metadata.CorrelationID)
	}
	return b.String()
}
