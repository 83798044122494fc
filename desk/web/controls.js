// What the agent can do: the controls of the interaction in front, the other ones, and the agent's own status.
import { h, lamp } from './dom.js';
import { clock, logWords, phases } from './words.js';

// buttons are the controls in their order: [order, text, key of the keyboard with Alt+Shift]. Of a pair the second takes the
// place of the first once this page has ordered the first.
const buttons = [
  ['Accept', 'Accept', 'A'], ['Answer', 'Answer', 'A'], ['Dial', 'Call'], ['Skip', 'Skip'], ['Reject', 'Reject'],
  ['Hold', 'Hold', 'H'], ['Retrieve', 'Retrieve', 'H'], ['Mute', 'Mute'], ['Unmute', 'Unmute'],
  ['PauseRecording', 'Pause recording'], ['ResumeRecording', 'Resume recording'],
  ['Consult', 'Consult …'], ['BlindTransfer', 'Transfer …'], ['Transfer', 'Complete transfer'], ['Conference', 'Conference'], ['EndConsult', 'End consult'],
  ['Drop', 'End', 'E'],
];
const primary = ['Accept', 'Answer', 'Dial'];
const asked = { Consult: 'Consult', BlindTransfer: 'Transfer' };

// offered are the controls of an interaction that make sense beside what this page has ordered.
export function offered(m, i) {
  const { muted = false, paused = false } = m.toggled[i.id] ?? {};
  const hidden = new Set([muted ? 'Mute' : 'Unmute', paused ? 'PauseRecording' : 'ResumeRecording']);
  if (!i.consulting) for (const order of ['Transfer', 'EndConsult', 'Conference']) hidden.add(order);
  return buttons.filter(([order]) => i.controls?.includes(order) && !hidden.has(order));
}

export function drawControls(m) {
  const i = m.front;
  if (!m.leader && m.link.state === 'online') return null;
  if (!i) return m.over.length > 1 ? over(m) : null;
  const off = m.link.state !== 'online' || m.pending !== '';
  const press = (order) => (order in asked ? m.ask(order) : m.order(order, i));
  const row = offered(m, i).map(([order, text, key]) => h('button', {
    'data-key': `do ${order}`, class: primary.includes(order) ? 'primary' : order === 'Drop' ? 'end' : null, disabled: off,
    'aria-keyshortcuts': key ? `Alt+Shift+${key}` : null, 'data-shortcut': key ?? null,
    'aria-expanded': order in asked ? String(m.form === order) : null, onclick: () => press(order),
  }, text));
  return [
    m.interactions.length > 1 ? others(m, i) : null,
    row.length ? h('div', { class: 'row', role: 'group', 'aria-label': 'Call controls' }, row) : null,
    m.form in asked && i.controls?.includes(m.form) ? target(m, i, off) : null,
    m.refusal ? h('p', { class: 'refused', 'data-spoken': `Not done: ${m.refusal}` }, lamp('needs'), h('span', {}, m.refusal)) : null,
  ];
}

// over lists what is over, to write the log of another one.
function over(m) {
  return h('ul', { class: 'lines', 'aria-label': 'Calls that are over' }, m.over.map((i) => h('li', {}, h('button', {
    'data-key': `line ${i.id}`, 'aria-pressed': String(i === m.logged), onclick: () => m.bring(i.id),
  }, lamp(logWords(i.log?.saved)?.lamp ?? 'skipped'), h('span', {}, `Ended · ${i.name || i.customer || 'Unknown'}`)))));
}

// others lists what is open, to bring another one to the front.
function others(m, front) {
  return h('ul', { class: 'lines', 'aria-label': 'Open calls' }, m.interactions.map((i) => {
    const p = phases[i.phase] ?? { lamp: 'running', word: i.phase };
    return h('li', {}, h('button', { 'data-key': `line ${i.id}`, 'aria-pressed': String(i === front), onclick: () => m.bring(i.id) },
      lamp(p.lamp), h('span', {}, `${p.word} · ${i.role === 'consult' ? 'Colleague' : i.name || i.customer || 'Unknown'}`),
      h('time', { 'data-since': Date.parse(i.since) || 0, 'data-clock': 'call' }, clock(m.now() - Date.parse(i.since)))));
  }));
}

// target asks whom a consult or a transfer goes to.
function target(m, i, off) {
  const order = m.form;
  const field = h('input', { id: 'target', 'data-key': 'target', autocomplete: 'off', required: true, placeholder: 'Number, agent or queue' });
  const submit = (e) => { e.preventDefault(); if (field.value.trim()) m.order(order, i, field.value.trim()); };
  return h('form', { class: 'target', onsubmit: submit }, h('label', { for: 'target' }, `${asked[order]} to`), field,
    h('button', { class: 'primary', 'data-key': 'target go', disabled: off }, asked[order]));
}

// drawStatus has the agent's own orders, and the field for a number to call.
export function drawStatus(m) {
  if (m.link.state !== 'online' || !m.leader || m.front) return null;
  const off = m.pending !== '';
  const go = (order, text) => m.standing.includes(order) ? h('button', { 'data-key': `do ${order}`, disabled: off, onclick: () => m.order(order) }, text) : null;
  const ready = [go('Ready', 'Ready'), go('NotReady', 'Not ready'), go('LogOut', 'Log out')].filter(Boolean);
  return [
    m.standing.includes('MakeCall') ? dialer(m, off) : null,
    m.standing.includes('Ready') || m.standing.includes('NotReady') ? h('div', { class: 'row', role: 'group', 'aria-label': 'Your status' }, ready) : null,
    m.refusal ? h('p', { class: 'refused', 'data-spoken': `Not done: ${m.refusal}` }, lamp('needs'), h('span', {}, m.refusal)) : null,
  ];
}

function dialer(m, off) {
  const field = h('input', { id: 'dial', 'data-key': 'dial', type: 'tel', autocomplete: 'off', placeholder: 'Number to call', 'aria-label': 'Number to call', required: true });
  const submit = (e) => { e.preventDefault(); if (field.value.trim()) m.dial({ number: field.value.trim() }); };
  return h('form', { class: 'dialer', onsubmit: submit }, field, h('button', { 'data-key': 'dial go', disabled: off }, 'Call'));
}
