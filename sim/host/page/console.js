// The simulated console: record tabs, a utility bar with the panel, and the record of what the panel asked for.
import { classic } from './classic-methods.js';
import { judgeConsoleEvent, judgeEvent } from './client-events.js';
import { Problem } from './judge.js';
import { opencti } from './opencti-methods.js';

const config = JSON.parse(document.body.dataset.config);
const apis = config.classic ? classic : { 'sforce.opencti': opencti };
const $ = (selector) => document.querySelector(selector);
const el = (tag, attributes = {}, ...children) => {
  const e = Object.assign(document.createElement(tag), attributes);
  e.append(...children);
  return e;
};

const host = {
  calls: [],           // {api, method, args, at, ok, error, ms}, oldest first
  told: [],            // what the panel told pages: a message, or in Classic {name, message}
  tabs: [],            // {id, key, title, url, frame, button}
  logs: [],            // what saveLog wrote
  agent: config.agent,
  settings: { '/reqGeneralInfo/reqInternalName': 'Simulated', '/reqGeneralInfo/reqUseApi': 'true', '/reqGeneralInfo/reqSalesforceCompatibilityMode': config.classic ? 'Classic' : 'Lightning' },
  layout: { Internal: {}, Outbound: { callRelatedFields: ['DNIS'], objects: {}, screenPopSettings: {} }, Inbound: { callRelatedFields: ['ANI'], objects: { Contact: [{ displayName: 'Name', apiName: 'Name' }] }, screenPopSettings: { screenPopsOpenWithin: 'ExistingWindow', NoMatch: { screenPopType: 'PopToEntity', screenPopData: 'Contact' }, SingleMatch: { screenPopType: 'PopToEntity' }, MultipleMatches: { screenPopType: 'PopToSearch' } } } },
  front: null, panelVisible: false, clickToDialOn: false, initialized: false,
  inConsole: !new URLSearchParams(location.search).has('sidebar'), // /classic?sidebar: the page is another with each pop
  tickets: true,       // this page answers the panel's question for one; with false a component does
  faults: new Map(), delays: new Map(),
  listeners: { navigation: new Set(), clickToDial: new Set() },
  consoleListeners: new Map(), // by the type of the event
  apex: () => ({}),

  fail(method, sentence) { this.faults.set(method, sentence); },
  slow(method, ms) { this.delays.set(method, new Promise((done) => setTimeout(done, ms))); },
  hold(method) { this.delays.set(method, new Promise((done) => { this.release = done; })); },

  get dirty() { return $('.dirty input').checked; },
  set dirty(yes) { $('.dirty input').checked = yes; this.tellPage(); },
  // tellPage is what a component of the org does, which knows whether its page is being edited.
  tellPage() {
    if (config.classic) this.consoleEvent('cordboard.page', JSON.stringify({ dirty: this.dirty }));
    else panel.post({ type: 'cordboard:page', dirty: this.dirty });
  },

  listen(what, f) { this.listeners[what].add(f); },
  event(what, payload) { for (const f of this.listeners[what]) f(payload); },
  clickToDial(number, record = {}) {
    if (this.clickToDialOn) this.event('clickToDial', { number, ...record });
  },

  consoleListener(type, f, add = true) {
    if (!this.consoleListeners.has(type)) this.consoleListeners.set(type, new Set());
    this.consoleListeners.get(type)[add ? 'add' : 'delete'](f);
  },
  consoleEvent(type, message) { for (const f of [...this.consoleListeners.get(type) ?? []]) f({ message }); },

  // addComponent puts a page of the org's into the console, as a console component.
  addComponent(url) {
    const frame = el('iframe', { src: url, title: 'Component', className: 'component' });
    $('main').append(frame);
    frames.push(new Frame(frame, new URL(url, location.href).origin));
    return frame;
  },

  async openRecord(id) {
    const r = await (await fetch(`/host/record?id=${encodeURIComponent(id)}`)).json();
    if (!r.exists) throw new Problem(`there is no record ${id}`);
    this.openTab(r.id, r.name, `/lightning/r/${r.object}/${r.id}/view`, r);
  },
  openUrl(url) { this.openTab(url, url.split(/[?#]/)[0].split('/').pop() || url, url); },

  openTab(key, title, url, record = null) {
    let tab = this.tabs.find((t) => t.key === key);
    if (!tab) {
      tab = { id: `scc-pt-${this.tabs.length}`, key, title, url, record, frame: el('iframe', { src: config.org + url, title }) };
      tab.button = el('button', { role: 'tab', textContent: title, title: url, onclick: () => this.bring(tab) });
      $('main').append(tab.frame);
      $('.tabs').append(tab.button);
      this.tabs.push(tab);
    }
    this.bring(tab);
    return tab;
  },
  tab(id) {
    const tab = this.tabs.find((t) => t.id === id);
    if (!tab) throw new Problem(`there is no tab ${id}`);
    return tab;
  },
  bring(tab) {
    this.front = tab;
    for (const t of this.tabs) {
      t.frame.hidden = t !== tab;
      t.button.setAttribute('aria-selected', String(t === tab));
    }
    $('.empty').hidden = true;
    this.event('navigation', this.view());
  },
  view(t = this.front) {
    return t ? { url: config.org + t.url, recordId: t.record?.id ?? '', recordName: t.record?.name ?? '', objectType: t.record?.object ?? '' } : { url: location.href, recordId: '', recordName: '', objectType: '' };
  },
  // leave loads the softphone anew, as a page does outside a console; what it had asked for is not answered.
  leave() {
    frame.src += '&again';
    return new Promise(() => {});
  },
  refresh() { if (this.front) this.front.frame.src += ''; },

  openForm(object, values) {
    $('.form h2').textContent = `New ${object}`;
    $('.form .fields').replaceChildren(...Object.entries(values).map(([k, v]) => el('label', {}, k, el('input', { value: v }))));
    $('.form').showModal();
  },

  async search(text) { return (await fetch(`/host/search?text=${encodeURIComponent(text)}`)).json(); },
  save(value) {
    const recordId = value.Id ?? `00T${String(this.logs.length + 1).padStart(15, '0')}`;
    this.logs.push({ ...value, recordId });
    return { recordId };
  },

  showPanel(visible) {
    this.panelVisible = visible;
    $('section.panel').hidden = !visible;
    $('.utility').setAttribute('aria-expanded', String(visible));
  },
  panelLabel(text) { $('section.panel').setAttribute('aria-label', text); },
  itemLabel(text) { $('.utility .name').textContent = text; },
  resize({ width, height }) {
    if (width) $('section.panel').style.width = `${width}px`;
    if (height) $('section.panel').style.height = `${height}px`;
  },
};
window.host = host;

// A Frame is a page inside this one that may call. Its functions are called back by their numbers.
class Frame {
  constructor(element, origin) { Object.assign(this, { element, origin, functions: new Map() }); }
  is(e) { return e.source === this.element.contentWindow && e.origin === this.origin; }
  post(message) { this.element.contentWindow?.postMessage(message, this.origin); }
  call(number) {
    if (!this.functions.has(number)) this.functions.set(number, (payload) => this.post({ type: 'opencti:back', function: number, payload }));
    return this.functions.get(number);
  }
  revive(args) { return JSON.parse(JSON.stringify(args), (_, v) => v?.$function === undefined ? v : this.call(v.$function)); }
}

const frame = el('iframe', { src: config.panel, title: 'Panel', name: host.inConsole ? '' : 'no console', allow: 'clipboard-write' });
$('section.panel').append(frame);
host.showPanel(true);
const panel = new Frame(frame, config.panelOrigin);
const frames = [panel];

$('.utility').onclick = () => host.showPanel(!host.panelVisible);
$('.dirty input').onchange = () => host.tellPage();
$('.log').onclick = () => {
  $('.calls').hidden = !$('.calls').hidden;
  $('.log').setAttribute('aria-expanded', String(!$('.calls').hidden));
};

addEventListener('message', (e) => {
  const from = frames.find((f) => f.is(e));
  if (!from) return;
  if (e.data?.type === 'opencti:call') return answer(from, e.data);
  if (from !== panel) return;
  if (e.data?.type === 'cordboard:ticket?') { if (host.tickets) ticket(e.data.question); }
  else if (!String(e.data?.type).startsWith('cordboard:')) tell(e.data, () => judgeEvent(e.data, 'Handshake'), { api: 'window', method: 'postMessage', args: e.data });
});

// tell keeps what the panel told pages, and lists it when it is not as the vendor's page has it.
function tell(what, judge, call) {
  host.told.push(what);
  try { judge(); } catch (e) {
    host.calls.push({ ...call, at: Date.now(), ok: false, error: e.message, ms: 0 });
    list();
  }
}

async function answer(from, m) {
  const args = from.revive(m.args), api = apis[m.api];
  const shown = JSON.parse(JSON.stringify(args, (_, v) => typeof v === 'function' ? 'ƒ' : v));
  const call = { api: m.api, method: m.method, args: shown.length === 1 ? shown[0] : shown, at: Date.now(), ok: null, error: '', ms: 0 };
  if (from === panel) host.calls.push(call);
  list();
  const told = from === panel && m.api === 'sforce.console' && m.method === 'fireEvent' && config.events && String(args[0]).startsWith(config.events);
  if (told) {
    const name = args[0].slice(config.events.length);
    tell({ name, message: args[1] }, () => judgeConsoleEvent(name, args[1]), call);
  }
  let given;
  try {
    if (!api) throw new Problem(`${m.api} is not there`);
    if (m.unknown) throw new Problem(`${m.api} has no method ${m.method}`);
    await take(host.delays, m.method);
    const fault = take(host.faults, m.method);
    if (fault) throw new Problem(fault);
    given = api.done(await api.judge(m.method, args)(host));
    call.ok = true;
  } catch (e) {
    call.error = e.message;
    call.ok = false;
    given = api?.failed(e);
  }
  call.ms = Date.now() - call.at;
  api?.callback(args, m.method)?.(given);
  list();
}

async function ticket(question) {
  const said = await fetch('/host/ticket', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ agent: config.agent }) })
    .then((r) => r.json()).catch(() => ({ error: 'This console could not be reached.' }));
  panel.post({ type: 'cordboard:ticket', question, ...said });
  host.tellPage();
}

function take(map, key) {
  const value = map.get(key);
  map.delete(key);
  return value;
}

function list() {
  $('.log b').textContent = host.calls.length;
  $('.log').classList.toggle('bad', host.calls.some((c) => c.ok === false));
  $('.calls ol').replaceChildren(...host.calls.slice(-50).reverse().map((c) => el('li', { className: c.ok === false ? 'bad' : '' },
    el('b', { textContent: c.method }), ' ', el('code', { textContent: JSON.stringify(c.args) }), c.error ? el('em', { textContent: c.error }) : '')));
}
