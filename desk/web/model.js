// What the panel knows: the link, the call, what was opened. It changes by what desk and host say and by what people
// press, and tells the panel with a 'change' event.
import { show } from './pops.js';

const RECENT = 10;
const KEPT = 4; // items of one call that are shown
const VISITED = 8; // records of one call that are offered for its log
const DIALED = 60_000; // ms in which a call that was dialed has come
const PAUSE = 3000; // ms without a key, after which what was typed is saved

export class Model extends EventTarget {
  link = { state: 'connecting' };
  agent = '';
  leader = true;
  call = null;
  log = null;
  items = [];     // what the newest call popped, newest last: {pop, how, detail, late, at}; how: opening | shown | already |
                  // offered | late | missed | declined
  interactions = []; // all that is open, as the desk tells it
  standing = [];     // orders that are about no call
  chosen = '';       // the id of the interaction that the agent has brought to the front
  form = '';         // 'consult' or 'transfer' while a target is asked for
  refusal = '';      // why the last order was not taken
  pending = '';      // the order under way
  toggled = {};      // by interaction: {muted, paused}, as far as this page has ordered it
  over = [];         // the newest interactions that are over, whose logs can still be written
  visited = {};      // by interaction: the records that the agent looked at meanwhile, {id, object, name}
  recent = [];    // items before those, newest first
  pages = null;   // the client events, where pages around the panel are told of them
  signIn = null;  // (agent) => void where people sign in in the panel itself
  provider = null; // () => void where they sign in at somebody else's, in a window that this opens

  #desk; #host; #memory; #newTab; #timers = new Map(); #come = false; #dialed = null;

