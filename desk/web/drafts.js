// What an agent has typed about calls and the server does not have yet: kept in this browser, for all tabs of this origin,
// until the server has it. So it outlives a reload, a lost socket and a browser that died.

const SLOT = 'cordboard.drafts';
const KEPT = 20;
const DAY = 86_400_000;

export class Drafts extends EventTarget {
  #all = {};

  constructor() {
    super();
    this.#all = read();
    globalThis.addEventListener?.('storage', (e) => {
      if (e.key !== SLOT) return;
      this.#all = read();
      this.dispatchEvent(new Event('change'));
    });
  }

  // of is what is not saved of an interaction: {code, notes}, as far as it was typed.
  of(id) { return this.#all[id]?.text ?? {}; }

  // ids are those of which something is not saved, the oldest first.
  ids() { return Object.keys(this.#all); }

  put(id, change) {
    this.#all[id] = { at: Date.now(), text: { ...this.of(id), ...change } };
    this.#write();
  }

  // saved forgets what the server has, unless something else was typed meanwhile.
  saved(id, text) {
    const left = Object.fromEntries(Object.entries(this.of(id)).filter(([k, v]) => text[k] !== v));
    if (Object.keys(left).length) this.#all[id] = { at: Date.now(), text: left };
    else delete this.#all[id];
    this.#write();
  }

  #write() {
    const newest = Object.entries(this.#all).filter(([, d]) => Date.now() - d.at < DAY).sort((a, b) => a[1].at - b[1].at).slice(-KEPT);
    this.#all = Object.fromEntries(newest);
    try { localStorage.setItem(SLOT, JSON.stringify(this.#all)); } catch { /* then it lives as long as this page */ }
  }
}

function read() {
  try {
    const all = JSON.parse(localStorage.getItem(SLOT) ?? '{}');
    return all && typeof all === 'object' && Object.values(all).every((d) => typeof d?.at === 'number' && d.text && typeof d.text === 'object') ? all : {};
  } catch { return {}; }
}
