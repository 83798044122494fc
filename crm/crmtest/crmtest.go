// Package crmtest is the contract of crm.Finder and crm.Writer as tests. Every CRM client runs it against its simulated
// far end:
//
//	crmtest.Run(t, func(t *testing.T) crmtest.Subject { … })
//
// Each test gets a subject of its own: a fresh far end, and a client that runs until the test is over. The far end is
// looked at and disturbed through the subject's functions, never through the client.
package crmtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/crm"
)

// Subject is a client with its far end.
type Subject struct {
	Client interface {
		crm.Finder
		crm.Writer
	}
	// Log is the object for records with keys, LogFields what one needs to be accepted, and Text a field of it for
	// short texts.
	Log       string
	LogFields map[string]any
	Text      string
	// Person is an object with a name and a phone number. AddPerson adds one behind the client's back and returns its
	// id.
	Person    string
	AddPerson func(name, phone string) string
	// Keyed returns the values of the field Text of the records that have a key.
	Keyed func(key string) []string
	// Logins returns how often the client has signed in.
	Logins func() int

	// ExpireTokens ends all sessions.
	ExpireTokens func()
	// Limit makes the far end refuse everything because of its quota.
	Limit func()
	// RefuseText makes the far end refuse, for good, records that set the field Text.
	RefuseText func()
	// LockOnce makes the far end refuse the next record because somebody else has locked it.
	LockOnce func()
	// ResetOnce makes the far end store the next write and break the connection instead of answering.
	ResetOnce func()
	// SlowWrites makes every write take at least d, and lookups no longer than before.
	SlowWrites func(d time.Duration)
}

// patience is how long anything may take before the test is stuck.
const patience = 20 * time.Second

// Run runs the suite.
func Run(t *testing.T, newSubject func(t *testing.T) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"one key is one record":                     oneRecord,
		"one key at the same time is one record":    oneRecordAtOnce,
		"newer fields win":                          newerFieldsWin,
		"writes of one key keep their order":        keepOrder,
		"a record that somebody waits for is quick": nowIsQuick,
		"a limit is Limited":                        limitIsLimited,
		"an ended session is renewed once":          renewedOnce,
		"a field's error names the field":           fieldIsNamed,
		"a lock is Busy":                            lockIsBusy,
		"a bad record harms no other":               badAmongGood,
		"a lost answer and a retry are one record":  lostAnswer,
		"numbers are found however written":         numbers,
		"an id alone is the answer":                 idAlone,
		"nobody is no error":                        nobody,
		"the preferred object comes first":          preferred,
		"lookups do not wait behind writes":         lookupsAreFree,
		"a caller who leaves is let go":             leaving,
	} {
		t.Run(name, func(t *testing.T) { test(t, newSubject(t)) })
	}
}

func (s Subject) write(t *testing.T, key, text string) (crm.Written, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return s.Client.Write(ctx, s.record(key, text))
}

func (s Subject) record(key, text string) crm.Write {
	fields := map[string]any{s.Text: text}
	for name, value := range s.LogFields {
		fields[name] = value
	}
	return crm.Write{Object: s.Log, Key: key, Fields: fields}
}

func (s Subject) mustWrite(t *testing.T, key, text string) crm.Written {
	t.Helper()
	w, err := s.write(t, key, text)
	if err != nil {
		t.Fatal(err)
	}
	if w.ID == "" {
		t.Fatal("written without an id")
	}
	return w
}

// wantOne fails unless exactly one record has the key, with this text.
func (s Subject) wantOne(t *testing.T, key, text string) {
	t.Helper()
	if got := s.Keyed(key); len(got) != 1 || got[0] != text {
		t.Errorf("records of key %s hold %q, want one with %q", key, got, text)
	}
}

// wantKind fails unless err is a *crm.Error of a kind, and returns it.
func wantKind(t *testing.T, err error, kind crm.Kind) *crm.Error {
	t.Helper()
	e, ok := errors.AsType[*crm.Error](err)
	if !ok || e.Kind != kind {
		t.Fatalf("error %v, want kind %s", err, kind)
	}
	return e
}

