// For the page in which an agent's contact control panel lives: loaded beside Amazon's library Streams (amazon-connect-streams),
// it tells the agent panel in the same page what Streams knows of the agent, whenever that changes, and does what the agent
// orders in the panel.
//
//   <script src="amazon-connect-streams.js"></script>
//   <script src="https://cordboard.example.com/desk/streams.js"></script>
//
// Only Streams' public functions are used. What is told is a picture with the fields that Cordboard reads, in the form of
// Streams' own data; it goes to the panel alone, and from there over the desk's socket:
//
//   page → panel   {type: 'cordboard:picture', picture}
//   panel → page   {type: 'cordboard:picture?'}            the panel is new, and asks for the present one
//
// It says which orders Streams can do; each order is done once:
//
//   page → panel   {type: 'cordboard:bridge', client, verbs}
//   panel → page   {type: 'cordboard:command', key, command: {verb, ref, to, args}}
//   page → panel   {type: 'cordboard:commanded', key, why}  why is the reason when it was not done, undefined when it was
(() => {
  'use strict';
  const home = new URL(document.currentScript.src).origin;
  const CONTACTS = 20, ATTRIBUTES = 16_384; // what one picture may hold, at most
  const WAIT = 200; // ms
  const KEYS = 200; // orders that are remembered
  const done = new Set();
  let agent = null;
  let told = '';

  // panels are the agent panels of this page.
  const panels = () => [...document.querySelectorAll('iframe')].filter((f) => f.src.startsWith(`${home}/desk/`));

  function draw() {
    const { agentARN, username } = agent.getConfiguration();
    // The moment by the instance's clock: since when the agent is in a state, and for how long.
    const at = agent.getState().startTimestamp.getTime() + agent.getStateDuration();
    const calls = agent.getContacts().filter((c) => ['voice', 'queue_callback'].includes(c.getType()));
    return {
      configuration: { agentARN, username },
      snapshot: { snapshotTimestamp: new Date(at), contacts: calls.slice(0, CONTACTS).map(drawContact) },
    };
  }

  function drawContact(c) {
    return {
      contactId: c.getContactId(), initialContactId: c.getInitialContactId(), relatedContactId: c.getRelatedContactId?.(),
      type: c.getType(), initiationMethod: c.getInitiationMethod(), state: drawState(c.getState()),
      queue: { name: c.getQueue()?.name }, customerEndpoint: drawEndpoint(c.getCustomerEndpoint?.()),
      attributes: drawAttributes(c.getAttributes()), connections: c.getConnections().map(drawConnection),
    };
  }

  const drawState = ({ type, timestamp }) => ({ type, timestamp });
  const drawEndpoint = (e) => e && { type: e.type, phoneNumber: e.phoneNumber };

  function drawConnection(c) {
    return {
      connectionId: c.getConnectionId(), type: c.getType(), initial: c.isInitialConnection(), state: drawState(c.getState()),
      endpoint: drawEndpoint(c.getEndpoint()),
    };
  }

  // drawAttributes leaves out what would make the picture too large.
  function drawAttributes(all) {
    const some = {};
    let size = 0;
    for (const [key, { name, value }] of Object.entries(all ?? {})) {
      size += 2 * (key.length + String(value).length);
      if (size < ATTRIBUTES) some[key] = { name, value };
    }
    return some;
  }

  // look tells the panels what has changed, or with again everything. A contact that cannot be read makes no picture: one
  // without it would say that it is over.
  function look(again) {
    let picture;
    try {
      picture = draw();
    } catch (e) {
      return console.warn('Cordboard: Streams cannot be read right now:', e);
    }
    const now = JSON.stringify({ ...picture, snapshot: picture.snapshot.contacts });
    if (!again && now === told) return;
    told = now;
    const message = { type: 'cordboard:picture', picture: JSON.parse(JSON.stringify(picture)) };
    for (const panel of panels()) panel.contentWindow.postMessage(message, home);
  }

  // ask calls one of Streams' functions and resolves when Streams says that it succeeded.
  const ask = (call) => new Promise((resolve, reject) => {
    call({ success: resolve, failure: (e) => reject(new Error(reason(e))) });
  });

  // reason is what Streams says of a failure: a text, an object with a message, or such an object as a text.
  function reason(e) {
    if (typeof e === 'string') {
      try { e = JSON.parse(e); } catch { return e; }
    }
    return String(e?.message ?? e?.type ?? 'Streams gave no reason');
  }

  // parties are those of a contact beside the agent: the customer, and who was called in addition.
  function parties(contact) {
    const others = contact.getConnections().filter((c) => c.getType() !== 'agent' && c.isActive());
    const customer = others.find((c) => c.isInitialConnection()) ?? others[0];
    return { customer, third: others.find((c) => c !== customer) };
  }

  function need(party, what) {
    if (!party) throw new Error(`There is no ${what} on the line.`);
    return party;
  }

  // endpoint is whom an order names: a quick connect, by its name or ARN, or a number.
  async function endpoint(to) {
    if (!to) throw new Error('Say whom to call.');
    if (/^\+?[\d\s().-]+$/.test(to)) return connect.Endpoint.byPhoneNumber(to.replace(/[^\d+]/g, ''));
    const { endpoints } = await ask((on) => agent.getEndpoints(agent.getAllQueueARNs(), on));
    const same = (text) => text?.toLowerCase() === to.toLowerCase();
    const found = endpoints.find((e) => same(e.name) || same(e.endpointARN) || same(e.agentLogin));
    if (!found) throw new Error('There is no such quick connect.');
    return found;
  }

  // state puts the agent into the first of the states that fits, at once or after the call.
  function state(fits) {
    const found = agent.getAgentStates().find(fits);
    if (!found) throw new Error('There is no such status.');
    return ask((on) => agent.setState(found, on, { enqueueNextState: true }));
  }

  const leave = (contact) => ask((on) => contact.getAgentConnection().destroy(on));
  const named = (name) => state((s) => s.name.toLowerCase() === name?.toLowerCase());

  const onAgent = {
    'make-call': async (to) => { const e = await endpoint(to); return ask((on) => agent.connect(e, on)); },
    ready: () => state((s) => s.type === 'routable'),
    'not-ready': (to, args) => (args.reason ? named(args.reason) : state((s) => s.type !== 'routable')),
    'set-status': named,
  };

  const accept = (c) => ask((on) => c.accept(on));
  const reject = (c) => ask((on) => c.reject(on));

  const onContact = {
    answer: accept, accept, skip: reject, reject, // a call, or the offer of a preview
    hold: (c) => ask((on) => need(parties(c).customer, 'customer').hold(on)),
    retrieve: (c) => {
      const { customer, third } = parties(c);
      return third?.isConnected() ? ask((on) => c.toggleActiveConnections(on)) : ask((on) => need(customer, 'customer').resume(on));
    },
    mute: () => agent.mute(),
    unmute: () => agent.unmute(),
    drop: (c) => {
      const { customer, third } = parties(c);
      return third && customer.isOnHold() ? ask((on) => third.destroy(on)) : leave(c);
    },
    consult: async (c, to) => { const e = await endpoint(to); return ask((on) => c.addConnection(e, on)); },
    'end-consult': (c) => ask((on) => need(parties(c).third, 'third party').destroy(on)),
    conference: (c) => { need(parties(c).third, 'third party'); return ask((on) => c.conferenceConnections(on)); },
    transfer: (c) => { need(parties(c).third, 'third party'); return leave(c); },
    'blind-transfer': async (c, to) => { await onContact.consult(c, to); return leave(c); },
    'wrap-up': (c) => ask((on) => c.clear(on)),
    dial: (c) => c.engagePreviewContact(),
  };

  // verbs are what this page's Streams can do: previews are known to newer ones only.
  function verbs() {
    const previews = Boolean(connect.Contact?.prototype?.engagePreviewContact);
    return [...Object.keys(onAgent), ...Object.keys(onContact).filter((v) => v !== 'dial' || previews)];
  }

  async function perform({ verb, ref, to, args = {} }) {
    if (Object.hasOwn(onAgent, verb)) return onAgent[verb](to, args);
    if (!Object.hasOwn(onContact, verb)) throw new Error('The contact control panel cannot do that.');
    const contact = agent.getContacts().find((c) => c.getContactId() === ref);
    if (!contact) throw new Error('The contact control panel has no such contact.');
    return onContact[verb](contact, to);
  }

  // obey performs an order that was not heard before, and answers.
  async function obey(panel, { key, command }) {
    if (done.has(key)) return;
    done.add(key);
    if (done.size > KEYS) done.delete(done.values().next().value);
    let why;
    try {
      await perform(command);
    } catch (e) {
      why = e?.message || String(e);
    }
    panel.postMessage({ type: 'cordboard:commanded', key, why }, home);
  }

  function introduce() {
    const message = { type: 'cordboard:bridge', client: agent.getConfiguration().agentARN, verbs: verbs() };
    for (const panel of panels()) panel.contentWindow.postMessage(message, home);
  }

  // start waits for the page to have loaded Streams and begun to use it (initCCP).
  function start() {
    if (!globalThis.connect?.core?.getEventBus?.()) return setTimeout(start, WAIT);
    connect.agent((a) => {
      agent = a;
      a.onRefresh(() => look(false));
      introduce();
      look(true);
    });
  }

  addEventListener('message', (e) => {
    if (!agent || e.origin !== home || !panels().some((f) => f.contentWindow === e.source)) return;
    if (e.data?.type === 'cordboard:picture?') {
      introduce();
      look(true);
    } else if (e.data?.type === 'cordboard:command') obey(e.source, e.data);
  });
  start();
})();
