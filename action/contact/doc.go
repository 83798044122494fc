// Package contact holds the steps that read contacts of platforms' lists, ask whether they may be called again, and put them
// into their lists again.
//
// A contact is known by its connection, its list and its id, never by a number: several contacts may share a number, and one
// contact may have several.
//
// Submitting is not idempotent, so contact.submit says in the journal what it is about to do before it does it. A step that is
// performed again after a crash finds that mark and looks at the list: when the contact was renewed since, that was this
// step, and nothing is sent a second time.
package contact
