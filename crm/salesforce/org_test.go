package salesforce_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/crm"
	"cordboard/crm/salesforce"
	sim "cordboard/sim/salesforce"

	"github.com/google/go-cmp/cmp"
)

func mustFault(t *testing.T, org *sim.Server, f sim.Fault) {
	t.Helper()
	if err := org.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, client *salesforce.Client, q crm.Query) []crm.Record {
	t.Helper()
	if q.Objects == nil {
		q.Objects = []string{"Contact", "Lead", "Account"}
	}
	got, err := client.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestJWTBearer(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	org := newOrg(t, sim.Config{JWTKey: &key.PublicKey, Username: "bot@example.com"})
	for _, block := range []*pem.Block{{Type: "PRIVATE KEY", Bytes: pkcs8}, {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}} {
		client := newClient(t, org.URL(), func(c *salesforce.Config) {
			c.ClientSecret = config.Secret{}
			c.Key, c.Username = config.NewSecret(string(pem.EncodeToMemory(block))), "bot@example.com"
		})
		findings, err := client.Check(t.Context(), salesforce.Need{Object: "Task", Write: true})
		if err != nil || len(findings) == 0 || findings[0].State != salesforce.OK {
			t.Errorf("%s: findings %v, %v", block.Type, findings, err)
		}
	}
	client := newClient(t, org.URL(), func(c *salesforce.Config) { c.ClientSecret = config.NewSecret("wrong-hush") })
	_, err = client.Check(t.Context(), salesforce.Need{Object: "Task"})
	if err == nil || crm.KindOf(err) != crm.Denied || strings.Contains(err.Error(), "hush") {
		t.Errorf("with a wrong secret: %v", err)
	}
}

func TestBadConfigIsNamed(t *testing.T) {
	good := salesforce.Config{URL: "https://acme.my.salesforce.com", ClientID: "c", ClientSecret: config.NewSecret("s")}
	for want, change := range map[string]func(*salesforce.Config){
		"https":    func(c *salesforce.Config) { c.URL = "http://acme.my.salesforce.com" },
		"address":  func(c *salesforce.Config) { c.URL = "https://user:pw@acme.my.salesforce.com" },
		"missing":  func(c *salesforce.Config) { c.URL = "" },
		"version":  func(c *salesforce.Config) { c.Version = "67" },
		"username": func(c *salesforce.Config) { c.Key = config.NewSecret("k") },
		"neither":  func(c *salesforce.Config) { c.ClientSecret = config.Secret{} },
		"PEM":      func(c *salesforce.Config) { c.Key, c.Username = config.NewSecret("k"), "u" },
		"share":    func(c *salesforce.Config) { c.PauseAt = 95 },
	} {
		cfg := good
		change(&cfg)
		if _, err := salesforce.New(cfg, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestOwnRecordIsFoundBeforeTheIndexKnowsIt(t *testing.T) {
	org := newOrg(t, sim.Config{IndexDelay: time.Hour})
	client := newClient(t, org.URL(), nil)
	old := org.Add("Account", map[string]any{"Name": "Roth Ltd", "Phone": "+1 415 555 0132"})
	w, err := client.Write(t.Context(), crm.Write{
		Object: "Contact", Key: "k1", Fields: map[string]any{"FirstName": "Ines", "LastName": "Roth", "Phone": "(415) 555-0132"}, Now: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := find(t, client, crm.Query{Phone: "+14155550132"})
	want := []crm.Record{{Object: "Contact", ID: w.ID, Name: "Ines Roth", By: "cache"}, {Object: "Account", ID: old, Name: "Roth Ltd", By: "phone"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	find(t, client, crm.Query{Phone: "415-555-0132"})
	if n := org.Calls()["search"]; n != 1 {
		t.Errorf("%d searches for one number, want 1", n)
	}
}

func TestSameNumberAtTheSameTimeIsOneSearch(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	mustFault(t, org, sim.Fault{Kind: sim.Slow, Path: "earch", Delay: sim.Delay(100 * time.Millisecond)})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { find(t, client, crm.Query{Phone: "+14155550132"}) })
	}
	all.Wait()
	if n := org.Calls()["search"]; n != 1 {
		t.Errorf("%d searches, want 1", n)
	}
}

func TestExtensionsTellPeopleOfOneLineApart(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	main := org.Add("Contact", map[string]any{"LastName": "Desk", "Phone": "+1 415 555 0132"})
	ext := org.Add("Contact", map[string]any{"LastName": "Roth", "Phone": "(415) 555-0132 ext. 77"})
	for asked, want := range map[string]string{"+14155550132": main, "+14155550132 x77": ext, "+14155550132 x78": main} {
		if got := find(t, client, crm.Query{Phone: asked}); len(got) != 1 || got[0].ID != want {
			t.Errorf("%s found %v, want %s", asked, got, want)
		}
	}
}

func TestPreferenceThenLatestChange(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	account := org.Add("Account", map[string]any{"Name": "Roth Ltd", "Phone": "4155550132"})
	lead := org.Add("Lead", map[string]any{"LastName": "Roth", "Company": "Roth Ltd", "MobilePhone": "4155550132"})
	first := org.Add("Contact", map[string]any{"LastName": "A", "Phone": "4155550132"})
	second := org.Add("Contact", map[string]any{"LastName": "B", "HomePhone": "4155550132"})
	if _, err := client.Update(t.Context(), first, crm.Write{Object: "Contact", Fields: map[string]any{"Title": "x"}}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range find(t, client, crm.Query{Phone: "4155550132", Objects: []string{"Lead", "Contact", "Account"}}) {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff([]string{lead, first, second, account}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestHiddenPhoneFieldIsDoneWithout(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	id := org.Add("Contact", map[string]any{"LastName": "Roth", "Phone": "4155550132"})
	mustFault(t, org, sim.Fault{Kind: sim.HiddenField, Object: "Contact", Field: "HomePhone"})
	if got := find(t, client, crm.Query{Phone: "4155550132"}); len(got) != 1 || got[0].ID != id {
		t.Errorf("found %v", got)
	}
}

func TestCheckSaysWhatIsMissing(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	mustFault(t, org, sim.Fault{Kind: sim.HiddenField, Object: "Task", Field: "Cordboard_Key__c"})
	var needs []salesforce.Need
	for _, object := range []string{"Task", "Contact", "Nothing__c", "no name"} {
		needs = append(needs, salesforce.Need{Object: object, Write: true})
	}
	findings, err := client.Check(t.Context(), needs...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range findings {
		if f.State == salesforce.OK {
			continue
		}
		got = append(got, f.About)
		if f.What == "" || f.Do == "" || !strings.Contains(f.String(), f.Do) {
			t.Errorf("finding %+v", f)
		}
	}
	if diff := cmp.Diff([]string{"Task.Cordboard_Key__c", "Nothing__c", "no name"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestUpdateByIDCreatesNothing(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	id := org.Add("Contact", map[string]any{"LastName": "Roth"})
	var all sync.WaitGroup
	for i := range 3 { // company makes a collection
		other := org.Add("Contact", map[string]any{"LastName": fmt.Sprint("R", i)})
		all.Go(func() {
			w, err := client.Update(t.Context(), other, crm.Write{Object: "Contact", Fields: map[string]any{"Title": "x"}})
			if err != nil || w.ID != other || w.Created {
				t.Errorf("answer %+v, %v", w, err)
			}
		})
	}
	all.Wait()
	if w, err := client.Update(t.Context(), id[:15], crm.Write{Object: "Contact", Fields: map[string]any{"Title": "x"}, Now: true}); err != nil || w.ID != id {
		t.Errorf("answer %+v, %v", w, err)
	}
	_, err := client.Update(t.Context(), "003Wy00000AbCdEIAV", crm.Write{Object: "Contact", Fields: map[string]any{"Title": "x"}})
	if crm.KindOf(err) != crm.Gone || err == nil {
		t.Errorf("a record that is not there: %v", err)
	}
	if n := org.Count("Contact"); n != 4 {
		t.Errorf("%d contacts, want 4", n)
	}
}

func TestDuplicateRuleNamesTheRecord(t *testing.T) {
	for _, company := range []int{0, 5} {
		for _, spelling := range []string{"duplicateResut", "duplicateResult"} {
			org := newOrg(t, sim.Config{})
			client := newClient(t, org.URL(), nil)
			there := org.Add("Contact", map[string]any{"LastName": "Roth", "Email": "roth@example.com"})
			mustFault(t, org, sim.Fault{Kind: sim.DuplicateRule, Object: "Contact", Field: "Email", Key: spelling})
			var all sync.WaitGroup
			for i := range company {
				all.Go(func() {
					_, err := client.Write(t.Context(), crm.Write{Object: "Contact", Key: fmt.Sprint("k", i), Fields: map[string]any{"LastName": "X"}})
					if err != nil {
						t.Error(err)
					}
				})
			}
			_, err := client.Write(t.Context(), crm.Write{Object: "Contact", Key: "twin", Fields: map[string]any{"LastName": "R", "Email": "roth@example.com"}})
			if e, ok := err.(*crm.Error); !ok || e.Kind != crm.Duplicate || e.Existing != there {
				t.Errorf("%s with %d others: %v, want the existing %s", spelling, company, err, there)
			}
			all.Wait()
		}
	}
}

func TestQuotaIsObservedAndKept(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	org.SetQuota(1000, 960)
	find(t, client, crm.Query{Phone: "+14155550132"})
	if u := client.Usage(); u.Max != 1000 || u.Used < 960 || u.At.IsZero() {
		t.Errorf("usage %+v", u)
	}
	task := crm.Write{Object: "Task", Key: "k1", Fields: map[string]any{"Subject": "x"}}
	_, err := client.Write(t.Context(), task)
	if e, ok := err.(*crm.Error); !ok || e.Kind != crm.Limited || !e.Retry.After(time.Now()) {
		t.Errorf("a write that nobody waits for: %v", err)
	}
	task.Now = true
	if _, err := client.Write(t.Context(), task); err != nil {
		t.Errorf("a write that somebody waits for: %v", err)
	}
	find(t, client, crm.Query{Phone: "+14155550133"})
}

func TestStoppedWriterRefuses(t *testing.T) {
	org := newOrg(t, sim.Config{})
	var client *salesforce.Client
	t.Run("life", func(t *testing.T) { client = newClient(t, org.URL(), nil) })
	_, err := client.Write(t.Context(), crm.Write{Object: "Task", Key: "k1"})
	if err == nil || crm.KindOf(err) != crm.Busy {
		t.Errorf("error %v", err)
	}
}

func TestStrangeKeysTravelInBodies(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	const key = "a/b.c'd\\ e?"
	for range 2 {
		if _, err := client.Write(t.Context(), crm.Write{Object: "Task", Key: key, Fields: map[string]any{"Subject": "x"}, Now: true}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(org.ByKey("Task", key)); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

func TestFieldsCannotChangeWhatIsWritten(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	fields := map[string]any{"Subject": "x", "Id": otherID, "Cordboard_Key__c": "other", "attributes": map[string]any{"type": "User"}}
	for _, now := range []bool{true, false} {
		key := fmt.Sprint("k-", now)
		if _, err := client.Write(t.Context(), crm.Write{Object: "Task", Key: key, Fields: fields, Now: now}); err != nil {
			t.Fatal(err)
		}
		if len(org.ByKey("Task", key)) != 1 {
			t.Errorf("no record of key %s", key)
		}
	}
}

func TestEmptyTextClearsAnyField(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	for _, fields := range []map[string]any{
		{"Subject": "x", "CallDurationInSeconds": 7, "Description": "y"}, {"CallDurationInSeconds": "", "Description": ""},
	} {
		if _, err := client.Write(t.Context(), crm.Write{Object: "Task", Key: "k1", Fields: fields}); err != nil {
			t.Fatal(err)
		}
	}
	got := org.ByKey("Task", "k1")[0]
	if got["CallDurationInSeconds"] != nil || got["Description"] != nil || got["Subject"] != "x" {
		t.Errorf("record %v", got)
	}
}

func TestOwnShareIsKept(t *testing.T) {
	org := newOrg(t, sim.Config{DailyQuota: 100})
	client := newClient(t, org.URL(), func(c *salesforce.Config) { c.Budget = 0.1 })
	for i := range 10 {
		find(t, client, crm.Query{Phone: fmt.Sprintf("+1415555%04d", i)})
	}
	b := client.Budget()
	if b.ByPurpose["lookup"] != 10 || b.Used < 10 || b.Allowed != 10 || b.Enriching || b.Writing || !b.LookingUp || b.Reason == "" || b.Until.IsZero() {
		t.Errorf("budget %+v", b)
	}
	task := crm.Write{Object: "Task", Key: "k1", Fields: map[string]any{"Subject": "x"}}
	_, err := client.Write(t.Context(), task)
	if e, ok := err.(*crm.Error); !ok || e.Kind != crm.Limited || e.Code != "budget" || !e.Retry.After(time.Now()) {
		t.Errorf("a write over our share: %v", err)
	}
	find(t, client, crm.Query{Phone: "+14155551234"})
	if n := org.Calls()["search"]; n != 11 {
		t.Errorf("%d lookups, want 11", n)
	}
}

// TestNumbersThatWaitTogetherShareASearch lets one slow search keep the others waiting.
func TestNumbersThatWaitTogetherShareASearch(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	people := org.Seed(40)
	find(t, client, crm.Query{Phone: people[0].Number})
	mustFault(t, org, sim.Fault{Kind: sim.Slow, Delay: sim.Delay(50 * time.Millisecond)})
	before, _ := org.Usage()
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			if got := find(t, client, crm.Query{Phone: p.Number}); len(got) != 1 || got[0].ID != p.ID {
				t.Errorf("%s found %v, want %s", p.Phone, got, p.ID)
			}
		})
	}
	all.Wait()
	if used, _ := org.Usage(); used-before > 12 {
		t.Errorf("%d calls for %d numbers: %v", used-before, len(people), org.Calls())
	}
}
