// Package desk is the live connection to agents' browsers.
//
// A browser tab opens one WebSocket, says hello with a one-time ticket, and is welcomed as a tab of its agent's desk.
// One tab of a desk leads: pops go to it, and the next one takes over when it goes. Everything that is sent has an
// offset within an epoch; a tab that comes back names the last offset it saw and gets what it missed, as long as that
// is still worth showing. A pop is over when a tab has sent a receipt for it, or when its time is over.
//
//	tab → desk   hello {ticket, tab, host, resume{epoch, offset}}   first message, within 10 s
//	             receipt {key, outcome, detail}                     what became of a pop
//	             lead {}                                            "take over" was pressed in this tab
//	             picture {n, picture}                               what the platform's own client shows of the agent
//	desk → tab   welcome {agent, epoch, offset, resumed, leader, state, now, last{pop, outcome}}
//	             pop {offset, now, pop}                             now is the server's clock
//	             late {offset, now, pop}                            came too late: not to be shown, but to be offered
//	             state {offset, state}                              the agent's present call, newest only
//	             lead {leader}
//	             picture {n, outcome, detail}                       what became of a picture: stored, busy or refused
//
// A state is one JSON object, {} when the agent has no call:
//
//	{"call": {"id", "phase", "customer" (masked), "name", "campaign", "mode", "since" (RFC 3339)},
//	 "log":  {"state": "saved|saving|waiting|failed", "detail", "url"}}
//
// A close code below 4500 asks the tab to come back (at once for 4000, with a pause for the others); one from 4500 on
// says that coming back is of no use until something else changes. See the Close constants.
//
// An agent's tabs may hang on several nodes. A [Relay] tells every node where; the desk that was attached last leads, as
// one tab of it does. The node that decides a pop ([Hub.Show]) alone gives it away: to its own tab, or to another node,
// which shows it and sends the receipt back. It stays with that node while the agent's desk hangs there. When the desk
// leaves, the node dies, or says nothing while the agent is elsewhere, too, the pop is given to where the agent is then;
// its time goes on meanwhile, and when it is over it is reported late. Messages may be lost: what is not answered is asked
// again.
//
// The other end is in the folder web: the agent panel, a page of plain modules that [Hub.Panel] serves and that lives in
// a host (Salesforce Lightning, or none) behind one small interface. What was shown is remembered in the browser, too, so
// that a pop that is given twice, for whatever reason, is shown once.
//
// A page around the panel hands it tickets, and may tell it of unsaved changes and of what Amazon's Streams knows of the agent,
// with postMessage; both pages name each other's origin exactly:
//
//	panel → page   {type: "cordboard:ticket?", question}
//	page → panel   {type: "cordboard:ticket", question, ticket} or {…, error: "why not"}
//	page → panel   {type: "cordboard:page", dirty: true}
//	page → panel   {type: "cordboard:picture", picture}
//	panel → page   {type: "cordboard:picture?"}
package desk
