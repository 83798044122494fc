// What the client in the panel may tell pages ("Events in Salesforce", Genesys Cloud for Salesforce), by window.postMessage, by the
// Lightning Message Service, and by events of the Classic console. What differs from the page is a Problem.
import { Problem, object, text } from './judge.js';

const categories = {
  interaction: ['add', 'change', 'connect', 'disconnect', 'acw', 'deallocate', 'callbackPlaced', 'callbackCallEnded', 'blindTransfer', 'consultTransfer', 'completeConsultTransfer', 'secureSession'],
  notification: ['interactionSelection', 'chatUpdate', 'interactionWindow', 'conversationTranscription', 'messageUpdate'],
  userAction: ['login', 'logout', 'station', 'status', 'modal', 'routingStatus', 'view'],
};
const types = { Interaction: categories.interaction, Notification: categories.notification, UserAction: categories.userAction };

const about = (v) => text(v) || object(v) && text(v.id); // "Object or Interaction ID"

// judgeEvent judges a message; greeting is the transport's word for "I am there": Handshake, or InitialSetup.
export function judgeEvent(message, greeting) {
  if (!object(message)) throw new Problem(`an event is an object, not ${JSON.stringify(message)}`);
  only(message, ['type', 'category', 'data']);
  if (message.type === greeting) {
    only(message, ['type']);
    return;
  }
  if (!Object.hasOwn(types, message.type)) throw new Problem(`no event has the type ${JSON.stringify(message.type)}`);
  if (!types[message.type].includes(message.category)) throw new Problem(`${message.type} has no category ${JSON.stringify(message.category)}`);
  judgeData(message);
}

function judgeData({ type, category, data }) {
  const where = `${type} ${category}`;
  if (type === 'Interaction' && category === 'change') {
    if (!object(data) || !object(data.new) || !text(data.new.id)) throw new Problem(`${where} needs {old, new}`);
    if (!object(data.old) || data.old.id !== data.new.id) throw new Problem(`${where} has an old that is of another interaction`);
  } else if (type === 'Interaction' && !about(data)) throw new Problem(`${where} needs an interaction or its id`);
  else if (type !== 'Interaction' && !text(data) && !object(data)) throw new Problem(`${where} needs data`);
}

function only(message, names) {
  for (const [name, value] of Object.entries(message)) if (!names.includes(name) && value !== undefined) throw new Problem(`an event has no "${name}"`);
}

const ofOne = (reason) => ({ reason, needs: { interactionId: text } });
const told = {
  ACW_COMPLETED: ofOne('acw_completed'), ACW_REQUIRED: ofOne('acw_required'),
  INTERACTION_CONNECTED: ofOne('connected'), INTERACTION_DISCONNECTED: ofOne('disconnected'),
  LOGGED_OUT: { reason: 'logged_out', needs: {} },
  UPDATE_STATUS: { reason: 'status_updated', needs: { status: text, id: text }, may: { sub_status: text } },
  CLIENT_EVENT: { reason: 'client', needs: { data: clientEvent } },
  subscribe: { reason: 'client', needs: { data: clientEvent } }, // the name that the vendor's example page listens to
  INTERACTION_EVENT: { reason: 'interaction', needs: { data: interactionEvent } },
};

function clientEvent(data) {
  judgeEvent(data);
  return true;
}

function interactionEvent({ category, data }) {
  if (!['add', 'change'].includes(category)) throw new Problem(`INTERACTION_EVENT has no category ${JSON.stringify(category)}`);
  judgeData({ type: 'Interaction', category, data });
  return true;
}

// judgeConsoleEvent judges what the client fires in the Classic console: name is what follows the prefix.
export function judgeConsoleEvent(name, message) {
  if (!Object.hasOwn(told, name)) throw new Problem(`the client fires no ${name}`);
  let m;
  try { m = JSON.parse(message); } catch { throw new Problem(`${name} is no JSON`); }
  const { reason, needs, may = {} } = told[name];
  if (m.reason !== reason) throw new Problem(`the reason of ${name} is ${JSON.stringify(m.reason)}`);
  only(m, ['reason', ...Object.keys(needs), ...Object.keys(may)]);
  for (const [key, good] of Object.entries(needs)) if (!good(m[key])) throw new Problem(`${name}: "${key}" may not be ${JSON.stringify(m[key])}`);
  for (const [key, good] of Object.entries(may)) if (m[key] !== undefined && !good(m[key])) throw new Problem(`${name}: "${key}" may not be ${JSON.stringify(m[key])}`);
}
