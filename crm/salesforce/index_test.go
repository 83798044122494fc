package salesforce_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/crm"
	"cordboard/crm/salesforce"
	sim "cordboard/sim/salesforce"
)

func withIndex(folder string) func(*salesforce.Config) {
	return func(c *salesforce.Config) {
		c.PhoneIndex, c.PhoneIndexEvery, c.Folder = new(true), config.Duration(time.Second), folder
	}
}

// await waits for a fact that the client will bring about by itself.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in five minutes: %s", what)
		}
	}
}

func awaitIndex(t *testing.T, client *salesforce.Client) {
	t.Helper()
	await(t, "the index is ready", func() bool { return client.PhoneIndex().State == "ready" })
}

func TestIndexKnowsEverybody(t *testing.T) {
	org := newOrg(t, sim.Config{})
	people := org.Seed(10_000)
	client := newClient(t, org.URL(), func(c *salesforce.Config) {
		withIndex("")(c)
		c.PhoneIndexEvery = config.Duration(time.Hour)
	})
	awaitIndex(t, client)
	before, _ := org.Usage()
	wrong := 0
	for _, p := range people {
		got := find(t, client, crm.Query{Phone: p.Number})
		if len(got) != 1 || got[0].ID != p.ID || got[0].Name != p.Name || got[0].Object != p.Object || got[0].By != "index" {
			if wrong++; wrong < 5 {
				t.Errorf("%s, written %s, found %v, want %s", p.Number, p.Phone, got, p.ID)
			}
		}
	}
	for i := range 1000 {
		if got := find(t, client, crm.Query{Phone: fmt.Sprintf("+1415999%04d", i)}); len(got) != 0 {
			t.Errorf("nobody's number found %v", got)
		}
		if got := find(t, client, crm.Query{ID: people[i].ID}); len(got) != 1 || got[0].Name != people[i].Name {
			t.Errorf("id %s found %v", people[i].ID, got)
		}
	}
	if after, _ := org.Usage(); after != before || org.Calls()["search"] != 0 {
		t.Errorf("%d calls for %d lookups: %v", after-before, len(people)+2000, org.Calls())
	}
	status := client.PhoneIndex()
	t.Logf("%+v: %d B a number; %v", status, status.Bytes/status.Numbers, org.Calls())
	if wrong > 0 || status.Bytes > 120*status.Numbers {
		t.Errorf("%d of %d wrong; %+v", wrong, len(people), status)
	}
}

func TestIndexFollowsTheOrg(t *testing.T) {
	org := newOrg(t, sim.Config{})
	people := org.Seed(5000)
	client := newClient(t, org.URL(), withIndex(""))
	awaitIndex(t, client)
	other := newClient(t, org.URL(), nil) // somebody else who writes
	gone, moved := people[10], people[20]
	for _, c := range []struct {
		object, id string
		fields     map[string]any
	}{
		{gone.Object, gone.ID, map[string]any{"Phone": "", "MobilePhone": ""}},
		{moved.Object, moved.ID, map[string]any{"Phone": "", "MobilePhone": "(415) 555-0177"}},
	} {
		if _, err := other.Update(t.Context(), c.id, crm.Write{Object: c.object, Fields: c.fields}); err != nil {
			t.Fatal(err)
		}
	}
	made, err := other.Write(t.Context(), crm.Write{Object: "Lead", Key: "k", Fields: map[string]any{"LastName": "New", "Company": "X", "Phone": "415.555.0178"}})
	if err != nil {
		t.Fatal(err)
	}
	finds := func(number, id string) func() bool {
		return func() bool {
			got := find(t, client, crm.Query{Phone: number})
			return id == "" && len(got) == 0 || len(got) == 1 && got[0].ID == id
		}
	}
	await(t, "the new record", finds("+14155550178", made.ID))
	await(t, "the new number", finds("+14155550177", moved.ID))
	await(t, "the old number", finds(moved.Number, ""))
	await(t, "the record without a number", finds(gone.Number, ""))
	if n := org.Calls()["search"]; n != 0 {
		t.Errorf("%d searches", n)
	}
}

