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
    if (Number.isNaN(at.getTime())) continue;
    const part = (name) => at[(local ? 'get' : 'getUTC') + name]();
    const same = today[(local ? 'getDate' : 'getUTCDate')]() === part('Date') && today - at < 864e5;
    const clock = `${two(part('Hours'))}:${two(part('Minutes'))}:${two(part('Seconds'))}.${two(part('Milliseconds'), 3)}`;
    const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: local ? undefined : 'UTC' });
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
  try {
    const url = new URL(location.href);
    url.searchParams.set('fragment', '1');
    const answer = await fetch(url, { headers: { Accept: 'text/html' } });
    if (answer.ok) swap(await answer.text());
  } catch { /* the stream's own error shows it */ } finally {
    busy = false;
    if (again) { again = false; setTimeout(refresh, 250); }
  }
}

// swap puts the new fragment in place and keeps what the person was doing: open details, the marked row, the focus.
function swap(html) {
  const content = $('#content');
  const keep = {
    open: $$('details[open]', content).map(pathOf),
    row: $('tr.at', content)?.dataset.href,
    field: content.contains(document.activeElement) && document.activeElement.name,
    value: document.activeElement?.value,
  };
  if (keep.field) return; // never under somebody's fingers
  content.innerHTML = html;
  for (const path of keep.open) { const el = findPath(content, path); if (el) el.open = true; }
  if (keep.row) $(`tr[data-href="${CSS.escape(keep.row)}"]`, content)?.classList.add('at');
  for (const tr of $$('tr[data-call]', content)) {
    if (!seen.has(tr.dataset.call)) { tr.classList.add('fresh'); seen.add(tr.dataset.call); }
  }
  showTimes(content);
}
const pathOf = (el) => {
  const steps = [];
  for (let e = el; e.id !== 'content'; e = e.parentElement) steps.unshift([...e.parentElement.children].indexOf(e));
  return steps;
};
const findPath = (root, path) => {
  let el = root;
  for (const i of path) { el = el?.children[i]; }
  return el instanceof HTMLDetailsElement ? el : null;
};

function concerns(ids) {
  const live = $('[data-live]');
  if (!live) return false;
  return live.dataset.live === 'calls' || ids.includes('*') || ids.includes(live.dataset.call);
}

function listen() {
  const stream = new EventSource('/live');
  let lost = false;
  stream.addEventListener('hello', () => {
    $('.stale').hidden = true;
    if (lost) refresh();
    lost = false;
  });
  stream.addEventListener('calls', (e) => {
    if (!concerns(e.data.split(' '))) return;
    if (paused) { missed++; showPause(); return; }
    refresh();
  });
  stream.onerror = () => {
    if (!lost) {
      $('[data-stale]').setAttribute('datetime', new Date().toISOString());
      showTimes();
    }
    lost = true;
    $('.stale').hidden = false;
  };
}

function pause() {
  paused = !paused;
  if (!paused && missed) refresh();
  missed = 0;
  showPause();
}
function showPause() {
  const button = $('[data-do="pause"]');
  if (!button) return;
  button.setAttribute('aria-pressed', paused);
  button.textContent = paused ? `Resume${missed ? ` (${missed} changes)` : ''}` : 'Pause';
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
document.addEventListener('click', (e) => {
  const act = e.target.closest('[data-do]')?.dataset.do;
  if (act === 'theme') return switchTheme();
  if (act === 'zone') return switchZone();
  if (act === 'keys') return $('#keys').showModal();
  if (act === 'pause') return pause();
  if (e.target.closest('a, button, input, select, summary, textarea') || getSelection().toString()) return;
  const href = e.target.closest('tr[data-href]')?.dataset.href;
  if (href) location.href = href;
});

// --- keys: single letters, never while a field has the focus ---------------------------------------------------------
let prefix = false;
document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, textarea, select, dialog')) return;
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
    case 'Enter': if (row() && e.target === document.body) location.href = row().dataset.href; break;
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
if ($('[data-live]')) listen();
