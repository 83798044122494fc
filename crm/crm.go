// Package crm says what workflows need of a customer database, whichever it is.
package crm

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Finder looks up people and things. It is safe for concurrent use.
type Finder interface {
	// Find returns the records that q names, best first, at most q.Limit. None found is an empty answer, not an
	// error. A lookup never waits behind writes.
	Find(ctx context.Context, q Query) ([]Record, error)
}

// Writer writes records under their keys. It is safe for concurrent use, and writing the same Write again changes
// nothing: whatever happened to the first answer, there is one record of that key.
type Writer interface {
	// Write creates or updates one record and returns when the CRM has answered. Writers batch: a call may wait for
	// company, unless w.Now is set.
	Write(ctx context.Context, w Write) (Written, error)
}

// Query asks for records by id, or by phone number.
type Query struct {
	// Objects are the kinds of records to look in, such as Contact and Lead, in the order of preference.
	Objects []string
	// ID is a record id carried in the call's data. When it is set and exists, it alone is the answer.
	ID string
	// Phone is a number in whatever format; the finder compares national digits.
	Phone string
	// Region is the ISO country of numbers without a country code, such as "US".
	Region string
	Limit  int
}

// Record is one record as lists and pops show it.
type Record struct {
	Object string `json:"object"`
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	// By says how it was found: "id", "index" (numbers kept here), "cache", "phone".
	By string `json:"by,omitempty"`
}

// Write is one record to create or update.
type Write struct {
	Object string `json:"object"`
	// Key is the record's idempotency key, stored in an external-id field.
	Key    string         `json:"key"`
	Fields map[string]any `json:"fields"`
	// Now asks not to wait for a batch: somebody looks at the screen for this record.
	Now bool `json:"now,omitempty"`
}

// Written is the CRM's answer to a Write.
type Written struct {
	ID      string `json:"id"`
	Created bool   `json:"created"`
}

// Kind classifies why a CRM did not do what was asked. What to do about it is the engine's business.
type Kind string

// The kinds of errors.
const (
	Busy      Kind = "busy"      // try again soon: row lock, 5xx, timeout, connection lost
	Limited   Kind = "limited"   // a quota is used up: park until Retry
	Denied    Kind = "denied"    // credentials or rights: nothing will work until a person acts
	Invalid   Kind = "invalid"   // this record will never be taken as it is: a person edits it
	Duplicate Kind = "duplicate" // the CRM already has such a record: Error.Existing names it
	Gone      Kind = "gone"      // the record, object or field does not exist
)

// Error is a CRM's refusal or failure.
type Error struct {
	Kind Kind
	// Code is the CRM's own code, such as UNABLE_TO_LOCK_ROW.
	Code string
	// Message is the CRM's sentence, without customers' data.
	Message string
	// Field names the field that is wrong, where one is.
	Field string
	// Existing is the record that a Duplicate collided with.
	Existing string
	// Retry is when to try again; zero lets the caller choose.
	Retry time.Time
	Err   error
}

// Error implements error.
func (e *Error) Error() string {
	s := "crm: " + string(e.Kind)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Field != "" {
		s += fmt.Sprintf(" (field %s)", e.Field)
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of a CRM error; an error of unknown origin counts as Busy, because trying again is safe.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Busy
}
