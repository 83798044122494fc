package column_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"cordboard/call"
	"cordboard/store/internal/column"
)

// Ensure that every message of a group comes back, whatever the others are.
func TestPacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.Custom(func(t *rapid.T) []byte {
			part := rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "part")
			return bytes.Repeat(part, rapid.SampledFrom([]int{0, 1, 30, 3000}).Draw(t, "times"))
		})
		events := make([]call.Event, rapid.IntRange(0, 20).Draw(t, "events"))
		for i := range events {
			events[i].Raw = message.Draw(t, "message")
		}
		packed := column.Packed(events)
		for i := range events {
			got, err := column.Message(nil, packed[i])
			if err != nil || !bytes.Equal(got, events[i].Raw) {
				t.Fatalf("message %d of %d bytes comes back as %d bytes: %v", i, len(events[i].Raw), len(got), err)
			}
		}
	})
}

// Ensure that messages of earlier releases are read, and damaged ones are told.
func TestMessage(t *testing.T) {
	if got, err := column.Message([]byte("<a/>"), nil); err != nil || string(got) != "<a/>" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := column.Message(nil, nil); err != nil || got != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := column.Message(nil, []byte{255, 255, 255}); err == nil {
		t.Error("no error")
	}
}
