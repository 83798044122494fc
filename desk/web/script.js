// Loading a script of the org's own, of which the panel needs what it defines.
import { Refused } from './pops.js';

const PATIENCE = 15_000;

// load resolves once the script has run and there() says that what it defines is there.
export function load(script, there, name) {
  return new Promise((resolve, reject) => {
    const el = document.createElement('script');
    const fail = () => reject(new Refused(`${name} could not be loaded from the org`));
    const timer = setTimeout(fail, PATIENCE);
    el.onerror = () => { clearTimeout(timer); fail(); };
    el.onload = () => { clearTimeout(timer); there() ? resolve() : fail(); };
    el.src = script;
    document.head.append(el);
  });
}
