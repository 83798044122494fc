// Package signin lets agents sign in to their desks with OpenID Connect, where the CRM, or whoever keeps the company's
// people, knows who they are.
//
// The panel lives in a frame, and a frame has no cookies and shows no log-in page. So the panel opens a window of its own:
// /desk/signin, which goes to the provider and comes back to /desk/signin/done. That page hands two things to the panel, by
// postMessage to this server's own origin, and closes: a one-time ticket that opens the desk at once, and a session with
// which the panel asks for the tickets of its next connections (POST /desk/session) until it runs out. Neither is ever in
// an address or a cookie. Which agent somebody is says the provider, never the browser.
//
// A session is signed with a key made of the client secret: every node knows it, restarts do not end it, and a new client
// secret ends all.
package signin
