package connect_test

import (
	"encoding/json"
	"slices"
	"testing"

	"cordboard/platform"
	"cordboard/platform/connect"
)

// unsettled feeds messages as the connector does and returns the places of those that it would not have acknowledged.
func (g *told) unsettled(t testing.TB, d *connect.Decoder, s *stage, messages []platform.Message) []int {
	t.Helper()
	waits := map[int64]int{}
	for i, m := range messages {
		g.take(t, d.Flush(m.At), nil)
		events, err := d.Decode(m)
		g.take(t, events, err)
		if n, held := d.Newest(); held {
			waits[n] = i
		}
		for asked := d.Wanted(); len(asked) > 0; asked = d.Wanted() {
			for _, what := range asked {
				events, err := d.Decode(platform.Message{At: m.At, Connection: "acme", Source: connect.SourceREST, Node: what, Message: json.RawMessage(answer(what, s.contacts))})
				g.take(t, events, err)
			}
		}
		for _, n := range d.TakeFreed() {
			delete(waits, n)
		}
	}
	var places []int
	for _, i := range waits {
		places = append(places, i)
	}
	slices.Sort(places)
	return places
}

// A connector that is killed after any message, and goes on with what it had not acknowledged, adds up to the same calls and
// tells the same words: from every source by itself and from all together, whether a source sends again what was not
// acknowledged (a queue) or everything from there, or from somewhere before, on (a stream whose place is saved now and then).
func TestCutAtEveryMessage(t *testing.T) {
	for name, story := range stories {
		if name == "missed" {
			continue // that a contact comes back to an agent for the second time, only memory tells
		}
		s := story()
		for _, set := range sets {
			messages := only(s.messages, set)
			want := hear(t, connect.NewDecoder(connect.Options{}), s, messages)
			for cut := range messages {
				got := hear(t, connect.NewDecoder(connect.Options{}), s, nil)
				open := got.unsettled(t, connect.NewDecoder(connect.Options{}), s, messages[:cut])
				rests := [][]platform.Message{again(messages, open, cut)}
				for from := cut % 2; from <= cut && slices.Contains(set, connect.SourceAgentStream); from += 2 {
					if len(open) == 0 || from <= open[0] {
						rests = append(rests, messages[from:])
					}
				}
				for _, rest := range rests {
					got := hear(t, connect.NewDecoder(connect.Options{}), s, nil)
					got.unsettled(t, connect.NewDecoder(connect.Options{}), s, messages[:cut])
					d := connect.NewDecoder(connect.Options{})
					d.Prime(got.openLegs())
					got.hear(t, d, s, rest)
					if diff := want.differs(got); diff != "" {
						t.Fatalf("%s by %v cut at %d, %d told again (-whole +cut):\n%s", name, set, cut, len(rest)-len(messages)+cut, diff)
					}
				}
			}
		}
	}
}

// again is what a queue brings after the cut: what was not acknowledged, and the rest.
func again(messages []platform.Message, open []int, cut int) []platform.Message {
	var rest []platform.Message
	for _, i := range open {
		rest = append(rest, messages[i])
	}
	return append(rest, messages[cut:]...)
}
