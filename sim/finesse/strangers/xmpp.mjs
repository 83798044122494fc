// @xmpp/client 0.14.0 as an agent's session: prints what it hears as JSON
// lines. A line on standard input makes it ping the server, report and leave.
import { createInterface } from "node:readline";
import WebSocket from "ws";
globalThis.WebSocket ??= WebSocket;
const { client, xml } = await import("@xmpp/client");

const { SERVICE, DOMAIN, AGENT, PASSWORD } = process.env;
const say = (what) => console.log(JSON.stringify(what));
const xmpp = client({
  service: SERVICE,
  domain: DOMAIN,
  resource: "stranger",
  // PLAIN is what Finesse offers; the library wants to be told so on a plain connection.
  credentials: (auth) => auth({ username: AGENT, password: PASSWORD }, "PLAIN"),
});
xmpp.reconnect.stop();
xmpp.on("error", (err) => say({ error: String(err) }));
xmpp.on("online", async (jid) => {
  await xmpp.send(xml("presence", {}, xml("priority", {}, "0")));
  say({ online: jid.toString() });
});
xmpp.on("stanza", (stanza) => {
  const items = stanza.getChild("event", "http://jabber.org/protocol/pubsub#event")?.getChild("items");
  if (items) say({ node: items.attrs.node, payload: items.getChild("item").getChildText("notification") });
});
createInterface({ input: process.stdin }).once("line", async () => {
  await xmpp.iqCaller.get(xml("ping", { xmlns: "urn:xmpp:ping" }));
  say({ pong: true });
  await xmpp.stop();
  process.exit(0);
});
await xmpp.start();
