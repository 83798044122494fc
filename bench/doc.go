// Package bench measures the whole path over real sockets: a simulated Finesse site plays predictive calls to the XMPP
// sessions of the real connector, the server stores every event in its journal, looks customers up in a simulated org,
// pops their records in simulated browsers, which acknowledge, and writes call logs to the org.
//
// The server runs as a process of its own ([Serve]), so that its processor time and memory are told apart from those of
// the simulators and browsers, which run in the measuring process ([Run]). Both read the machine's clock: a latency is
// the difference of two of its readings. The load is open-loop: calls start when the clock says so, whatever the server
// does, and every moment of a call has a place of its own between those of the others, so that nothing comes in bursts
// that the generator makes by itself. The report says when the generator fell behind its own clock.
//
// What is counted is judged from the outside: pops by what browsers were given, records by what the org holds.
// README.md beside this file holds measured figures and says how to repeat them.
package bench
