// Keys, live updates and the viewer's own time zone. Every page works without this file.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- theme and time zone: remembered, and applied before anything moves -------------------------------------------
const store = {
  get: (key) => { try { return localStorage.getItem('cordboard.' + key); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem('cordboard.' + key, value); } catch { /* private mode */ } },
};
const theme = store.get('theme');
if (theme) document.documentElement.dataset.theme = theme;

function switchTheme() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  store.set('theme', document.documentElement.dataset.theme);
}

let local = store.get('zone') === 'local';
const two = (n, width = 2) => String(n).padStart(width, '0');
function showTimes(root = document) {
  const today = new Date();
  for (const el of $$('time[datetime]', root)) {
    const at = new Date(el.getAttribute('datetime'));
    if (Number.isNaN(at.getTime()) || at.getUTCFullYear() < 2) continue; // the zero time is no time
    const part = (name, of = at) => of[(local ? 'get' : 'getUTC') + name]();
    const same = ['Date', 'Month', 'FullYear'].every((name) => part(name) === part(name, today));
    const clock = `${two(part('Hours'))}:${two(part('Minutes'))}:${two(part('Seconds'))}.${two(part('Milliseconds'), 3)}`;
    const day = at.toLocaleDateString('en-GB', {
      day: 'numeric', month: 'short', timeZone: local ? undefined : 'UTC',
      year: part('FullYear') === part('FullYear', today) ? undefined : 'numeric',
    });
    el.textContent = same ? clock : `${day} ${clock.slice(0, 5)}`;
  }
  for (const el of $$('[data-zone]')) el.textContent = local ? 'yours' : 'UTC';
}
function switchZone() {
  local = !local;
  store.set('zone', local ? 'local' : 'utc');
  showTimes();
}

// --- live updates: the server says what changed, the page asks again for what it shows ------------------------------
let paused = false;
let missed = 0;
let busy = false;
let again = false;
const seen = new Set($$('tr[data-call]').map((tr) => tr.dataset.call));

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  const slow = setTimeout(() => { $('.loading').hidden = false; }, 300);
  try {
    const url = new URL(location.href);
    url.searchParams.set('fragment', '1');
    const answer = await fetch(url, { headers: { Accept: 'text/html' } });
    if (answer.ok) swap(await answer.text());
  } catch { /* the stream's own error shows it */ } finally {
    clearTimeout(slow);
    $('.loading').hidden = true;
    busy = false;
    if (again) { again = false; setTimeout(refresh, 250); }
  }
}

function swap(html) {
  const fresh = document.createElement('div');
  fresh.innerHTML = html;
  showTimes(fresh);
  morph($('#content'), fresh);
  for (const tr of $$('#content tr[data-call]')) {
    if (seen.has(tr.dataset.call)) continue;
    seen.add(tr.dataset.call);
    tr.classList.add('fresh');
  }
  showPause();
}

