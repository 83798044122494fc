// Signing in at whoever knows the company's people, in a window of its own: a frame has no cookies and shows no log-in page.
import { SignIn } from './desk.js';

const KEY = 'cordboard.session';

export class Provider {
  #url; #again; #ticket = ''; #session = remembered();

  // url is where a window signs in, again where the next tickets come from.
  constructor(url, again) {
    this.#url = url;
    this.#again = again;
  }

  // ticket is a ticket for one socket. It throws SignIn when a person has to sign in first.
  async ticket() {
    if (this.#ticket) { const t = this.#ticket; this.#ticket = ''; return t; }
    if (!this.#session) throw new SignIn('');
    const answer = await fetch(this.#again, { method: 'POST', headers: { Authorization: `Bearer ${this.#session}` } });
    if (answer.ok) return (await answer.json()).ticket;
    if (answer.status !== 401) throw new Error(`the server answered ${answer.status}`);
    this.#keep('');
    throw new SignIn('Your session is over.');
  }

  // signIn opens the window; a press of the person's has to lead to it. It ends when the window has told what became of it:
  // only a window of this server's own counts, and only the answer to this very question.
  signIn() {
    const question = crypto.randomUUID();
    const window_ = open(`${this.#url}?question=${question}`, 'cordboard-signin', 'popup,width=480,height=680');
    if (!window_) return Promise.reject(new Error('The browser did not let a window open. Allow it for this page.'));
    return new Promise((resolve, reject) => {
      const look = setInterval(() => { if (window_.closed) done(reject, new Error('The window was closed.')); }, 500);
      const done = (end, value) => { clearInterval(look); removeEventListener('message', listen); end(value); };
      const listen = (e) => {
        const m = e.data;
        if (e.origin !== location.origin || e.source !== window_ || m?.type !== 'cordboard:signed-in' || m.question !== question) return;
        if (typeof m.ticket !== 'string' || !m.ticket) return done(reject, new Error(m.why || 'Not signed in.'));
        this.#ticket = m.ticket;
        this.#keep(m.session);
        done(resolve);
      };
      addEventListener('message', listen);
    });
  }

  #keep(session) {
    this.#session = session;
    try { session ? sessionStorage.setItem(KEY, session) : sessionStorage.removeItem(KEY); } catch { /* asked again after a reload */ }
  }
}

function remembered() {
  try { return sessionStorage.getItem(KEY) ?? ''; } catch { return ''; }
}
