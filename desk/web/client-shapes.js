// What pages are told of interactions: the events that lie between two states of the desk, and an interaction as pages read it.
// Pure functions. The vendor's page does not say when events are sent, nor what an interaction looks like: both are inferred from
// what pages in use read.

const talking = ['answered', 'consulting', 'conferenced', 'transferred', 'held'];
const over = ['wrapup', 'ended', 'missed'];

// happened are the events between two lists of interactions, in their order.
export function happened(before, after) {
  const events = [];
  const tell = (category, data) => events.push({ category, data });
  for (const i of after) {
    const was = before.find((b) => b.id === i.id), now = shape(i);
    if (!was) tell('add', now);
    const had = (phases) => was && phases.includes(was.phase);
    if (i.mode === 'preview' && i.phase === 'dialing' && !had(['dialing'])) tell('callbackPlaced', now);
    if (talking.includes(i.phase) && !had(talking)) tell('connect', now);
    if (over.includes(i.phase) && !had(over)) {
      if (i.mode === 'preview' && had(talking)) tell('callbackCallEnded', now);
      tell('disconnect', now);
    }
    if (i.phase === 'wrapup' && !had(['wrapup'])) tell('acw', now);
    if (was && JSON.stringify(shape(was)) !== JSON.stringify(now)) tell('change', { old: shape(was), new: now });
  }
  for (const b of before) {
    if (after.some((i) => i.id === b.id)) continue;
    if (!over.includes(b.phase)) tell('disconnect', { ...shape(b), state: 'DISCONNECTED', isConnected: false, isDisconnected: true });
    tell('deallocate', b.id);
  }
  return events;
}

// shape is an interaction as pages read it. muted and paused are what the panel has ordered, where it has.
export function shape(i) {
  const state = over.includes(i.phase) ? 'DISCONNECTED' : i.phase === 'held' ? 'HELD' : talking.includes(i.phase) ? 'CONNECTED' : 'ALERTING';
  const ended = state === 'DISCONNECTED', seconds = (Date.parse(i.since) - Date.parse(i.answered)) / 1000;
  const inbound = i.direction === 'inbound' || i.mode === 'inbound';
  return {
    id: i.id, state, isConnected: state === 'CONNECTED' || state === 'HELD', isDisconnected: ended,
    direction: inbound ? 'Inbound' : 'Outbound', isInternal: i.role === 'consult', isCallback: i.mode === 'preview',
    isDialer: !['inbound', 'manual', undefined].includes(i.mode), isDialerPreview: i.mode === 'preview', isEmail: false, isMessage: false, isChat: false,
    phone: i.number ? `tel:${i.number}` : undefined, ani: i.number, displayAddress: i.customer, name: i.name, queueName: i.queue,
    callbackNumbers: i.mode === 'preview' && i.number ? [i.number] : undefined,
    isMuted: i.muted, recordingState: i.paused === undefined ? undefined : i.paused ? 'paused' : 'active',
    startTime: i.started, connectedTime: i.answered, endTime: ended ? i.since : undefined,
    interactionDurationSeconds: ended && seconds >= 0 ? Math.round(seconds) : undefined, disposition: i.wrapup || undefined, dialerCampaignId: i.campaign,
    attributes: Object.fromEntries(Object.entries(i.attributes ?? {}).map(([k, v]) => [`participant.${k}`, v])),
  };
}
