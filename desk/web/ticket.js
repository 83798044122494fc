// Where a desk's tickets come from. Every connection needs a new one: a ticket opens one socket.
import { SignIn } from './desk.js';

const PATIENCE = 5000; // ms that the page around the panel has to answer

// fromParent asks the page around the panel. The question goes to the listed origins only, and only the answer of the
// parent window, from one of them, to this very question counts.
export function fromParent(origins) {
  return () => new Promise((resolve, reject) => {
    const question = crypto.randomUUID();
    const done = (end, value) => { clearTimeout(timer); removeEventListener('message', listen); end(value); };
    const listen = (e) => {
      if (e.source !== parent || !origins.includes(e.origin)) return;
      const m = e.data;
      if (m?.type !== 'cordboard:ticket' || m.question !== question) return;
      if (typeof m.ticket === 'string' && m.ticket) done(resolve, m.ticket);
      else done(reject, new SignIn(m.error || 'The page around this panel knows no agent.'));
    };
    const timer = setTimeout(() => done(reject, new SignIn('The page around this panel gave no ticket.')), PATIENCE);
    addEventListener('message', listen);
    for (const origin of origins) parent.postMessage({ type: 'cordboard:ticket?', question }, origin);
  });
}

// fromOffice asks our own server for the agent's ticket.
export function fromOffice(url, agent) {
  return async () => {
    if (!agent()) throw new SignIn('');
    const answer = await fetch(url, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ agent: agent() }),
    });
    if (answer.ok) return (await answer.json()).ticket;
    if (answer.status >= 500) throw new Error(`the server answered ${answer.status}`);
    const said = await answer.json().catch(() => ({}));
    throw new SignIn(said.error || 'This server gives tickets to the page around the panel only.');
  };
}