// morph makes old like fresh and leaves alone what is the same, so that the focus, the marked row, open details,
// selected text and what somebody is writing stay as they are. Children with a key are moved, not rewritten.
const keyOf = (node) => node.id || node.dataset?.call || node.dataset?.href;
function morph(old, fresh) {
  if (old.isEqualNode(fresh) || old.matches('form')) return;
  attributes(old, fresh);
  const keyed = new Map([...old.children].filter(keyOf).map((el) => [keyOf(el), el]));
  let at = old.firstChild;
  for (const want of [...fresh.childNodes]) {
    const have = keyOf(want) ? keyed.get(keyOf(want)) : at;
    if (!have || have.nodeName !== want.nodeName || keyOf(have) !== keyOf(want)) { old.insertBefore(want, at); continue; }
    if (have === at) at = at.nextSibling; else old.insertBefore(have, at);
    if (have.nodeType === Node.ELEMENT_NODE) morph(have, want);
    else if (have.data !== want.data) have.data = want.data;
  }
  while (at) { const next = at.nextSibling; at.remove(); at = next; }
}
function attributes(old, fresh) {
  const own = { DETAILS: ['open'], TR: ['class', 'hidden'], DIV: ['id'] }[old.nodeName] ?? []; // ours, not the server's
  for (const { name } of [...old.attributes]) if (!own.includes(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (!own.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
}

function concerns(ids) {
  const live = $('[data-live]');
  if (!live || live.dataset.every) return false;
  return !live.dataset.call || ids.includes('*') || ids.includes(live.dataset.call);
}

function changed() {
  if (paused) { missed++; showPause(); return; }
  refresh();
}

function listen() {
  const stream = new EventSource('/live');
  stream.addEventListener('hello', () => {
    $('.stale').hidden = true;
    changed(); // what changed between the page and this
  });
  stream.addEventListener('calls', (e) => { if (concerns(e.data.split(' '))) changed(); });
  stream.onerror = () => {
    if ($('.stale').hidden) {
      $('[data-stale]').setAttribute('datetime', new Date().toISOString());
      showTimes($('.stale'));
      $('.stale').hidden = false;
    }
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000); // refused: it would not try again itself
  };
}

function pause() {
  if (!$('[data-do="pause"]')) return;
  paused = !paused;
  if (!paused && missed) refresh();
  missed = 0;
  showPause();
}
function showPause() {
  const button = $('[data-do="pause"]');
  if (!button) return;
  button.setAttribute('aria-pressed', paused);
  button.textContent = paused ? `Resume${missed ? ` (${missed} ${missed === 1 ? 'change' : 'changes'})` : ''}` : 'Pause';
}

// --- tables: filter as you type, whole row opens -------------------------------------------------------------------
document.addEventListener('input', (e) => {
  if (!(e.target instanceof HTMLInputElement) || !('filter' in e.target.dataset)) return;
  const table = e.target.dataset.filter === 'catalog' ? $('#catalog') : $('table.rows');
  const words = e.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const tr of $$('tbody tr', table)) {
    const text = tr.textContent.toLowerCase();
    tr.hidden = !words.every((w) => text.includes(w));
  }
});
document.addEventListener('submit', (e) => { if ($('[data-filter]', e.target)) e.preventDefault(); });
document.addEventListener('click', (e) => {
  const act = e.target.closest('[data-do]')?.dataset.do;
  if (act === 'theme') return switchTheme();
  if (act === 'zone') return switchZone();
  if (act === 'keys') return $('#keys').showModal();
  if (act === 'pause') return pause();
  if (act === 'single') return store.set('single', e.target.checked ? 'on' : 'off');
  if (e.target.closest('a, button, input, select, summary, textarea, label') || getSelection().toString()) return;
  const href = e.target.closest('tr[data-href]')?.dataset.href;
  if (href) location.href = href;
});

// --- links to a part of a story open it ------------------------------------------------------------------------------
function openHash() {
  const part = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!part) return;
  for (let el = part; el; el = el.parentElement) if (el instanceof HTMLDetailsElement) el.open = true;
  const inner = $('details', part);
  if (inner) inner.open = true;
  part.scrollIntoView({ block: 'nearest' });
}
addEventListener('hashchange', openHash);

// --- a row that is being edited: Escape leaves it -----------------------------------------------------------------
document.addEventListener('keydown', (e) => {
  const cancel = e.key === 'Escape' && !$('dialog[open]') && $('[data-cancel]');
  if (cancel) location.href = cancel.href;
});

// --- keys: single letters, never while a field has the focus ---------------------------------------------------------
let prefix = false;
document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('dialog[open]')) return;
  // A field of a dialog that was just closed keeps the focus until the next frame: it takes no letters any more.
  if (e.target.closest('input, textarea, select')?.checkVisibility()) return;
  if (store.get('single') === 'off') return;
  const was = prefix;
  prefix = false;
  if (was) {
    const link = $(`.rail a[data-key="${CSS.escape(e.key)}"]`);
    if (link) { e.preventDefault(); link.click(); }
    return;
  }
  const row = () => $('tr.at');
  switch (e.key) {
    case 'g': prefix = true; break;
    case '/': { const search = $('input[type=search]'); if (search) { e.preventDefault(); search.focus(); } break; }
    case 'j': case 'k': move(e.key === 'j' ? 1 : -1); break;
    case 'Enter': if (row() && !e.target.closest('main a, main button, nav *, summary')) location.href = row().dataset.href; break;
    case 'p': pause(); break;
    case 'u': switchZone(); break;
    case '?': $('#keys').showModal(); break;
  }
});
function move(by) {
  const rows = $$('tr[data-href]').filter((tr) => !tr.hidden);
  if (!rows.length) return;
  const i = rows.findIndex((tr) => tr.classList.contains('at'));
  const next = rows[Math.min(rows.length - 1, Math.max(0, i + by))];
  rows[i]?.classList.remove('at');
  next.classList.add('at');
  next.scrollIntoView({ block: 'nearest' });
}

showTimes();
openHash();
$('[data-do="single"]').checked = store.get('single') !== 'off';
if ($('[data-live]')) listen();
const every = $('[data-every]')?.dataset.every;
if (every) setInterval(() => { if (!document.hidden) refresh(); }, every * 1000);
