// What Salesforce Classic takes and gives: Open CTI for Classic (Open CTI Developer Guide), and the console toolkit (Salesforce
// Console Developer Guide, "Salesforce Console Integration Toolkit for Salesforce Classic"). Arguments go by their place. All
// answers are asynchronous. A softphone that leaves a callback out would not notice a failure: for Open CTI that is an error here,
// though the guide calls some optional.
import { Problem, anyText, callable, inOrder, size, text, yesOrNo } from './judge.js';

const relative = (v) => text(v) && /^\/(?!\/)/.test(v);
const callType = (v) => ['inbound', 'outbound', 'internal'].includes(String(v).toLowerCase());
const answered = { callback: callable };
const listens = { listener: callable };
const json = (value) => JSON.stringify(value);

const interaction = {
  getPageInfo: [answered, (c) => json(page(c.view()))],
  isInConsole: [answered, (c) => c.inConsole],
  isVisible: [answered, (c) => c.panelVisible],
  notifyInitializationComplete: [{}, (c) => { c.initialized = true; }],
  onFocus: [listens, (c, a) => c.listen('navigation', (view) => a.listener({ result: json(page(view)) }))],
  refreshPage: [answered, (c) => { c.refresh(); return true; }],
  refreshRelatedList: [{ listName: text, ...answered }, (c) => { c.refresh(); return true; }],
  reloadFrame: [answered, (c) => { c.refresh(); return true; }],
  runApex: [{ apexClass: text, methodName: text, methodParams: anyText, ...answered }, (c, a) => json(c.apex(a))],
  saveLog: [{ objectName: text, saveParams: text, ...answered }, (c, a) => c.save({ entityApiName: a.objectName, ...fields(a.saveParams) }).recordId],
  screenPop: [{ url: relative, force: yesOrNo, ...answered }, screenPop],
  searchAndGetScreenPopUrl: [{ searchParams: anyText, 'queryParams?': anyText, callType, ...answered }, async (c, a) => json(await found(c, a))],
  searchAndScreenPop: [{ searchParams: anyText, 'queryParams?': anyText, callType, ...answered }, searchAndScreenPop],
  setVisible: [{ value: yesOrNo, ...answered }, (c, a) => { c.showPanel(a.value); return true; }],
};

const cti = {
  disableClickToDial: [answered, (c) => { c.clickToDialOn = false; return true; }],
  enableClickToDial: [answered, (c) => { c.clickToDialOn = true; return true; }],
  getCallCenterSettings: [answered, (c) => json(c.settings)],
  getDirectoryNumbers: [{ isGlobal: yesOrNo, 'callCenterName?': text, callback: callable, 'resultSetPage?': Number.isInteger, 'resultSetPageSize?': Number.isInteger }, () => json({ directoryNumbers: [] })],
  getSoftphoneLayout: [answered, (c) => json(c.layout)],
  onClickToDial: [listens, (c, a) => c.listen('clickToDial', (p) => a.listener({ result: json(clicked(p)) }))],
  setSoftphoneHeight: [{ height: size(240, 2560), ...answered }, (c, a) => { c.resize({ height: a.height }); return true; }],
  setSoftphoneWidth: [{ width: size(200, 1920), ...answered }, (c, a) => { c.resize({ width: a.width }); return true; }],
};

const perhaps = { 'callback?': callable };

