// The vendor's purecloud-platform-client-v2, as published, against a running simulated org. Every step asserts; the last
// line says "ok". Environment: GC_READY, the readiness line of the simulator.
'use strict';
const assert = require('node:assert/strict');
const platform = require('purecloud-platform-client-v2');
const WebSocket = require('ws');

const ready = JSON.parse(process.env.GC_READY);
const client = platform.ApiClient.instance;
const { hostname, port, protocol } = new URL(ready.url);
client.setGateway({ host: hostname, protocol: protocol.replace(':', ''), port: Number(port), path_params_login: '', path_params_api: '' });

const api = {
  conversations: new platform.ConversationsApi(), notifications: new platform.NotificationsApi(), outbound: new platform.OutboundApi(),
  users: new platform.UsersApi(), presence: new platform.PresenceApi(), routing: new platform.RoutingApi(), analytics: new platform.AnalyticsApi(),
  automation: new platform.ProcessAutomationApi(),
};

const refused = (promise, status, code) => assert.rejects(promise, (e) => {
  assert.equal(e.status, status);
  if (code) assert.equal(e.code, code);
  return true;
});

// sim talks to the simulator's own control API.
async function sim(path, body) {
  const res = await fetch(`${ready.url}/sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await res.text();
  assert.ok(res.ok, `${path}: ${res.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

async function login() {
  await refused(client.loginClientCredentialsGrant(ready.client_id, 'wrong'), 400);
  const auth = await client.loginClientCredentialsGrant(ready.client_id, ready.client_secret);
  assert.ok(auth.accessToken);
  assert.ok(auth.tokenExpiryTime > Date.now());
}

async function people() {
  const page = await api.users.getUsers({ pageSize: 10, pageNumber: 2, expand: ['presence', 'routingStatus'] });
  assert.equal(page.total, ready.users.length);
  assert.equal(page.entities.length, 10);
  assert.equal(page.entities[0].presence.presenceDefinition.systemPresence, 'On Queue');
  const found = await api.users.postUsersSearch({ query: [{ type: 'EXACT', fields: ['email'], value: ready.users[2].email }] });
  assert.deepEqual(found.results.map((u) => u.id), [ready.users[2].id]);
  await refused(api.users.getUsersMe(), 400);
  const definitions = await api.presence.getPresencedefinitions();
  const meal = definitions.entities.find((d) => d.systemPresence === 'Meal');
  const changed = await api.presence.patchUserPresencesPurecloud(ready.users[2].id, { presenceDefinition: { id: meal.id } });
  assert.equal(changed.presenceDefinition.systemPresence, 'Meal');
  assert.equal((await api.users.getUserRoutingstatus(ready.users[2].id)).status, 'OFF_QUEUE');
  const codes = await api.routing.getRoutingWrapupcodes();
  assert.ok(codes.entities.some((c) => c.name === 'Sale'));
}

// Listener is a channel with its socket, and what came over it.
class Listener {
  async open(topics) {
    this.channel = await api.notifications.postNotificationsChannels();
    const put = await api.notifications.putNotificationsChannelSubscriptions(this.channel.id, topics.map((id) => ({ id })));
    assert.deepEqual(put.entities.map((e) => e.state), topics.map(() => 'Permitted'));
    this.messages = [];
    this.waiting = [];
    this.socket = new WebSocket(this.channel.connectUri);
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(data));
      this.waiting.splice(0).forEach((wake) => wake());
    });
    await new Promise((resolve, reject) => { this.socket.once('open', resolve); this.socket.once('error', reject); });
    this.socket.send(JSON.stringify({ message: 'ping' }));
    await this.until((m) => m.topicName === 'channel.metadata' && m.eventBody.message === 'pong');
  }

  // until is the first message that fits, once it is there.
  async until(fits) {
    for (;;) {
      const m = this.messages.find(fits);
      if (m) return m;
      await new Promise((wake) => this.waiting.push(wake));
    }
  }
}

