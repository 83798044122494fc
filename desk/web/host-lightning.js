// Salesforce Lightning, through Open CTI (Open CTI Developer Guide). Open CTI's script is the org's own; it talks to the
// page around the panel.
//
// Open CTI does not say whether the page has unsaved changes. A page around the panel that knows it (a console component
// of the org) says so: {type: 'cordboard:page', dirty: true}, from one of the configured origins.
import { Refused } from './pops.js';
import { openPage } from './org.js';
import { load } from './script.js';

export class Lightning {
  name = 'lightning';
  #org; #ready; #dirty = false; #label = '';

  constructor({ scripts, org, origins }) {
    this.#org = org;
    this.#ready = load(scripts[0], () => globalThis.sforce?.opencti, 'Open CTI');
    this.#ready.catch(() => {}); // told to whoever waits for it
    addEventListener('message', (e) => {
      if (e.source !== parent || !origins.includes(e.origin) || e.data?.type !== 'cordboard:page') return;
      this.#dirty = e.data.dirty === true;
    });
  }

  async ready() { await this.#ready; }
  async busy() { return this.#dirty; }

  openRecord({ id }) { return this.#pop('SOBJECT', { recordId: id }); }

  async openPage(url) { return openPage(url, this.#org, (path) => this.#pop('URL', { url: path })); }

  openNew(object, fields) {
    return this.#pop('NEW_RECORD_MODAL', { entityName: object, defaultFieldValues: fields });
  }

  reveal() { return this.#ask('setSoftphonePanelVisibility', { visible: true }); }

  label(text) {
    if (text === this.#label) return;
    this.#label = text;
    this.#ask('setSoftphoneItemLabel', { label: text }).catch(() => {}); // an ornament
  }

  onNavigate(listener) {
    this.#ready.then(() => sforce.opencti.onNavigationChange({ listener }), () => {});
  }

  // onClickToDial tells of numbers that people click in the org's pages.
  onClickToDial(listener) {
    this.#ready.then(() => {
      sforce.opencti.onClickToDial({ listener: (p) => listener({ number: String(p.number), id: p.recordId, object: p.objectType, name: p.recordName }) });
      return this.#ask('enableClickToDial', {});
    }).catch(() => {});
  }

  async #pop(type, params) {
    await this.#ready;
    return this.#ask('screenPop', { type: sforce.opencti.SCREENPOP_TYPE[type], params });
  }

  async #ask(method, args) {
    await this.#ready;
    return new Promise((resolve, reject) => {
      const callback = (r) => r?.success ? resolve(r.returnValue) : reject(refusal(r, method));
      try {
        sforce.opencti[method]({ ...args, callback });
      } catch (e) {
        reject(new Refused(`Open CTI ${method}: ${e.message}`));
      }
    });
  }
}

function refusal(answer, method) {
  const first = answer?.errors?.[0];
  const said = typeof first === 'string' ? first : first?.description || first?.message || first?.code;
  return new Refused(said || `Open CTI refused ${method}`);
}
