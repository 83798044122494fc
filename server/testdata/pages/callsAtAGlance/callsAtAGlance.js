// A component of a customer's for Lightning, with "Lightning Message Channel" chosen, as somebody writes it who has "Events in
// Salesforce" of Genesys Cloud for Salesforce before him, and nothing else. It knows nothing of Cordboard.
import { LightningElement, api, wire } from 'lwc';
import { APPLICATION_SCOPE, MessageContext, publish, subscribe } from 'lightning/messageService';
import clientEvent from '@salesforce/messageChannel/purecloud__ClientEvent__c';

const TYPES = ['Interaction', 'Notification', 'UserAction'];
const ACTIONS = { updateState: 'Interaction.updateState', addCustomAttributes: 'Interaction.addCustomAttributes', createConference: 'Interaction.createConference', updateStatus: 'User.updateStatus', addAssociation: 'addAssociation' };

export default class CallsAtAGlance extends LightningElement {
    @wire(MessageContext) context;
    @api heard = [];
    @api greeted = 0;
    count = 0;

    connectedCallback() {
        subscribe(this.context, clientEvent, (message) => this.handle(message), { scope: APPLICATION_SCOPE });
    }

    handle(message) {
        if (message.type === 'InitialSetup') {
            this.greeted++;
            TYPES.forEach((type) => publish(this.context, clientEvent, { type: 'PureCloud.Subscribe', data: { type } }));
        } else if (TYPES.includes(message.type)) {
            this.heard.push(message);
            this.count = this.heard.length;
        }
    }

    @api act(what, data) {
        publish(this.context, clientEvent, { type: `PureCloud.${ACTIONS[what]}`, data });
    }
}