const consoleMethods = {
  addEventListener: [{ eventType: text, eventListener: callable, 'additionalParams?': (v) => Object.keys(v).every((k) => k === 'tabId') }, (c, a) => { c.consoleListener(a.eventType, a.eventListener); }],
  removeEventListener: [{ eventType: text, eventHandler: callable }, (c, a) => { c.consoleListener(a.eventType, a.eventHandler, false); }],
  fireEvent: [{ eventType: text, message: anyText, ...perhaps }, (c, a) => { c.consoleEvent(a.eventType, a.message); }],
  openPrimaryTab: [{ 'id?': text, url: text, active: yesOrNo, 'tabLabel?': text, ...perhaps, 'name?': text }, (c, a) => ({ id: c.openTab(a.url, a.tabLabel ?? a.url, a.url).id })],
  openSubtab: [{ primaryTabId: text, url: text, active: yesOrNo, 'tabLabel?': text, 'id?': text, ...perhaps, 'name?': text }, (c, a) => ({ id: c.openTab(a.url, a.tabLabel ?? a.url, a.url).id })],
  focusPrimaryTabById: [{ id: text, ...perhaps }, (c, a) => { c.bring(c.tab(a.id)); }],
  getFocusedPrimaryTabId: [answered, (c) => ({ id: c.front?.id ?? null })],
  getFocusedPrimaryTabObjectId: [answered, (c) => ({ id: c.front?.record?.id ?? null })],
  getPrimaryTabIds: [answered, (c) => ({ ids: c.tabs.map((t) => t.id) })],
  getPageInfo: [{ tabId: text, ...perhaps }, (c, a) => ({ pageInfo: json(page(c.view(c.tab(a.tabId)))) })],
  refreshPrimaryTabById: [{ id: text, active: yesOrNo, ...perhaps, 'fullRefresh?': yesOrNo }, (c, a) => { c.tab(a.id); c.refresh(); }],
  onFocusedPrimaryTab: [{ eventHandler: callable }, (c, a) => c.listen('navigation', () => a.eventHandler({ id: c.front?.id, objectId: c.front?.record?.id }))],
  setTabTitle: [{ tabTitle: text, 'tabId?': text }, (c, a) => { (a.tabId ? c.tab(a.tabId) : c.front).button.textContent = a.tabTitle; }],
  setTabUnsavedChanges: [{ unsaved: yesOrNo, callback: callable, 'subtabId?': text }, (c, a) => { c.dirty = a.unsaved; }],
  isInCustomConsoleComponent: [answered, () => ({ inCustomConsoleComponent: true })],
  setCustomConsoleComponentButtonText: [{ text: anyText, ...perhaps }, (c, a) => { c.itemLabel(a.text); }],
  setCustomConsoleComponentVisible: [{ visible: yesOrNo, ...perhaps }, (c, a) => { c.showPanel(a.visible); }],
};

// family is one toolkit: judge returns what a call does, or throws a Problem; callback is where its answer goes.
function family(name, methods, done, failed) {
  const parameters = (method) => {
    if (!Object.hasOwn(methods, method)) throw new Problem(`${name} has no method ${method}`);
    return methods[method][0];
  };
  return {
    judge(method, args) {
      const given = inOrder(method, args, parameters(method));
      return async (console) => (await methods[method][1](console, given)) ?? null;
    },
    callback(args, method) {
      if (!Object.hasOwn(methods, method)) return args.find(callable);
      const f = args[Object.keys(methods[method][0]).findIndex((p) => p.startsWith('callback'))];
      return callable(f) ? f : undefined;
    },
    done, failed,
  };
}

const result = (value) => ({ result: value });
const error = (e) => ({ result: false, error: e.message });
const success = (value) => ({ success: true, ...value });
const failure = () => ({ success: false });

export const classic = {
  'sforce.interaction': family('Open CTI for Classic', interaction, result, error),
  'sforce.interaction.cti': family('Open CTI for Classic', cti, result, error),
  'sforce.console': family('the console toolkit', consoleMethods, success, failure),
};

// screenPop goes to a record, or to a page. Without force it does not lie over what somebody is editing (inferred: the guide says
// only that force forces a pop).
async function screenPop(console, { url, force }) {
  if (console.dirty && !force) return false;
  const id = /^\/([a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)$/.exec(url)?.[1];
  if (id) await console.openRecord(id);
  else console.openUrl(url);
  return console.inConsole || console.leave();
}

async function found(console, { searchParams }) {
  const all = await console.search(searchParams);
  const url = all.length === 1 ? `/${all[0].id}` : `/search/SearchResults?str=${encodeURIComponent(searchParams)}`;
  return { ...Object.fromEntries(all.map((r) => [r.id, { Name: r.name, object: r.object }])), screenPopUrl: url };
}

async function searchAndScreenPop(console, given) {
  const { screenPopUrl, ...records } = await found(console, given);
  if (given.callType.toLowerCase() === 'inbound') await screenPop(console, { url: screenPopUrl, force: true });
  return json(records);
}

// page is a page as Classic tells of it, clicked a number that was clicked there.
function page({ url, recordId, recordName, objectType }) {
  return { url, objectId: recordId, objectName: recordName, object: objectType, displayName: objectType };
}

function clicked({ number, recordId = '', recordName = '', objectType = '' }) {
  return { number, objectId: recordId, objectName: recordName, object: objectType, displayName: objectType };
}

// fields are those of a log, as saveLog has them: name=value&name=value.
function fields(saveParams) {
  return Object.fromEntries(new URLSearchParams(saveParams));
}
