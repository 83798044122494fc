// The panel's words: what each state is called, its lamp, and how it is spoken. Plain data and pure functions.

// lamps: done ● running ◐ waiting ◌ needs ▲ skipped – held ▨
export const phases = {
  offered: { lamp: 'running', word: 'Offered' },
  reserved: { lamp: 'running', word: 'Reserved' },
  accepted: { lamp: 'running', word: 'Accepted' },
  dialing: { lamp: 'running', word: 'Dialing' },
  ringing: { lamp: 'running', word: 'Ringing' },
  answered: { lamp: 'done', word: 'Talking' },
  held: { lamp: 'held', word: 'On hold' },
  consulting: { lamp: 'done', word: 'Consulting' },
  conferenced: { lamp: 'done', word: 'Conference' },
  transferred: { lamp: 'skipped', word: 'Transferred' },
  wrapup: { lamp: 'running', word: 'Wrap-up' },
  ended: { lamp: 'skipped', word: 'Ended' },
  missed: { lamp: 'skipped', word: 'Missed' },
};

// head says what stands in the panel's first line: {lamp, word, since} (since: ms, for a running clock).
export function head(model) {
  const { link, call } = model;
  switch (link.state) {
    case 'signin': return { lamp: 'skipped', word: 'Sign in' };
    case 'elsewhere': return { lamp: 'skipped', word: 'In another tab' };
    case 'reload': return { lamp: 'needs', word: 'Reload needed' };
    case 'toomany': return { lamp: 'needs', word: 'Too many tabs' };
    case 'connecting': return { lamp: 'waiting', word: model.agent ? 'Reconnecting' : 'Connecting' };
    case 'waiting': return { lamp: 'waiting', word: 'Reconnecting', until: link.until };
  }
  if (call) {
    const p = phases[call.phase] ?? { lamp: 'running', word: call.phase ?? 'Call' };
    return { ...p, since: Date.parse(call.since) || 0 };
  }
  if (!model.leader) return { lamp: 'skipped', word: 'In another tab' };
  return { lamp: 'done', word: 'Connected' };
}

// logWords says how the call's log stands: {lamp, text}.
export function logWords(log) {
  switch (log?.state) {
    case 'saved': return { lamp: 'done', text: log.detail || 'Saved' };
    case 'saving': return { lamp: 'running', text: log.detail || 'Saving' };
    case 'waiting': return { lamp: 'waiting', text: log.detail || 'Saved later' };
    case 'failed': return { lamp: 'needs', text: log.detail || 'Not saved' };
  }
  return null;
}

// label is what stands on the closed panel.
export function label(model) {
  const { link, call, item, items } = model;
  if (link.state === 'waiting' || link.state === 'connecting') return model.agent ? 'Cordboard · offline' : 'Cordboard';
  if (items.some((i) => i.how === 'offered')) return `• ${who(model)}`;
  if (item?.pop.kind === 'list' && item.how === 'shown') return `${item.pop.records?.length ?? 0} matches`;
  if (call && call.phase !== 'ended') return `${phases[call.phase]?.word ?? 'Call'} · ${who(model)}`;
  return 'Cordboard';
}

// who is the customer, by name where it is known: an opportunity is opened for somebody, but is nobody.
export function who({ call, item, items }) {
  const person = items.map((i) => i.pop.record).find((r) => people.includes(r?.object))?.name;
  return call?.name || person || call?.customer || item?.pop.title || 'Unknown';
}

const people = ['Contact', 'Lead', 'Account', 'PersonAccount'];

export function seconds(ms) { return Math.max(1, Math.round(ms / 1000)); }

// clock writes a length of time as 03:12 or 1:03:12.
export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return (h ? `${h}:` : '') + `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

// asks reports whether an item waits for the agent to press something.
export function asks({ how, pop }) {
  return ['offered', 'late', 'missed', 'declined'].includes(how) || pop.kind === 'list';
}
