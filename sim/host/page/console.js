// The simulated console: record tabs, a utility bar with the panel, and the record of what the panel asked for.
import { Problem, perform } from './opencti-methods.js';

const config = JSON.parse(document.body.dataset.config);
const $ = (selector) => document.querySelector(selector);
const el = (tag, attributes = {}, ...children) => {
  const e = Object.assign(document.createElement(tag), attributes);
  e.append(...children);
  return e;
};

const host = {
  calls: [],           // {method, args, at, ok, error, ms}, oldest first
  tabs: [],            // {key, title, url, frame, button}
  logs: [],            // what saveLog wrote
  agent: config.agent,
  settings: { '/reqGeneralInfo/reqInternalName': 'Simulated', '/reqGeneralInfo/reqUseApi': 'true', '/reqGeneralInfo/reqSalesforceCompatibilityMode': 'Lightning' },
  layout: { Internal: {}, Outbound: { callRelatedFields: ['DNIS'], objects: {}, screenPopSettings: {} }, Inbound: { callRelatedFields: ['ANI'], objects: { Contact: [{ displayName: 'Name', apiName: 'Name' }] }, screenPopSettings: { screenPopsOpenWithin: 'ExistingWindow', NoMatch: { screenPopType: 'PopToEntity', screenPopData: 'Contact' }, SingleMatch: { screenPopType: 'PopToEntity' }, MultipleMatches: { screenPopType: 'PopToSearch' } } } },
  front: null, panelVisible: false, clickToDialOn: false, initialized: false,
  faults: new Map(), delays: new Map(),
  apex: () => ({}),

  fail(method, sentence) { this.faults.set(method, sentence); },
  slow(method, ms) { this.delays.set(method, new Promise((done) => setTimeout(done, ms))); },
  hold(method) { this.delays.set(method, new Promise((done) => { this.release = done; })); },

  get dirty() { return $('.dirty input').checked; },
  set dirty(yes) { $('.dirty input').checked = yes; this.tellPage(); },
  tellPage() { this.post({ type: 'cordboard:page', dirty: this.dirty }); },

  clickToDial(number, record = {}) {
    if (this.clickToDialOn) this.event('onClickToDial', { number, ...record });
  },
  event(name, payload) { this.post({ type: 'opencti:event', name, payload }); },
  post(message) { frame.contentWindow.postMessage(message, config.panelOrigin); },

  async openRecord(id) {
    const r = await (await fetch(`/host/record?id=${encodeURIComponent(id)}`)).json();
    if (!r.exists) throw new Problem(`there is no record ${id}`);
    this.openTab(r.id, r.name, `/lightning/r/${r.object}/${r.id}/view`, r);
  },
  openUrl(url) { this.openTab(url, url.split(/[?#]/)[0].split('/').pop() || url, url); },

  openTab(key, title, url, record = null) {
    let tab = this.tabs.find((t) => t.key === key);
    if (!tab) {
      tab = { key, title, url, record, frame: el('iframe', { src: config.org + url, title }) };
      tab.button = el('button', { role: 'tab', textContent: title, title: url, onclick: () => this.bring(tab) });
      $('main').append(tab.frame);
      $('.tabs').append(tab.button);
      this.tabs.push(tab);
    }
    this.bring(tab);
  },
  bring(tab) {
    this.front = tab;
    for (const t of this.tabs) {
      t.frame.hidden = t !== tab;
      t.button.setAttribute('aria-selected', String(t === tab));
    }
    $('.empty').hidden = true;
    this.event('onNavigationChange', this.view());
  },
  view() {
    const t = this.front;
    return t ? { url: config.org + t.url, recordId: t.record?.id ?? '', recordName: t.record?.name ?? '', objectType: t.record?.object ?? '' } : { url: location.href, recordId: '', recordName: '', objectType: '' };
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

const frame = el('iframe', { src: config.panel, title: 'Panel', allow: 'clipboard-write' });
$('section.panel').append(frame);
host.showPanel(true);

$('.utility').onclick = () => host.showPanel(!host.panelVisible);
$('.dirty input').onchange = () => host.tellPage();
$('.log').onclick = () => {
  $('.calls').hidden = !$('.calls').hidden;
  $('.log').setAttribute('aria-expanded', String(!$('.calls').hidden));
};

addEventListener('message', (e) => {
  if (e.source !== frame.contentWindow || e.origin !== config.panelOrigin) return;
  if (e.data?.type === 'opencti:call') answer(e.data);
  if (e.data?.type === 'cordboard:ticket?') ticket(e.data.question);
});

async function answer(m) {
  const call = { method: m.method, args: m.args, at: Date.now(), ok: null, error: '', ms: 0 };
  host.calls.push(call);
  list();
  let given;
  try {
    await take(host.delays, m.method);
    const fault = take(host.faults, m.method);
    if (fault) throw new Problem(fault);
    given = { success: true, returnValue: await perform(host, m), errors: null };
  } catch (e) {
    call.error = e.message;
    given = { success: false, returnValue: null, errors: [{ code: e instanceof Problem ? 'INVALID' : 'ERROR', description: e.message }] };
  }
  call.ok = given.success;
  call.ms = Date.now() - call.at;
  host.post({ type: 'opencti:answer', id: m.id, answer: given });
  list();
}

async function ticket(question) {
  const said = await fetch('/host/ticket', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ agent: config.agent }) })
    .then((r) => r.json()).catch(() => ({ error: 'This console could not be reached.' }));
  host.post({ type: 'cordboard:ticket', question, ...said });
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
