// What passes between the desk and the platform's own client in the page around the panel (see streams.js).

// passOn gives the desk every picture of the page around, and asks for the present one when the desk has opened anew; and it
// gives the page the desk's commands. Only the page around, from one of the origins, is believed and told.
export function passOn(desk, origins) {
  if (parent === window) return;
  let around = null; // the origin of the page that can be commanded
  addEventListener('message', (e) => {
    if (e.source !== parent || !origins.includes(e.origin)) return;
    switch (e.data?.type) {
      case 'cordboard:picture': return desk.picture(e.data.picture);
      case 'cordboard:commanded': return desk.commanded(e.data.key, e.data.why);
      case 'cordboard:bridge':
        around = e.origin;
        return desk.bridge(e.data.client, e.data.verbs);
    }
  });
  desk.addEventListener('command', ({ detail: { key, command } }) => {
    if (around) parent.postMessage({ type: 'cordboard:command', key, command }, around);
    else desk.commanded(key, 'The page around the panel takes no commands.');
  });
  desk.addEventListener('hello', () => {
    for (const origin of origins) parent.postMessage({ type: 'cordboard:picture?' }, origin);
  });
}
