// Open CTI for Lightning, as a softphone sees it: sforce.opencti. Every call goes to the page around the softphone and
// is judged there; answers come back to the callback as {success, returnValue, errors}.
(() => {
  const host = new URL(document.currentScript.src).origin;
  const waiting = new Map(), listeners = new Map();
  let last = 0;

  addEventListener('message', (e) => {
    if (e.source !== parent || e.origin !== host) return;
    const m = e.data;
    if (m?.type === 'opencti:answer') {
      const callback = waiting.get(m.id);
      waiting.delete(m.id);
      callback?.(m.answer);
    } else if (m?.type === 'opencti:event') for (const f of listeners.get(m.name) ?? []) f(m.payload);
  });

  // send reports a call: functions cannot cross, so their names are listed.
  function send(method, args) {
    const id = ++last, functions = [], plain = {};
    const object = args.length === 0 || (args.length === 1 && args[0] !== null && typeof args[0] === 'object');
    for (const [k, v] of Object.entries(object ? args[0] ?? {} : {})) {
      if (typeof v === 'function') functions.push(k); else plain[k] = v;
    }
    if (functions.includes('callback')) waiting.set(id, args[0].callback);
    if (functions.includes('listener')) {
      if (!listeners.has(method)) listeners.set(method, new Set());
      listeners.get(method).add(args[0].listener);
    }
    let text;
    try { text = JSON.stringify(plain); } catch (e) { text = JSON.stringify({ notSerializable: e.message }); }
    parent.postMessage({ type: 'opencti:call', id, method, functions, object, args: JSON.parse(text) }, host);
  }

  const methods = ['screenPop', 'searchAndScreenPop', 'getAppViewInfo', 'getCallCenterSettings', 'getSoftphoneLayout',
    'isSoftphonePanelVisible', 'enableClickToDial', 'disableClickToDial', 'onClickToDial', 'onNavigationChange',
    'notifyInitializationComplete', 'refreshView', 'runApex', 'saveLog', 'setSoftphoneItemIcon', 'setSoftphoneItemLabel',
    'setSoftphonePanelHeight', 'setSoftphonePanelIcon', 'setSoftphonePanelLabel', 'setSoftphonePanelVisibility',
    'setSoftphonePanelWidth'];
  const api = {
    SCREENPOP_TYPE: Object.freeze({ SOBJECT: 'sobject', URL: 'url', OBJECTHOME: 'objecthome', LIST: 'list', SEARCH: 'search', NEW_RECORD_MODAL: 'newRecordModal', FLOW: 'flow' }),
    CALL_TYPE: Object.freeze({ INBOUND: 'inbound', OUTBOUND: 'outbound', INTERNAL: 'internal' }),
  };
  for (const method of methods) api[method] = (...args) => send(method, args);

  // What Open CTI does not have is reported before the softphone runs into it.
  globalThis.sforce = globalThis.sforce ?? {};
  globalThis.sforce.opencti = new Proxy(api, {
    get(target, name) {
      if (name in target || typeof name === 'symbol' || name === 'then') return target[name];
      parent.postMessage({ type: 'opencti:call', id: ++last, method: String(name), functions: [], object: true, args: {}, unknown: true }, host);
      return undefined;
    },
  });
})();
