// Package call holds the words of the house: what happens on a call, the same for every platform.
//
// An [Event] is one thing a platform said about a call. [State] is what all events of one call add up to; [Apply] folds
// an event into it. An [Index] knows which of the platform's ids are the same call. Everything here is a pure
// function over values: no clock, no I/O, no randomness, standard library only, so that a recorded stream of events
// always folds to the same state.
package call
