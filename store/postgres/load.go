package postgres

import (
	"encoding/binary"
	"errors"
	"time"

	"cordboard/desk"
)

// loaded is the kind of a row that carries many messages to one node: a row each is what most of the database's work would be
// where tens of thousands of desks hang on several nodes.
const loaded desk.Kind = "load"

// maxLoad is how many bytes a row carries, unless one message is larger: more would not fit into a page with its row, and
// be cut to pieces in another table.
const maxLoad = 7800

// load is a row on its way to a node.
type load struct {
	node  int64
	until time.Time // the latest of its messages'
	all   []desk.Message
	size  int
}

// loads shares messages out to rows. Those for one node stay in their order.
func loads(messages []desk.Message) (rows []*load) {
	filling := map[int64]*load{}
	for _, m := range messages {
		l, size := filling[m.Node], loadSize(&m)
		if l == nil || l.size+size > maxLoad {
			l = &load{node: m.Node}
			filling[m.Node] = l
			rows = append(rows, l)
		}
		l.all, l.size = append(l.all, m), l.size+size
		if m.Until.After(l.until) {
			l.until = m.Until
		}
	}
	return rows
}

// loadSize is how many bytes a message takes at most.
func loadSize(m *desk.Message) int {
	return 5*binary.MaxVarintLen32 + len(m.Kind) + len(m.Agent) + len(m.Key) + len(m.Body)
}

// pack writes the messages one behind the other: each as what it says, with the lengths in front, and how many milliseconds
// before the row's end its own is.
func (l *load) pack() []byte {
	out := make([]byte, 0, l.size)
	for i := range l.all {
		m := &l.all[i]
		for _, part := range []string{string(m.Kind), m.Agent, m.Key} {
			out = append(binary.AppendUvarint(out, uint64(len(part))), part...)
		}
		out = append(binary.AppendUvarint(out, uint64(len(m.Body))), m.Body...)
		out = binary.AppendUvarint(out, uint64(l.until.Sub(m.Until).Milliseconds()))
	}
	return out
}

var errLoad = errors.New("postgres: what another node has sent is torn")

// unpack reads what a row carries; row is the row itself.
func unpack(row desk.Message) (all []desk.Message, err error) {
	left := row.Body
	number := func() uint64 {
		n, size := binary.Uvarint(left)
		if size <= 0 {
			err, left = errLoad, nil
			return 0
		}
		left = left[size:]
		return n
	}
	part := func() []byte {
		n := number()
		if n > uint64(len(left)) {
			err, left = errLoad, nil
			return nil
		}
		p := left[:n:n]
		left = left[n:]
		return p
	}
	for len(left) > 0 {
		m := desk.Message{Node: row.Node}
		m.Kind, m.Agent, m.Key, m.Body = desk.Kind(part()), string(part()), string(part()), part()
		m.Until = row.Until.Add(-time.Duration(number()) * time.Millisecond)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}
