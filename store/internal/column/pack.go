package column

import (
	"fmt"

	"github.com/klauspost/compress/s2"

	"cordboard/call"
)

// packRoom is the size of the pieces of memory that Packed takes at most, unless one message needs more.
const packRoom = 64 << 10

// Packed are the events' messages, made smaller (S2 blocks): they are most of what is stored, and a third is left of them. An
// event without a message has none.
func Packed(events []call.Event) [][]byte {
	out := make([][]byte, len(events))
	left := 0
	for i := range events {
		left += len(events[i].Raw)
	}
	var room []byte
	for i := range events {
		raw := events[i].Raw
		if len(raw) == 0 {
			continue
		}
		most := s2.MaxEncodedLen(len(raw))
		if most < 0 { // more than 4 GiB
			continue
		}
		if len(room) < most {
			room = make([]byte, max(most, min(packRoom, left/2)))
		}
		left -= len(raw)
		packed := s2.Encode(room, raw)
		out[i] = packed[:len(packed):len(packed)]
		room = room[len(packed):]
	}
	return out
}

// Message is an event's message as it is stored: packed, or raw as earlier releases wrote it.
func Message(raw, packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return raw, nil
	}
	message, err := s2.Decode(nil, packed)
	if err != nil {
		return nil, fmt.Errorf("a message as stored: %w", err)
	}
	return message, nil
}
