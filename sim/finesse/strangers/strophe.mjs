// strophe.js 5.0.0, the library of Cisco's WebSocket sample, as an agent's
// session; same lines as xmpp.mjs.
import { createInterface } from "node:readline";
import { Strophe, $iq, $pres } from "strophe.js";

const { SERVICE, DOMAIN, AGENT, PASSWORD } = process.env;
const say = (what) => console.log(JSON.stringify(what));
Strophe.setLogLevel(Strophe.LogLevel.FATAL);
const connection = new Strophe.Connection(SERVICE);
connection.addHandler((message) => {
  const items = message.getElementsByTagName("items")[0];
  if (items) say({ node: items.getAttribute("node"), payload: items.getElementsByTagName("notification")[0].textContent });
  return true;
}, null, "message");
connection.connect(`${AGENT}@${DOMAIN}/strophe`, PASSWORD, (status, condition) => {
  if (status === Strophe.Status.CONNECTED) {
    connection.send($pres().c("priority").t("0"));
    say({ online: connection.jid });
  } else if (status === Strophe.Status.AUTHFAIL || status === Strophe.Status.CONNFAIL || status === Strophe.Status.ERROR) {
    say({ error: `${status} ${condition}` });
  }
});
createInterface({ input: process.stdin }).once("line", () => {
  connection.sendIQ($iq({ type: "get", to: DOMAIN }).c("ping", { xmlns: "urn:xmpp:ping" }), () => {
    say({ pong: true });
    connection.disconnect("bye");
    setTimeout(() => process.exit(0), 200);
  });
});
