// Package bench measures the whole path over real sockets: a simulated contact centre tells its calls to the real
// connector, the server stores every event in its journal, looks customers up in a simulated org, pops their records on
// agents' desks, which acknowledge, and writes call logs to the org.
//
// Every server runs as a process of its own ([Serve]), so that its processor time and memory are told apart from those of
// what surrounds it; the desks run in processes of their own, too ([ServeDesks]), because one process may not open enough
// files. Contact centre and org run in the measuring process ([Run]). All read the machine's clock: a latency is the
// difference of two of its readings. The load is open-loop: calls start when the clock says so, whatever the server does,
// and every moment of a call has a place of its own between those of the others, so that nothing comes in bursts that the
// generator makes by itself. The report says when the generator fell behind its own clock.
//
// What is counted is judged from the outside: pops by what came to which agent's desk, records by what the org holds.
//
// [RunEngine] leaves the sockets out. [RunJob] is the plain job of an integration tool. README.md beside this file holds
// measured figures and says how to repeat them.
package bench
