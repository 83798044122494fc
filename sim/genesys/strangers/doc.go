// Package strangers proves the simulated org with the client that its vendor wrote, unmodified:
// purecloud-platform-client-v2 (npm). What works for it is not our own misreading repeated on both sides.
//
// Needs Node 20 with npm and, the first time, a package registry.
package strangers
