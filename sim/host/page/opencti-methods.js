// What Open CTI for Lightning takes and gives (Open CTI Developer Guide): for each method its arguments, required ones
// first, and what it does to the console. Anything else is an error.
import { Problem, anyText, callable, judge, object, size, text, yesOrNo } from './judge.js';

// types of screenPop: their parameters and what they open.
const pops = {
  sobject: { needs: { recordId: text }, may: {}, do: (c, p) => c.openRecord(p.recordId) },
  url: { needs: { url: (v) => text(v) && /^\/(?!\/)/.test(v) }, may: {}, do: (c, p) => c.openUrl(p.url) },
  objecthome: { needs: { scope: text }, may: {}, do: (c, p) => c.openUrl(`/lightning/o/${encodeURIComponent(p.scope)}/home`) },
  list: { needs: { listViewId: text, scope: text }, may: {}, do: (c, p) => c.openUrl(`/lightning/o/${encodeURIComponent(p.scope)}/list?filterName=${encodeURIComponent(p.listViewId)}`) },
  search: { needs: { searchString: (v) => text(v) && v.length >= 3 }, may: {}, do: (c, p) => c.openUrl(`/lightning/search?term=${encodeURIComponent(p.searchString)}`) },
  newRecordModal: { needs: { entityName: text }, may: { defaultFieldValues: object }, do: (c, p) => c.openForm(p.entityName, p.defaultFieldValues ?? {}) },
  flow: { needs: { flowDevName: text }, may: { flowArgs: Array.isArray }, do: (c, p) => c.openUrl(`/lightning/flow/${encodeURIComponent(p.flowDevName)}`) },
};

const callTypes = ['inbound', 'outbound', 'internal'];

const methods = {
  screenPop: { needs: { type: (v) => v in pops, params: object }, do: screenPop },
  searchAndScreenPop: { needs: { searchParams: anyText, callType: (v) => callTypes.includes(String(v).toLowerCase()) }, may: { queryParams: text, params: object, defaultFieldValues: object, deferred: yesOrNo }, do: search },
  getAppViewInfo: { do: (c) => c.view() },
  getCallCenterSettings: { do: (c) => c.settings },
  getSoftphoneLayout: { do: (c) => c.layout },
  isSoftphonePanelVisible: { do: (c) => ({ visible: c.panelVisible }) },
  enableClickToDial: { do: (c) => { c.clickToDialOn = true; } },
  disableClickToDial: { do: (c) => { c.clickToDialOn = false; } },
  onClickToDial: { function: 'listener', do: (c, a) => c.listen('clickToDial', a.listener) },
  onNavigationChange: { function: 'listener', do: (c, a) => c.listen('navigation', (view) => a.listener(view)) },
  notifyInitializationComplete: { function: null, do: (c) => { c.initialized = true; } },
  refreshView: { do: (c) => c.refresh() },
  runApex: { needs: { apexClass: text, methodName: text }, may: { methodParams: anyText }, do: (c, a) => ({ runApex: JSON.stringify(c.apex(a)) }) },
  saveLog: { needs: { value: (v) => object(v) && (text(v.entityApiName) || text(v.Id)) }, do: (c, a) => c.save(a.value) },
  setSoftphoneItemIcon: { needs: { key: text }, do: () => true },
  setSoftphoneItemLabel: { needs: { label: anyText }, do: (c, a) => c.itemLabel(a.label) },
  setSoftphonePanelHeight: { needs: { heightPX: size(240, 2560) }, do: (c, a) => c.resize({ height: a.heightPX }) },
  setSoftphonePanelIcon: { needs: { key: text }, do: () => true },
  setSoftphonePanelLabel: { needs: { label: anyText }, do: (c, a) => c.panelLabel(a.label) },
  setSoftphonePanelVisibility: { needs: { visible: yesOrNo }, do: (c, a) => c.showPanel(a.visible) },
  setSoftphonePanelWidth: { needs: { widthPX: size(200, 1920) }, do: (c, a) => c.resize({ width: a.widthPX }) },
};

// opencti is Open CTI: judge returns what a call does, or throws a Problem; callback is where its answer goes.
export const opencti = {
  judge(method, args) {
    const m = Object.hasOwn(methods, method) ? methods[method] : null;
    if (!m) throw new Problem(`Open CTI has no method ${method}`);
    if (args.length > 1 || args.length === 1 && !object(args[0])) throw new Problem(`${method} takes one object`);
    const given = args[0] ?? {}, wanted = m.function === undefined ? 'callback' : m.function;
    const { [wanted]: f, ...plain } = given;
    if (wanted && !callable(f)) throw new Problem(`${method} needs a function "${wanted}"`);
    for (const [name, value] of Object.entries(plain)) if (callable(value)) throw new Problem(`${method} has no function "${name}"`);
    judge(method, plain, m.needs, m.may);
    return async (console) => (await m.do(console, given)) ?? null;
  },
  callback: (args) => args[0]?.callback,
  done: (value) => ({ success: true, returnValue: value, errors: null }),
  failed: (e) => ({ success: false, returnValue: null, errors: [{ code: e instanceof Problem ? 'INVALID' : 'ERROR', description: e.message }] }),
};

function screenPop(console, { type, params }) {
  const pop = pops[type];
  judge(`screenPop ${type}`, params, pop.needs, pop.may);
  return pop.do(console, params);
}

// search looks records up and, unless deferred, pops: the one that was found, or all on a search page.
async function search(console, { searchParams, defaultFieldValues, deferred, callType }) {
  const found = await console.search(searchParams);
  const data = found.length === 1 ? { type: 'sobject', params: { recordId: found[0].id } }
    : found.length ? { type: 'search', params: { searchString: searchParams } }
      : { type: 'newRecordModal', params: { entityName: 'Contact', defaultFieldValues: defaultFieldValues ?? {} } };
  const answer = Object.fromEntries(found.map((r) => [r.id, { Id: r.id, Name: r.name, RecordType: r.object }]));
  if (deferred) return { ...answer, SCREEN_POP_DATA: data };
  if (String(callType).toLowerCase() === 'inbound') await screenPop(console, data); // layouts pop inbound calls only
  return answer;
}