  constructor({ desk, host, memory, newTab, drafts }) {
    super();
    this.drafts = drafts; // what is typed and not saved
    drafts.addEventListener('change', () => this.#set({}));
    this.#desk = desk;
    this.#host = host;
    this.#memory = memory;
    this.visited = memory.visited();
    this.#newTab = newTab;
    desk.addEventListener('link', (e) => this.#set({ link: e.detail }));
    desk.addEventListener('hello', (e) => this.#hello(e.detail));
    desk.addEventListener('lead', (e) => this.#set({ leader: e.detail.leader }));
    desk.addEventListener('state', (e) => this.#state(e.detail.state));
    desk.addEventListener('pop', (e) => this.#pop(e.detail.pop));
    desk.addEventListener('late', (e) => this.#late(e.detail.pop));
    memory.addEventListener('elsewhere', (e) => this.#elsewhere(e.detail.key));
  }

  get item() { return this.items.at(-1) ?? null; }
  // front is the interaction that the controls are about: the chosen one, or the call at hand, or the newest.
  get front() {
    const of = (id) => this.interactions.findLast((i) => i.id === id || i.call === id);
    return of(this.chosen) ?? of(this.call?.id) ?? this.interactions.at(-1) ?? null;
  }

  // bring puts an interaction in front.
  bring(id) { this.#set({ chosen: id, form: '', refusal: '' }); }

  // ask opens or closes the field for a target.
  ask(form) { this.#set({ form: this.form === form ? '' : form, refusal: '' }); }

  // logged is the interaction whose log is shown: the one in front, or else of those that are over.
  get logged() {
    const chosen = this.over.find((i) => i.id === this.chosen), front = this.front;
    const shown = chosen ?? front ?? this.over[0] ?? null;
    return shown?.log || shown?.controls?.includes('WrapUp') ? shown : null;
  }

  // note keeps what is typed about an interaction, and saves it at the next pause.
  note(id, change) {
    this.drafts.put(id, change);
    this.saveSoon(id, PAUSE);
  }

  // saveSoon saves what is typed of a log, where there is one, in so many ms.
  saveSoon(id, ms) {
    clearTimeout(this.#timers.get(id));
    if (this.#hasLog(id)) this.#timers.set(id, setTimeout(() => this.save(id), ms));
  }

  #hasLog(id) { return [...this.interactions, ...this.over].some((i) => i.id === id && i.log); }

  unsaved(i) {
    const { code, notes } = this.drafts.of(i.id);
    return code !== undefined && code !== (i.log.outcome ?? '') || notes !== undefined && notes !== (i.log.notes ?? '');
  }

  // save gives the server what is typed about an interaction. What cannot be saved now stays a draft.
  async save(id, asked = true) {
    clearTimeout(this.#timers.get(id));
    const text = this.drafts.of(id), args = {};
    if (text.code !== undefined) args.outcome = text.code;
    if (text.notes !== undefined) args.notes = text.notes;
    if (!Object.keys(args).length || this.link.state !== 'online') return;
    try {
      await this.#desk.order('SaveLog', { call: id, args });
      this.drafts.saved(id, text);
      this.#set({});
    } catch (e) {
      if (asked && this.link.state === 'online') this.#set({ refusal: e.message });
    }
  }

  // associate chooses a record for one of the log's menus, or none.
  associate(i, menu, record) {
    return this.order('SaveLog', i, '', record ? { record: record.id, label: record.name ?? '' } : { clear: menu });
  }

  // wrapUp ends the work after a call: the platform is given the outcome, the log what was typed.
  async wrapUp(i) {
    const { code = i.log?.outcome || i.wrapup || '', notes = i.log?.notes ?? '' } = this.drafts.of(i.id);
    const known = i.codes?.list?.find((c) => c.name === code);
    if (!await this.order('WrapUp', i, '', { code: known?.id ?? code, reason: code, notes })) return;
    if (i.log) this.save(i.id);
    else this.drafts.saved(i.id, this.drafts.of(i.id));
  }

  // dial calls a number on the agent's behalf, as far as a platform can: one that was typed, or clicked in a page together with
  // its record. That record is the name in the log of the call that comes of it.
  async dial({ number, id = '', object = '', name = '' }) {
    if (!this.standing.includes('MakeCall')) return this.#set({ refusal: 'Nothing here can place a call right now.' });
    this.#dialed = { at: Date.now(), record: id ? { id, object, name } : null };
    if (!await this.order('MakeCall', null, number)) this.#dialed = null;
  }

  // #placed gives the call that was dialed its record.
  #placed(fresh) {
    const dialed = this.#dialed;
    const i = fresh.find((i) => i.mode === 'manual' || i.direction === 'outbound');
    if (!dialed || !i) return;
    this.#dialed = null;
    if (!dialed.record || Date.now() - dialed.at > DIALED || !this.offer(i.id, dialed.record) || !i.log) return;
    this.associate(i, '', dialed.record);
  }

  // visit notes which record the agent looks at while a call is at hand.
  visit(record) { if (this.front) this.offer(this.front.id, record); }

  // offer makes a record one that may be chosen for the log of an interaction. It reports whether there is such a one.
  offer(interaction, { id, object = '', name = '' }) {
    const at = [...this.interactions, ...this.over].find((i) => i.id === interaction);
    if (!at || !/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id ?? '')) return false;
    if (at.candidates?.some((r) => r.id === id)) return true;
    const before = (this.visited[at.id] ?? []).filter((r) => r.id !== id);
    this.#set({ visited: { ...this.visited, [at.id]: [{ id, object, name }, ...before].slice(0, VISITED) } });
    this.#memory.visits(this.visited);
    return true;
  }

  // order gives one, about an interaction or, without one, about the agent. It resolves to whether it was taken; why not is
  // shown.
  async order(name, interaction = null, to = '', args = {}) {
    this.#set({ pending: name, refusal: '' });
    try {
      await this.#desk.order(name, { call: interaction?.id, to, args });
    } catch (e) {
      this.#set({ pending: '', refusal: e.message });
      return false;
    }
    const flag = { Mute: { muted: true }, Unmute: { muted: false }, PauseRecording: { paused: true }, ResumeRecording: { paused: false } }[name];
    if (flag && interaction) this.toggled[interaction.id] = { ...this.toggled[interaction.id], ...flag };
    this.#set({ pending: '', form: '' });
    this.dispatchEvent(new CustomEvent('ordered', { detail: { name, id: interaction?.id ?? '', to } }));
    return true;
  }

  get host() { return this.#host.name; }
  get tab() { return this.#desk.tab; }
  now() { return this.#desk.now(); }
  label(text) { this.#host.label(text); }

  // open shows an item's pop because a person asked for it.
  async open(item) {
    this.#update(item, { how: 'opening' });
    const r = await this.#show(item.pop, true);
    this.#update(item, { how: r.outcome, detail: r.detail, at: this.now() });
    if (r.outcome === 'shown') this.#desk.receipt(item.pop.key, 'shown', r.detail);
  }

  // choose opens one of several matches, or the form for a new record (record null).
  choose(item, record) {
    const kind = record ? 'record' : 'new';
    const part = record?.id ?? 'new';
    const pop = { ...item.pop, key: `${item.pop.key}/${part}`, kind, record, why: 'chosen here' };
    const chosen = { pop, how: 'opening' };
    this.#replace(item, chosen);
    const at = record && this.interactions.find((i) => i.call === item.pop.call && i.log);
    if (at) this.associate(at, '', record);
    return this.open(chosen);
  }

  async takeOver() {
    if (this.link.state === 'elsewhere') return this.#desk.retry(await this.#newTab());
    this.#desk.lead();
  }

  retry() { this.#desk.retry(); }

  notSignedIn(why) { if (this.link.state === 'signin') this.#set({ link: { ...this.link, why } }); }

  // #hello begins with what was on this screen before: a reloaded page forgets, the hub does not.
  #hello({ agent, leader, last }) {
    if (last && !this.item && !this.#find(last.pop.key)) {
      this.#add({ pop: last.pop, how: last.outcome === 'no-desk' ? 'missed' : last.outcome, late: this.#lateness(last.pop) });
    }
    this.#set({ agent, leader });
    this.#come = true;
  }

  #lateness(pop) { return this.now() - Date.parse(pop.until); }

  // #late takes a pop that came too late to be opened by itself.
  #late(pop) {
    if (!this.#find(pop.key)) this.#add({ pop, how: 'late', late: this.#lateness(pop) });
  }

  async #pop(pop) {
    let item = this.#find(pop.key);
    if (item?.how === 'opening') return; // its receipt is on the way
    if (!item) this.#add(item = { pop, how: 'opening' });
    const r = await this.#show(pop, false);
    const how = r.outcome || 'late';
    const kept = how === 'already' && item.how !== 'opening'; // this page knows better what became of it
    if (!kept) this.#update(item, { how, detail: r.detail, late: r.late, at: this.now() });
    if (r.outcome) this.#desk.receipt(pop.key, r.outcome, r.detail);
  }

  #show(pop, asked) {
    return show(pop, { host: this.#host, memory: this.#memory, now: () => this.now(), call: () => this.call }, asked);
  }

  // #state takes the agent's present call. What an earlier call opened steps back when another one, or none, follows.
  #state({ call = null, log = null, interactions = [], over = [], controls = [] }) {
    const other = this.call && this.call.id !== call?.id;
    const foreign = call && this.item?.pop.call && this.item.pop.call !== call.id;
    if (other || foreign) this.#archive(call?.id);
    for (const i of this.interactions) { // without a log what was typed is worth nothing once it is over
      if (!i.log && !interactions.some((o) => o.id === i.id)) this.drafts.saved(i.id, this.drafts.of(i.id));
    }
    const open = (all) => Object.fromEntries(Object.entries(all).filter(([id]) => interactions.some((i) => i.id === id)));
    const before = this.front && `${this.front.id} ${this.front.phase}`;
    const gone = ![...interactions, ...over].some((i) => i.id === this.chosen);
    const fresh = interactions.filter((i) => !this.interactions.some((o) => o.id === i.id)); // they are what matters now
    this.#set({
      call, log, interactions, over, standing: controls, toggled: open(this.toggled),
      visited: Object.fromEntries(Object.entries(this.visited).filter(([id]) => [...interactions, ...over].some((i) => i.id === id))),
      ...(gone || fresh.length && this.over.some((o) => o.id === this.chosen) ? { chosen: '' } : {}),
    });
    this.#placed(fresh);
    if (this.#come && this.leader) { // what could not be saved before the connection was lost, or in a page before this one
      for (const id of this.drafts.ids()) if (this.#hasLog(id) || !interactions.some((i) => i.id === id)) this.save(id, false);
    }
    this.#come = false;
    if (before !== (this.front && `${this.front.id} ${this.front.phase}`)) this.#set({ form: '', refusal: '' }); // it was about what is over
  }

  // #add puts an item beside those of the same call, or in the place of those of another.
  #add(item) {
    this.#archive(item.pop.call);
    this.#set({ items: [...this.items, item].slice(-KEPT) });
  }

  // #archive moves the items to the recent ones, unless they belong to that call.
  #archive(call) {
    if (!this.item || (call && this.item.pop.call === call)) return;
    this.recent = [...this.items.toReversed(), ...this.recent].slice(0, RECENT);
    this.items = [];
  }

  #elsewhere(key) {
    const item = this.#find(key);
    if (item && item.how !== 'opening' && item.how !== 'shown') this.#update(item, { how: 'already' });
  }

  #find(key) { return [...this.items, ...this.recent].find((i) => i.pop.key === key); }

  #replace(item, by) {
    const swap = (i) => (i === item ? by : i);
    this.items = this.items.map(swap);
    this.recent = this.recent.map(swap);
    this.#set({});
  }

  #update(item, change) { Object.assign(item, change); this.#set({}); }
  #set(change) { Object.assign(this, change); this.dispatchEvent(new Event('change')); }
}