func TestIndexIsKeptOverARestart(t *testing.T) {
	org := newOrg(t, sim.Config{QueryBatch: 500})
	people := org.Seed(5000)
	folder := t.TempDir()
	t.Run("first life", func(t *testing.T) { awaitIndex(t, newClient(t, org.URL(), withIndex(folder))) })
	first := org.Calls()["query"]
	t.Run("second life", func(t *testing.T) {
		client := newClient(t, org.URL(), withIndex(folder))
		awaitIndex(t, client)
		if got := find(t, client, crm.Query{Phone: people[0].Number}); len(got) != 1 || got[0].ID != people[0].ID {
			t.Errorf("found %v", got)
		}
	})
	if second := org.Calls()["query"] - first; second > 3 || first < 10 {
		t.Errorf("%d queries in the first life, %d in the second", first, second)
	}
	path := filepath.Join(folder, "phone-index")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	third := org.Calls()["query"]
	t.Run("after damage", func(t *testing.T) {
		client := newClient(t, org.URL(), withIndex(folder))
		awaitIndex(t, client)
		if got := find(t, client, crm.Query{Phone: people[1].Number}); len(got) != 1 || got[0].ID != people[1].ID {
			t.Errorf("found %v", got)
		}
	})
	if n := org.Calls()["query"] - third; n < 10 {
		t.Errorf("%d queries: it was not read again", n)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "phone-index-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestIndexThatNobodyAskedForIsNoLastWord(t *testing.T) {
	org := newOrg(t, sim.Config{})
	people := org.Seed(100)
	client := newClient(t, org.URL(), func(c *salesforce.Config) { c.PhoneIndex = nil })
	if got := client.PhoneIndex().State; got != "waiting" {
		t.Errorf("an index of which nobody has need is %s", got)
	}
	find(t, client, crm.Query{Phone: people[0].Number})
	awaitIndex(t, client)
	if got := find(t, client, crm.Query{Phone: people[1].Number}); len(got) != 1 || got[0].By != "index" {
		t.Errorf("found %v", got)
	}
	late := org.Add("Contact", map[string]any{"LastName": "Late", "Phone": "415-555-0178"})
	if got := find(t, client, crm.Query{Phone: "+14155550178"}); len(got) != 1 || got[0].ID != late || got[0].By != "phone" {
		t.Errorf("found %v", got)
	}
	large := newClient(t, org.URL(), func(c *salesforce.Config) { c.PhoneIndex, c.PhoneIndexLimit = nil, 50 })
	find(t, large, crm.Query{Phone: people[0].Number})
	await(t, "the index is given up", func() bool { s := large.PhoneIndex(); return s.State == "off" && s.Why != "" })
}

// TestIndexGoesOnWhereItStopped breaks the connection in the middle of the first reading.
func TestIndexGoesOnWhereItStopped(t *testing.T) {
	org := newOrg(t, sim.Config{QueryBatch: 100})
	people := org.Seed(2000)
	signedIn := token(t, org)
	var mu sync.Mutex
	var asked []string
	url := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.URL.Query().Get("q"))
		breaks := len(asked) == 8 || len(asked) == 12
		mu.Unlock()
		if breaks {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		r.Header.Set("Authorization", "Bearer "+signedIn)
		org.ServeHTTP(w, r)
	})
	client := newClient(t, url, withIndex(""))
	awaitIndex(t, client)
	for _, p := range people {
		if got := find(t, client, crm.Query{Phone: p.Number}); len(got) != 1 || got[0].ID != p.ID {
			t.Fatalf("%s found %v, want %s", p.Phone, got, p.ID)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.ContainsFunc(asked, func(q string) bool { return strings.Contains(q, " AND Id > '003") }) {
		t.Error("it began from the start")
	}
}
