// For the page in which an agent's contact control panel lives: loaded beside Amazon's library Streams (amazon-connect-streams),
// it tells the agent panel in the same page what Streams knows of the agent, whenever that changes.
//
//   <script src="amazon-connect-streams.js"></script>
//   <script src="https://cordboard.example.com/desk/streams.js"></script>
//
// Only Streams' public functions are used. What is told is a picture with the fields that Cordboard reads, in the form of
// Streams' own data; it goes to the panel alone, and from there over the desk's socket:
//
//   page → panel   {type: 'cordboard:picture', picture}
//   panel → page   {type: 'cordboard:picture?'}            the panel is new, and asks for the present one
(() => {
  'use strict';
  const home = new URL(document.currentScript.src).origin;
  const CONTACTS = 20, ATTRIBUTES = 16_384; // what one picture may hold, at most
  const WAIT = 200; // ms
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

  // start waits for the page to have loaded Streams and begun to use it (initCCP).
  function start() {
    if (!globalThis.connect?.core?.getEventBus?.()) return setTimeout(start, WAIT);
    connect.agent((a) => {
      agent = a;
      a.onRefresh(() => look(false));
      look(true);
    });
  }

  addEventListener('message', (e) => {
    if (e.origin !== home || e.data?.type !== 'cordboard:picture?' || !panels().some((f) => f.contentWindow === e.source)) return;
    if (agent) look(true);
  });
  start();
})();