async function inbound(listener) {
  const [a, b] = ready.users;
  const call = await sim('calls', { script: 'inbound', agents: [a.id], speed: 0, manual: true, steps: [
    { verb: 'offer', actor: 'customer', args: { mode: 'inbound' } }, { verb: 'ring' }, { verb: 'answer' }] });
  const id = call.conversation;
  const part = (m, user) => m.eventBody.participants.filter((p) => p.userId === user).pop();
  const mine = (user, fits) => listener.until((m) => m.topicName === `v2.users.${user}.conversations` && m.eventBody.id === id &&
    part(m, user) && part(m, user).calls.some(fits));
  const p = part(await mine(a.id, (c) => c.state === 'alerting'), a.id).id;
  await api.notifications.postNotificationsChannelSubscriptions(listener.channel.id, [{ id: `v2.detail.events.conversation.${id}.user.end` }]);
  await api.conversations.patchConversationsCallParticipant(id, p, { state: 'connected' });
  await mine(a.id, (c) => c.state === 'connected');
  await api.conversations.patchConversationsCallParticipant(id, p, { held: true });
  await mine(a.id, (c) => c.held);
  await api.conversations.patchConversationsCallParticipant(id, p, { held: false });
  await api.conversations.patchConversationsCallParticipant(id, p, { muted: true });
  await mine(a.id, (c) => c.muted);
  await api.conversations.putConversationsCallRecordingstate(id, { recordingState: 'PAUSED' });
  const conversation = await api.conversations.getConversation(id);
  assert.equal(conversation.securePause, true);
  const customer = conversation.participants.find((one) => one.purpose === 'customer').id;
  await api.conversations.patchConversationParticipantAttributes(id, customer, { attributes: { case: '7' } });
  const flat = await api.conversations.getConversationsCall(id);
  assert.equal(flat.participants.find((one) => one.id === customer).attributes.case, '7');
  await refused(api.conversations.getConversations(), 400);

  await refused(api.conversations.postConversationsCallParticipantConsult(id, p, { speakTo: 'DESTINATION', destination: { userId: b.id } }), 400, 'not.a.participant');
  const asked = await api.conversations.postConversationsCallParticipantConsultAgent(id, customer, { speakTo: 'DESTINATION', userId: b.id });
  await mine(b.id, (c) => c.state === 'alerting');
  await api.conversations.patchConversationsCallParticipant(id, asked.destinationParticipantId, { state: 'connected' });
  await api.conversations.patchConversationsCallParticipantConsult(id, customer, { speakTo: 'BOTH' });
  await api.conversations.deleteConversationsCallParticipantConsult(id, customer);
  await mine(b.id, (c) => c.state === 'terminated');
  const session = await api.conversations.postConversationParticipantSecureivrsessions(id, p, { body: { flowId: ready.secure_flow_id, userData: 'x', disconnect: false } });
  assert.equal(session.state, 'PENDING');
  await api.conversations.postConversationsCallParticipantReplace(id, p, { userId: b.id, transferType: 'Unattended' });
  await listener.until((m) => m.topicName.endsWith(`${id}.user.end`) && m.eventBody.userId === a.id && m.eventBody.disconnectType === 'TRANSFER');
  const second = (await api.conversations.getConversation(id)).participants.filter((one) => one.userId === b.id).pop().id;
  await api.conversations.patchConversationsCallParticipant(id, second, { state: 'connected' });
  await api.conversations.patchConversationsCallParticipant(id, second, { state: 'disconnected' });
  const codes = await api.conversations.getConversationsCallParticipantWrapupcodes(id, second);
  for (const one of (await api.conversations.getConversation(id)).participants.filter((q) => q.calls.some((c) => c.afterCallWork?.state === 'pending'))) {
    await api.conversations.postConversationsCallParticipantCommunicationWrapup(id, one.id, one.calls[0].id, { body: { code: codes[0].id, notes: 'n' } });
  }
  const done = await api.conversations.getConversation(id);
  assert.ok(done.endTime);
  assert.equal((await api.conversations.getConversationsCallParticipantWrapup(id, second)).code, codes[0].id);
}

async function preview(listener) {
  const [a] = ready.users;
  const call = await sim('calls', { agents: [a.id], speed: 0, wait: true, steps: [
    { verb: 'offer', actor: 'customer', args: { mode: 'preview' } }, { verb: 'reserve' }] });
  const id = call.conversation;
  const offer = await listener.until((m) => m.topicName === `v2.users.${a.id}.conversations` && m.eventBody.id === id);
  const agent = offer.eventBody.participants.find((p) => p.userId === a.id);
  const shown = agent.callbacks[0].dialerPreview;
  assert.equal(shown.contactId, call.contact);
  assert.equal((await api.outbound.getOutboundCampaign(shown.campaignId)).dialingMode, 'preview');
  await api.conversations.patchConversationsCallbackParticipant(id, agent.id, { state: 'connected' });
  await api.conversations.postConversationsCall(id, { callNumber: call.customer, phoneColumn: 'Phone' });
  await listener.until((m) => m.eventBody.id === id && m.eventBody.participants[0].calls.some((c) => c.state === 'connected'));
  await api.conversations.patchConversationsCallParticipant(id, agent.id, { state: 'disconnected' });
  await api.conversations.patchConversationsCallbackParticipant(id, agent.id, { state: 'disconnected', wrapup: { code: ready.wrapup_codes['No interest'] } });
  const over = await listener.until((m) => m.topicName === 'v2.outbound.preview.campaigns.contact.postContact' && m.eventBody.conversationId === id);
  assert.equal(over.eventBody.wrapupCode, ready.wrapup_codes['No interest']);
  return call;
}

