// What pages ask for: the actions of "Events in Salesforce" (Genesys Cloud for Salesforce), read from what a page sent and turned
// into orders of the desk. Pure functions. The vendor's page is vague, and its own examples differ from it: names are compared
// without case, data may be an object or its JSON text, and Classic's names mean the same as Lightning's.

// LARGEST is how long a message may be, in characters of JSON.
export const LARGEST = 64 * 1024;

const same = { changestatus: 'user.updatestatus', updatestatus: 'user.updatestatus', changestate: 'interaction.updatestate', updatestate: 'interaction.updatestate',
  addcustomattributes: 'interaction.addcustomattributes', createconference: 'interaction.createconference', 'interaction.addassociation': 'addassociation' };
const known = ['subscribe', 'addassociation', ...new Set(Object.values(same))];

// read takes a message apart: {name, data}, or {fault}: ignored when it is none for us, malformed or oversized. given is the
// action's name where the transport knows it; otherwise it is the message's type, behind the prefix.
export function read(message, prefix, given = '') {
  if (typeof message === 'string') {
    if (message.length > LARGEST) return { fault: 'oversized' };
    message = parsed(message);
  }
  const type = given ? prefix + given : message?.type;
  if (typeof type !== 'string' || !type.toLowerCase().startsWith(prefix.toLowerCase())) return { fault: 'ignored' };
  const size = length(message);
  if (size > LARGEST) return { fault: 'oversized' };
  let name = type.slice(prefix.length).toLowerCase();
  name = same[name] ?? name;
  if (!known.includes(name) || Number.isNaN(size)) return { fault: 'malformed' };
  const { type: _, ...rest } = isObject(message) ? message : {};
  const data = isObject(message) ? message.data ?? rest : message;
  return { name, data: typeof data === 'string' ? parsed(data) : data };
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    return isObject(value) || Array.isArray(value) || typeof value === 'string' ? value : text;
  } catch { return text; }
}

function length(value) {
  try { return JSON.stringify(value)?.length ?? 0; } catch { return NaN; }
}

const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const text = (v) => typeof v === 'string' && v !== '' && v.length <= 200;

// order is what an action means: {name, on, to, args}, on an interaction or on none; null when it means nothing. situation is how
// things are: find(id) is an interaction, front the one at hand, logged the one whose log is shown, state(interaction) its {held, muted, paused}.
export function order({ name, data }, situation) {
  const id = data?.id ?? data?.interactionId;
  const on = (id) => text(id) ? situation.find(id) ?? { id } : null;
  switch (name) {
    case 'user.updatestatus': {
      const to = typeof data === 'string' ? data : data?.id ?? data?.status ?? data?.name;
      return text(to) ? { name: 'SetStatus', on: null, to } : null;
    }
    case 'interaction.updatestate': return stateOrder(data, on(id), situation);
    case 'interaction.addcustomattributes': return setData(on(id), data?.attributes);
    case 'interaction.createconference': {
      const ids = Array.isArray(data?.interactionIds) ? data.interactionIds : [];
      if (ids.length < 2 || !ids.every(text)) return null;
      return { name: 'Conference', on: on(ids[0]), args: { with: ids.slice(1).join(',') } };
    }
    case 'addassociation': return associate(data, on(data?.interactionId) ?? situation.logged ?? situation.front);
  }
  return null;
}

function setData(on, attributes) {
  if (!on || !isObject(attributes)) return null;
  const written = (v) => v !== null && typeof v === 'object' ? JSON.stringify(v) : String(v ?? '');
  return { name: 'SetData', on, args: Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, written(v)])) };
}

// associate puts a record into the log of a call: into which of its menus, says the record's id. One that is not to be selected is
// offered there. Where calls have no logs the record is kept with the call's data, as cordboard_contact or cordboard_relation.
function associate(data, on) {
  const type = String(data?.type).toLowerCase();
  if (!on || !['contact', 'relation'].includes(type) || !text(data.id)) return null;
  const record = { id: data.id, name: String(data.text ?? '') };
  if (!on.log) return setData(on, { [`cordboard_${type}`]: record.id, [`cordboard_${type}_name`]: record.name });
  if (data.select === false || data.select === 'false') return { offer: record, on };
  return { name: 'SaveLog', on, args: { record: record.id, label: record.name } };
}

// stateOrder is what updateState means. hold, mute and securePause change to and fro.
function stateOrder(data, on, { state }) {
  if (!on) return null;
  const { held, muted, paused } = state(on);
  const target = data.participantContext, secure = data.secureSessionContext;
  const to = (name) => text(target?.transferTarget) ? { name, on, to: decoded(target.transferTarget), args: target.transferTargetType ? { type: target.transferTargetType } : {} } : null;
  switch (String(data.action ?? data.state).toLowerCase()) {
    case 'pickup': return { name: 'Accept', on };
    case 'disconnect': return { name: 'Drop', on };
    case 'hold': return { name: held ? 'Retrieve' : 'Hold', on };
    case 'mute': return { name: muted ? 'Unmute' : 'Mute', on };
    case 'securepause': return { name: paused ? 'ResumeRecording' : 'PauseRecording', on };
    case 'blindtransfer': return to('BlindTransfer');
    case 'consulttransfer': return to('Consult');
    case 'concludetransfer': return { name: 'Transfer', on };
    case 'securesession': return text(secure?.flowId) ? { name: 'SecureSession', on, to: secure.flowId, args: { user_data: String(secure.userData ?? ''), disconnect: String(secure.disconnect === true || secure.disconnect === 'true') } } : null;
  }
  return null;
}

// decoded is a transfer's target without its encoding.
function decoded(target) {
  try { return decodeURIComponent(target); } catch { return target; }
}

const types = ['Interaction', 'Notification', 'UserAction'];

// subscriptions are what subscribe asks for: [type, categories], categories null for all of the type: so is a list of none. null when it asks for nothing.
export function subscriptions(data) {
  const all = (Array.isArray(data) ? data : [data]).map((d) => {
    const type = types.find((t) => t.toLowerCase() === String(d?.type).toLowerCase());
    const listed = typeof d?.categories === 'string' ? d.categories.split(',') : d?.categories;
    const named = Array.isArray(listed) ? listed.map((c) => String(c).trim().toLowerCase()).filter(Boolean) : null;
    return type ? [type, named?.length ? named : null] : null;
  });
  return all.length > 0 && all.every(Boolean) ? all : null;
}
