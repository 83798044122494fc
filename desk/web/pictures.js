// What the platform's own client shows in the page around the panel, on its way to the desk (see streams.js).

// passOn gives the desk every picture of the page around, and asks for the present one when the desk has opened anew. Only
// the page around, from one of the origins, is believed.
export function passOn(desk, origins) {
  if (parent === window) return;
  addEventListener('message', (e) => {
    if (e.source !== parent || !origins.includes(e.origin) || e.data?.type !== 'cordboard:picture') return;
    desk.picture(e.data.picture);
  });
  desk.addEventListener('hello', () => {
    for (const origin of origins) parent.postMessage({ type: 'cordboard:picture?' }, origin);
  });
}
