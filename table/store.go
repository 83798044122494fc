package table

import (
	"context"
	"time"
)

// Store keeps tables. What it acknowledged is durable. It is safe for concurrent use, and where several nodes share one they
// see each other's changes at once.
type Store interface {
	Shelf
	Rows
}

// Shelf keeps which tables there are.
type Shelf interface {
	// Tables returns all tables, by name.
	Tables(ctx context.Context) ([]Definition, error)
	// Table returns one table, or an error that wraps ErrNoTable.
	Table(ctx context.Context, name string) (Definition, error)
	// Define makes a table, or changes what it is. first are changes that are made together with it when the table is new, and
	// never else. by is who does it, for the history. It reports whether the table is new.
	Define(ctx context.Context, d Definition, by string, first []Change) (fresh bool, err error)
	// Drop takes a table with its rows away; its history stays. The error wraps ErrNoTable when there is no such table.
	Drop(ctx context.Context, name, by string) error
}

// Rows keeps the rows of tables. Rows are found by their id ([Definition.ID]).
type Rows interface {
	// Row returns one row. The error wraps ErrNoRow; that of a table that is not there may, too.
	Row(ctx context.Context, table, id string) (Row, error)
	// Page returns rows in the order of their ids.
	Page(ctx context.Context, table string, q Query) (Page, error)
	// Change makes changes, all or none, each on what those before it left; no two of them have one id. For each it tells the
	// row as the change left it. A change whose Once the table's history holds is not made again: it tells the row as it left
	// it then. A change that leaves everything as it is and has no Once is not recorded. The error wraps ErrNoTable, or what
	// [Definition.Apply] said in a *ChangeError, which has the row as it is.
	Change(ctx context.Context, d Definition, by string, changes []Change) ([]Row, error)
	// History returns changes, the newest first.
	History(ctx context.Context, table string, q HistoryQuery) ([]Entry, error)
}

// Query says which rows a page has.
type Query struct {
	// Search is a text, case not counting, that the key or a value contains; empty is every row.
	Search string
	// After and Before are ids: the rows behind the one, or right before the other. One of them at most is given.
	After, Before string
	// Limit is how many rows at most, at least 1.
	Limit int
	// Count asks for Page.Total, which costs a look at the whole index.
	Count bool
}

// Page is a part of a table.
type Page struct {
	Rows []Row
	// Earlier and Later say whether there are matching rows before and behind.
	Earlier, Later bool
	// Total is how many rows the table has, whatever was searched for; 0 when it was not asked for.
	Total int64
}

// HistoryQuery says which changes are wanted.
type HistoryQuery struct {
	// ID is that of one row; empty is the whole table.
	ID string
	// Before is the number of a change: only older ones. 0 begins with the newest.
	Before int64
	Limit  int
}

// Entry is one change in a table's history.
type Entry struct {
	Number int64     `json:"number"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	// Key is the row's; empty for a change of the table itself.
	Key string `json:"key,omitempty"`
	// Old and New are the row before and after; nil where it was not there. Of a change of the table itself they hold its
	// definition, a JSON text, as "definition".
	Old Values `json:"old"`
	New Values `json:"new"`
}

// ChangeError says which of several changes could not be made, and why.
type ChangeError struct {
	Index int
	// Row is the row as it is.
	Row Row
	Err error
}

// Error implements error.
func (e *ChangeError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *ChangeError) Unwrap() error { return e.Err }
