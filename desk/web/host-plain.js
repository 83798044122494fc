// No host: the panel stands alone in a window, and what it opens goes to a window beside it, always the same one.
import { Blocked, Refused } from './pops.js';

export class Plain {
  name = 'plain';
  #org;

  constructor({ org }) { this.#org = org; }

  async ready() {}
  async busy() { return false; }
  async reveal() { window.focus(); }

  openRecord({ object, id }) {
    return this.#go(`/lightning/r/${encodeURIComponent(object)}/${encodeURIComponent(id)}/view`);
  }

  openPage(url) {
    return /^\/(?![/\\])/.test(url) ? this.#go(url) : openWindow(url, 'cordboard-record');
  }

  openNew(object, fields) {
    const values = Object.entries(fields).map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join(',');
    const query = values ? `?defaultFieldValues=${encodeURIComponent(values)}` : '';
    return this.#go(`/lightning/o/${encodeURIComponent(object)}/new${query}`);
  }

  label(text) { document.title = text; }
  onNavigate() {}
  onClickToDial() {}

  async #go(path) {
    if (!this.#org) throw new Refused('no org is configured to open records in');
    return openWindow(this.#org + path, 'cordboard-record');
  }
}

// openWindow opens url in the window of that name. Browsers let pages open windows after a click only; once it is
// there, it may be sent elsewhere without one.
export async function openWindow(url, name) {
  if (!/^https?:\/\//i.test(url)) throw new Refused('only web addresses are opened');
  if (!window.open(url, name)) throw new Blocked('the browser asks for a click first');
}
