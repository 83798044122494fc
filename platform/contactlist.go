package platform

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// ContactList is the optional capability of a Connector whose platform keeps lists of people to call. It needs no Run and is
// safe for concurrent use.
type ContactList interface {
	// Contact reads a contact as it is now. What was written a moment ago may be missing: lists are told of attempts late.
	// The error may wrap a *ListError.
	Contact(ctx context.Context, ref ContactRef) (Contact, error)
	// Submit puts a contact that was read into its list again, so that the dialer takes it once more. Id and data stay. It is
	// not idempotent: each time the contact is put into the dialer's queue again. The error may wrap a *ListError; with
	// another one it is not known whether the list took it.
	Submit(ctx context.Context, c Contact, how Submission) error
}

// ContactRef names a contact: never by its numbers, which several contacts may share.
type ContactRef struct {
	List, ID string
}

// Contact is one entry of a list of people to call.
type Contact struct {
	ContactRef
	// Callable is false when the list has closed the contact, or has no number left for it.
	Callable bool
	// Created is when the contact was put into its list: a platform renews it when the contact is submitted again.
	Created time.Time
	// Attempts are the newest attempts at its numbers, in no order. What an agent did not dial counts, too.
	Attempts []ContactAttempt
	// Numbers are the contact's callable numbers as they stand in the list; Zones the time zones that the list knows of them.
	Numbers, Zones []string
	// Data are the contact's columns.
	Data map[string]string
	// Raw is the contact as the platform told it: what Submit sends back.
	Raw json.RawMessage
}

// ContactAttempt is the newest attempt at one number of a contact.
type ContactAttempt struct {
	At     time.Time
	Result string // the platform's word, such as a wrap-up code
}

// Last returns the newest attempt; zero when there was none.
func (c *Contact) Last() (last ContactAttempt) {
	for _, a := range c.Attempts {
		if a.At.After(last.At) {
			last = a
		}
	}
	return last
}

// Submission says how a contact is put into its list again.
type Submission struct {
	// Priority puts it at the front of the queue.
	Priority bool
	// ClearSystemData makes the list forget its attempts, and with them its own limits.
	ClearSystemData bool
}

// ListError says why a list did not do what it was asked, and that it did not.
type ListError struct {
	Kind ListKind
	// After is how long to leave the list alone; zero when it did not say.
	After time.Duration
	// Detail says more, without anything of the contact.
	Detail string
}

// ListKind is a kind of refusal by a list.
type ListKind string

// The kinds.
const (
	ListGone    ListKind = "gone"    // there is no such contact, or no such list
	ListBusy    ListKind = "busy"    // it takes no more now
	ListDenied  ListKind = "denied"  // credentials or rights
	ListRefused ListKind = "refused" // it would be the same again
)

// Error is the refusal in words.
func (e *ListError) Error() string {
	text := map[ListKind]string{
		ListGone: "the contact or its list is gone", ListBusy: "the list takes no more now",
		ListDenied: "the list may not be read or written", ListRefused: "the list refuses the contact",
	}[e.Kind]
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// ListErrorOf returns the ListError in err, or nil.
func ListErrorOf(err error) *ListError {
	var e *ListError
	if errors.As(err, &e) {
		return e
	}
	return nil
}
