// What pages around the panel are told and may ask for: the client events and actions of "Events in Salesforce" (Genesys Cloud
// for Salesforce), for calls of every platform. One model; how its messages travel is a transport's, an object with
//   open(hear, refuse)   calls hear(message, name) with what allowed pages send, name where the transport knows the action's;
//                        refuse(fault) when something came from where nothing may
//   ready()              says that pages may begin: the panel is signed in
//   send(event, wanted)  {type, category, data}; wanted: a page has subscribed to it
// so that another transport is one file.
//
// chatUpdate, messageUpdate and conversationTranscription are never sent: there is nothing here that they could be about.
import { order, read, subscriptions } from './client-actions.js';
import { happened } from './client-shapes.js';

const WAITING = 100; // actions that wait for those before them

export class ClientEvents {
  counts = { taken: 0, refused: 0, ignored: 0, malformed: 0, oversized: 0, foreign: 0 }; // messages of pages
  #model; #transport; #prefix; #count; #wanted = new Map(); #before = []; #given = []; #toggled = '{}'; #agent = ''; #told = false;
  #front = ''; #view = ''; #form = ''; #shown = ''; #held = new Map(); #consults = new Set(); #work = Promise.resolve(); #waiting = 0;

  // types are subscribed to before any page asks. count is told what became of each message.
  constructor({ model, transport, prefix = 'PureCloud.', types = [], count = () => {} }) {
    this.#model = model;
    this.#transport = transport;
    this.#prefix = prefix;
    this.#count = count;
    for (const type of types) this.#wanted.set(type, null);
    model.addEventListener('change', () => this.#changed());
    model.addEventListener('ordered', (e) => this.#ordered(e.detail));
    transport.open((message, name) => this.hear(message, name), (fault) => this.#became(fault));
  }

  #changed() {
    const m = this.#model;
    if (m.link.state === 'online' && m.agent && !this.#agent) { // the page that gave the ticket is there by now
      this.#agent = m.agent;
      this.#transport.ready();
      this.#login();
    }
    if (m.link.state === 'signin' && this.#agent) this.#logout();
    const toggled = JSON.stringify(m.toggled);
    if (m.interactions !== this.#given || toggled !== this.#toggled) {
      const before = this.#before, after = m.interactions.map((i) => ({ ...i, ...m.toggled[i.id] }));
      [this.#before, this.#given, this.#toggled] = [after, m.interactions, toggled];
      for (const i of after) this.#consulting(i, before.find((b) => b.id === i.id));
      for (const id of this.#held.keys()) if (phase(before, id) !== phase(after, id)) this.#held.delete(id); // the platform says so itself
      for (const e of happened(before, after)) this.#tell('Interaction', e.category, e.data);
    }
    this.#look();
  }

  // #consulting tells of a consult that somebody began elsewhere, such as in the platform's own client.
  #consulting(now, was) {
    if (now.consulting && !was?.consulting && was && !this.#consults.has(now.id)) this.#tell('Interaction', 'consultTransfer', now.id);
    if (!now.consulting && was?.consulting) this.#consults.delete(now.id);
  }

  // #look tells what the agent sees of it: which interaction is in front, what was opened for it, what is asked of the agent.
  #look() {
    const m = this.#model, front = m.front?.id ?? '';
    if (front !== this.#front) {
      this.#front = front;
      this.#tell('Notification', 'interactionSelection', { interactionId: front });
    }
    const item = m.item, shown = item?.how === 'shown' ? item.pop.key : '';
    if (shown !== this.#shown) {
      this.#shown = shown;
      if (shown) this.#tell('Notification', 'interactionWindow', { interactionId: m.interactions.find((i) => i.call === item.pop.call)?.id ?? '', open: true });
    }
    const view = m.front ? 'interactionDetails' : 'interactionList';
    if (view !== this.#view) {
      if (this.#view) this.#tell('UserAction', 'view', { view });
      this.#view = view;
    }
    if (m.form !== this.#form) {
      this.#tell('UserAction', 'modal', { modal: m.form || this.#form, open: m.form !== '' });
      this.#form = m.form;
    }
  }

  // #login tells who has signed in, once: to a page that asks for it only then, too.
  #login() {
    if (this.#told || !this.#agent || !this.#wants('UserAction', 'login')) return;
    this.#told = true;
    this.#tell('UserAction', 'login', { id: this.#agent });
  }

  #logout() {
    this.#tell('UserAction', 'logout', { id: this.#agent });
    this.#agent = '';
    this.#told = false;
  }

  // #ordered tells what an order of this panel, or of a page, has brought about beside a change of the interaction.
  #ordered({ name, id, to }) {
    if (name === 'Hold' || name === 'Retrieve') this.#held.set(id, name === 'Hold');
    if (name === 'Consult') this.#consults.add(id);
    const category = { BlindTransfer: 'blindTransfer', Consult: 'consultTransfer', Transfer: 'completeConsultTransfer', SecureSession: 'secureSession' }[name];
    if (category) return this.#tell('Interaction', category, id);
    switch (name) {
      case 'SetStatus': return this.#status(to);
      case 'Ready': this.#status('ON_QUEUE'); return this.#tell('UserAction', 'routingStatus', 'IDLE');
      case 'NotReady': this.#status('BUSY'); return this.#tell('UserAction', 'routingStatus', 'OFF_QUEUE');
      case 'LogOut': return this.#status('OFFLINE');
    }
  }

  // #status tells of a status that was asked for, by its id or by its name: what the platform calls it otherwise is not known here.
  #status(id) {
    this.#tell('UserAction', 'status', { status: /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(id) ? id : id.toUpperCase().replace(/[\s-]+/g, '_'), id });
    if (/^off\s*line$/i.test(id)) this.#tell('UserAction', 'logout', { id: this.#agent });
  }

  #wants(type, category) {
    const categories = this.#wanted.get(type);
    return categories === null || categories?.has(category.toLowerCase()) === true;
  }

  #tell(type, category, data) { this.#transport.send({ type, category, data }, this.#wants(type, category)); }

  #became(outcome) {
    this.counts[outcome]++;
    this.#count(outcome);
  }

