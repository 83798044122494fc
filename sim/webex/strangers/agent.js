'use strict';

// Cisco's own services of @webex/contact-center (WebSocketManager, ConnectionService, AqmReqs, TaskManager, the agent's,
// contact's and dialer's orders) as one agent's client. It prints what it hears as JSON lines and takes orders the same
// way from standard input. Needs URL, TOKEN and AGENT.
require('./browser.js');
const path = require('node:path');
const {EventEmitter} = require('node:events');
const {createInterface} = require('node:readline');

const cisco = (file) => require(path.join(__dirname, 'node_modules/@webex/contact-center/dist', file)).default;
const {URL: base, TOKEN, AGENT} = process.env;
const say = (what) => console.log(JSON.stringify(what));
process.on('uncaughtException', (err) => say({error: err.stack}));
process.on('unhandledRejection', (err) => say({error: String(err?.stack ?? err)}));

// The SDK's own request is part of what is left out: this is the one that its services need.
const webex = {
  request: async ({resource, method, body, headers}) => {
    const res = await fetch(`${base}/${resource.replace(/^\//, '')}`, {
      method, body: body && JSON.stringify(body),
      headers: {...headers, 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}`},
    });
    const answer = {statusCode: res.status, headers: Object.fromEntries(res.headers), body: await res.json()};
    if (!res.ok) throw answer;
    return answer;
  },
  credentials: {getOrgId: () => ''},
  internal: {services: {isIntegrationEnvironment: () => false}, support: {submitLogs: async () => ({})}},
};

cisco('services/core/WebexRequest.js').getInstance({webex});
const connectionConfig = {force: true, isKeepAliveEnabled: true, clientType: 'stranger', allowMultiLogin: true};
const services = new (cisco('services/index.js'))({webex, connectionConfig});
const calling = Object.assign(new EventEmitter(), {loginOption: 'EXTENSION', mapCallToTask() {}, cleanUpCall() {}});
calling.setMaxListeners(0);
const manager = new (cisco('services/task/TaskManager.js'))(undefined, services.contact, calling, services.webSocketManager);
manager.setAgentId(AGENT);

// Events go out of the manager and of each task: both are EventEmitters.
const emit = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function (name, ...args) {
  if (typeof name === 'string' && name.startsWith('task:')) {
    const task = args[0]?.data ?? this.data;
    say({event: name, id: task?.interactionId, state: task?.interaction?.state});
  }
  return emit.call(this, name, ...args);
};
services.connectionService.on('connectionLost', async (how) => {
  if (!how.isSocketReconnected) return;
  const {data} = await services.agent.reload(); // as the SDK does after a lost connection
  say({back: data.type});
});

const orders = {
  tasks: async () => Object.keys(manager.getAllTasks()),
  sync: async () => (await services.agent.buddyAgents({data: {agentProfileId: 'x', mediaType: 'telephony'}})).data.type,
};

// order runs one of the services' orders: "contact.hold", "agent.reload" … The answer is the type of the message that
// Cisco's code took for its success.
const order = async ({name, args}) => {
  if (orders[name]) return orders[name]();
  const [service, verb] = name.split('.');
  const answer = await services[service][verb](args);
  return answer.data.type;
};

createInterface({input: process.stdin}).on('line', async (line) => {
  const ask = JSON.parse(line);
  try {
    say({done: ask.name, answer: await order(ask)});
  } catch (err) {
    say({done: ask.name, refused: err?.details?.data?.type ?? err?.details?.msg?.errorType ?? String(err)});
  }
}).on('close', () => process.exit(0));

services.webSocketManager.initWebSocket({body: connectionConfig}).then(({agentId}) => say({welcome: agentId}));
