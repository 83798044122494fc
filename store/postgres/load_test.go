package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/desk"
)

// Ensure that messages come out as they went in, whatever is in them, in their order, and that rows stay small.
func TestLoads(t *testing.T) {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	var sent []desk.Message
	for i := range 300 {
		sent = append(sent, desk.Message{
			Kind: "show", Node: int64(7 + i%2), Agent: strings.Repeat("a\x00\\", i%5), Key: strings.Repeat("k", i), Body: []byte(strings.Repeat("{", i*3)),
			Until: now.Add(time.Duration(i%17) * time.Second),
		})
	}
	sent[100].Body = make([]byte, 3*maxLoad)
	got, want := map[int64][]desk.Message{}, map[int64][]desk.Message{}
	for _, m := range sent {
		want[m.Node] = append(want[m.Node], m)
	}
	rows := loads(sent)
	for _, l := range rows {
		body := l.pack()
		if len(body) > maxLoad && len(l.all) > 1 {
			t.Errorf("a row of %d messages has %d bytes", len(l.all), len(body))
		}
		all, err := unpack(desk.Message{Kind: loaded, Node: l.node, Until: l.until, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		got[l.node] = append(got[l.node], all...)
	}
	empty := cmp.Transformer("Body", func(b []byte) string { return string(b) })
	if diff := cmp.Diff(want, got, empty); diff != "" {
		t.Error(diff)
	}
	if len(rows) > 60 {
		t.Errorf("%d rows", len(rows))
	}
}

// Ensure that what is torn is noticed, wherever it is torn.
func TestTornLoad(t *testing.T) {
	l := loads([]desk.Message{{Kind: "show", Agent: "1001", Key: "k", Body: []byte("{}")}})[0]
	body := l.pack()
	for n := 1; n < len(body); n++ {
		if all, err := unpack(desk.Message{Body: body[:n]}); err == nil {
			t.Errorf("%d of %d bytes are %v", n, len(body), all)
		}
	}
}
