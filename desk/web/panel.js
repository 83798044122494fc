// <cordboard-panel>: what the agent sees. It draws the model and passes presses on to it; it decides nothing.
import { Section, h } from './dom.js';
import { drawHead, drawLink, drawWho, drawItem, drawIdle, drawRecent } from './view.js';
import { drawControls, drawStatus } from './controls.js';
import { drawLog } from './log.js';
import { asks, clock as clockOf, head, label, who } from './words.js';

class Panel extends HTMLElement {
  #model; #sections = {}; #polite; #assertive; #said = ''; #rang = ''; #due = false; #pressed = false;

  connectedCallback() {
    const root = this.attachShadow({ mode: 'open' });
    const parts = {};
    for (const [name, tag] of [['head', 'header'], ['link', 'section'], ['who', 'section'], ['controls', 'section'], ['item', 'section'], ['calllog', 'section'], ['idle', 'section'], ['status', 'section'], ['recent', 'section']]) {
      parts[name] = h(tag, { class: name, hidden: true });
      this.#sections[name] = new Section(parts[name]);
    }
    this.#polite = h('p', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
    this.#assertive = h('p', { class: 'spoken', role: 'alert', 'aria-live': 'assertive' });
    root.append(
      h('link', { rel: 'stylesheet', href: new URL('panel.css', import.meta.url).href }),
      h('div', { class: 'panel' }, parts.head, h('main', {}, parts.link, parts.who, parts.controls, parts.item, parts.calllog, parts.idle, parts.status), parts.recent),
      this.#polite, this.#assertive);
    setInterval(() => this.#tick(), 1000);
    document.addEventListener('keydown', (e) => this.#key(e));
    // What is drawn anew under a finger would swallow the press.
    root.addEventListener('pointerdown', () => { this.#pressed = true; });
    for (const up of ['pointerup', 'pointercancel']) addEventListener(up, () => { this.#pressed = false; if (this.#model) setTimeout(() => this.#later()); });
    for (const done of ['change', 'focusout']) root.addEventListener(done, () => { if (this.#model) this.#later(); });
  }

  // #key: Alt+Shift+O opens what the panel shows, Alt+Shift+R goes to the recent ones, N to the notes; A answers, H holds and
  // retrieves, E ends the call in front. What comes of it is spoken.
  #key(e) {
    if (!e.altKey || !e.shiftKey || e.ctrlKey || e.metaKey) return;
    const all = (selector) => [...this.shadowRoot.querySelectorAll(selector)];
    const open = e.code === 'KeyO' ? all('.item [data-key^=open]')[0] : null;
    const control = all(`.controls [data-shortcut="${e.code.slice(3)}"]:enabled`)[0];
    if (control) { e.preventDefault(); return control.click(); }
    const go = { KeyO: all('.chooser button')[0], KeyR: all('.recent button')[0], KeyN: all('#notes')[0] }[e.code];
    if (!open && !go) return;
    e.preventDefault();
    if (open) open.click(); else go.focus();
  }

  // show draws model from now on.
  show(model) {
    this.#model = model;
    model.addEventListener('change', () => this.#later());
    this.#later();
  }

  #later() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => { this.#due = false; if (!this.#pressed) this.#draw(); });
  }

  #draw() {
    const m = this.#model, s = this.#sections;
    s.head.show([head(m), m.agent, m.host, m.tab, m.link.state, m.pages?.counts], () => drawHead(m));
    s.link.show([m.link, m.leader, Boolean(m.signIn)], () => drawLink(m));
    s.who.show([m.call, m.log, who(m), m.item?.pop.title], () => drawWho(m));
    s.controls.show([m.front, m.interactions, m.over, m.logged?.id, m.link.state, m.leader, m.pending, m.refusal, m.form, m.toggled], () => drawControls(m));
    s.item.show([m.items], () => askedFirst(m.items).map((item) => drawItem(m, item)));
    const logged = m.logged;
    s.calllog.show([logged, m.drafts.of(logged?.id), m.visited, m.link.state, m.leader, m.pending], () => drawLog(m));
    s.idle.show([m.link.state, m.leader, Boolean(m.call || m.item || logged)], () => drawIdle(m));
    s.status.show([m.link.state, m.leader, m.standing, m.pending, m.refusal, m.front?.id], () => drawStatus(m));
    s.recent.show([m.recent], () => drawRecent(m));
    m.label(label(m));
    this.#speak();
    this.#tick();
  }

  // #tick moves the clocks without drawing anything anew.
  #tick() {
    for (const el of this.shadowRoot.querySelectorAll('time[data-since], time[data-until]')) {
      const text = this.#clockText(el);
      if (el.textContent !== text) el.textContent = text;
    }
  }

  #clockText(el) {
    if (el.dataset.until) return `${Math.max(0, Math.ceil((el.dataset.until - Date.now()) / 1000))} s`;
    return el.dataset.clock === 'call' ? clockOf(this.#model.now() - el.dataset.since) : '';
  }

  // #speak tells screen readers what changed: ringing at once and once a call, everything else when there is a pause.
  #speak() {
    const m = this.#model, call = m.call;
    if (call?.phase === 'ringing' && this.#rang !== call.id) {
      this.#rang = call.id;
      this.#assertive.textContent = `Ringing: ${who(m)}${call.campaign ? `, ${call.campaign}` : ''}`;
    } else if (call?.phase !== 'ringing') this.#assertive.textContent = '';
    const parts = [this.shadowRoot.querySelector('.head .word')?.textContent, ...[...this.shadowRoot.querySelectorAll('[data-spoken]')].map((el) => el.dataset.spoken)];
    const text = parts.filter(Boolean).join('. ');
    if (text !== this.#said) this.#polite.textContent = this.#said = text;
  }
}

// askedFirst puts what waits for the agent above what is done, the newest on top.
function askedFirst(items) {
  return [...items.filter(asks).toReversed(), ...items.filter((i) => !asks(i))];
}

customElements.define('cordboard-panel', Panel);
