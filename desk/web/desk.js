// The desk's socket: one connection to the hub that comes back by itself.
//
// A Desk sends these events (CustomEvent, detail in brackets):
//   link  {state, until, why}   state: connecting | online | waiting (until: ms of Date.now()) | signin | elsewhere |
//                               reload | toomany
//   hello {agent, leader, resumed, last}   after every welcome; last {pop, outcome} was on this screen before
//   pop   {pop}     late {pop}     state {state}     lead {leader}     command {key, command}

const PROTOCOL = 'cordboard.desk.v1';
const MOVING = 4000, NO_TICKET = 4500, PROTOCOL_ERROR = 4501, REPLACED = 4502, TOO_MANY = 4503;
const FIRST_PAUSE = 500, LONGEST_PAUSE = 30_000, STEADY = 10_000; // ms
const TICKET_TRIES = 3;
const SLEPT = 90_000; // a clock that jumps this far means that the computer slept and the socket is a ghost
const UNSENT = 32; // receipts kept while there is no socket
const PICTURES = 100; // pictures kept until the desk has taken them
const BUSY = 1000; // until they are sent again when it could not, in ms
const COUNTED = 2000; // ms between two messages that say what became of pages' messages
const FRAME = 60_000; // bytes of the largest picture: a larger frame ends the socket

// SignIn is what a ticket source throws when a person has to do something first.
export class SignIn extends Error {}

export class Desk extends EventTarget {
  #options; #socket = null; #timer = 0; #tries = 0; #refused = 0; #since = 0; #epoch = ''; #offset = 0;
  #unsent = new Map(); #asked = new Map(); #orders = 0; #pictures = new Map(); #drawn = 0; #busy = 0; #stopped = true; #counts = {}; #counting = 0; #round = 0; #skew = -Infinity; #beat = 0; #lastBeat = 0; #waiting = false;

  // options: url of the socket; tab, its id; host, its name; ticket, an async function that returns a one-time ticket.
  constructor(options) {
    super();
    this.#options = options;
  }