  // hear does what a page asks for, after what was asked for before: what an action means depends on what they did. What is none of
  // the actions is counted and nothing else.
  hear(message, name) {
    const action = read(message, this.#prefix, name);
    if (action.fault) return this.#became(action.fault);
    if (action.name === 'subscribe') return this.#became(this.#subscribe(action.data) ? 'taken' : 'malformed');
    if (this.#waiting >= WAITING) return this.#became('refused');
    this.#waiting++;
    this.#work = this.#work.then(() => this.#do(action)).finally(() => { this.#waiting--; });
  }

  async #do(action) {
    const m = this.#model;
    const todo = order(action, {
      find: (id) => [...m.interactions, ...m.over].find((i) => i.id === id), front: m.front, logged: m.logged,
      state: (i) => ({ held: this.#held.get(i.id) ?? i.phase === 'held', ...m.toggled[i.id] }),
    });
    if (!todo) return this.#became('malformed');
    if (todo.offer) return this.#became(m.offer(todo.on.id, todo.offer) ? 'taken' : 'refused');
    this.#became(await m.order(todo.name, todo.on, todo.to ?? '', todo.args ?? {}) ? 'taken' : 'refused');
  }

  #subscribe(data) {
    const all = subscriptions(data);
    for (const [type, categories] of all ?? []) {
      const before = this.#wanted.get(type);
      this.#wanted.set(type, categories === null || before === null ? null : new Set([...before ?? [], ...categories]));
    }
    this.#login();
    return all;
  }
}

function phase(interactions, id) { return interactions.find((i) => i.id === id)?.phase; }
