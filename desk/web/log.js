// The log of a call: its menus Name and Related To, the outcome, and notes. It can be written from the first ring on, and
// when the call is over.
import { h, lamp } from './dom.js';
import { logWords } from './words.js';

const person = (id) => /^(003|00Q)/.test(id);
const lead = (id) => /^00Q/.test(id);

// drawLog draws the form about an interaction; null where there is nothing to write.
export function drawLog(m) {
  const i = m.logged;
  if (!i || !m.leader && m.link.state === 'online') return null;
  const off = m.link.state !== 'online' || m.pending !== '';
  const last = i.controls?.includes('WrapUp');
  const parts = [];
  if (i.log) parts.push(...menus(m, i, off));
  if (last || i.log) parts.push(...outcome(m, i), ...notes(m, i));
  parts.push(h('div', { class: 'foot' }, saved(m, i), h('button', { class: last ? 'primary' : null, 'data-key': 'log go', disabled: off }, last ? 'Finish' : 'Save')));
  const submit = (e) => { e.preventDefault(); if (last) m.wrapUp(i); else m.save(i.id); };
  return [
    i.over ? h('h2', {}, `Log of the call with ${i.name || i.customer || 'an unknown number'}`) : null,
    h('form', { class: 'fields', onsubmit: submit, 'aria-label': 'Call log' }, parts),
  ];
}

// menus are the two of a task in Salesforce. A lead is related to nothing else.
function menus(m, i, off) {
  const { name = null, related = null } = i.log;
  const known = [...(i.candidates ?? []), ...(m.visited[i.id] ?? [])];
  const choose = (menu) => (e) => m.associate(i, menu, known.find((r) => r.id === e.target.value) ?? null);
  const menu = (key, text, chosen, offered, barred = false) => [
    h('label', { for: key }, text),
    h('select', { id: key, 'data-key': key, disabled: off || barred, title: barred ? 'A call with a lead is related to nothing else.' : null, onchange: choose(key) },
      h('option', { value: '', selected: !chosen }, barred ? '– (the name is a lead)' : '–'),
      unique([chosen, ...offered]).map((r) => h('option', { value: r.id, selected: r.id === chosen?.id }, titleOf(r)))),
  ];
  return [
    ...menu('name', 'Name', name, known.filter((r) => person(r.id))),
    ...menu('related', 'Related to', related, known.filter((r) => !person(r.id)), lead(name?.id ?? '')),
  ];
}

const unique = (records) => [...new Map(records.filter(Boolean).map((r) => [r.id, r])).values()];
const titleOf = (r) => [r.name || r.id, r.object].filter(Boolean).join(' · ');

// outcome lists the platform's codes; without a list it is typed.
function outcome(m, i) {
  const { code = i.log?.outcome || i.wrapup || '' } = m.drafts.of(i.id);
  const note = (e) => m.note(i.id, { code: e.target.value });
  const label = h('label', { for: 'code' }, 'Outcome');
  const required = i.controls?.includes('WrapUp') && !i.codes?.optional;
  if (!i.codes?.list?.length) return [label, h('input', { id: 'code', 'data-key': 'code', value: code, required, autocomplete: 'off', oninput: note })];
  const names = [...new Set([...(code ? [code] : []), ...i.codes.list.map((c) => c.name)])];
  return [label, h('select', { id: 'code', 'data-key': 'code', required, onchange: note },
    h('option', { value: '', selected: !code }, '–'), names.map((n) => h('option', { value: n, selected: n === code }, n)))];
}

function notes(m, i) {
  const { notes: typed = i.log?.notes ?? '' } = m.drafts.of(i.id);
  const text = h('textarea', { id: 'notes', 'data-key': 'notes', rows: 2, maxlength: 4000, oninput: () => m.note(i.id, { notes: text.value }), onblur: () => m.saveSoon(i.id, 0) }, typed);
  return [h('label', { for: 'notes' }, 'Notes'), text];
}

function saved(m, i) {
  if (!i.log) return null;
  if (m.unsaved(i)) return h('p', { class: 'log' }, lamp('waiting'), 'Not saved yet');
  const said = logWords(i.log.saved);
  if (!said) return null;
  const link = /^https?:\/\//.test(i.log.saved.url ?? '') ? h('a', { href: i.log.saved.url, target: 'cordboard-record', rel: 'noreferrer' }, said.text) : said.text;
  return h('p', { class: `log ${said.lamp}`, 'data-spoken': said.lamp === 'needs' ? said.text : null }, lamp(said.lamp), h('span', {}, link));
}
