// The script of a component beside the client in Lightning, with "Window.postMessage API" chosen, as somebody writes it who has
// "Events in Salesforce" of Genesys Cloud for Salesforce before him, and nothing else. It knows nothing of Cordboard.
(function () {
  var client = null, origin = '';
  var heard = [];
  var types = ['Interaction', 'Notification', 'UserAction'];

  function send(action, data) {
    client.postMessage({ type: 'PureCloud.' + action, data: data }, origin);
  }

  window.addEventListener('message', function (event) {
    var message = event.data;
    if (!message || !message.type) return;
    if (message.type === 'Handshake') {
      client = event.source;
      origin = event.origin;
      page.greeted++;
      types.forEach(function (type) { send('subscribe', { type: type }); });
      return;
    }
    if (event.source === client && types.indexOf(message.type) >= 0) heard.push(message);
  });

  var actions = { updateState: 'Interaction.updateState', addCustomAttributes: 'Interaction.addCustomAttributes', createConference: 'Interaction.createConference', updateStatus: 'User.updateStatus', addAssociation: 'addAssociation' };
  var page = {
    heard: heard, greeted: 0,
    act: function (what, data) { send(actions[what], data); },
  };
  window.page = page;
})();
