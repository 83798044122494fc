// The parts of the panel, each drawn from the model.
import { h, lamp, mark } from './dom.js';
import { named } from './pops.js';
import { head, logWords, seconds, who } from './words.js';

export function drawHead(m) {
  const s = head(m);
  const facts = [['Agent', m.agent || '–'], ['Host', m.host], ['Link', m.link.state], ['Tab', m.tab.slice(0, 8)], ...(m.pages ? [['Pages', Object.entries(m.pages.counts).map(([k, n]) => `${n} ${k}`).join(', ')]] : [])];
  return [
    lamp(s.lamp),
    h('span', { class: `word ${s.lamp}` }, s.word),
    s.since ? h('time', { 'data-since': s.since, 'data-clock': 'call' }) : s.until ? h('time', { 'data-until': s.until }) : null,
    h('span', { class: 'space' }),
    h('span', { class: 'agent', title: `Agent ${m.agent}` }, m.agent),
    h('button', { class: 'dots', popovertarget: 'facts', 'aria-label': 'About this panel', 'data-key': 'dots' }, '⋮'),
    h('div', { id: 'facts', popover: 'auto', class: 'facts' }, h('dl', {}, facts.map(([k, v]) => h('div', {}, h('dt', {}, k), h('dd', {}, v))))),
  ];
}

// drawLink says what to do when the panel is not simply connected.
export function drawLink(m) {
  const { link } = m;
  switch (link.state) {
    case 'signin': return m.provider ? providerForm(m) : m.signIn ? signInForm(m) : note('skipped', link.why || 'Sign in needed.', button('Try again', 'retry', () => m.retry()), 'Sign in needed');
    case 'waiting': return m.agent ? note('waiting', 'Calls continue on your phone. What you see here is from before.', button('Try now', 'retry', () => m.retry())) : null;
    case 'elsewhere': return note('skipped', 'This desk is open in another tab.', takeOver(m));
    case 'reload': return note('needs', 'This page is older than the server.', button('Reload', 'reload', () => location.reload()));
    case 'toomany': return note('needs', 'Close a tab that you do not need, then try again.', button('Try again', 'retry', () => m.retry()));
    case 'online': return m.leader ? null : note('skipped', 'Calls are handled in another tab.', takeOver(m));
  }
  return null;
}

function signInForm(m) {
  const field = h('input', { id: 'agent', name: 'agent', autocomplete: 'username', required: true, 'data-key': 'agent', placeholder: '1001001' });
  const submit = (e) => { e.preventDefault(); if (field.value.trim()) m.signIn(field.value.trim()); };
  return h('form', { class: 'signin', onsubmit: submit, 'data-spoken': 'Sign in needed' },
    mark(),
    h('label', { for: 'agent' }, 'Your agent id'), field,
    h('button', { class: 'primary', 'data-key': 'signin' }, 'Open my desk'),
    m.link.why ? h('p', { class: 'why needs' }, lamp('needs'), m.link.why) : null);
}

function providerForm(m) {
  return h('div', { class: 'signin', 'data-spoken': 'Sign in needed' },
    mark(),
    h('button', { class: 'primary', 'data-key': 'signin', onclick: () => m.provider() }, 'Sign in'),
    h('p', { class: 'meta' }, 'A window opens for it and closes by itself.'),
    m.link.why ? h('p', { class: 'why needs' }, lamp('needs'), m.link.why) : null);
}

const takeOver = (m) => button('Take over', 'takeover', () => m.takeOver());

function note(kind, text, action, spoken) {
  return h('div', { class: `note ${kind}`, 'data-spoken': spoken ?? null }, h('p', {}, text), action);
}

function button(text, key, press, more = {}) {
  return h('button', { 'data-key': key, onclick: press, ...more }, text);
}

// drawWho says who is on the line, or whom the last pop was about.
export function drawWho(m) {
  const { call, log, item } = m;
  if (!call) return titleOf(item);
  const meta = [call.name ? call.customer : '', call.campaign, call.mode].filter(Boolean).join(' · ');
  const saved = logWords(log);
  return [
    h('h1', {}, who(m)),
    meta ? h('p', { class: 'meta' }, meta) : null,
    saved ? h('p', { class: `log ${saved.lamp}`, 'data-spoken': saved.lamp === 'needs' ? saved.text : null },
      lamp(saved.lamp), link(saved.text, log.url)) : null,
  ];
}

// titleOf draws a pop's title, "name · number · campaign", as far as it has these parts.
function titleOf(item) {
  const [name, ...rest] = (item?.pop.title ?? '').split(' · ');
  if (!name) return null;
  return [h('h1', {}, name), rest.length ? h('p', { class: 'meta' }, rest.join(' · ')) : null];
}

