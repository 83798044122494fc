// Client events by window.postMessage, between the panel and the page that holds it. The panel says Handshake when it is
// there; a page answers, whenever it likes, to the source of that message. Only the page around the panel, from one of the
// configured origins letter for letter, is heard, and told.

// The messages between panel and host that are no page's actions.
const ours = (data) => typeof data?.type === 'string' && /^(cordboard|opencti):/.test(data.type);

export class PostMessage {
  #origins;
  constructor({ origins }) {
    // Where the browser says who is around us, nobody else is addressed.
    const around = globalThis.location.ancestorOrigins?.[0];
    this.#origins = around ? origins.filter((o) => o === around) : origins;
  }

  open(hear, refuse) {
    addEventListener('message', (e) => {
      const page = e.source === parent && parent !== window && this.#origins.includes(e.origin);
      if (ours(e.data) && (page || e.origin === location.origin)) return;
      if (page) hear(e.data);
      else refuse('foreign');
    });
  }

  ready() { this.#post({ type: 'Handshake' }); }

  send(event, wanted) { if (wanted) this.#post(event); }

  #post(message) {
    if (parent === window) return;
    for (const origin of this.#origins) parent.postMessage(message, origin);
  }
}
