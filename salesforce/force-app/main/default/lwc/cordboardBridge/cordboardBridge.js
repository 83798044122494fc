// Stands beside the agent panel in the utility bar. The panel is a page of another site in an iframe, where the message
// service does not reach: this component carries messages between the panel, which speaks window.postMessage, and the
// message channel, and hands the panel its tickets.
//
//   panel → org   Handshake, which the channel knows as InitialSetup; Interaction, Notification, UserAction
//   org → panel   what begins with the prefix, such as PureCloud.Interaction.updateState
//
// A message counts only when it comes from exactly the configured origin. Types are compared without case: the vendor's
// own pages spell them both ways ("Events in Salesforce").
import { LightningElement, wire } from 'lwc';
import { APPLICATION_SCOPE, MessageContext, publish, subscribe, unsubscribe } from 'lightning/messageService';
import CLIENT_EVENT from '@salesforce/messageChannel/Cordboard_Client_Event__c';
import settings from '@salesforce/apex/CordboardBridge.settings';
import ticket from '@salesforce/apex/CordboardBridge.ticket';

const EVENTS = { handshake: 'InitialSetup', interaction: 'Interaction', notification: 'Notification', useraction: 'UserAction' };

export default class CordboardBridge extends LightningElement {
    @wire(MessageContext) context;
    words = 'Looking for Cordboard …';
    server = '';
    prefix = '';
    panels = new Set(); // windows that spoke to us from the configured origin

    async connectedCallback() {
        this.gone = false;
        try {
            const chosen = await settings();
            this.server = origin(chosen.server);
            this.prefix = (chosen.prefix ?? '').toLowerCase();
        } catch (e) {
            this.words = `The Cordboard Setting "Default" is not as it should be: ${said(e)}`;
            return;
        }
        if (this.gone) return;
        this.hear = (event) => this.fromPanel(event);
        window.addEventListener('message', this.hear);
        this.subscription = subscribe(this.context, CLIENT_EVENT, (message) => this.toPanel(message), { scope: APPLICATION_SCOPE });
        this.words = 'Waiting for the agent panel.';
    }

    disconnectedCallback() {
        this.gone = true;
        if (this.hear) window.removeEventListener('message', this.hear);
        if (this.subscription) unsubscribe(this.subscription);
        this.hear = this.subscription = null;
        this.panels.clear();
    }

    fromPanel({ origin: from, source, data }) {
        if (from !== this.server || typeof data?.type !== 'string') return;
        this.panels.add(source);
        const type = data.type.toLowerCase();
        if (type === 'cordboard:ticket?') {
            this.answer(source, data.question);
            return;
        }
        if (!Object.hasOwn(EVENTS, type)) return;
        if (type === 'handshake') this.words = 'The agent panel is here.';
        publish(this.context, CLIENT_EVENT, { type: EVENTS[type], category: data.category, data: data.data });
    }

    async answer(panel, question) {
        let answer;
        try {
            answer = { ticket: await ticket() };
            this.words = 'The agent panel is here.';
        } catch (e) {
            answer = { error: said(e) };
            this.words = answer.error;
        }
        panel.postMessage({ type: 'cordboard:ticket', question, ...answer }, this.server);
    }

    toPanel(message) {
        const { type, data } = message ?? {};
        if (!this.prefix || typeof type !== 'string' || !type.toLowerCase().startsWith(this.prefix)) return;
        for (const panel of this.panels) {
            if (panel.closed) this.panels.delete(panel); // its iframe is gone
            else panel.postMessage({ type, data }, this.server);
        }
    }
}

// origin returns what was configured, if it is an origin and nothing but one.
function origin(text) {
    const url = new URL(text);
    if (url.origin !== text || url.origin === 'null') throw new Error(`Server is not of the form https://host: ${text}`);
    return text;
}

// said is an error's sentence: what Apex throws has it in a body.
function said(error) {
    return error?.body?.message ?? error?.message ?? 'unknown error';
}
