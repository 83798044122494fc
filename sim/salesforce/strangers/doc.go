// Package strangers proves the simulated org with clients that other people wrote, unmodified: jsforce (npm) and
// go-salesforce (a Go module of its own, so that its dependencies never reach ours). What works for them is not our
// own misreading repeated on both sides.
//
// Needs Node 20 with npm for jsforce and, the first time, a package registry for both.
package strangers
