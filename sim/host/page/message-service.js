// The Lightning Message Service, as a component imports it from lightning/messageService (Lightning Web Components Developer Guide,
// "Communicate Across the DOM with Lightning Message Service"): everybody who is subscribed to a channel hears what is published on
// it. What a component may not do is an error, and so is an event of the client's that is not as "Events in Salesforce" has it.
// Tests find the events in window.published, and what was wrong in window.problems.
import { judgeEvent } from '/client-events.js';
import { Problem, callable, object } from '/judge.js';

export const APPLICATION_SCOPE = { scope: 'application' };
const contexts = new Set();
const subscriptions = new Set();
window.published = [];
window.problems = [];
window.subscribers = () => subscriptions.size;

export function createMessageContext() {
  const context = { id: contexts.size + 1 };
  contexts.add(context.id);
  return context;
}

export function releaseMessageContext({ id }) { contexts.delete(id); }

// A component is given its context by a wire, through a proxy that it can only read.
export class MessageContext {
  constructor(give) { this.give = give; }
  connect() { this.context = createMessageContext(); this.give(this.context); }
  update() {}
  disconnect() { releaseMessageContext(this.context); }
}

export function subscribe(context, channel, listener, options = {}) {
  check(context, channel);
  if (!callable(listener)) fail('subscribe needs a listener');
  for (const name of Object.keys(options)) if (name !== 'scope') fail(`subscribe has no option "${name}"`);
  if (options.scope !== undefined && options.scope !== APPLICATION_SCOPE) fail('the scope is APPLICATION_SCOPE, or none');
  const subscription = { channel: channel.name, listener };
  subscriptions.add(subscription);
  return subscription;
}

export function unsubscribe(subscription) {
  if (!subscriptions.delete(subscription)) fail('there is no such subscription');
}

export function publish(context, channel, message) {
  check(context, channel);
  if (!object(message)) fail('a message is an object');
  const copy = JSON.parse(JSON.stringify(message));
  if (!String(copy.type).includes('.')) { // an event, no action
    window.published.push(copy);
    try { judgeEvent(copy, 'InitialSetup'); } catch (e) { window.problems.push(e.message); }
  }
  for (const s of [...subscriptions]) if (s.channel === channel.name) s.listener(copy);
}

function check(context, channel) {
  if (!contexts.has(context?.id)) fail('there is no such message context');
  if (typeof channel?.name !== 'string' || !channel.name.endsWith('__c')) fail('that is no message channel');
}

function fail(sentence) {
  window.problems.push(sentence);
  throw new Problem(sentence);
}
