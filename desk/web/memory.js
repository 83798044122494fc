// What this browser has shown: the same pop is shown once, in whichever tab it arrives and however often.
//
// Keys are kept in localStorage for all tabs of this origin (in this page's memory where there is none), the newest
// KEPT of them. While a tab shows something it holds the key's lock: another tab that is given the same pop waits for
// it, and goes on when the first is done, or closed.

const KEPT = 200;
const SLOT = 'cordboard.shown', VISITS = 'cordboard.visited';

export class Memory extends EventTarget {
  #rest = new Map();
  #channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(SLOT) : null;

  constructor() {
    super();
    if (this.#channel) this.#channel.onmessage = (e) => this.dispatchEvent(new CustomEvent('elsewhere', { detail: e.data }));
  }

  // get says how far the key has come: undefined, 'opening' or 'shown'.
  get(key) { return this.#all().find((e) => e[0] === key)?.[1]; }

  // put remembers it; other tabs hear of what was shown.
  put(key, how) {
    const all = this.#all().filter((e) => e[0] !== key);
    all.push([key, how]);
    try {
      localStorage.setItem(SLOT, JSON.stringify(all.slice(-KEPT)));
    } catch {
      this.#rest.set(SLOT, all.slice(-KEPT));
    }
    if (how === 'shown') this.#channel?.postMessage({ key });
  }

  // visits keeps which records were looked at, over reloads of this tab.
  visits(all) {
    try { sessionStorage.setItem(VISITS, JSON.stringify(all)); } catch { /* then a reload forgets them */ }
  }
  visited() {
    try { return JSON.parse(sessionStorage.getItem(VISITS)) ?? {}; } catch { return {}; }
  }

  // alone runs work while no other tab works on the same key.
  alone(key, work) {
    return navigator.locks ? navigator.locks.request(`cordboard.pop.${key}`, work) : work();
  }

  #all() {
    try {
      const all = JSON.parse(localStorage.getItem(SLOT) ?? '[]');
      return Array.isArray(all) ? all : [];
    } catch {
      return this.#rest.get(SLOT) ?? [];
    }
  }
}

// tabId returns an id that stays the same over reloads and that no other open tab has: a duplicated tab copies its
// storage, and must not take the first one's place.
export async function tabId(another = false) {
  let id = null;
  try { id = another ? null : sessionStorage.getItem('cordboard.tab'); } catch { /* no storage here */ }
  if (!id || !(await hold(id, 500))) {
    id = crypto.randomUUID();
    await hold(id, 0);
  }
  try { sessionStorage.setItem('cordboard.tab', id); } catch { /* then every load is a new tab */ }
  return id;
}

// hold takes the id for as long as this page lives; patience is for the page before a reload, which may still be going.
function hold(id, patience) {
  if (!navigator.locks) return true;
  return new Promise((resolve) => {
    const signal = patience ? AbortSignal.timeout(patience) : undefined;
    navigator.locks.request(`cordboard.tab.${id}`, { signal }, () => {
      resolve(true);
      return new Promise(() => {});
    }).catch(() => resolve(false));
  });
}
