// Package engine makes workflows durable.
//
// Connectors hand in events. The engine commits them in groups: one transaction of the [Journal] stores the events,
// each call's new state, and the steps of the runs that the matching rules start. Only then are the connectors told
// yes. Steps run in two lanes a call, each in order: what goes to the screen never waits behind what goes to the CRM,
// and a call never waits for another call. What became of a step is committed in the same groups as the events.
//
// The inner part of the engine, the core, decides all of this without I/O, clock, goroutines or randomness: it is
// given what happened and what time it is, and answers with a [Group] to commit and the steps to perform. The tests
// drive it from a seed through crashes, duplicates, reordering, cuts and failing CRMs.
package engine