// manual makes two calls of a user's and brings them together, then hands the customer over after a consult.
async function manual(listener) {
  const [, b, c] = ready.users;
  const talking = (id, user) => listener.until((m) => m.topicName === `v2.users.${user}.conversations` && m.eventBody.id === id &&
    m.eventBody.participants.filter((p) => !p.userId || p.userId === user).every((p) => p.calls.some((one) => one.state === 'connected')));
  const ids = [];
  for (const phoneNumber of ['+15555550101', '+15555550102']) {
    const made = await api.conversations.postConversationsCallsUserUserId(b.id, { phoneNumber });
    await talking(made.id, b.id);
    ids.push(made.id);
  }
  const [one, two] = ids;
  await api.conversations.patchConversationsCallConference(one, { conversationIds: [two] });
  assert.ok((await api.conversations.getConversation(two)).endTime);
  const third = (await api.conversations.postConversationsCallsUserUserId(b.id, { phoneNumber: '+15555550103' })).id;
  await talking(third, b.id);
  const read = async () => (await api.conversations.getConversation(third)).participants;
  const find = async (fits) => (await read()).filter(fits).pop();
  const customer = await find((p) => !p.userId);
  const asked = await api.conversations.postConversationsCallParticipantConsult(third, customer.id, { speakTo: 'DESTINATION', consultingUserId: b.id, destination: { userId: c.id } });
  await api.conversations.patchConversationsCallParticipant(third, asked.destinationParticipantId, { state: 'connected' });
  await api.conversations.patchConversationsCallParticipant(third, (await find((p) => p.userId === b.id)).id, { state: 'disconnected' });
  assert.equal((await find((p) => p.userId === c.id)).calls[0].state, 'connected');
  assert.equal((await find((p) => !p.userId)).calls[0].state, 'connected');
  for (const id of [one, third]) await api.conversations.postConversationDisconnect(id);
}

async function contacts(call) {
  const { contact_list: list, contact } = call;
  const lists = await api.outbound.getOutboundContactlists();
  assert.deepEqual(lists.entities.map((l) => l.id), [list]);
  const read = await api.outbound.getOutboundContactlistContact(list, contact);
  assert.equal(read.callRecords.Phone.lastResult, ready.wrapup_codes['No interest']);
  const [back] = await api.outbound.postOutboundContactlistContacts(list, [read], { priority: true, clearSystemData: true, doNotQueue: false });
  assert.deepEqual([back.id, back.callRecords], [contact, {}]);
  const next = await sim('calls', { script: 'preview_skipped', contact: 'next', speed: 0, wait: true });
  assert.equal(next.contact, contact);
  const changed = await api.outbound.putOutboundContactlistContact(list, contact, { ...read, data: { ...read.data, FirstName: 'Changed' } });
  assert.equal(changed.data.FirstName, 'Changed');
  await api.outbound.deleteOutboundContactlistContacts(list, [contact]);
  await refused(api.outbound.getOutboundContactlistContact(list, contact), 404, 'not.found');
  const mapping = await api.outbound.getOutboundWrapupcodemappings();
  assert.ok(mapping.defaultSet.includes('RIGHT_PARTY_CONTACT'));
}

async function rest(call) {
  const details = await api.analytics.postAnalyticsConversationsDetailsQuery({ interval: '2020-01-01T00:00:00.000Z/2100-01-01T00:00:00.000Z',
    conversationFilters: [{ type: 'and', predicates: [{ dimension: 'conversationId', value: call.conversation, operator: 'matches' }] }] });
  assert.equal(details.conversations[0].participants.length, 3);
  const trigger = await api.automation.postProcessautomationTriggers({ name: 't', topicName: 'v2.detail.events.conversation.{id}.user.end', enabled: true,
    target: { type: 'Workflow', id: 'w' }, matchCriteria: [{ jsonPath: 'mediaType', operator: 'Equal', value: 'CALLBACK' }] });
  await api.automation.deleteProcessautomationTrigger(trigger.id);
  const topics = await api.notifications.getNotificationsAvailabletopics({ expand: ['transports'] });
  assert.ok(topics.entities.some((t) => t.id === 'v2.users.{id}.conversations'));
  await sim('faults', { kind: 'rate_limited', count: 1, delay: '17s' });
  client.setReturnExtendedResponses(true);
  await assert.rejects(api.users.getUsers(), (e) => {
    assert.equal(e.status, 429);
    assert.equal(e.headers['retry-after'], '17');
    return true;
  });
  client.setReturnExtendedResponses(false);
  await sim('faults', { kind: 'expire_tokens' });
  await refused(api.users.getUsers(), 401, 'credentials.expired');
  await login();
  await api.users.getUsers();
}

(async () => {
  await login();
  await people();
  const listener = new Listener();
  await listener.open([...ready.users.slice(0, 3).map((u) => `v2.users.${u.id}.conversations`), 'v2.outbound.preview.campaigns.contact.postContact']);
  await inbound(listener);
  await manual(listener);
  const call = await preview(listener);
  await contacts(call);
  await rest(call);
  listener.socket.close();
  console.log('ok');
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
