import { openWindow } from './host-plain.js';

// openPage opens a page of a workflow: one of the org's own by pop, given its path, any other in a window: Open CTI, in both of its
// editions, opens the org's own pages only.
export function openPage(url, org, pop) {
  if (org && url.startsWith(org + '/')) url = url.slice(org.length);
  if (/^\/(?![/\\])/.test(url)) return pop(url);
  return openWindow(url, 'cordboard-page');
}
