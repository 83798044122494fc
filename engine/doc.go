// Package engine makes workflows durable.
//
// Connectors hand in events. The engine commits them in groups: one transaction of the [Journal] stores the events,
// each call's new state, and the steps of the runs that the matching rules start. Only then are the connectors told
// yes. Steps run in two lanes a call, each in order: what goes to an agent's screen never waits behind what goes to the
// CRM, and a call never waits for another call. What became of a step is committed in the same groups as the events.
//
// The inner part of the engine, the core, decides all of this without I/O, clock, goroutines or randomness: it is
// given what happened and what time it is, and answers with a [Group] to commit and the steps to perform. The tests
// drive it from a seed through crashes, duplicates, reordering, cuts and failing CRMs.
//
// Around it, [Engine.Run] is one goroutine that takes everything that waits (events, outcomes, people's orders), lets
// the core plan, answers and starts steps. A group is committed by another goroutine; meanwhile the next one is planned.
// The two have no call in common: what concerns a call that is being stored waits until that is over. Steps are performed
// by a pool of goroutines. Only calls with something to do soon are in memory; what is due later waits in the journal.
//
// A step that failed for now is tried again with growing pauses ([Policy]); one that met a limit is parked until the
// limit is over; one that will never work is dead until a person edits it or drives it again ([Engine.Redrive]). None
// of them holds up more than its own lane of its own call, and a dead one not even that.
package engine