function link(text, url) {
  return /^https?:\/\//.test(url ?? '') ? h('a', { href: url, target: 'cordboard-record', rel: 'noreferrer' }, text) : text;
}

const openKey = (item) => `open ${item.pop.key}`;

// drawItem says what was opened and why, or what keeps it back.
export function drawItem(m, item) {
  const { pop, how } = item;
  const what = named(pop);
  const why = pop.why ? h('span', { class: 'why' }, pop.why) : null;
  const open = (text, more) => button(text, openKey(item), () => m.open(item), more);
  switch (how) {
    case 'opening': return line('running', `Opening ${what} …`, why, null);
    case 'offered': return h('div', { class: 'chip', 'data-spoken': `${what} is ready to open: ${item.detail}` },
      open(h('span', {}, h('b', {}, `Open ${pop.record?.name || what}`), h('small', {}, item.detail)), { class: 'offer' }), why);
    case 'late': return line('skipped', `${seconds(item.late ?? 0)} s late, not opened`, h('span', { class: 'why' }, what), open('Open anyway'), `${what}: too late, not opened`);
    case 'missed': return line('skipped', 'Came while this desk was closed', h('span', { class: 'why' }, what), open('Open'), `${what} came while this desk was closed`);
    case 'declined': return line('needs', `${what} was not opened`, h('span', { class: 'why' }, item.detail), open('Try again'), `${what} was not opened: ${item.detail}`);
  }
  if (pop.kind === 'list') return chooser(m, item);
  if (pop.kind === 'note') return line('skipped', pop.title && m.call ? pop.title : 'Nothing found', why, null, 'Nothing found');
  return line('done', [how === 'already' ? 'Opened before: ' : 'Opened: ', h('b', {}, what)], why, again(m, item, what),
    `Opened ${what}${pop.why ? `, ${pop.why}` : ''}`);
}

function line(kind, text, why, action, spoken) {
  return h('div', { class: 'opened', 'data-spoken': spoken ?? null }, lamp(kind), h('div', {}, h('span', { class: 'what' }, text), why), action);
}

const again = (m, item, what) => button('↗', openKey(item), () => m.open(item), { class: 'again', 'aria-label': `Open ${what} again`, title: 'Open again' });

// chooser lists several matches; the choice is the agent's.
function chooser(m, item) {
  const { pop } = item;
  const rows = (pop.records ?? []).map((r) => h('li', {}, h('button', { 'data-key': r.id, onclick: () => m.choose(item, r) },
    h('b', {}, r.name || r.id), h('small', {}, [r.object, r.by ? `by ${r.by}` : ''].filter(Boolean).join(' · ')))));
  const none = pop.new ? h('li', {}, h('button', { class: 'none', 'data-key': 'none', onclick: () => m.choose(item, null) }, h('b', {}, `None of these: new ${pop.new}`))) : null;
  const n = pop.records?.length ?? 0;
  return h('div', { class: 'chooser', 'data-spoken': `${n} records match. Choose one.` },
    h('p', {}, lamp('done'), h('span', {}, h('b', {}, `${n} records match`), pop.why ? h('span', { class: 'why' }, pop.why) : null)),
    h('ul', {}, rows, none));
}

export function drawIdle(m) {
  if (m.call || m.item || m.logged || m.link.state !== 'online' || !m.leader) return null;
  return [mark(), h('p', {}, 'No call'), h('p', { class: 'meta' }, 'What your calls open is shown here.')];
}

const lamps = { shown: 'done', already: 'done', offered: 'waiting', late: 'skipped', missed: 'skipped', declined: 'needs', opening: 'running' };
const words = { shown: 'opened', already: 'opened', offered: 'offered', late: 'late, not opened', missed: 'not opened', declined: 'not opened', opening: 'opening' };

// drawRecent lists what was there before, to open again.
export function drawRecent(m) {
  if (!m.recent.length) return null;
  const entry = (i) => {
    const text = i.pop.record?.name || i.pop.title || named(i.pop);
    const openable = i.pop.kind !== 'note' && i.pop.kind !== 'list';
    const inside = [lamp(i.pop.kind === 'note' ? 'skipped' : lamps[i.how] ?? 'skipped'), h('span', {}, text)];
    return h('li', {}, openable
      ? h('button', { 'data-key': i.pop.key, 'aria-label': `${text}, ${words[i.how]}: open`, title: `${named(i.pop)}: ${words[i.how]}`, onclick: () => m.open(i) }, inside)
      : h('span', { title: words[i.how] }, inside));
  };
  return [h('h2', {}, 'Recent'), h('ul', {}, m.recent.map(entry))];
}
