package sqlite

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"cordboard/call"
)

// entry is a group as the rows that it leaves in the tables: the values of each table's rows lie one after the other, in the
// order of the columns that its statement names.
type entry struct {
	number uint64
	size   int       // about how many bytes it holds
	at     time.Time // when it was made

	calls, refs, events, steps, kept, tokens []any
	totals                                   []any // one row
	attempts                                 []any
	// was is how the tables have each call before this entry.
	was []before
}

// before is a call before an entry: new, or listed by marks if they are known.
type before struct {
	fresh, known bool
	marks
}

// The numbers of values of a row.
const (
	callColumns  = 10 // n, id, version, connection, open, due, started, last, indexed, body
	refColumns   = 3  // ref, connection, call
	eventColumns = 5  // call, key, body, runs, packed
	stepColumns  = 6  // call, id, seq, state, at, body
	keptColumns  = 3  // at, reason, message
	tokenColumns = 2  // token, call

	attemptColumns = 7 // number, key, contact, kind, at, campaign, call
)

func (e *entry) parts() [8]*[]any {
	return [...]*[]any{&e.calls, &e.refs, &e.events, &e.steps, &e.kept, &e.tokens, &e.totals, &e.attempts}
}

// The types of values in the daybook.
const (
	noValue byte = iota
	numberValue
	textValue
	blobValue
)

// encode writes the entry behind b.
func (e *entry) encode(b []byte) []byte {
	for _, part := range e.parts() {
		b = binary.AppendUvarint(b, uint64(len(*part)))
		for _, v := range *part {
			switch v := v.(type) {
			case nil:
				b = append(b, noValue)
			case int64:
				b = binary.AppendVarint(append(b, numberValue), v)
			case string:
				b = append(binary.AppendUvarint(append(b, textValue), uint64(len(v))), v...)
			case []byte:
				b = append(binary.AppendUvarint(append(b, blobValue), uint64(len(v))), v...)
			default:
				panic(fmt.Sprintf("a %T has no place in the daybook", v)) // whoever made the row
			}
		}
	}
	return b
}

var errCutOff = errors.New("cut off")

// decodeEntry is the inverse of encode. The entry keeps payload.
func decodeEntry(payload []byte) (*entry, error) {
	e, r := &entry{size: len(payload)}, reader{rest: payload}
	for _, part := range e.parts() {
		if part == &e.attempts && len(r.rest) == 0 {
			break // an entry of a release that had none
		}
		n := r.length(1)
		for range n {
			*part = append(*part, r.value())
		}
	}
	if r.failed || len(r.rest) > 0 || len(e.calls)%callColumns+len(e.refs)%refColumns+len(e.events)%eventColumns+len(e.steps)%stepColumns+len(e.attempts)%attemptColumns > 0 {
		return nil, errCutOff
	}
	for i := 0; i < len(e.calls); i += callColumns {
		version, _ := e.calls[i+2].(int64)
		e.was = append(e.was, before{fresh: version == 1})
	}
	return e, nil
}

// reader reads values; what it returns means nothing once it has failed.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) taken(n int) {
	if n <= 0 {
		r.rest, r.failed = nil, true
		return
	}
	r.rest = r.rest[n:]
}

// length reads a number of things that take at least so many bytes each.
func (r *reader) length(least int) int {
	v, n := binary.Uvarint(r.rest)
	r.taken(n)
	if r.failed || v > uint64(len(r.rest)/least) {
		r.failed = true
		return 0
	}
	return int(v)
}

func (r *reader) value() any {
	if len(r.rest) == 0 {
		r.failed = true
		return nil
	}
	kind := r.rest[0]
	r.rest = r.rest[1:]
	switch kind {
	case noValue:
		return nil
	case numberValue:
		v, n := binary.Varint(r.rest)
		r.taken(n)
		return v
	case textValue:
		return string(r.bytes())
	case blobValue:
		return r.bytes()
	}
	r.failed = true
	return nil
}

func (r *reader) bytes() []byte {
	n := r.length(1)
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// value is a number that may be missing, as a row has it.
func value(n sql.NullInt64) any {
	if !n.Valid {
		return nil
	}
	return n.Int64
}

// refsOf yields the platform ids of the entry.
func (e *entry) refsOf(yield func(call.Ref) bool) {
	for i := 0; i < len(e.refs); i += refColumns {
		if !yield(call.Ref{Ref: e.refs[i].(string), Connection: e.refs[i+1].(string)}) {
			return
		}
	}
}

// merge is what entries, one after the other, leave in the tables together: of a call and a step only the newest.
func merge(all []*entry) *entry {
	if len(all) == 1 {
		return all[0]
	}
	type stepKey struct {
		call int64
		id   string
	}
	m := room(all)
	calls, steps := map[int64]int{}, map[stepKey]int{}
	for _, e := range all {
		m.refs = append(m.refs, e.refs...)
		m.events = append(m.events, e.events...)
		m.kept = append(m.kept, e.kept...)
		m.tokens = append(m.tokens, e.tokens...)
		m.attempts = append(m.attempts, e.attempts...)
		for i := 0; i < len(e.calls); i += callColumns {
			row, n := e.calls[i:i+callColumns], e.calls[i].(int64)
			if at, ok := calls[n]; ok {
				copy(m.calls[at:], row)
				continue
			}
			calls[n] = len(m.calls)
			m.calls = append(m.calls, row...)
			m.was = append(m.was, e.was[i/callColumns])
		}
		for i := 0; i < len(e.steps); i += stepColumns {
			row, key := e.steps[i:i+stepColumns], stepKey{e.steps[i].(int64), e.steps[i+1].(string)}
			if at, ok := steps[key]; ok {
				copy(m.steps[at:], row)
				continue
			}
			steps[key] = len(m.steps)
			m.steps = append(m.steps, row...)
		}
		m.add(e.totals)
	}
	return m
}

// room is an entry with room for all rows of others.
func room(all []*entry) *entry {
	m := &entry{}
	into := m.parts()
	for i, part := range into {
		if part == &m.totals { // there is one row
			continue
		}
		n := 0
		for _, e := range all {
			n += len(*e.parts()[i])
		}
		*part = make([]any, 0, n)
	}
	return m
}

// add adds totals.
func (e *entry) add(totals []any) {
	if e.totals == nil {
		e.totals = append(e.totals, totals...)
		return
	}
	for i, v := range totals {
		e.totals[i] = e.totals[i].(int64) + v.(int64)
	}
}
