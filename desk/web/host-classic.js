// Salesforce Classic, through Open CTI for Classic (Open CTI Developer Guide) and, in a console, the console toolkit (Salesforce
// Console Developer Guide). Both scripts are the org's own; they talk to the page around the panel.
//
// Neither says whether the page has unsaved changes. A component of the org that knows it says so with the console event
// cordboard.page, its message the text {"dirty":true}. Without one, a screen pop that is not forced leaves it to Salesforce
// (inferred: the guide does not say what keeps such a pop back).
import { Blocked, Refused } from './pops.js';
import { openPage } from './org.js';
import { load } from './script.js';

const DIRTY = 'cordboard.page';

export class Classic {
  name = 'classic';
  #org; #ready; #dirty = false; #label = '';

  constructor({ scripts, org }) {
    this.#org = org;
    this.#ready = this.#begin(scripts);
    this.#ready.catch(() => {}); // told to whoever waits for it
  }

  async #begin([openCTI, toolkit]) {
    await Promise.all([
      load(openCTI, () => globalThis.sforce?.interaction, 'Open CTI'),
      load(toolkit, () => globalThis.sforce?.console, 'the console toolkit'),
    ]);
    sforce.interaction.notifyInitializationComplete();
    consoleHere()?.addEventListener(DIRTY, ({ message }) => { this.#dirty = dirty(message); });
  }

  async ready() { await this.#ready; }
  async busy() { return this.#dirty; }

  // console is the toolkit, once it is there; null outside a console.
  async console() {
    await this.#ready;
    return consoleHere();
  }

  openRecord({ id }, asked) { return this.#pop(`/${encodeURIComponent(id)}`, asked); }

  async openPage(url, asked) { return openPage(url, this.#org, (path) => this.#pop(path, asked)); }

  async openNew(object, fields, asked) {
    const page = editPage(object, fields);
    if (!page) throw new Refused(`Classic's page for a new ${object} is not known`);
    return this.#pop(page, asked);
  }

  // Outside a console the softphone stands in the page's sidebar: it is always to be seen, and goes with the page.
  async reveal() { if (await this.console()) await this.#ask(sforceInteraction, 'setVisible', true); }
  async leaves() { return await this.console() === null; }

  label(text) {
    if (text === this.#label) return;
    this.#label = text;
    this.console().then((c) => c?.setCustomConsoleComponentButtonText(text, () => {}), () => {}); // an ornament
  }

  onNavigate(listener) {
    this.#ready.then(() => sforce.interaction.onFocus((r) => {
      const p = parsed(r?.result);
      if (p) listener({ url: p.url, recordId: p.objectId, recordName: p.objectName, objectType: p.object });
    }), () => {});
  }

  // onClickToDial tells of numbers that people click in the org's pages.
  onClickToDial(listener) {
    this.#ready.then(() => {
      sforce.interaction.cti.onClickToDial((r) => {
        const p = parsed(r?.result);
        if (p?.number) listener({ number: String(p.number), id: p.objectId, object: p.object, name: p.objectName });
      });
      return this.#ask(() => sforce.interaction.cti, 'enableClickToDial');
    }).catch(() => {});
  }

  async #pop(url, asked = false) {
    if (await this.#ask(sforceInteraction, 'screenPop', url, asked) !== true) throw new Blocked('page has changes');
  }

  // #ask resolves to the result. An error is the host's refusal.
  async #ask(of, method, ...args) {
    await this.#ready;
    return new Promise((resolve, reject) => {
      const callback = (r) => r?.error ? reject(new Refused(String(r.error))) : resolve(r?.result);
      try {
        of()[method](...args, callback);
      } catch (e) {
        reject(new Refused(`Open CTI ${method}: ${e.message}`));
      }
    });
  }
}

const sforceInteraction = () => sforce.interaction;
const consoleHere = () => sforce.console.isInConsole() ? sforce.console : null;

function parsed(text) {
  if (typeof text !== 'string') return text ?? null;
  try { return JSON.parse(text); } catch { return null; }
}

function dirty(message) { return parsed(message)?.dirty === true; }

// pages are Classic's pages for a new record: where they are, and what their fields are called (inferred: no page of Salesforce's
// documents these names, which people have used for long).
const pages = {
  Account: { at: '/001/e', Name: 'acc2', Phone: 'acc10' },
  Contact: { at: '/003/e', FirstName: 'name_firstcon2', LastName: 'name_lastcon2', Phone: 'con10', MobilePhone: 'con12', Email: 'con15' },
  Lead: { at: '/00Q/e', FirstName: 'name_firstlea2', LastName: 'name_lastlea2', Company: 'lea3', Phone: 'lea8', MobilePhone: 'lea9', Email: 'lea11' },
  Opportunity: { at: '/006/e', Name: 'opp3' },
  Case: { at: '/500/e', Subject: 'cas14' },
};

function editPage(object, values) {
  const page = pages[object];
  if (!page) return '';
  const query = new URLSearchParams();
  for (const [field, value] of Object.entries(values)) if (page[field] && field !== 'at') query.set(page[field], value);
  const text = query.toString();
  return text ? `${page.at}?${text}` : page.at;
}
