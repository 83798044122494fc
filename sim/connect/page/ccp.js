// The fake contact control panel. It speaks three languages:
//  - to the page around it, Streams' conduit: { event, data } by postMessage (acknowledge, agent::update, api_response …);
//  - to the same page, the newer SDK's proxy over a MessageChannel, as far as preview contacts need it;
//  - to the simulator, a WebSocket that brings the agent's state and takes requests.
"use strict";

const agent = new URLSearchParams(location.search).get("agent") || "";
const host = parent === window ? null : parent;
const asked = new Map(); // requests under way: id to what is done with the answer
let socket = null;
let silent = false; // a frozen CCP: nothing more reaches the host
let latest = null;
let greeted = false;

function tell(event, data) {
  if (host && !silent) host.postMessage({ event, data }, "*");
}

// The moments of a snapshot are Date objects for the host.
const moments = new Set(["timestamp", "timeStamp", "startTimestamp", "snapshotTimestamp", "queueTimestamp"]);
function revive(key, value) {
  return moments.has(key) && typeof value === "string" ? new Date(value) : value;
}

function open() {
  const address = new URL("socket?agent=" + encodeURIComponent(agent), location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.onmessage = (m) => hear(JSON.parse(m.data, revive));
  socket.onclose = () => setTimeout(open, 500);
}

function hear(m) {
  if (m.sim === "silent") silent = true;
  if (m.sim === "speak") silent = false;
  if (m.sim === "reload") location.reload();
  if (!m.event) return;
  if (m.event === "agent::update") {
    // The worker behind the real CCP adds its own clock to each snapshot.
    m.data.snapshot.localTimestamp = Date.now();
    m.data.snapshot.skew = m.data.snapshot.snapshotTimestamp - m.data.snapshot.localTimestamp;
    latest = m.data;
    greet();
    draw();
  }
  if (m.event === "api_response" && asked.has(m.data.requestId)) {
    asked.get(m.data.requestId)(m.data);
    asked.delete(m.data.requestId);
    return;
  }
  tell(m.event, m.data);
}

// The first words to the host: from here on it knows that a CCP is there.
function greet() {
  if (greeted || silent) return;
  greeted = true;
  tell("acknowledge", { id: "port-" + Math.random().toString(36).slice(2) });
  offerProxy();
}

function request(method, params, then) {
  const requestId = "own-" + Math.random().toString(36).slice(2);
  asked.set(requestId, then || (() => {}));
  socket.send(JSON.stringify({ request: { requestId, method, params } }));
}

addEventListener("message", (m) => {
  if (m.source !== host || !m.data || !m.data.event) return;
  const { event, data } = m.data;
  if (event === "synchronize") {
    tell("acknowledge", { id: "port-1" });
  } else if (event === "api_request" && socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ request: { requestId: data.requestId, method: data.method, params: data.params } }));
  } else if (event === "api_request") {
    tell("api_response", { event: "api_response", requestId: data.requestId, err: { type: "NetworkError", message: "no connection" }, data: {} });
  } else if (event === "broadcast") {
    socket.send(JSON.stringify({ broadcast: { event: data.event, data: data.data } }));
  }
});

// The proxy of @amazon-connect/core: cross-domain-adapter-init with a port, then requests by name.
function offerProxy() {
  if (!host) return;
  const { port1, port2 } = new MessageChannel();
  let beats = 0;
  port1.onmessage = ({ data: m }) => {
    if (m.type === "cross-domain-site-ready") {
      port1.postMessage({ type: "acknowledge", connectionId: crypto.randomUUID ? crypto.randomUUID() : "connection-1", status: { initialized: true }, healthCheckInterval: 10000 });
    } else if (m.type === "healthCheck") {
      port1.postMessage({ type: "healthCheckResponse", time: Date.now(), counter: ++beats });
    } else if (m.type === "request") {
      answer(m, (data) => port1.postMessage({ type: "response", namespace: m.namespace, requestId: m.requestId, isError: false, data }),
        (reason) => port1.postMessage({ type: "response", namespace: m.namespace, requestId: m.requestId, isError: true, errorKey: "requestFailed", reason, details: { command: m.command, requestData: m.data } }));
    }
  };
  host.postMessage({ type: "cross-domain-adapter-init" }, "*", [port2]);
}

function previewed(contactId) {
  const contact = latest && latest.snapshot.contacts.find((c) => c.contactId === contactId);
  return Boolean(contact && contact.initiationMethod === "campaign_preview" && contact.state.type === "connected" &&
    !contact.connections.some((c) => c.type !== "agent"));
}

function answer(m, done, fail) {
  switch (m.command) {
    case "contact/isPreviewMode":
      return done({ isPreviewMode: previewed(m.data.contactId) });
    case "contact/getPreviewConfiguration":
      return done({ autoDialTimeout: 60, canDiscardPreview: true });
    case "contact/engagePreviewContact":
      return request("engagePreviewContact", { contactId: m.data.contactId }, (r) => r.err ? fail(r.err.message) : done({ participantId: m.data.contactId }));
    default:
      return fail("not simulated: " + m.command);
  }
}

// What a person sees and can do.
function draw() {
  document.getElementById("name").textContent = latest.configuration.name;
  document.getElementById("state").textContent = latest.snapshot.state.name;
  const list = document.getElementById("contacts");
  list.replaceChildren(...latest.snapshot.contacts.map(drawContact));
  if (!latest.snapshot.contacts.length) list.textContent = "";
}

function drawContact(c) {
  const box = document.createElement("section");
  const title = document.createElement("div");
  title.textContent = `${c.initiationMethod} ${c.customerEndpoint.phoneNumber}: ${c.state.type}`;
  const parties = document.createElement("ul");
  for (const p of c.connections.filter((p) => p.type !== "agent")) {
    const line = document.createElement("li");
    line.textContent = `${p.quickConnectName || (p.endpoint && (p.endpoint.name || p.endpoint.phoneNumber)) || p.type}: ${p.state.type}`;
    parties.append(line);
  }
  box.append(title, parties, ...actions(c).map(([text, method, params]) => {
    const b = document.createElement("button");
    b.textContent = text;
    b.onclick = () => request(method, { contactId: c.contactId, ...params });
    return b;
  }));
  return box;
}

function actions(c) {
  const own = c.connections.find((p) => p.type === "agent");
  const customer = c.connections.find((p) => p.type !== "agent");
  switch (c.state.type) {
    case "connecting":
      return c.initiationMethod === "outbound" ? [["Hang up", "destroyConnection", { connectionId: own.connectionId }]] : [["Accept", "acceptContact"], ["Reject", "rejectContact"]];
    case "connected":
      if (previewed(c.contactId)) return [["Call", "engagePreviewContact"], ["Discard", "rejectContact"]];
      return [
        customer && customer.state.type === "hold" ? ["Resume", "resumeConnection", { connectionId: customer.connectionId }] : ["Hold", "holdConnection", { connectionId: customer && customer.connectionId }],
        ["Hang up", "destroyConnection", { connectionId: own.connectionId }],
      ];
    default:
      return [["Clear", "clearContact"]];
  }
}

open();
