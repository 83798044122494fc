// Puts the panel together: the host it lives in, the desk's socket, what was shown before, and what people see.
import { Desk } from './desk.js';
import { fromOffice, fromParent } from './ticket.js';
import { Provider } from './signin.js';
import { Classic } from './host-classic.js';
import { Lightning } from './host-lightning.js';
import { Plain } from './host-plain.js';
import { Memory, tabId } from './memory.js';
import { Drafts } from './drafts.js';
import { Model } from './model.js';
import { ClientEvents } from './client-events.js';
import { ConsoleEvents } from './transport-console.js';
import { PostMessage } from './transport-post.js';
import { passOn } from './pictures.js';
import './panel.js';

const panel = document.querySelector('cordboard-panel');
const config = JSON.parse(panel.getAttribute('config'));
config.origins = [location.origin, ...(config.origins ?? [])];

const framed = parent !== window;
const provider = config.signIn ? new Provider(config.signIn, config.session) : null;
const askPerson = !framed || Boolean(config.agent); // nobody around us to ask, or an agent named for a demonstration
const agent = { id: config.agent || remembered() };

const hosts = { lightning: Lightning, classic: Classic, plain: Plain };
const host = new hosts[config.host](config);
const socket = new URL(config.socket, location.href);
socket.protocol = socket.protocol.replace('http', 'ws');

const desk = new Desk({
  url: socket.href,
  tab: await tabId(),
  host: host.name,
  ticket: provider ? () => provider.ticket() : askPerson ? fromOffice(config.ticket, () => agent.id) : fromParent(config.origins),
});
const model = new Model({ desk, host, memory: new Memory(), drafts: new Drafts(), newTab: () => tabId(true) });
model.provider = provider && (async () => {
  try {
    await provider.signIn();
    desk.retry();
  } catch (e) {
    model.notSignedIn(e.message);
  }
});
model.signIn = askPerson && !provider ? (id) => { agent.id = id; remember(id); desk.retry(); } : null;
host.onNavigate((view) => model.visit({ id: view?.recordId, object: view?.objectType, name: view?.recordName }));
model.addEventListener('change', function offer() { // pages' numbers can be clicked where calls can be placed
  if (!model.standing.includes('MakeCall')) return;
  model.removeEventListener('change', offer);
  host.onClickToDial((clicked) => model.dial(clicked));
});
panel.show(model);
if (config.pages && framed) {
  const { prefix, consolePrefix, types } = config.pages;
  const transport = host.name === 'classic' ? new ConsoleEvents({ console: host.console(), prefix: consolePrefix }) : new PostMessage(config);
  model.pages = new ClientEvents({ model, transport, prefix, types: types ?? [], count: (outcome) => desk.count(outcome) });
}
passOn(desk, config.origins);
desk.start();

function remembered() {
  try { return sessionStorage.getItem('cordboard.agent') ?? ''; } catch { return ''; }
}
function remember(id) {
  try { sessionStorage.setItem('cordboard.agent', id); } catch { /* asked again next time */ }
}