func oneRecord(t *testing.T, s Subject) {
	first := s.mustWrite(t, "k1", "a")
	second := s.mustWrite(t, "k1", "b")
	if !first.Created || second.Created || first.ID != second.ID {
		t.Errorf("answers %+v and %+v: want one record, created by the first", first, second)
	}
	s.wantOne(t, "k1", "b")
}

func oneRecordAtOnce(t *testing.T, s Subject) {
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			w := s.record("k1", "same")
			w.Now = i%2 == 0
			if _, err := s.Client.Write(t.Context(), w); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.wantOne(t, "k1", "same")
}

func newerFieldsWin(t *testing.T, s Subject) {
	s.SlowWrites(100 * time.Millisecond)
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() { s.mustWrite(t, fmt.Sprint("k", i), "old") })
	}
	all.Wait()
	for i := range 5 {
		all.Go(func() { s.mustWrite(t, fmt.Sprint("k", i), "new") })
	}
	all.Wait()
	for i := range 5 {
		s.wantOne(t, fmt.Sprint("k", i), "new")
	}
}

func keepOrder(t *testing.T, s Subject) {
	const last = 8
	for i := range last + 1 {
		w := s.record("k1", fmt.Sprint(i))
		w.Now = i%3 == 0
		if _, err := s.Client.Write(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	s.wantOne(t, "k1", fmt.Sprint(last))
}

func nowIsQuick(t *testing.T, s Subject) {
	w := s.record("k1", "now")
	w.Now = true
	got, err := s.Client.Write(t.Context(), w)
	if err != nil || !got.Created {
		t.Errorf("answer %+v, %v", got, err)
	}
	s.wantOne(t, "k1", "now")
}

func limitIsLimited(t *testing.T, s Subject) {
	s.mustWrite(t, "k1", "a")
	s.Limit()
	_, err := s.write(t, "k2", "b")
	e := wantKind(t, err, crm.Limited)
	if e.Retry.IsZero() {
		t.Error("the error does not say when to try again")
	}
	if got := s.Keyed("k2"); len(got) != 0 {
		t.Errorf("a refused record is there: %q", got)
	}
}

func renewedOnce(t *testing.T, s Subject) {
	s.mustWrite(t, "k0", "a")
	before := s.Logins()
	s.ExpireTokens()
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			w := s.record(fmt.Sprint("k", i), "b")
			w.Now = true
			if _, err := s.Client.Write(t.Context(), w); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := s.Client.Find(t.Context(), crm.Query{Objects: []string{s.Person}, Phone: fmt.Sprintf("+1415555%04d", 100+i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.Logins() - before; n != 1 {
		t.Errorf("signed in %d times, want once", n)
	}
}

func fieldIsNamed(t *testing.T, s Subject) {
	s.RefuseText()
	const secret = "Mrs Secret +1 415 555 0199"
	_, err := s.write(t, "k1", secret)
	e := wantKind(t, err, crm.Invalid)
	if e.Field != s.Text {
		t.Errorf("error names field %q, want %q: %v", e.Field, s.Text, err)
	}
	if got := err.Error(); strings.Contains(got, "Secret") || strings.Contains(got, "0199") {
		t.Errorf("the error holds the field's value: %s", got)
	}
}

func lockIsBusy(t *testing.T, s Subject) {
	s.LockOnce()
	_, err := s.write(t, "k1", "a")
	wantKind(t, err, crm.Busy)
	s.mustWrite(t, "k1", "a")
	s.wantOne(t, "k1", "a")
}

func badAmongGood(t *testing.T, s Subject) {
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { s.mustWrite(t, fmt.Sprint("k", i), "good") })
	}
	all.Go(func() {
		bad := s.record("bad", "x")
		bad.Fields["No_Such_Field__c"] = 1
		_, err := s.Client.Write(t.Context(), bad)
		if kind := crm.KindOf(err); err == nil || kind != crm.Invalid && kind != crm.Gone {
			t.Errorf("a record with an unknown field: %v", err)
		}
	})
	all.Wait()
	for i := range 20 {
		s.wantOne(t, fmt.Sprint("k", i), "good")
	}
}

func lostAnswer(t *testing.T, s Subject) {
	s.ResetOnce()
	_, err := s.write(t, "k1", "a")
	wantKind(t, err, crm.Busy)
	s.mustWrite(t, "k1", "a")
	s.wantOne(t, "k1", "a")
}

func numbers(t *testing.T, s Subject) {
	written := []string{
		"+14155550100", "(415) 555-0101", "415.555.0102", "1-415-555-0103", "+1 415 555 0104 x77", "4155550105",
	}
	ids := make([]string, len(written))
	for i, number := range written {
		ids[i] = s.AddPerson(fmt.Sprint("Person ", i), number)
	}
	for i := range written {
		for _, form := range []string{"+1415555010%d", "415555010%d", "(415) 555-010%d", "1 415 555 010%d"} {
			asked := fmt.Sprintf(form, i)
			got, err := s.Client.Find(t.Context(), crm.Query{Objects: []string{s.Person}, Phone: asked, Region: "US"})
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].ID != ids[i] {
				t.Errorf("%s found %v, want the person with %s", asked, got, written[i])
			}
		}
	}
}

func idAlone(t *testing.T, s Subject) {
	carried := s.AddPerson("Carried", "+14155550100")
	other := s.AddPerson("Other", "+14155550101")
	q := crm.Query{Objects: []string{s.Person}, ID: carried, Phone: "+14155550101"}
	got, err := s.Client.Find(t.Context(), q)
	if err != nil || len(got) != 1 || got[0].ID != carried || got[0].By != "id" || got[0].Name != "Carried" {
		t.Errorf("found %+v, %v: want the carried record", got, err)
	}
	q.ID = "not an id"
	got, err = s.Client.Find(t.Context(), q)
	if err != nil || len(got) != 1 || got[0].ID != other {
		t.Errorf("found %+v, %v: want the number's record when the id is none", got, err)
	}
}

func nobody(t *testing.T, s Subject) {
	for _, number := range []string{"+14155550100", "anonymous", "", "2001", "***", "}) OR {"} {
		got, err := s.Client.Find(t.Context(), crm.Query{Objects: []string{s.Person}, Phone: number})
		if err != nil || len(got) != 0 {
			t.Errorf("%q found %v, %v", number, got, err)
		}
	}
}

func preferred(t *testing.T, s Subject) {
	for i := range 5 {
		s.AddPerson(fmt.Sprint("Person ", i), "+1 415 555 0100")
	}
	got, err := s.Client.Find(t.Context(), crm.Query{Objects: []string{s.Person}, Phone: "4155550100", Limit: 3})
	if err != nil || len(got) != 3 {
		t.Errorf("found %v, %v: want 3 of 5", got, err)
	}
}

func lookupsAreFree(t *testing.T, s Subject) {
	id := s.AddPerson("Quick", "+14155550100")
	s.SlowWrites(4 * time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	var answered atomic.Int32
	for i := range 50 {
		all.Go(func() {
			w := s.record(fmt.Sprint("k", i), "slow")
			w.Now = i%2 == 0
			s.Client.Write(ctx, w)
			answered.Add(1)
		})
	}
	for _, asked := range []string{"+14155550100", "4155550100", "+14155550101"} {
		got, err := s.Client.Find(t.Context(), crm.Query{Objects: []string{s.Person}, Phone: asked})
		if err != nil || len(got) == 1 && got[0].ID != id {
			t.Errorf("%s found %v, %v", asked, got, err)
		}
	}
	if n := answered.Load(); n > 0 {
		t.Errorf("the lookups were answered after %d writes that take 4 s", n)
	}
}

func leaving(t *testing.T, s Subject) {
	s.SlowWrites(2 * time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Client.Write(ctx, s.record("k1", "a")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
}
