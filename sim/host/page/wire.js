// How the scripts that Salesforce serves to frames reach the page around the frame: a call goes out by its name, with its
// arguments, and is judged there. A function among the arguments goes by a number, and is called back by it. This file is put
// in front of each of those scripts.
const page = new URL(document.currentScript.src).origin;
const mine = `${document.currentScript.src}#${Math.random()}#`; // a frame may load several of these scripts, and one of them twice
const functions = [];

addEventListener('message', (e) => {
  if (e.source !== parent || e.origin !== page || e.data?.type !== 'opencti:back' || !e.data.function.startsWith(mine)) return;
  functions[e.data.function.slice(mine.length)](e.data.payload);
});

function number(f) {
  const known = functions.indexOf(f);
  return mine + (known >= 0 ? known : functions.push(f) - 1);
}

function send(api, method, args, unknown = false) {
  let text;
  try {
    text = JSON.stringify(args, (_, v) => typeof v === 'function' ? { $function: number(v) } : v);
  } catch (e) {
    text = JSON.stringify([{ notSerializable: e.message }]);
  }
  parent.postMessage({ type: 'opencti:call', api, method, unknown, args: JSON.parse(text) }, page);
}

// toolkit is an object of such calls. What it does not have is reported before the frame's script runs into it.
function toolkit(api, methods, more = {}) {
  const known = { ...more };
  for (const method of methods) known[method] = (...args) => send(api, method, args);
  return new Proxy(known, {
    get(target, name) {
      if (name in target || typeof name === 'symbol' || name === 'then') return target[name];
      send(api, String(name), [], true);
      return undefined;
    },
  });
}

globalThis.sforce = globalThis.sforce ?? {};
