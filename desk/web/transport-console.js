// Client events in the console of Salesforce Classic, by the console toolkit's events ("Events in Salesforce", Genesys Cloud for
// Salesforce). Each kind of event has a name of its own behind the prefix and "pc."; a message is JSON text. What a page has
// subscribed to comes as CLIENT_EVENT, and once more as pc.subscribe, which the vendor's example page listens to. Nothing is said
// when the panel is there: no page of the vendor's has a word for it.

// actions are the events that pages fire. The toolkit tells names apart by case, so each way that they are likely to be written has
// a listener.
const actions = ['changestatus', 'changeStatus', 'updateStatus', 'User.updateStatus', 'changestate', 'changeState', 'updateState', 'Interaction.updateState',
  'addCustomAttributes', 'addcustomattributes', 'Interaction.addCustomAttributes', 'addAssociation', 'addassociation',
  'createConference', 'createconference', 'Interaction.createConference', 'subscribe', 'Subscribe'];

export class ConsoleEvents {
  #console; #prefix; #afterCall = new Set();

  // console is a promise of the toolkit, or of null where there is none.
  constructor({ console, prefix }) {
    this.#console = console;
    this.#prefix = prefix;
  }

  open(hear) {
    this.#console.then((console) => {
      for (const name of actions) console?.addEventListener(this.#prefix + name, ({ message }) => hear(message, name));
    }, () => {});
  }

  ready() {}

  send({ type, category, data }, wanted) {
    this.#itself(`${type} ${category}`, category, data);
    if (!wanted) return;
    const message = { reason: 'client', data: { type, category, data } };
    this.#fire('CLIENT_EVENT', message);
    this.#fire('subscribe', message);
  }

  // #itself fires what pages hear without asking for it.
  #itself(what, category, data) {
    switch (what) {
      case 'Interaction add': case 'Interaction change': return this.#fire('INTERACTION_EVENT', { reason: 'interaction', data: { category, data } });
      case 'Interaction connect': return this.#fire('INTERACTION_CONNECTED', { reason: 'connected', interactionId: data.id });
      case 'Interaction disconnect': return this.#fire('INTERACTION_DISCONNECTED', { reason: 'disconnected', interactionId: data.id });
      case 'Interaction acw':
        this.#afterCall.add(data.id);
        return this.#fire('ACW_REQUIRED', { reason: 'acw_required', interactionId: data.id });
      case 'Interaction deallocate':
        return this.#afterCall.delete(data) && this.#fire('ACW_COMPLETED', { reason: 'acw_completed', interactionId: data });
      case 'UserAction status': return this.#fire('UPDATE_STATUS', { reason: 'status_updated', status: data.status, id: data.id, sub_status: data.sub_status });
      case 'UserAction logout': return this.#fire('LOGGED_OUT', { reason: 'logged_out' });
    }
  }

  #fire(name, message) {
    this.#console.then((console) => console?.fireEvent(`${this.#prefix}pc.${name}`, JSON.stringify(message), () => {}), () => {});
  }
}
