'use strict';

// What Cisco's code expects of a browser, as far as a contact center without telephony in the browser needs it.
const vm = require('node:vm');
const WebSocket = require('ws');

globalThis.window = globalThis;
globalThis.document = {visibilityState: 'visible', hasFocus: () => true};
globalThis.WebSocket = WebSocket;
Object.defineProperty(globalThis, 'navigator', {value: {onLine: true}, configurable: true});

// A worker is made from a blob of source text: here the blob keeps its text, its address is the blob itself, and the
// worker's program runs in a context of its own.
globalThis.Blob = class {
  constructor(parts) {
    this.text = parts.join('');
  }
};
URL.createObjectURL = (blob) => blob;
globalThis.Worker = class {
  constructor(blob) {
    this.listeners = [];
    const scope = {
      navigator: globalThis.navigator, setInterval, clearInterval, setTimeout, clearTimeout, console: {log() {}},
      addEventListener: (kind, f) => kind === 'message' && this.listeners.push(f),
      postMessage: (data) => this.onmessage?.({data}),
    };
    scope.self = scope;
    vm.runInNewContext(blob.text, scope);
  }

  postMessage(data) {
    for (const f of this.listeners) f({data});
  }
};
