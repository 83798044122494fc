// What pages around the panel are told and may ask for: the client events and actions of "Events in Salesforce" (Genesys Cloud
// for Salesforce), for calls of every platform. One model; how its messages travel is a transport's, an object with
//   open(hear)    calls hear(message) with what allowed pages send: an object, or text that is one
//   ready()       says that pages may begin: the panel is signed in
//   send(event)   {type, category, data}
// so that another transport is one file.
//
// The page does not say when events are sent, nor what an interaction looks like: both are inferred from what pages in use read.
// chatUpdate, interactionWindow, conversationTranscription, messageUpdate, station, modal and view are never sent: there is
// nothing here that they could be about.

const TYPES = ['Interaction', 'Notification', 'UserAction'];

export class ClientEvents {
  taken = 0; ignored = 0; refused = 0; // messages of pages
  #model; #transport; #prefix; #wanted = new Map(); #before = []; #agent = ''; #told = false; #front = '';

  // types are subscribed to before any page asks.
  constructor({ model, transport, prefix = 'PureCloud.', types = [] }) {
    this.#model = model;
    this.#transport = transport;
    this.#prefix = prefix.toLowerCase();
    for (const type of types) this.#wanted.set(type, null);
    model.addEventListener('change', () => this.#changed());
    model.addEventListener('ordered', (e) => this.#ordered(e.detail));
    transport.open((message) => this.hear(message), () => { this.ignored++; });
  }

  #changed() {
    const m = this.#model;
    if (m.link.state === 'online' && m.agent && !this.#agent) { // the page that gave the ticket is there by now
      this.#agent = m.agent;
      this.#transport.ready();
      this.#login();
    }
    const after = m.interactions;
    if (after !== this.#before) {
      for (const e of happened(this.#before, after)) this.#tell('Interaction', e.category, e.data);
      this.#before = after;
    }
    const front = m.front?.id ?? '';
    if (front !== this.#front) {
      this.#front = front;
      this.#tell('Notification', 'interactionSelection', { interactionId: front });
    }
  }

  // #login tells who has signed in, once: to a page that asks for it only then, too.
  #login() {
    const categories = this.#wanted.get('UserAction');
    if (this.#told || !this.#agent || categories === undefined || categories && !categories.has('login')) return;
    this.#told = true;
    this.#tell('UserAction', 'login', { id: this.#agent });
  }

  // #ordered tells what an order of this panel, or of a page, has brought about beside a change of the interaction.
  #ordered({ name, id, to }) {
    const category = { BlindTransfer: 'blindTransfer', Consult: 'consultTransfer', Transfer: 'completeConsultTransfer', SecureSession: 'secureSession' }[name];
    if (category) return this.#tell('Interaction', category, id);
    switch (name) {
      case 'SetStatus': return this.#tell('UserAction', 'status', { status: to, id: to });
      case 'Ready': return this.#tell('UserAction', 'routingStatus', 'IDLE');
      case 'NotReady': return this.#tell('UserAction', 'routingStatus', 'OFF_QUEUE');
      case 'LogOut': return this.#tell('UserAction', 'logout', { id: this.#agent });
    }
  }

  #tell(type, category, data) {
    if (!this.#wanted.has(type)) return;
    const categories = this.#wanted.get(type);
    if (!categories || categories.has(category.toLowerCase())) this.#transport.send({ type, category, data });
  }

  // hear does what a page asks for. What is none of the actions is counted and nothing else.
  async hear(message) {
    const action = read(message, this.#prefix);
    const order = action && this.#order(action);
    if (!order) {
      this.ignored++;
      return;
    }
    this.taken++;
    if (order === true) return;
    if (!await this.#model.order(order.name, order.on, order.to ?? '', order.args ?? {})) this.refused++;
  }

  // #order is the order that an action means; true when it is done already, null when it means none.
  #order({ name, data }) {
    switch (name) {
      case 'subscribe': return this.#subscribe(data);
      case 'user.updatestatus': {
        const id = typeof data === 'string' ? data : data?.id;
        return text(id) && { name: 'SetStatus', on: null, to: id };
      }
      case 'interaction.updatestate': return stateOrder(data, this.#on(data?.id), this.#model.toggled);
      case 'interaction.addcustomattributes': return this.#data(data?.id, data?.attributes);
      case 'interaction.createconference': {
        const [first, ...rest] = Array.isArray(data?.interactionIds) ? data.interactionIds : [];
        return rest.length > 0 && this.#on(first) && { name: 'Conference', on: this.#on(first), args: { with: rest.join(',') } };
      }
      case 'addassociation': return this.#associate(data);
    }
    return null;
  }

  #on(id) { return this.#model.interactions.find((i) => i.id === id) ?? (text(id) ? { id } : null); }

  #data(id, attributes) {
    if (!text(id) || attributes === null || typeof attributes !== 'object') return null;
    return { name: 'SetData', on: this.#on(id), args: Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, String(v)])) };
  }

  // #associate keeps a record with the call's data, where workflows find it: cordboard_contact is for a Task's WhoId,
  // cordboard_relation for its WhatId.
  #associate(data) {
    const type = String(data?.type).toLowerCase();
    const id = data?.interactionId ?? this.#model.front?.id;
    if (!['contact', 'relation'].includes(type) || !text(data.id)) return null;
    return this.#data(id, { [`cordboard_${type}`]: data.id, [`cordboard_${type}_name`]: data.text ?? '' });
  }

  #subscribe(data) {
    const type = TYPES.find((t) => t.toLowerCase() === String(data?.type).toLowerCase());
    if (!type) return null;
    if (!Array.isArray(data.categories)) this.#wanted.set(type, null);
    else if (this.#wanted.get(type) !== null || !this.#wanted.has(type)) {
      const all = this.#wanted.get(type) ?? new Set();
      for (const c of data.categories) all.add(String(c).toLowerCase());
      this.#wanted.set(type, all);
    }
    this.#login();
    return true;
  }
}

const text = (v) => typeof v === 'string' && v !== '' && v.length <= 200;

// read takes a message apart: {name, data}, or null when it is none for us. Names are compared without case.
export function read(message, prefix) {
  if (typeof message === 'string') {
    try { message = JSON.parse(message); } catch { return null; }
  }
  const type = typeof message?.type === 'string' ? message.type.toLowerCase() : '';
  if (!type.startsWith(prefix)) return null;
  let { data } = message;
  if (typeof data === 'string' && data.startsWith('{')) {
    try { data = JSON.parse(data); } catch { return null; }
  }
  return { name: type.slice(prefix.length), data };
}

// stateOrder is what updateState means. hold, mute and securePause change to and fro.
function stateOrder(data, on, toggled) {
  if (!on) return null;
  const { muted = false, paused = false } = toggled[on.id] ?? {};
  const target = data.participantContext, secure = data.secureSessionContext;
  const to = (name) => text(target?.transferTarget) ? { name, on, to: decoded(target.transferTarget), args: target.transferTargetType ? { type: target.transferTargetType } : {} } : null;
  switch (String(data.action).toLowerCase()) {
    case 'pickup': return { name: 'Accept', on };
    case 'disconnect': return { name: 'Drop', on };
    case 'hold': return { name: on.phase === 'held' ? 'Retrieve' : 'Hold', on };
    case 'mute': return { name: muted ? 'Unmute' : 'Mute', on };
    case 'securepause': return { name: paused ? 'ResumeRecording' : 'PauseRecording', on };
    case 'blindtransfer': return to('BlindTransfer');
    case 'consulttransfer': return to('Consult');
    case 'concludetransfer': return { name: 'Transfer', on };
    case 'securesession': return text(secure?.flowId) ? { name: 'SecureSession', on, to: secure.flowId, args: { user_data: String(secure.userData ?? ''), disconnect: String(secure.disconnect === true) } } : null;
  }
  return null;
}

// decoded is a transfer's target without its encoding.
function decoded(target) {
  try { return decodeURIComponent(target); } catch { return target; }
}

const talking = ['answered', 'consulting', 'conferenced', 'transferred', 'held'];
const over = ['wrapup', 'ended', 'missed'];

// happened are the events between two lists of interactions, in their order.
export function happened(before, after) {
  const events = [];
  const tell = (category, data) => events.push({ category, data });
  for (const i of after) {
    const was = before.find((b) => b.id === i.id), now = shape(i);
    if (!was) tell('add', now);
    const had = (phases) => was && phases.includes(was.phase);
    if (i.mode === 'preview' && i.phase === 'dialing' && !had(['dialing'])) tell('callbackPlaced', now);
    if (talking.includes(i.phase) && !had(talking)) tell('connect', now);
    if (over.includes(i.phase) && !had(over)) {
      if (i.mode === 'preview' && had(talking)) tell('callbackCallEnded', now);
      tell('disconnect', now);
    }
    if (i.phase === 'wrapup' && !had(['wrapup'])) tell('acw', now);
    if (was && JSON.stringify(shape(was)) !== JSON.stringify(now)) tell('change', { old: shape(was), new: now });
  }
  for (const b of before) {
    if (after.some((i) => i.id === b.id)) continue;
    if (!over.includes(b.phase)) tell('disconnect', { ...shape(b), state: 'DISCONNECTED', isConnected: false, isDisconnected: true });
    tell('deallocate', b.id);
  }
  return events;
}

// shape is an interaction as pages read it.
export function shape(i) {
  const state = over.includes(i.phase) ? 'DISCONNECTED' : i.phase === 'held' ? 'HELD' : talking.includes(i.phase) ? 'CONNECTED' : 'ALERTING';
  const inbound = i.direction === 'inbound' || i.mode === 'inbound';
  return {
    id: i.id, state, isConnected: state === 'CONNECTED' || state === 'HELD', isDisconnected: state === 'DISCONNECTED',
    direction: inbound ? 'Inbound' : 'Outbound', isInternal: i.role === 'consult', isCallback: i.mode === 'preview',
    isDialer: !['inbound', 'manual', undefined].includes(i.mode), isDialerPreview: i.mode === 'preview', isEmail: false, isMessage: false, isChat: false,
    phone: i.number ? `tel:${i.number}` : undefined, ani: i.number, displayAddress: i.customer, name: i.name, queueName: i.queue,
    startTime: i.started, connectedTime: i.answered, disposition: i.wrapup || undefined, dialerCampaignId: i.campaign,
    attributes: Object.fromEntries(Object.entries(i.attributes ?? {}).map(([k, v]) => [`participant.${k}`, v])),
  };
}
