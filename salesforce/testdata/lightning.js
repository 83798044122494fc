// The message service, as the bridge uses it: everybody who is subscribed hears what is published.
export const APPLICATION_SCOPE = { scope: 'application' };
const context = { service: true }; // a component gets it through a read-only proxy
const listeners = new Set();
window.published = []; // by the bridge
window.subscribers = () => listeners.size;
window.tell = (message) => { for (const l of listeners) l(message); }; // as another component publishes

export class MessageContext {
  constructor(give) { this.give = give; }
  connect() { this.give(context); }
  update() {}
  disconnect() {}
}

export function subscribe(of, channel, listener, { scope }) {
  if (!of?.service || channel.name !== 'Cordboard_Client_Event__c' || scope !== APPLICATION_SCOPE) throw new Error('no such channel');
  listeners.add(listener);
  return { listener };
}

export function unsubscribe({ listener }) { listeners.delete(listener); }

export function publish(of, channel, message) {
  if (!of?.service || channel.name !== 'Cordboard_Client_Event__c') throw new Error('no such channel');
  window.published.push(message);
  window.tell(message);
}