  get tab() { return this.#options.tab; }
  get online() { return this.#since > 0; }

  // now is the server's clock as well as it is known, in ms.
  now() { return Date.now() + (Number.isFinite(this.#skew) ? this.#skew : 0); }

  start() {
    this.#stopped = false;
    addEventListener('online', this.#hurry);
    addEventListener('offline', this.#gone);
    addEventListener('pagehide', this.#leave);
    this.#lastBeat = Date.now();
    this.#beat = setInterval(this.#feelTime, 15_000);
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    removeEventListener('online', this.#hurry);
    removeEventListener('offline', this.#gone);
    removeEventListener('pagehide', this.#leave);
    clearInterval(this.#beat);
    clearTimeout(this.#busy);
    this.#drop();
  }

  // retry connects now, whatever had kept it from doing so. tab is the id to come with.
  retry(tab = this.#options.tab) {
    this.#options.tab = tab;
    this.#refused = this.#tries = 0;
    this.#drop();
    this.#connect();
  }

  // lead asks the hub to give pops to this tab.
  lead() { this.#send({ type: 'lead' }); }

  // receipt reports what became of a pop. Without a socket it is kept, and sent after the next welcome.
  receipt(key, outcome, detail = '') {
    const message = { type: 'receipt', key, outcome, detail: String(detail).slice(0, 200) };
    if (this.#send(message)) return;
    this.#unsent.set(key, message);
    if (this.#unsent.size > UNSENT) this.#unsent.delete(this.#unsent.keys().next().value);
  }

  // picture hands on what the platform's own client shows. It is kept until the desk has taken or refused it.
  picture(picture) {
    const message = { type: 'picture', n: ++this.#drawn, picture };
    if (new TextEncoder().encode(JSON.stringify(message)).length > FRAME) return;
    this.#pictures.set(message.n, message);
    if (this.#pictures.size > PICTURES) this.#pictures.delete(this.#pictures.keys().next().value);
    this.#send(message);
  }

  #pictured({ n, outcome }) {
    if (outcome !== 'busy') return this.#pictures.delete(n);
    clearTimeout(this.#busy);
    this.#busy = setTimeout(() => this.#sendPictures(), BUSY);
  }

  #sendPictures() {
    for (const m of this.#pictures.values()) this.#send(m);
  }

  // bridge says what the platform's own client beside the panel can be asked to do; said again after every welcome.
  bridge(client, verbs) { this.#send({ type: 'bridge', client, verbs }); }

  // commanded answers a command: with the reason why not, or without one when it was done.
  commanded(key, why) {
    this.#send({ type: 'commanded', key, outcome: why === undefined ? 'done' : 'refused', detail: String(why ?? '').slice(0, 200) });
  }

  // #command hands a command on, unless its time is over: who gave it has been told that nobody knows.
  #command({ key, until, command }) {
    if (this.now() < Date.parse(until)) this.#tell('command', { key, command });
  }

  // count notes what became of a page's message, for the server to count.
  count(outcome) {
    this.#counts[outcome] = (this.#counts[outcome] ?? 0) + 1;
    this.#counting ||= setTimeout(() => this.#sendCounts(), COUNTED);
  }

  #sendCounts() {
    clearTimeout(this.#counting);
    this.#counting = 0;
    if (Object.keys(this.#counts).length > 0 && this.#send({ type: 'pages', counts: this.#counts })) this.#counts = {};
  }

  // order asks the platform for something: a command of the workspace, about a call or about the agent. It resolves when the
  // platform took it, and throws the reason, as a sentence, when it did not.
  order(order, { call = '', to = '', args = {} } = {}) {
    return new Promise((resolve, reject) => {
      const n = ++this.#orders;
      if (!this.#send({ type: 'order', n, order, call, to, args })) return reject(new Error('The desk is not connected.'));
      this.#asked.set(n, { resolve, reject });
    });
  }

  #answered({ n, outcome, detail, reason }) {
    const asked = this.#asked.get(n);
    this.#asked.delete(n);
    if (outcome === 'done') asked?.resolve(); else asked?.reject(new Error(detail || reason || 'refused'));
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
  #link(state, more = {}) { this.#tell('link', { state, ...more }); }

  #send(message) {
    if (!this.online || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  // #drop forgets the present socket or attempt; what it says later is not listened to.
  #drop() {
    clearTimeout(this.#timer);
    this.#waiting = false;
    this.#round++;
    this.#since = 0;
    this.#lose();
    this.#socket?.close();
    this.#socket = null;
  }

  // #lose gives up on orders whose answer will not come: the platform may have taken them.
  #lose() {
    for (const { reject } of this.#asked.values()) reject(new Error('The connection was lost: nobody knows whether it was done.'));
    this.#asked.clear();
  }

  async #connect() {
    const round = ++this.#round;
    this.#waiting = false;
    this.#link('connecting');
    let ticket;
    try {
      ticket = await this.#options.ticket();
    } catch (e) {
      if (round !== this.#round || this.#stopped) return;
      if (e instanceof SignIn) return this.#link('signin', { why: e.message });
      return this.#later(e.message);
    }
    if (round !== this.#round || this.#stopped) return;
    const socket = new WebSocket(this.#options.url, PROTOCOL);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({
      type: 'hello', ticket, tab: this.#options.tab, host: this.#options.host,
      resume: this.#epoch ? { epoch: this.#epoch, offset: this.#offset } : undefined,
    }));
    socket.onmessage = (e) => { if (round === this.#round) this.#take(JSON.parse(e.data)); };
    socket.onclose = (e) => { if (round === this.#round) this.#closed(e.code, e.reason); };
  }

  #take(m) {
    if (m.now) this.#skew = Math.max(this.#skew, Date.parse(m.now) - Date.now()); // the fastest message lies least
    if (m.offset > this.#offset) this.#offset = m.offset;
    switch (m.type) {
      case 'welcome': return this.#welcome(m);
      case 'pop': return this.#tell('pop', { pop: m.pop });
      case 'late': return this.#tell('late', { pop: m.pop });
      case 'state': return this.#tell('state', { state: m.state ?? {} });
      case 'order': return this.#answered(m);
      case 'lead': return this.#tell('lead', { leader: m.leader });
      case 'picture': return this.#pictured(m);
      case 'command': return this.#command(m);
    }
  }

  #welcome(m) {
    this.#epoch = m.epoch;
    this.#offset = m.offset;
    this.#since = Date.now();
    this.#refused = 0;
    this.#link('online');
    this.#tell('hello', { agent: m.agent, leader: m.leader, resumed: m.resumed, last: m.last });
    this.#tell('state', { state: m.state ?? {} });
    const unsent = [...this.#unsent.values()];
    this.#unsent.clear();
    for (const r of unsent) this.receipt(r.key, r.outcome, r.detail);
    this.#sendPictures();
    this.#sendCounts();
  }

  #closed(code, reason) {
    if (this.#since && Date.now() - this.#since > STEADY) this.#tries = 0;
    this.#since = 0;
    this.#lose();
    this.#socket = null;
    if (this.#stopped) return;
    switch (code) {
      case MOVING: this.#tries = 0; return this.#later(reason, Math.random() * 1000);
      case NO_TICKET:
        if (++this.#refused < TICKET_TRIES) return this.#later(reason);
        return this.#link('signin', { why: 'The desk did not accept the sign-in.' });
      case REPLACED: return this.#link('elsewhere', { why: reason });
      case TOO_MANY: return this.#link('toomany', { why: reason });
    }
    if (code === PROTOCOL_ERROR || code >= 4500) return this.#link('reload', { why: reason });
    this.#later(reason);
  }

  // #later tries again after a pause that doubles, with half of it left to chance so that a thousand browsers do not
  // come in step.
  #later(why, pause) {
    const full = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#tries++);
    pause ??= full / 2 + Math.random() * full / 2;
    const round = ++this.#round;
    this.#link('waiting', { until: Date.now() + pause, why });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { if (round === this.#round && !this.#stopped) this.#connect(); }, pause);
    this.#waiting = true;
  }

  #hurry = () => { if (this.#waiting) { this.#drop(); this.#connect(); } };
  #gone = () => { if (this.online) { this.#drop(); this.#later('the network is gone'); } };
  #leave = () => this.#socket?.close();
  #feelTime = () => {
    const slept = Date.now() - this.#lastBeat > SLEPT;
    this.#lastBeat = Date.now();
    if (slept && this.online) { this.#drop(); this.#connect(); }
  };
}
