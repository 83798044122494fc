package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cordboard/engine"
)

const (
	// postSome is about how many bytes of entries one transaction posts.
	postSome = 16 << 20
	// postSoon is how many bytes are worth posting at once, postLate after how long fewer are.
	postSoon = 8 << 20
	postLate = 500 * time.Millisecond
	// postMost is how many bytes may wait to be posted before commits wait, too.
	postMost = 32 << 20
)

// post brings what is in the daybook into the tables. Whoever reads the tables posts first.
func (s *Store) post(ctx context.Context) error {
	if !s.behind() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.postAll(ctx)
}

// behind reports whether something is in the daybook only.
func (s *Store) behind() bool {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return len(s.book.pending) > 0
}

// ripe reports whether it is time to post.
func (b *book) ripe(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size >= postSoon || len(b.pending) > 0 && now.Sub(b.pending[0].at) >= postLate
}

// makeRoom posts when too much waits for it, or when there was no space the last time: as long as the tables have none,
// nothing more is taken in.
func (s *Store) makeRoom(ctx context.Context) error {
	s.book.mu.Lock()
	much := s.book.size > postMost || s.book.stuck
	s.book.mu.Unlock()
	if !much {
		return nil
	}
	return s.post(ctx)
}

// postAll posts what is pending by now. The caller holds the writer.
func (s *Store) postAll(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	s.book.mu.Lock()
	todo := s.book.pending
	s.book.mu.Unlock()
	for len(todo) > 0 {
		if err := s.usable(); err != nil {
			return err
		}
		n, size := 0, 0
		for n < len(todo) && size < postSome {
			size += todo[n].size
			n++
		}
		if err := s.writer.transact(ctx, func(ctx context.Context) error { return s.writer.post(ctx, todo[:n]) }); err != nil {
			err = s.judge("post", err)
			s.book.hold(errors.Is(err, ErrFull))
			return err
		}
		s.book.posted(todo[:n])
		todo = todo[n:]
	}
	return nil
}

// hold says whether there was no space for what is pending.
func (b *book) hold(stuck bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stuck = stuck
}

// posted says that the oldest pending entries are in the tables.
func (b *book) posted(done []*entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stuck = false
	b.day.posted = done[len(done)-1].number
	for i, e := range done {
		b.slots.posted(e)
		b.size -= e.size
		b.pending[i] = nil
	}
	b.pending = b.pending[len(done):]
}

// post writes entries into the tables, inside a transaction.
func (w *writer) post(ctx context.Context, entries []*entry) error {
	m := merge(entries)
	if err := w.postCalls(ctx, m); err != nil {
		return err
	}
	for _, p := range []struct {
		table *bulk
		rows  []any
	}{{w.refs, m.refs}, {w.tokens, m.tokens}, {w.events, m.events}, {w.steps, m.steps}, {w.kept, m.kept}, {w.attempts, m.attempts}} {
		if _, err := p.table.write(ctx, p.rows); err != nil {
			return err
		}
	}
	if _, err := w.count.ExecContext(ctx, m.totals...); err != nil {
		return err
	}
	_, err := w.posted.ExecContext(ctx, int64(entries[len(entries)-1].number))
	return err
}

// postCalls inserts new calls and replaces the others.
func (w *writer) postCalls(ctx context.Context, m *entry) error {
	fresh := make([]any, 0, len(m.calls))
	for i, was := range m.was {
		row := m.calls[i*callColumns : (i+1)*callColumns]
		if was.fresh {
			fresh = append(fresh, row...)
			continue
		}
		if err := w.replace(ctx, row, was); err != nil {
			return err
		}
		giveWay()
	}
	_, err := w.calls.write(ctx, fresh)
	return err
}

// replace writes a call that the table has.
func (w *writer) replace(ctx context.Context, row []any, was before) error {
	n, version, open, due, started := row[0], row[2], row[4], row[5], row[6]
	stmt, args := w.same, []any{version, row[7], row[8], row[9]}
	switch {
	case !was.known || open != any(was.open) || started != any(was.started):
		stmt, args = w.mark, append(args, due, open, started)
	case due != value(was.due):
		stmt, args = w.due, append(args, due)
	}
	done, err := stmt.ExecContext(ctx, append(args, n)...)
	if err != nil {
		return err
	}
	if changed, err := done.RowsAffected(); err != nil || changed == 1 {
		return err
	}
	return fmt.Errorf("call number %v is in the daybook and not in the table", n)
}

// daybook returns the run whose entries count, and which of them are in the tables.
func (w *writer) daybook(ctx context.Context) (run int64, posted uint64, err error) {
	var n int64
	err = w.conn.QueryRowContext(ctx, "SELECT run, posted FROM daybook").Scan(&run, &n)
	return run, uint64(n), err
}

// beginRun posts what the last run left and makes the entries of another run count.
func (w *writer) beginRun(ctx context.Context, run int64, left []*entry) error {
	return w.transact(ctx, func(ctx context.Context) error {
		if len(left) > 0 {
			if err := w.post(ctx, left); err != nil {
				return fmt.Errorf("what is left in the daybook: %w", err)
			}
		}
		_, err := w.run(ctx, "UPDATE daybook SET run = ?", run)
		return err
	})
}

// openBook brings what the last process left in the daybook into the tables, and begins a new run.
func (s *Store) openBook(ctx context.Context) error {
	run, posted, err := s.writer.daybook(ctx)
	if err != nil {
		return err
	}
	found, err := readDaybook(s.path, run, posted)
	if err != nil {
		return err
	}
	left, err := entries(found)
	if err != nil {
		return err
	}
	run = newRun()
	if err := s.writer.beginRun(ctx, run, left); err != nil {
		return err
	}
	d, err := openDaybook(s.path)
	if err != nil {
		return err
	}
	d.run, d.posted = run, posted+uint64(len(left))
	d.next = d.posted + 1
	s.book.day = d
	return s.writer.conn.QueryRowContext(ctx, "SELECT coalesce(max(n), 0) + 1 FROM calls").Scan(&s.book.next)
}

// closeBook posts what is left and takes the daybook away, or leaves it as it is if that does not work.
func (s *Store) closeBook() error {
	if s.book.day == nil {
		return nil
	}
	err := s.postAll(context.Background())
	if err == nil && s.usable() == nil {
		return s.book.day.remove()
	}
	if errors.Is(err, engine.ErrBroken) || errors.Is(err, ErrFull) {
		err = nil // it was told, and the next start posts
	}
	return errors.Join(err, s.book.day.close())
}
