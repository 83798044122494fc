package salesforce

import (
	"fmt"
	"testing"
	"time"

	"cordboard/crm"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const second = time.Second

// put adds a write of a key with one field.
func put(q *queue, key, field, value string, change func(*job)) *job {
	j := &job{
		ended: waits,
		Write: crm.Write{Object: "Task", Key: key, Fields: map[string]any{field: value}},
		since: noon, answer: make(chan result, 1),
	}
	if change != nil {
		change(j)
	}
	q.add(j.Object+" "+key, j.Object, j)
	return j
}

func urgent(j *job) { j.Now = true }

// keys lists what flies, by batch.
func keys(batches []*batch) [][]string {
	var all [][]string
	for _, b := range batches {
		var in []string
		for _, it := range b.items {
			in = append(in, it.Key)
		}
		all = append(all, in)
	}
	return all
}

func wantFlying(t *testing.T, got []*batch, want ...[]string) {
	t.Helper()
	if diff := cmp.Diff(want, keys(got)); diff != "" {
		t.Errorf("batches: %s", diff)
	}
}

func TestRecordsWaitForTheWindowOrAFullBatch(t *testing.T) {
	q := newQueue()
	put(&q, "a", "F", "1", nil)
	got, next := q.take(noon, second, 4)
	wantFlying(t, got)
	if !next.Equal(noon.Add(second)) {
		t.Errorf("look again at %v", next)
	}
	put(&q, "b", "F", "1", func(j *job) { j.since = noon.Add(second / 2) })
	got, _ = q.take(noon.Add(second), second, 4)
	wantFlying(t, got, []string{"a", "b"})
	for i := range 2*maxBatch + 1 {
		put(&q, fmt.Sprint(i), "F", "1", nil)
	}
	if got, _ = q.take(noon, second, 4); len(got) != 1 || len(got[0].items) != maxBatch || len(got[0].all()) != 2*maxBatch {
		t.Errorf("%d batches", len(got))
	}
	if got, _ = q.take(noon.Add(second), second, 0); len(got) != 0 {
		t.Error("a batch flies though there is no room")
	}
}

func TestOtherLinesRideAlong(t *testing.T) {
	q := newQueue()
	line := func(group string, n int, since time.Time) {
		for i := range n {
			j := &job{Write: crm.Write{Object: group, Key: fmt.Sprint(group, i)}, since: since, ended: waits, answer: make(chan result, 1)}
			q.add(j.Key, group, j)
		}
	}
	line("Task", 150, noon)
	line("id Task", 150, noon.Add(second/2))
	line("Case", 150, noon.Add(second/2)) // does not fit
	line("Lead", 50, noon.Add(second/2))
	got, next := q.take(noon.Add(second), second, 4)
	if len(got) != 1 || len(got[0].riders) != 2 || len(got[0].all()) != 350 || !next.Equal(noon.Add(second*3/2)) {
		t.Fatalf("%d batches, next %v", len(got), next)
	}
	for _, rider := range got[0].riders {
		if object := rider.items[0].Object; object == "id Task" { // the last by name, and the one that did not fit
			t.Errorf("%s rides", object)
		}
	}
	q.land(got[0], noon.Add(second))
	if len(q.slots) != 150 {
		t.Errorf("%d records wait, want 150", len(q.slots))
	}
}

func TestUrgentRecordsFlyAloneAtOnce(t *testing.T) {
	q := newQueue()
	put(&q, "slow", "F", "1", nil)
	put(&q, "now", "F", "1", urgent)
	got, _ := q.take(noon, second, 0)
	wantFlying(t, got, []string{"now"})
	put(&q, "slow", "G", "2", urgent) // the waiting one is in a hurry now
	got, _ = q.take(noon, second, 0)
	wantFlying(t, got, []string{"slow"})
	if diff := cmp.Diff(map[string]any{"F": "1", "G": "2"}, got[0].items[0].Fields); diff != "" {
		t.Error(diff)
	}
	if got, _ = q.take(noon.Add(second), second, 4); len(got) != 0 {
		t.Errorf("flies twice: %v", keys(got))
	}
}

func TestWaitingWritesOfOneKeyAreOneRecord(t *testing.T) {
	q := newQueue()
	put(&q, "a", "F", "old", nil)
	put(&q, "a", "G", "kept", nil)
	put(&q, "a", "F", "new", nil)
	got, _ := q.take(noon.Add(second), second, 4)
	if diff := cmp.Diff(map[string]any{"F": "new", "G": "kept"}, got[0].items[0].Fields); diff != "" {
		t.Error(diff)
	}
	put(&q, "a", "F", "newer", urgent)
	if more, _ := q.take(noon.Add(time.Hour), second, 4); len(more) != 0 {
		t.Fatal("one key is in flight twice")
	}
	q.land(got[0], noon.Add(second))
	got, _ = q.take(noon.Add(second), second, 4)
	wantFlying(t, got, []string{"a"})
	q.land(got[0], noon)
	if len(q.slots) != 0 || len(q.lines) != 0 {
		t.Errorf("left behind: %v, %v", q.slots, q.lines)
	}
}

func TestRefusedMergeIsTakenApartInOrder(t *testing.T) {
	q := newQueue()
	put(&q, "a", "F", "1", nil)
	put(&q, "a", "F", "2", nil)
	got, _ := q.take(noon.Add(second), second, 4)
	put(&q, "a", "F", "3", nil)
	put(&q, "a", "F", "4", nil)
	q.again(got[0].items[0])
	q.land(got[0], noon)
	var order []string
	for range 3 {
		got, _ = q.take(noon.Add(second), second, 4)
		order = append(order, got[0].items[0].Fields["F"].(string))
		q.land(got[0], noon)
	}
	if diff := cmp.Diff([]string{"1", "2", "4"}, order); diff != "" { // 3 and 4 merge
		t.Error(diff)
	}
}

func TestOneAccountIsNotInTwoBatches(t *testing.T) {
	q := newQueue()
	on := func(account string) func(*job) { return func(j *job) { j.Fields["WhatId"] = account } }
	const roth, otto = "001Wy00000AbCdE", "001Wy00000XyZaB"
	put(&q, "a", "F", "1", on(roth))
	put(&q, "b", "F", "1", on(otto))
	put(&q, "c", "F", "1", on(roth))
	first, _ := q.take(noon.Add(second), second, 4)
	wantFlying(t, first, []string{"a", "c", "b"}) // one account's records stand together
	put(&q, "d", "F", "1", on(roth))
	put(&q, "e", "F", "1", nil)
	second2, _ := q.take(noon.Add(second), second, 4)
	wantFlying(t, second2, []string{"e"})
	q.land(first[0], noon)
	third, _ := q.take(noon.Add(second), second, 4)
	wantFlying(t, third, []string{"d"})
	q.land(second2[0], noon)
	q.land(third[0], noon)
	if len(q.parents) != 0 {
		t.Errorf("still locked: %v", q.parents)
	}
}

func TestKeyIsLeftAloneAfterALostAnswer(t *testing.T) {
	q := newQueue()
	put(&q, "a", "F", "1", nil)
	got, _ := q.take(noon.Add(second), second, 4)
	got[0].items[0].hold = 30 * second
	q.land(got[0], noon)
	put(&q, "a", "F", "1", urgent)
	got, next := q.take(noon.Add(29*second), second, 4)
	wantFlying(t, got)
	if !next.Equal(noon.Add(30 * second)) {
		t.Errorf("look again at %v", next)
	}
	got, _ = q.take(noon.Add(30*second), second, 4)
	wantFlying(t, got, []string{"a"})
}

func TestWhoLeavesIsNotWritten(t *testing.T) {
	q := newQueue()
	gone := put(&q, "a", "F", "1", nil)
	put(&q, "b", "F", "1", nil)
	q.drop("Task a", gone)
	got, _ := q.take(noon.Add(second), second, 4)
	wantFlying(t, got, []string{"b"})
	if q.slots["Task a"] != nil {
		t.Error("an empty slot stays")
	}
	put(&q, "c", "F", "1", nil)
	if waiting := q.close(); len(waiting) != 1 || q.add("Task d", "Task", gone) {
		t.Errorf("after the end: %d waiting", len(waiting))
	}
}

// waits is a caller who does not give up.
func waits() error { return nil }
