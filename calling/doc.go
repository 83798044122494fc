// Package calling decides whether somebody may be called now, and if not, when next: hours in every time zone that the
// person may be in, caps over a day, a week, a month and a lifetime, spacing, rest after a conversation or an abandoned
// call, the list of people who asked not to be called, and consent.
//
// The rules are data: a [Policy] is read from a file whose rules name country, state and purpose, and what a rule does not
// say comes from the more general one. [Shipped] is strict; an administrator's file replaces rules or adds some. Deciding is
// pure: [Policy.Decide] takes a [Question], which holds the time, and a [History], and does nothing else.
//
// It fails closed. What is not known (a zone, a purpose, a mode) never helps: a number without a zone is not called, a call
// without a purpose keeps to the rules of all purposes, and where number and address name two countries the rules of both hold.
//
// Offers and calls are counted apart: a preview that an agent skips places no call, so laws do not count it, but the person
// who is offered again and again is a nuisance all the same. See [Kind].
//
// None of this is legal advice: a rule's source says where its numbers were read, and how sure that is.
package calling
